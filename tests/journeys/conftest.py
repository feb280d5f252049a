"""What the files of one process tell each other."""

from typing import Any

import pytest


@pytest.fixture(scope="session")
def portraits() -> list[dict[str, Any]]:
    """What the sample company looked like each time it was loaded."""
    return []
