"""Two people changed the same field: mine, theirs and the original side by side, so that nothing typed is lost."""

from typing import Any

from guanxi.kernel import facts, reading
from guanxi.kernel.api import Ctx
from guanxi.kernel.facts import FieldView
from guanxi.kernel.refusal import Conflict
from guanxi.surfaces.web import cells

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
