"""What others did while a transaction was under way, as a refusal: a link leads into the bin, or two wait in a ring."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import external, registry
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Conflict

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx
    from guanxi.kernel.entries import Entry

#: PostgreSQL's trigger that looks at the links of new rows once more at the end; its name sorts behind those of the foreign
#: keys, which lock what a row leads to. See ``common.live_links``.
TRIGGER = "live_links"
_DEADLOCK = "40P01"


class Meanwhile(Conflict):
    """Nothing was written, because somebody else was at the same records at the same moment. To do it again may help."""


def look() -> None:
    """Let PostgreSQL look at the links of rows just written now, not first at commit."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def looking(ctx: "Ctx") -> Iterator[None]:
    """A savepoint at whose end links are looked at. Raises Meanwhile."""
    try:
        with transaction.atomic():
            yield
            look()
    except DatabaseError as error:
        if (found := explain(ctx, ctx.unit.entries, error)) is None:
            raise
        raise found from error


def explain(ctx: "Ctx", entries: "Sequence[Entry]", error: DatabaseError) -> Meanwhile | None:
    """The refusal for what the database said to a transaction with these entries; None for faults of other kinds."""
    cause: Any = error.__cause__
    if getattr(cause, "sqlstate", None) == _DEADLOCK:
        return Meanwhile(_("Somebody else was changing the same records at this moment. Nothing was changed: try again."))
    told = cause.diag if isinstance(error, IntegrityError) and hasattr(cause, "diag") else None
    if told is None or told.constraint_name != TRIGGER:
        return None
    model = next(one for one in registry.objects() if one._meta.db_table == told.table_name)
    link = next(one for one in registry.links_of(model) if one.column == told.column_name)
    row, target = map(int, told.message_detail.split())
    other = link.related_model._default_manager.get(pk=target)
    survivor = external.survivor_of(link.related_model, target)
    kept = ctx.find(link.related_model).filter(pk=survivor).first() if survivor else None
    reason = (_("“%(record)s”, %(field)s: “%(other)s” was merged into “%(kept)s” in the meantime. Choose that one.")
              if kept is not None else
              _("“%(record)s”, %(field)s: “%(other)s” was moved to the recycle bin in the meantime. Choose another, or "
                "restore it first."))
    title, lines = _written(model, row, entries)
    return Meanwhile(reason % {"record": title, "field": link.verbose_name, "other": other, "kept": kept},
                     field=lines or link.name, record=model._default_manager.filter(pk=row).first())


def _written(model: type[Record], row: int, entries: "Sequence[Entry]") -> tuple[str, str]:
    """What was to be written: its title, or that of its document with the name of the list in which it is a line."""
    document = registry.document(model)
    if document is None:
        return next((one.title for one in entries if (one.object_type, one.object_id) == (object_name(model), row)), ""), ""
    name = next(lines.name for lines in document.line_lists if lines.model is model)
    return next((one.title for one in entries if one.object_type == object_name(document)
                 and str(row) in one.changes.get(name, ({}, {}))[1]), ""), name
