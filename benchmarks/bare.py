"""An application that sends as many bytes as it is told, for the floor of the served pages."""

import os
from collections.abc import Callable
from typing import Any

BODY = b"x" * int(os.environ.get("BENCHMARK_BYTES", "1000"))


def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(BODY)))])
    return [BODY]
