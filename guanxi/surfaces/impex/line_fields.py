"""Columns of a document's lines, beside its own: what they are called, and to which list of lines they belong."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from guanxi.kernel import facts
from guanxi.kernel.api import Ctx, f
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record

#: What a line has from its document, or from its place in it.
_FOLLOWS = frozenset({"owner", "position", *facts.SYSTEM_KEYS})


@dataclass(frozen=True, eq=False)
class LineField(FieldView):
    """A field of a document's lines as a column of the document's table; ``inner`` is the field as a line has it."""

    lines: Any = None
    inner: Any = None

    def names(self) -> set[str]:
        """The list of lines and the field in each of the product's languages."""
        found = set()
        for code, _language in settings.LANGUAGES:
            with translation.override(code):
                found.add(f"{self.lines.verbose_name} {self.inner.source.verbose_name}")
        return found


def views(ctx: Ctx, model: type[Record]) -> list[LineField]:
    """The fields of the lines that this person may know of; none for an object without lines."""
    return [_outer(lines, view) for lines in model.line_lists for view in facts.fields(lines.model, ctx)
            if view.key not in _FOLLOWS and view.key != lines.model.about.parent_name]


def _outer(lines: f.Lines, view: FieldView) -> LineField:
    kept = {one.name: getattr(view, one.name) for one in fields(FieldView)}
    label = _("%(lines)s: %(field)s") % {"lines": lines.verbose_name, "field": view.label}
    return LineField(**{**kept, "key": f"{lines.name}.{view.key}", "label": label}, lines=lines, inner=view)


def of_lines(columns: Iterable[Any]) -> list[LineField]:
    """Those of some fields that belong to lines."""
    return [view for view in columns if isinstance(view, LineField)]


def number_key(model: type[Record]) -> str:
    """The field with the number of a document, by which its rows are told from others'; nothing where there is none."""
    if not model.line_lists:
        return ""
    return next((source.name for source in model._meta.concrete_fields if isinstance(source, f.Number)), "")
