"""What became of a list between two moments: the records that came, left or changed, each with its fields at either.

Both moments are asked the same question: what a filter calls today or this month is meant as of the later one. Only records
with entries since the earlier moment can differ, so only they are looked at; what may be seen is decided by today's rights.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from guanxi.common.as_of_rows import Past
from guanxi.common.past import UNTOLD, Change
from guanxi.kernel import facts
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

CAME, LEFT, CHANGED = "came", "left", "changed"
#: The question of the list, asked in a context.
Select = Callable[["Ctx"], QuerySet[Any]]


@dataclass(frozen=True)
class Difference:
    """A record that the list shows otherwise at the two moments; None where it was not there at all, or in the bin.

    ``changes`` are the fields that differ, where it was there both times.
    """

    kind: str
    before: Any
    after: Any
    changes: list[Change]

    @property
    def record(self) -> Any:
        """The record as it stood last."""
        return self.before if self.after is None else self.after


@dataclass(frozen=True)
class Compared:
    """The list at two moments, each to be asked for its rows, and what differs: what came first, what changed last."""

    earlier: QuerySet[Any]
    later: QuerySet[Any]
    differences: list[Difference]


def compared(ctx: "Ctx", model: type[Record], first: datetime.datetime, last: datetime.datetime | None,
             select: Select) -> Compared:
    """A list at two moments; without ``last`` the later one is now.

    Refused where the moments are not in order, or where too many records were changed since the earlier one.
    """
    if last is not None and last <= first:
        raise Refused(_("The second moment has to be later than the first."), field="to")
    then, since = Past.of(ctx, first), ctx if last is None else Past.of(ctx, last)
    then.now = since.now
    ids = then.shadow(model).ids
    earlier, later = select(then), select(since)
    here = {moment: set(rows.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
            for moment, rows in (("earlier", earlier), ("later", later))}
    either = here["earlier"] | here["later"]
    before, after = (_rows(one, model, either) for one in (then, since))
    views = told(ctx, model)
    found = []
    for pk in either:
        changes = differing(views, before[pk], after[pk]) if pk in before and pk in after else []
        kind = CHANGED if pk in here["earlier"] & here["later"] else CAME if pk in here["later"] else LEFT
        if changes or kind != CHANGED:
            found.append(Difference(kind, before.get(pk), after.get(pk), changes))
    order = (CAME, LEFT, CHANGED)
    found.sort(key=lambda one: (order.index(one.kind), one.record.sort_key, one.record.pk))
    return Compared(earlier, later, found)


def _rows(ctx: "Ctx", model: type[Record], ids: set[int]) -> dict[int, Any]:
    return {row.pk: row for row in ctx.find(model).filter(pk__in=ids)} if ids else {}


def told(ctx: "Ctx", model: type[Record]) -> list[facts.FieldView]:
    """The fields whose differences may be told."""
    return [view for view in facts.fields(model, ctx)
            if not (view.masked or view.secret or view.kind in UNTOLD or view.key in facts.SYSTEM_KEYS)]


def differing(views: list[facts.FieldView], before: Record, after: Record) -> list[Change]:
    """The fields of a record that differ between two of its states."""
    pairs = ((view, view.raw(before), view.raw(after)) for view in views)
    return [Change(view, old, new) for view, old, new in pairs if old != new]
