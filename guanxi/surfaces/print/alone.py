"""What the drawing processes share: bounded time and memory, a request as JSON on the way in, the file on the way out."""

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

#: Seconds of the processor, and bytes of memory, that one sheet may take.
SECONDS, MEMORY = 60, 2 * 2**30
#: How the process ends when what it was given cannot be drawn; the sentence stands on its standard error.
AT_FAULT = 3


class Unfit(Exception):
    """The template or its values cannot be drawn; the sentence says why."""


def serve(draw: Callable[[dict[str, Any]], bytes]) -> None:
    """Draw what is asked for and end."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        made = draw(json.loads(sys.stdin.buffer.read()))
    except Unfit as error:
        sys.stderr.write(str(error)[:300])
        sys.exit(AT_FAULT)
    sys.stdout.buffer.write(made)
