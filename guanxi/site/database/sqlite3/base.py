"""SQLite, with a compiler that remembers."""

from functools import cached_property
from typing import Any

from django.db.backends.sqlite3 import base, operations

from guanxi.site.database.selecting import Known, remembering


class Operations(operations.DatabaseOperations):
    """Django's, but for the compiler of queries that read."""

    @cached_property
    def known(self) -> Known:
        """What the queries of this connection have spelled out so far."""
        return Known()

    def compiler(self, compiler_name: str) -> Any:
        """The class that spells out queries of a kind."""
        found: Any = super().compiler(compiler_name)
        return remembering(found) if compiler_name == "SQLCompiler" else found


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection."""

    ops_class = Operations
