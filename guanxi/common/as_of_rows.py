"""As of a moment, set by set: a context in which lists, filters, counts and sums find the rows as they stood then.

Only rows with entries since then differ from today. They are rebuilt and handed to the database with the question, in the
place of their table: ``WITH table AS (today's unchanged rows UNION ALL the rebuilt ones)``. Everything else — filters,
custom fields, order, pages, groups — is asked as on any other day, and nothing is written.
"""

import dataclasses
import datetime
import json
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, TypeVar

from django.db.models import DecimalField, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.sql import Query
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.common import as_of
from guanxi.kernel import policy, registry, search_index
from guanxi.kernel.context import Ctx
from guanxi.kernel.entries import Entry
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Denied, Refused
from guanxi.language import text

R = TypeVar("R", bound=Record)
#: More changed rows of one object are not rebuilt for a list.
MOST = 5000


@dataclass
class Past(Ctx):
    """The actor's context at a moment: reads what was there then, by the rights of today; writes nothing.

    What is called today, this week or this month in a filter is meant as it was said then.
    """

    moment: datetime.datetime = dataclasses.field(default_factory=timezone.now)
    shadows: dict[type[Record], "Shadow"] = dataclasses.field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, ctx: Ctx, moment: datetime.datetime) -> "Past":
        """The same actor, at a moment."""
        given = {one.name: getattr(ctx, one.name) for one in dataclasses.fields(Ctx)}
        made = cls(**{**given, "now": moment, "read_only": True, "moment": moment, "open_unit": None})
        if not ctx.system:
            vars(made)["rights"] = ctx.rights
        return made

    def find(self, model: type[R], verb: str = "view") -> QuerySet[R]:
        """The rows as they stood, among those the actor may see today."""
        if verb != "view":
            raise Denied(_("The past can be looked at, not changed."))
        shadow, allowed = self.shadow(model), policy.rows(self, model, verb)
        if allowed.none:
            return model._default_manager.none()
        found: QuerySet[Any] = model._default_manager.filter(deleted_at=None)
        if policy.title_withheld(self, model):
            found = found.annotate(title_withheld=Value(True))
        if shadow.ids:
            found.query = found.query.chain(klass=ShadowedQuery)
            found.query.shadow = shadow  # type: ignore[attr-defined]
        if allowed.q is None:
            return found
        if not shadow.ids:
            return found.filter(allowed.q)
        rebuilt = RawSQL(f'SELECT id FROM "{shadow.name}"', ())  # noqa: S608, S611  the name of our own table
        return found.filter(allowed.q | Q(pk__in=rebuilt))

    def matching(self, model: type[Record], typed: str) -> Q:
        """What was typed, looked for in the words of then: rebuilt rows are not in the index of today."""
        shadow, query = self.shadow(model), text.analyse_query(typed)
        words = [row.pk for row in shadow.rows if matches(query, search_index.tokens_of(row))]
        return (super().matching(model, typed) & ~Q(pk__in=shadow.ids)) | Q(pk__in=words)

    def shadow(self, model: type[Record]) -> "Shadow":
        """What of an object was different; found out once."""
        if model not in self.shadows:
            self.shadows[model] = Shadow.of(self, model)
        return self.shadows[model]


