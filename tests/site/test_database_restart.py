"""The database server goes away and comes back under load: requests fail cleanly, and both processes go on by themselves."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.test import POSTGRES, postgres_version

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
@pytest.mark.covers("FLT-01")
@pytest.mark.skipif(not os.environ.get("GUANXI_TEST_POSTGRES") or not shutil.which(POSTGRES), reason="needs a PostgreSQL of its own")
def test_requests_fail_cleanly_and_all_goes_on(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUANXI_", "DJANGO_", "PG"))}
    command = [POSTGRES, "-t", "-v", postgres_version(), sys.executable, "-m", "tests.site.steps.restart", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    assert found["back"]
    assert found["codes"] == [201, 503]
    assert found["refused"] > 0
    assert found["again"] == [201]
    assert found["late"] == []
    assert (found["whole"], found["created"], found["seals"]) == (True, True, None)
    assert (found["alive"], found["jobs"]) == ([None, None], ["done"])
