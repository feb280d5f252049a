"""Two people changed the same field: mine, theirs and the original side by side, so that nothing typed is lost."""

import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from guanxi.common import past
from guanxi.kernel import facts, reading
from guanxi.kernel.api import Ctx, Entry
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Conflict, Refused
from guanxi.surfaces.web import cells
from guanxi.surfaces.web.looks import ago

_SIDES = ("mine", "theirs", "original")


def clash_of(ctx: Ctx, conflict: Conflict) -> dict[str, Any] | None:
    """The variables of ``web/parts/clash.html``; None where no field is named."""
    if conflict.record is None or not conflict.values:
        return None
    views = {view.key: view for view in facts.fields(type(conflict.record), ctx)}
    rows = [(views[key], values) for key, values in conflict.values.items() if key in views]
    known = reading.titles(ctx, {(view.target, int(values[side])) for view, values in rows if view.target
                                 for side in _SIDES if values[side] is not None})
    return {
        "who": str(conflict.by or ""), "moment": conflict.at, "version": conflict.record.version,
        "rows": [{
            "item": cells.Item(view), "mine_value": cells.form_value(view, values["mine"]),
            "theirs_value": cells.form_value(view, values["theirs"]),
            **{side: _words(view, values[side], known) for side in _SIDES}} for view, values in rows]}


def _words(view: FieldView, value: Any, known: reading.Titles) -> str:
    if view.target:
        return "" if value is None else known.get((view.target, int(value)), str(value))
    return view.text(value)


def seen_at(ctx: Ctx, typed: str | None) -> str:
    """The moment at which a dialog was shown first: now, or what the dialog sends back."""
    try:
        found = parse_datetime(typed) if typed else ctx.now
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Refused(_("This dialog is too old: open it again."), field="seen")
    return found.isoformat()


def overtaken(ctx: Ctx, model: type[Record], ids: list[int], given: dict[str, Any], seen: str
              ) -> list[tuple[int | None, str, Refused]]:
    """Records in which somebody else changed a chosen field since the dialog was shown: refused, with both values."""
    views = [view for view in facts.fields(model, ctx) if view.key in given]
    found: list[tuple[int | None, str, Refused]] = []
    since = past.changes_by_others(ctx, model, ids, datetime.datetime.fromisoformat(seen))
    for row in ctx.find(model).filter(pk__in=since):
        for view in views:
            name = f"extra.{view.key}" if view.custom else view.key
            last = next((entry for entry in reversed(since[row.pk]) if name in entry.changes), None)
            mine, theirs = view.parse(given[view.key], ctx), view.raw(row)
            if last is not None and mine != theirs:
                found.append((row.pk, str(row), Conflict(_told(ctx, view, mine, theirs, last), record=row)))
                break
    return found


def _told(ctx: Ctx, view: FieldView, mine: Any, theirs: Any, last: Entry) -> str:
    known = reading.titles(ctx, {(view.target, int(one)) for one in (mine, theirs) if view.target and one is not None})
    words = {side: _words(view, one, known) or "–" for side, one in (("mine", mine), ("theirs", theirs))}
    return _("“%(field)s” was changed to “%(theirs)s” by %(person)s (%(when)s). You chose “%(mine)s”.") % {
        **words, "field": view.label, "person": last.actor or _("the system"), "when": ago(last.at)}


def dragged(ctx: Ctx, record: Record, view: FieldView, to: str) -> Conflict:
    """A card was moved by somebody who had not seen the last change: where it is now, and where it was to go."""
    current: Any = ctx.get(type(record), record.pk)
    theirs = view.raw(current)
    mine = int(to) if view.target and to.isdecimal() else to
    known = reading.titles(ctx, {(view.target, int(one)) for one in (mine, theirs) if view.target and one is not None})
    return Conflict(_("“%(record)s” was changed by %(person)s (%(when)s): it is in “%(theirs)s” now, you moved it to "
                      "“%(mine)s”. Look at it again.") % {
        "record": current, "person": current.updated_by or _("the system"), "when": ago(current.updated_at),
        "theirs": _words(view, theirs, known), "mine": _words(view, mine, known)}, record=current)
