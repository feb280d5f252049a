"""Libraries with large tables: brought in when they are first needed, so that a start and a list of commands stay quick."""

from functools import cached_property
from importlib import import_module
from typing import Any


class Later:
    """Stands for a module; the import system sees to it that threads bring it in only once."""

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def module(self) -> Any:
        return import_module(self._name)
