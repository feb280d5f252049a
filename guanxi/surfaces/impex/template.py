"""The table to fill in: one column per field, lists to choose from, one example row."""

import io
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.api import Ctx
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record
from guanxi.surfaces.impex import matching, writing
from guanxi.surfaces.impex.resolving import Resolver

MOST_CHOICES = 200
_EXAMPLES: dict[str, Any] = {
    "email": "name@example.com", "phone": "13800138000", "url": "https:" + "//example.com", "day": "2026-01-31",
    "moment": "2026-01-31 14:30", "integer": 12, "money": 1000, "decimal": 1.5, "percent": 20,
}


def make(ctx: Ctx, model: type[Record]) -> bytes:
    """The template of an object for this person: fields they may not fill are not in it."""
    resolver = Resolver(ctx, "template")
    columns = [_column(resolver, model, view) for view in matching.targets(ctx, model)]
    target = io.BytesIO()
    writing.write_template(target, columns, str(model.about.many))
    return target.getvalue()


def _column(resolver: Resolver, model: type[Record], view: FieldView) -> writing.TemplateColumn:
    choices = _choices(resolver, view)
    example = choices[0] if choices else _EXAMPLES.get(view.kind, "")
    if view.key == model.about.title_name:
        example = _("Example: replace this row")
    return writing.TemplateColumn(view.label, example, tuple(choices), view.required, view.help)


def _choices(resolver: Resolver, view: FieldView) -> list[str]:
    """What may be chosen, where it is a short list."""
    if view.target:
        rows = resolver.rows.get(view.target, {}) if resolver.is_small(view) else {}
        found = sorted(str(row) for row in rows.values())
    elif view.kind == "flag":
        found = [_("Yes"), _("No")]
    else:
        found = [str(label) for code, label, _colour in view.choices if code] if view.kind != "tags" else []
    return found if len(found) <= MOST_CHOICES else []
