"""Paging: order that matches an index, keyset pages that never repeat or miss a row, counts with a cap."""

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import facts
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

#: Counting stops here: people read “10,000+”.
COUNT_CAP = 10_000
MAX_PAGE = 500


@dataclass
class Page:
    """One page of rows, with the cursors of its neighbours (empty where there is none)."""

    rows: list[Any]
    after: str
    before: str
    sort: str


@dataclass(frozen=True)
class Order:
    """A sort: the column by which, whether descending, and how cursors carry its values."""

    sort: str
    column: str
    descending: bool
    nullable: bool
    view: Any = None

    def plain(self, value: Any) -> Any:
        source = self.view.source if self.view else None
        return source.plain(value) if source is not None and value is not None and not self.view.custom else value

    def value(self, plain: Any) -> Any:
        if plain is None or self.view is None or self.view.custom:
            return plain
        return plain if self.view.target else self.view.source.to_python(plain)


def usual(ctx: "Ctx", model: type[Record]) -> str:
    """The order of an object, as far as the actor may sort by it."""
    key = model.about.order.lstrip("-")
    covered = key not in ("id", "sort_key") and not any(
        view.key == key and view.sortable for view in facts.fields(model, ctx))
    return "-id" if covered else model.about.order


def order_of(ctx: "Ctx", model: type[Record], sort: str) -> Order:
    """A sort by a field's key, with ``-`` for descending. The title sorts as people read it.

    The object's own order gives way to the newest first for those from whom its field is covered.
    """
    wanted = sort or usual(ctx, model)
    descending, key = wanted.startswith("-"), wanted.lstrip("-")
    if key in ("id", "sort_key"):
        return Order(wanted, key, descending, False)
    view = facts.field_of(model, ctx, key)
    if not view.sortable:
        raise Refused(_("“%(field)s” cannot be sorted by.") % {"field": view.label}, field="sort")
    if key == model.about.title_name and not view.target:
        return Order(wanted, "sort_key", descending, False)
    column = f"x_{key}" if view.custom else view.attname
    return Order(wanted, column, descending, view.custom or view.source.null, view)


def page(ctx: "Ctx", found: QuerySet[Any], model: type[Record], *, sort: str = "", after: str = "", before: str = "",
         limit: int = 50) -> Page:
    """A page of an already selected set of rows, from a cursor on."""
    order = order_of(ctx, model, sort)
    size = max(1, min(limit, MAX_PAGE))
    backwards = bool(before)
    down = order.descending != backwards
    if cursor := before or after:
        found = found.filter(_beyond(order, down, *_open(order, cursor)))
    prefix = "-" if down else ""
    keys = [f"{prefix}id"] if order.column == "id" else [f"{prefix}{order.column}", f"{prefix}id"]
    if order.column.startswith("x_"):
        found = found.annotate(**{f"key_{order.column}": F(order.column)})
    rows = list(found.order_by(*keys)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next = bool(rows) and (backwards or more)
    has_before = bool(rows) and (more if backwards else bool(after))
    after, before = (_seal(order, rows[-1]) if has_next else ""), (_seal(order, rows[0]) if has_before else "")
    return Page(rows, after, before, order.sort)


def around(ctx: "Ctx", found: QuerySet[Any], model: type[Record], pk: int, sort: str = "") -> tuple[int | None, int | None]:
    """The ids before and after a row of an ordered selection; None at its ends, and twice None for a row outside."""
    order = order_of(ctx, model, sort)
    if order.column.startswith("x_"):
        found = found.annotate(**{f"key_{order.column}": F(order.column)})
    row = found.filter(pk=pk).first()
    if row is None:
        return None, None
    mark = _seal(order, row)
    before = page(ctx, found, model, sort=sort, before=mark, limit=1).rows
    after = page(ctx, found, model, sort=sort, after=mark, limit=1).rows
    return (before[0].pk if before else None), (after[0].pk if after else None)


def _beyond(order: Order, down: bool, value: Any, pk: int) -> Q:
    """Rows strictly behind a place. Empty values are small on SQLite and large elsewhere: that order has an index."""
    step = "lt" if down else "gt"
    if order.column == "id":
        return Q(**{f"id__{step}": pk})
    column = order.column
    nulls_last = (connection.vendor == "sqlite") == down
    if value is None:
        same = Q(**{f"{column}__isnull": True, f"id__{step}": pk})
        return same if nulls_last else same | Q(**{f"{column}__isnull": False})
    found = Q(**{f"{column}__{step}e": value}) & (Q(**{f"{column}__{step}": value}) | Q(**{f"id__{step}": pk}))
    return found | Q(**{f"{column}__isnull": True}) if order.nullable and nulls_last else found


def _seal(order: Order, row: Any) -> str:
    name = f"key_{order.column}" if order.column.startswith("x_") else order.column
    value = None if order.column == "id" else order.plain(getattr(row, name))
    packed = json.dumps([order.sort, value if not hasattr(value, "as_tuple") else str(value), row.pk])
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _open(order: Order, cursor: str) -> tuple[Any, int]:
    try:
        sort, plain, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if sort != order.sort or not isinstance(pk, int):
            raise ValueError(sort)
        return order.value(plain), pk
    except Exception as error:
        raise Refused(_("The page mark does not fit this list: start again from the first page."),
                      field="after") from error


def count(found: QuerySet[Any], exact: bool = False) -> int:
    """How many rows; counting stops one above the cap unless ``exact``."""
    return found.order_by().count() if exact else found.order_by()[: COUNT_CAP + 1].count()
