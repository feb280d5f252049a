"""Tags that templates share: icons, field cells and inputs, words for dates, query strings."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.template.context import Context
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import select_template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from guanxi.kernel import registry

register = template.Library()

TONES = frozenset({"grey", "blue", "teal", "green", "amber", "red", "purple"})
AVATAR_TONES = 8


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """One icon of the sprite, hidden from screen readers."""
    classes = f"icon {css}".strip()
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        classes, static("guanxi/icons.svg"), name,
    )


def _by_kind(folder: str, kind: str) -> Any:
    return select_template([f"web/{folder}/{kind}.html", f"web/{folder}/text.html"])


@register.simple_tag(takes_context=True)
def cell(context: Context, item: Any, record: Any = None) -> SafeString:
    """The value of one field, shown by the template of its kind; `item` has field, value, text, url."""
    part = _by_kind("cells", str(item.field.kind))
    inner = {
        "field": item.field, "value": item.value, "text": item.text, "url": getattr(item, "url", ""),
        "late": getattr(item, "late", False), "record": record, "ctx": context.get("ctx"),
        "request": context.get("request"),
    }
    return SafeString(part.render(inner).strip())


@register.simple_tag(name="input", takes_context=True)
def input_control(context: Context, item: Any, autofocus: bool = False, prefix: str = "") -> SafeString:
    """The control of one field, by the template of its kind; `item` has field, value (form string), errors."""
    part = _by_kind("inputs", str(item.field.kind))
    key = str(item.field.key)
    inner = {
        "field": item.field, "name": getattr(item, "name", key), "id": f"id_{prefix}{key}",
        "value": item.value, "errors": item.errors, "autofocus": autofocus,
        "text": getattr(item, "text", ""), "create_url": getattr(item, "create_url", ""),
        "ctx": context.get("ctx"), "request": context.get("request"),
    }
    return SafeString(part.render(inner).strip())


@register.simple_tag
def lookup_url(field: Any) -> str:
    """Where a picker asks for matches; the object "parties.customer" answers at its own list address."""
    return f"/{registry.slug(registry.model_of(str(field.target)))}/lookup"


@register.simple_tag(takes_context=True)
def override(context: Context, object_name: str, part: str, default: str) -> SafeString:
    """`<app>/<object>/_<part>.html` where an app brings one, otherwise the template named as default."""
    own = f"{object_name.replace('.', '/')}/_{part}.html"
    try:
        chosen = select_template([own, default])
    except TemplateDoesNotExist:
        return SafeString("")
    return SafeString(chosen.render(context.flatten()))


@register.filter
def tone(field: Any, value: object) -> str:
    """Colour word of a choice; grey where the field names none."""
    for key, _label, colour in field.choices or ():
        if str(key) == str(value):
            return str(colour) if str(colour) in TONES else "grey"
    return "grey"


@register.filter
def choice_label(field: Any, value: object) -> str:
    """Wording of a choice value."""
    for key, label, _colour in field.choices or ():
        if str(key) == str(value):
            return str(label)
    return str(value)


@register.filter
def initials(name: object) -> str:
    """Two letters for an avatar: the last two of a Chinese name, the first letters of others."""
    text = str(name or "").strip()
    if not text:
        return "?"
    if any("\u3400" <= letter <= "\u9fff" for letter in text):
        return text[-2:] if len(text) <= 3 else text[:2]
    words = text.split()
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def avatar_tone(name: object) -> str:
    """A stable number from 0 to 7 for a name, so that a person keeps one colour."""
    return str(zlib.crc32(str(name).encode()) % AVATAR_TONES)


def _day_words(days: int) -> str:
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("tomorrow")
    if days == -1:
        return gettext("yesterday")
    if days > 0:
        return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days}


@register.filter
def day_words(value: object) -> str:
    """A date in words within two weeks of today, otherwise the date."""
    if not isinstance(value, date):
        return str(value or "")
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    days = (day - timezone.localdate()).days
    if -14 <= days <= 14:
        return _day_words(days)
    pattern = "SHORT_DATE_FORMAT" if day.year != timezone.localdate().year else "MONTH_DAY_FORMAT"
    return formats.date_format(day, pattern)


@register.filter
def is_past(value: object) -> bool:
    """True for a day before today or an instant before now."""
    if isinstance(value, datetime):
        return value < timezone.now()
    return isinstance(value, date) and value < timezone.localdate()


@register.filter
def late_words(value: object) -> str:
    """How late a day is, as "3 days late"; empty when it is not late."""
    if not isinstance(value, date):
        return ""
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    days = (timezone.localdate() - day).days
    return ngettext("%(n)d day late", "%(n)d days late", days) % {"n": days} if days > 0 else ""


@register.filter
def ago(value: object) -> str:
    """An instant in words: "just now", "12 min ago", "3 h ago", then days and dates."""
    if not isinstance(value, datetime):
        return str(value or "")
    passed = timezone.now() - value
    if timedelta(0) <= passed < timedelta(minutes=1):
        return gettext("just now")
    if timedelta(0) <= passed < timedelta(hours=1):
        return gettext("%(n)d min ago") % {"n": passed.seconds // 60}
    if timedelta(0) <= passed < timedelta(hours=12):
        return gettext("%(n)d h ago") % {"n": passed.seconds // 3600}
    return day_words(value)


@register.filter
def money(value: object, places: int = 2) -> str:
    """An amount in the reader's grouping: 1,234,567.00."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value or "")
    return f"{amount:,.{places}f}"


@register.filter
def compact(value: object) -> str:
    """An amount for tight places: 1.2M, or 123.5 万 for a Chinese reader."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value or "")
    chinese = (get_language() or "").startswith("zh")
    small = ((10**9, "%sB"), (10**6, "%sM"), (10**3, "%sK"))
    units = ((10**8, "%s 亿"), (10**4, "%s 万")) if chinese else small
    for size, pattern in units:
        if abs(amount) >= size:
            shown = (amount / size).quantize(Decimal("0.1")).normalize()
            return pattern % f"{shown:f}"
    return f"{amount:,.0f}"


@register.simple_tag(takes_context=True)
def querystring(context: Context, base: Any = None, **changes: Any) -> str:
    """The current query string with some keys changed; None or "" removes a key."""
    request = context.get("request")
    query = (request.GET if request is not None and base is None else base).copy()
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = value
    encoded = query.urlencode() if hasattr(query, "urlencode") else ""
    return f"?{encoded}" if encoded else "?"


@register.filter
def as_json(value: object) -> str:
    """JSON for a data attribute; the template escapes it."""
    return json.dumps(value, ensure_ascii=False, default=str)


@register.filter
def listed(value: object) -> Iterable[Any]:
    """The items of a multiple value: a list as it is, text split at commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return list(value)
    return []


@register.filter
def lookup(values: Mapping[str, Any], key: str) -> Any:
    """One entry of a mapping by a name the template computed."""
    return values.get(key, "") if values else ""
