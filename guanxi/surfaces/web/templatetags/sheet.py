"""Tags for tables: hundreds of cells at once, each look drawn a single time."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.template.context import Context
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template, select_template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from guanxi.surfaces.web.templatetags.web import icon

register = template.Library()

Drawn = dict[Any, Any]


@register.simple_tag(takes_context=True)
def table_rows(context: Context, rows: Iterable[Any], object_name: str, pick: Any) -> SafeString:
    """The rows of a list: by `<app>/<object>/_row.html` where an app brings one, otherwise drawn here."""
    try:
        own = get_template(f"{object_name.replace('.', '/')}/_row.html")
    except TemplateDoesNotExist:
        return _lines(rows, bool(pick))
    flat: dict[str, Any] = {str(key): value for key, value in context.flatten().items()}
    return mark_safe("".join(own.render({**flat, "row": row}) for row in rows))  # noqa: S308  templates escape


@register.simple_tag
def table_cell(item: Any, first: bool = False) -> SafeString:
    """One cell of a table; also the answer after it was edited where it stands."""
    return mark_safe(_cell(item, first, {}))  # noqa: S308  every value is escaped below


def _lines(rows: Iterable[Any], pick: bool) -> SafeString:
    drawn: Drawn = {}
    log, edit = icon("message-plus", "is-small"), icon("pencil", "is-small")
    return mark_safe("".join(_line(row, pick, drawn, log, edit) for row in rows))  # noqa: S308  escaped below


def _line(row: Any, pick: bool, drawn: Drawn, log: str, edit: str) -> str:
    name, pk = str(row.record), row.record.pk
    box = format_html('<input class="check" type="checkbox" name="ids" value="{}" form="mass" data-pick-row '
                      'aria-label="{}">', pk, gettext("Select %(name)s") % {"name": name}) if pick else ""
    tools = ""
    if row.log_url:
        tools += format_html(
            '<a class="button is-quiet is-square is-small" href="{}" data-dialog aria-label="{}" title="{}">{}</a>',
            row.log_url, gettext("Log a follow-up with %(name)s") % {"name": name}, gettext("Log a follow-up"), log)
    if row.edit_url:
        tools += format_html('<a class="button is-quiet is-square is-small desk-only" href="{}" data-dialog="wide" '
                             'aria-label="{}" title="{}">{}</a>', row.edit_url,
                             gettext("Edit %(name)s") % {"name": name}, gettext("Edit"), edit)
    cells = "".join(_cell(item, place == 0, drawn) for place, item in enumerate(row.cells))
    opened = format_html('<tr data-row="{}" data-url="{}"{}>', pk, row.url,
                         format_html(' data-log="{}"', row.log_url) if row.log_url else "")
    return (f'{opened}<td class="col-pick">{box}</td>{cells}<td class="col-tools"><span class="row-tools">{tools}</span>'
            "</td></tr>")


def _cell(item: Any, first: bool, drawn: Drawn) -> str:
    """Class, place to edit, and the value by the template of its kind; the same value looks the same in every row."""
    view = item.field
    names = " ".join(name for name, wanted in (
        ("col-title", first), ("end", view.align == "end"), ("is-blank", not item.text)) if wanted)
    edit = f' data-edit="{conditional_escape(item.edit_url)}" tabindex="-1"' if item.editable else ""
    return (f'<td class="{names}" data-key="{conditional_escape(view.key)}"{edit}><div class="cell">'
            f"{_look(item, drawn)}</div></td>")


def _look(item: Any, drawn: Drawn) -> str:
    key = (item.field.key, item.text, item.url, item.late, str(item.value))
    if (known := drawn.get(key)) is None:
        kind = str(item.field.kind)
        if (part := drawn.get(("template", kind))) is None:
            part = drawn[("template", kind)] = select_template([f"web/cells/{kind}.html", "web/cells/text.html"])
        known = drawn[key] = part.render({
            "field": item.field, "value": item.value, "text": item.text, "url": item.url, "late": item.late}).strip()
    return str(known)