@dataclass(frozen=True, eq=False)
class Shadow:
    """The rows of one object that were changed since a moment and that the actor may see, as they stood."""

    model: type[Record]
    ids: list[int]
    rows: list[Any]

    @classmethod
    def of(cls, ctx: Past, model: type[Record]) -> "Shadow":
        """Refused where too many rows were changed since, and for lines, which are told with their document."""
        if (document := registry.document(model)) is not None:
            raise Refused(_("%(lines)s of the past are seen with their document: open %(documents)s as of that moment.") % {
                "lines": model.about.many, "documents": document.about.many}, field="as_of")
        entries = Entry.objects.filter(object_type=object_name(model), at__gt=ctx.moment)
        rows = list(as_of.within_rights(ctx, model).filter(pk__in=entries.values("object_id"))[: MOST + 1])
        if len(rows) > MOST:
            raise Refused(_(
                "More than %(count)s %(objects)s were changed since that moment, too many to be shown as they were. "
                "Choose a later moment, or open single records as of it.") % {
                    "count": MOST, "objects": model.about.many}, field="as_of")
        return cls(model, [row.pk for row in rows], as_of.rebuilt(rows, ctx.moment))

    @property
    def name(self) -> str:
        """What the rebuilt rows are called in a question to the database."""
        return f"then_{self.model._meta.db_table}"

    @cached_property
    def sources(self) -> list[Any]:
        return list(self.model._meta.concrete_fields)

    def sql(self, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The beginning of a question: the table as it was then stands in its own place."""
        quote = connection.ops.quote_name
        table, then = quote(self.model._meta.db_table), quote(self.name)
        columns = ", ".join(quote(source.column) for source in self.sources)
        rows, unchanged, real, ids = _PLACES[connection.vendor](self, table)
        return (f"WITH {then} ({columns}) AS (SELECT {rows}), {table} ({columns}) AS ("  # noqa: S608  names of our models
                f"SELECT {columns} FROM {real} WHERE {quote('id')} {unchanged} "
                f"UNION ALL SELECT {columns} FROM {then}) "), (self._packed(connection), ids)

    def _packed(self, connection: Any) -> str:
        """The rebuilt rows as the database reads them."""
        key = f"packed {connection.vendor}"
        if key not in vars(self):
            made: Any
            if connection.vendor == "postgresql":
                made = [{source.column: getattr(row, source.attname) for source in self.sources} for row in self.rows]
            else:
                made = [[source.get_db_prep_save(getattr(row, source.attname), connection) for source in self.sources]
                        for row in self.rows]
            vars(self)[key] = json.dumps(made, default=str, ensure_ascii=False)
        return str(vars(self)[key])


def _sqlite(shadow: Shadow, table: str) -> tuple[str, str, str, Any]:
    """Amounts are compared as numbers only where their column is known to hold numbers."""
    parts = [f"json_extract(value, '$[{place}]')" for place in range(len(shadow.sources))]
    typed = [f"CAST({part} AS NUMERIC)" if isinstance(source, DecimalField) else part
             for source, part in zip(shadow.sources, parts, strict=True)]
    return (f"{', '.join(typed)} FROM json_each(%s)", "NOT IN (SELECT value FROM json_each(%s))", f"main.{table}",
            json.dumps(shadow.ids))


def _postgresql(shadow: Shadow, table: str) -> tuple[str, str, str, Any]:
    columns = ", ".join(f'"{source.column}"' for source in shadow.sources)
    return f"{columns} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)", "<> ALL(%s::bigint[])", table, shadow.ids


_PLACES = {"sqlite": _sqlite, "postgresql": _postgresql}


class ShadowedQuery(Query):
    """A question to the database that begins with the tables as they were."""

    shadow: Shadow

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        """The usual compiler, which puts the shadow in front."""
        made = super().get_compiler(*args, **kwargs)
        usual: Any = type(made)
        made.__class__ = _shadowed(usual)
        return made


class _Shadowed:
    query: Any
    connection: Any

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, tuple[Any, ...]]:
        sql, params = super().as_sql(*args, **kwargs)  # type: ignore[misc]
        front, given = self.query.shadow.sql(self.connection)
        return f"{front}{sql}", (*given, *params)


@cache
def _shadowed(compiler: Any) -> Any:
    return type("Shadowed", (_Shadowed, compiler), {})


def matches(query: text.Query, tokens: list[str]) -> bool:
    """Does a document of these tokens match what was typed? As the indexes of both databases answer."""
    return bool(query) and all(any(_follows(phrase, tokens) for phrase in group) for group in query.groups)


def _follows(phrase: text.Phrase, tokens: list[str]) -> bool:
    *first, last = phrase.tokens
    size = len(first)
    return any(tokens[place: place + size] == first and (
        tokens[place + size].startswith(last) if phrase.prefix else tokens[place + size] == last)
        for place in range(len(tokens) - size))
