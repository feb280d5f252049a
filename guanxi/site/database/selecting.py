"""A tenth of the work of a request was to spell out the same fifty columns in every query of an object."""

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models.sql.compiler import SQLCompiler as _Compiler
else:
    _Compiler = object


@dataclass
class Known:
    """What one connection remembers of each object; what turns values into ours belongs to the connection."""

    columns: dict[Any, Any] = field(default_factory=dict)
    converters: dict[Any, Any] = field(default_factory=dict)


class Remembering(_Compiler):
    """A compiler that remembers the columns of each object, their order in a row and what turns them into values.

    Only where a query reads all of them from the object's own table and nothing else; everything else goes Django's way.
    """

    #: The object whose columns the query reads, where it is such a query.
    plain: Any = None

    @property
    def _known(self) -> Known:
        operations: Any = self.connection.ops
        known: Known = operations.known
        return known

    def get_select(self, with_col_aliases: bool = False) -> Any:
        """The columns, where they are in a row, and nothing beside them."""
        query: Any = self.query
        everything = query.default_cols and query.selected is None and query.deferred_loading == (frozenset(), True)
        more = with_col_aliases or query.select_related or query.extra_select or query.annotation_select or query.combinator
        if not everything or more or query.get_initial_alias() != query.model._meta.db_table:
            self.plain = None
            return super().get_select(with_col_aliases)
        self.plain = query.model
        if self.plain not in self._known.columns:
            self._known.columns[self.plain] = super().get_select()
        columns, places, _none = self._known.columns[self.plain]
        return list(columns), dict(places), {}

    def get_converters(self, expressions: Any) -> Any:
        """What turns a value of the database into ours, by its place in the row."""
        if self.plain is None or len(expressions) != len(self._known.columns[self.plain][0]):
            return super().get_converters(expressions)
        if self.plain not in self._known.converters:
            self._known.converters[self.plain] = super().get_converters(expressions)
        return dict(self._known.converters[self.plain])

    def get_order_by(self) -> Any:
        """The order. Columns without a name of their own are not looked through for what it names."""
        if self.plain is None:
            return super().get_order_by()
        kept, self.select = self.select, []
        try:
            return super().get_order_by()
        finally:
            self.select = kept


@cache
def remembering(compiler: type[Any]) -> type[Any]:
    """The compiler of a database, with a memory."""
    return type("SQLCompiler", (Remembering, compiler), {})


class Operations:
    """What both engines put before Django's own operations: the compiler of queries that read is one that remembers."""

    @cached_property
    def known(self) -> Known:
        """What the queries of this connection have spelled out so far."""
        return Known()

    def compiler(self, compiler_name: str) -> Any:
        """The class that spells out queries of a kind."""
        found: Any = super().compiler(compiler_name)  # type: ignore[misc]
        return remembering(found) if compiler_name == "SQLCompiler" else found
