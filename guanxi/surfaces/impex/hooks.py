"""Where apps add what an import must know: whether a new record is somebody known already."""

from collections.abc import Callable, Sequence
from typing import Any

from guanxi.kernel.api import Ctx
from guanxi.kernel.records import Record

#: Given the new records of one chunk, says for each why it looks like a duplicate, or nothing.
Checker = Callable[[Ctx, Sequence[Any]], Sequence[Any]]

duplicate_checkers: dict[type[Record], Checker] = {}


def duplicate_checker(model: type[Record]) -> Callable[[Checker], Checker]:
    """Declare how new records of an object are compared with known ones, for a whole chunk at once."""
    def declare(function: Checker) -> Checker:
        duplicate_checkers[model] = function
        return function
    return declare
