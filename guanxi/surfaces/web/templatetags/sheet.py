"""Tags for tables: hundreds of cells at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote

from django import template
from django.template.context import Context
from django.template.defaultfilters import linebreaksbr
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from guanxi.surfaces.web.looks import avatar_tone, icon, initials, look

register = template.Library()


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


@register.simple_tag
def fact(item: Any) -> SafeString:
    """One fact of a record; also the answer after it was edited where it stands."""
    return mark_safe(_fact(item, FactWords()))  # noqa: S308  every value is escaped below


@register.simple_tag
def fact_list(items: Iterable[Any]) -> SafeString:
    """The facts of one section, each with its label."""
    words = FactWords()
    drawn = [f'<div class="fact"><dt>{escape(item.field.label)}</dt>{_fact(item, words)}</div>' for item in items]
    return mark_safe("".join(drawn))  # noqa: S308  every value is escaped below


@dataclass(slots=True)
class FactWords:
    """The wording of facts, escaped."""

    edit: str = field(default_factory=lambda: escape(gettext("%(label)s: %(value)s. Edit")))
    add: str = field(default_factory=lambda: escape(gettext("Add")))
    reveal: str = field(default_factory=lambda: escape(gettext("Reveal")))
    reveal_one: str = field(default_factory=lambda: escape(gettext("Reveal %(label)s")))


def _fact(item: Any, words: FactWords) -> str:
    label, text = escape(item.field.label), escape(str(item.text))
    edit = ""
    if item.editable:
        said = words.edit % {"label": label, "value": text or "–"}
        edit = f' data-edit="{escape(item.edit_url)}" tabindex="0" role="button" aria-label="{said}"'
    if not text:
        shown = f'<span class="blank">{words.add if item.editable else "–"}</span>'
    elif item.field.kind == "text":
        shown = f'<span class="wrap-any">{linebreaksbr(item.text)}</span>'
    else:
        shown = look(item)
    if text and item.reveal_url:
        shown += (f'<a class="button is-quiet is-square is-small reveal" href="{escape(item.reveal_url)}" data-dialog '
                  f'role="button" aria-label="{words.reveal_one % {"label": label}}" title="{words.reveal}">'
                  f'{icon("eye", "is-small")}</a>')
    return f'<dd data-key="{escape(item.field.key)}"{edit}>{shown}</dd>'


@register.simple_tag
def filter_menu(fields: Iterable[dict[str, str]], url: str, place: str = "#menu-filter") -> SafeString:
    """The fields to filter by, each leading on to its condition in that place."""
    start = f'<a class="menu-item" href="{escape(url)}{"&amp;" if "?" in url else "?"}field='
    return mark_safe("".join([  # noqa: S308  every value is escaped here
        f'{start}{escape(quote(one["key"]))}" data-fill="{escape(place)}">{escape(one["label"])}</a>' for one in fields]))


@register.simple_tag
def board_cards(cards: Iterable[dict[str, Any]]) -> SafeString:
    """The cards of one column of a board."""
    return mark_safe("".join([_card(card) for card in cards]))  # noqa: S308  every value is escaped below


def _card(card: dict[str, Any]) -> str:
    known = {name: escape(str(card[name])) for name in ("url", "title", "subtitle", "amount", "user", "move_url")}
    late, user = bool(card["late"]), known["user"]
    opened = (f'<li class="board-card{" is-late" if late else ""}" data-card="{int(card["record"].pk)}" '
              f'data-move="{known["move_url"]}" data-version="{int(card["version"])}" tabindex="0" '
              f'aria-describedby="board-help"><a class="card-name" href="{known["url"]}">{known["title"]}</a>')
    lines = [opened]
    if known["subtitle"]:
        lines.append(f'<div class="card-sub cut">{known["subtitle"]}</div>')
    lines.append('<div class="card-end">')
    if known["amount"]:
        lines.append(f'<span class="num">{known["amount"]}</span>')
    if card["when"]:
        due = escape(card["late_text"] or card["next_text"])
        lines.append(f'<span class="{"late" if card["late_text"] else ""} cut">{due}</span>')
    if user:
        lines.append(f'<span class="avatar-small hue-{avatar_tone(card["user"])}" title="{user}">'
                     f'{escape(initials(card["user"]))}</span>')
    return "".join([*lines, "</div></li>"])


@dataclass(slots=True)
class Pen:
    """What is the same in every row, escaped: wording, icons, and the beginning of each cell."""

    pick: bool
    starts: dict[Any, str] = field(default_factory=dict)
    select: str = field(default_factory=lambda: escape(gettext("Select %(name)s")))
    log: str = field(default_factory=lambda: escape(gettext("Log a follow-up")))
    log_with: str = field(default_factory=lambda: escape(gettext("Log a follow-up with %(name)s")))
    edit: str = field(default_factory=lambda: escape(gettext("Edit")))
    edit_one: str = field(default_factory=lambda: escape(gettext("Edit %(name)s")))
    log_icon: str = field(default_factory=lambda: icon("message-plus", "is-small"))
    edit_icon: str = field(default_factory=lambda: icon("pencil", "is-small"))


def _lines(rows: Iterable[Any], pick: bool) -> SafeString:
    pen = Pen(pick)
    return mark_safe("".join([_line(row, pen) for row in rows]))  # noqa: S308  every value is escaped below


def _line(row: Any, pen: Pen) -> str:
    name, pk, url, log = {"name": escape(str(row.record))}, int(row.record.pk), escape(row.url), escape(row.log_url)
    box = (f'<input class="check" type="checkbox" name="ids" value="{pk}" form="mass" data-pick-row '
           f'aria-label="{pen.select % name}">') if pen.pick else ""
    tools = ""
    if log:
        tools = (f'<a class="button is-quiet is-square is-small" href="{log}" data-dialog '
                 f'aria-label="{pen.log_with % name}" title="{pen.log}">{pen.log_icon}</a>')
    if row.edit_url:
        tools += (f'<a class="button is-quiet is-square is-small desk-only" href="{escape(row.edit_url)}" '
                  f'data-dialog="wide" aria-label="{pen.edit_one % name}" title="{pen.edit}">'
                  f"{pen.edit_icon}</a>")
    cells = "".join([_cell(item, place == 0, pen.starts) for place, item in enumerate(row.cells)])
    opened = f'<tr data-row="{pk}" data-url="{url}"' + (f' data-log="{log}">' if log else ">")
    return (f'{opened}<td class="col-pick">{box}</td>{cells}<td class="col-tools"><span class="row-tools">{tools}</span>'
            "</td></tr>")


def _cell(item: Any, first: bool, starts: dict[Any, str]) -> str:
    """Class, place to edit, and the value as its kind looks."""
    view, blank = item.field, not item.text
    off = view.kind == "flag" and not item.value
    if (start := starts.get((view.key, first, blank, off))) is None:
        names = f'{"col-title" if first else ""}{" end" if view.align == "end" else ""}{" is-blank" if blank else ""}'
        start = f'<td class="{names}{" is-off" if off else ""}" data-key="{escape(view.key)}"'
        if view.align == "end" or view.kind == "flag":  # a phone has no column heads
            start += f' data-label="{escape(view.label)}"'
        starts[(view.key, first, blank, off)] = start
    edit = f' data-edit="{escape(item.edit_url)}" tabindex="-1"' if item.editable else ""
    return f'{start}{edit}><div class="cell">{look(item)}</div></td>'
