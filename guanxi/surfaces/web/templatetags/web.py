"""Tags that templates share: icons, field cells and inputs, words for dates, query strings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import render_to_string, select_template
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from guanxi.kernel import registry
from guanxi.language.phones import in_groups
from guanxi.surfaces.web import looks, menu

register = template.Library()

icon = register.simple_tag(looks.icon)
tone = register.filter(looks.tone)
choice_label = register.filter(looks.choice_label)
kept_choice = register.filter(looks.kept_choice)
initials = register.filter(looks.initials)
avatar_tone = register.filter(looks.avatar_tone)
day_words = register.filter(looks.day_words)
late_words = register.filter(looks.late_words)
ago = register.filter(looks.ago)
listed = register.filter(looks.listed)
device = register.filter(looks.device)
phone = register.filter("phone", in_groups)
tones = register.filter("tones", lambda _value: looks.tones())


@register.simple_tag
def cell(item: Any, _record: Any = None) -> SafeString:
    """The value of one field as its kind looks; `item` has field, value, text, url."""
    return mark_safe(looks.look(item))  # noqa: S308  looks escape


@register.simple_tag
def when(value: datetime) -> SafeString:
    """An instant in words, renewed by the page as time goes by."""
    return mark_safe(looks.moment(value))  # noqa: S308  looks escape


class Kept(template.Node):
    """A part of the frame that only rights, settings and language decide: drawn once for a person."""

    def __init__(self, name: str, inner: template.NodeList) -> None:
        self.name, self.nodelist = name, inner

    def render(self, context: Context) -> SafeString:
        ctx = context.get("ctx")
        if settings.DEBUG or ctx is None:
            return self.nodelist.render(context)
        return SafeString(menu.kept(ctx, f"frame {self.name}", lambda: self.nodelist.render(context)))


@register.tag
def kept(parser: Parser, token: Token) -> Kept:
    """``{% kept "name" %}…{% endkept %}``: nothing of the request may stand within, such as a CSRF token."""
    inner = parser.parse(("endkept",))
    parser.delete_first_token()
    return Kept(token.split_contents()[1].strip('"'), inner)


@register.simple_tag(takes_context=True)
def rail_areas(context: Context) -> SafeString:
    """The areas of the rail with the page one is on marked, and with how much waits."""
    shell = context["shell"]
    drawn = menu.kept(context["ctx"], "rail", lambda: render_to_string(
        "web/parts/rail_areas.html", {"areas": shell["areas"]}))
    for url in shell["here"]:
        start = f'<a class="rail-link" href="{escape(url)}"'
        drawn = drawn.replace(start, f'{start} aria-current="page"', 1)
    for url, count in shell["counts"].items():
        before, start, after = drawn.partition(f'<a class="rail-link" href="{escape(url)}"')
        if count and start:
            drawn = before + start + after.replace("</a>", f'<span class="count">{int(count)}</span></a>', 1)
    return SafeString(drawn)


@register.simple_tag(name="input", takes_context=True)
def input_control(context: Context, item: Any, autofocus: bool = False, prefix: str = "") -> SafeString:
    """The control of one field, by the template of its kind; `item` has field, value (form string), errors."""
    part = select_template([f"web/inputs/{item.field.kind}.html", "web/inputs/text.html"])
    key = str(item.field.key)
    inner = {
        "field": item.field, "name": getattr(item, "name", key), "spoken": getattr(item, "spoken", ""),
        "id": f"id_{prefix}{key}" if prefix else getattr(item, "id", f"id_{key}"),
        "value": item.value, "errors": item.errors, "autofocus": autofocus,
        "text": getattr(item, "text", ""), "create_url": getattr(item, "create_url", ""),
        "create_label": getattr(item, "create_label", ""), "chosen": getattr(item, "chosen", ()),
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
def is_past(value: object) -> bool:
    """True for a day before today or an instant before now."""
    if isinstance(value, datetime):
        return value < timezone.now()
    return isinstance(value, date) and value < timezone.localdate()


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
def lookup(values: Mapping[str, Any], key: str) -> Any:
    """One entry of a mapping by a name the template computed."""
    return values.get(key, "") if values else ""
