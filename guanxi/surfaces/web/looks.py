"""Looks: how one value of each kind is drawn, and the words and marks that pages share.

Lists draw hundreds of values, so these are plain functions; every value is escaped here.
"""

import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from html import escape
from typing import Any

from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from guanxi.language.phones import in_groups

TONES = frozenset({"grey", "blue", "teal", "green", "amber", "red", "purple"})
AVATAR_TONES = 8


@lru_cache(maxsize=1000)
def icon(name: str, css: str = "") -> SafeString:
    """One icon of the sprite, hidden from screen readers."""
    classes = f"icon {css}".strip()
    return mark_safe(f'<svg class="{escape(classes)}" aria-hidden="true" focusable="false">'  # noqa: S308  escaped
                     f'<use href="{escape(static("guanxi/icons.svg"))}#{escape(name)}"/></svg>')


# words ---------------------------------------------------------------------------------------------


def tone(field: Any, value: object) -> str:
    """Colour word of a choice; grey where the field names none."""
    for key, _label, colour in field.choices or ():
        if str(key) == str(value):
            return str(colour) if str(colour) in TONES else "grey"
    return "grey"


def tones() -> list[tuple[str, str]]:
    """The colours an option can have, by their names."""
    return [("", gettext("none")), ("blue", gettext("Blue")), ("teal", gettext("Teal")), ("green", gettext("Green")),
            ("amber", gettext("Amber")), ("red", gettext("Red")), ("purple", gettext("Purple"))]


def kept_choice(field: Any, value: object) -> str:
    """The label of a stored option that is no longer offered; empty where the value is offered or there is none."""
    if value in (None, "") or any(str(key) == str(value) for key, _label, _colour in field.choices or ()):
        return ""
    return str(field.source.text(value))


def choice_label(field: Any, value: object) -> str:
    """Wording of a choice value."""
    for key, label, _colour in field.choices or ():
        if str(key) == str(value):
            return str(label)
    return str(value)


def initials(name: object) -> str:
    """Two letters for an avatar: the last two of a Chinese name, the first letters of others."""
    text = str(name or "").strip()
    if not text:
        return "?"
    if any("\u3400" <= letter <= "\u9fff" for letter in text):
        return text[-2:] if len(text) <= 3 else text[:2]
    words = text.split()
    return "".join(word[0] for word in words[:2]).upper()


def avatar_tone(name: object) -> str:
    """A stable number from 0 to 7 for a name, so that a person keeps one colour."""
    return str(zlib.crc32(str(name).encode()) % AVATAR_TONES)


def _near(days: int) -> str:
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("tomorrow")
    if days == -1:
        return gettext("yesterday")
    if days > 0:
        return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days}


def day_of(value: date) -> date:
    """The day by the reader's clock."""
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


def day_words(value: object) -> str:
    """A date in words within two weeks of today, otherwise the date."""
    if not isinstance(value, date):
        return str(value or "")
    day, today = day_of(value), timezone.localdate()
    days = (day - today).days
    if -14 <= days <= 14:
        return _near(days)
    return _written(day, "SHORT_DATE_FORMAT" if day.year != today.year else "MONTH_DAY_FORMAT", get_language())


@lru_cache(maxsize=20_000)
def _written(day: date, pattern: str, _language: str | None) -> str:
    """A day, or an instant on the reader's clock, as the language writes it. Pages repeat most of them."""
    return formats.date_format(day, pattern)


def late_words(value: object) -> str:
    """How late a day is, as "3 days late"; empty when it is not late."""
    if not isinstance(value, date):
        return ""
    days = (timezone.localdate() - day_of(value)).days
    return ngettext("%(n)d day late", "%(n)d days late", days) % {"n": days} if days > 0 else ""


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


def listed(value: object) -> Iterable[Any]:
    """The items of a multiple value: a list as it is, text split at commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return list(value)
    return []


# kinds ---------------------------------------------------------------------------------------------


def _text(item: Any, text: str) -> str:
    return f'<span class="cut" title="{text}">{text}</span>'


def _number(_item: Any, text: str) -> str:
    return f'<span class="num">{text}</span>'


def _name(item: Any, text: str) -> str:
    return f'<a class="plain" href="{escape(item.url)}">{text}</a>' if item.url else f"<span>{text}</span>"


def _numbered(item: Any, text: str) -> str:
    return f'<a class="plain num" href="{escape(item.url)}">{text}</a>' if item.url else _number(item, text)


def _link(item: Any, text: str) -> str:
    if not text:
        return ""
    return (f'<a class="plain cut" href="{escape(item.url)}" title="{text}">{text}</a>' if item.url
            else f'<span class="cut">{text}</span>')


def _user(item: Any, text: str) -> str:
    if not text:
        return ""
    return (f'<span class="row-line"><span class="avatar-small hue-{avatar_tone(item.text)}" aria-hidden="true">'
            f'{escape(initials(item.text))}</span><span class="cut">{text}</span></span>')


def _choice(_item: Any, text: str) -> str:
    return f'<span class="row-line"><span class="cut">{text}</span></span>' if text else ""


def _state(item: Any, text: str) -> str:
    if not text:
        return ""
    colour = tone(item.field, item.value)
    return (f'<span class="badge-soft tone-{colour}"><span class="dot tone-{colour}" aria-hidden="true"></span>'
            f'<span class="cut">{text}</span></span>')


def _tags(item: Any, _text_: str) -> str:
    drawn = "".join([f'<span class="badge-soft tone-{tone(item.field, tag)}">{escape(choice_label(item.field, tag))}</span>'
                     for tag in listed(item.value)])
    return f'<span class="row-line">{drawn}</span>'


def _email(item: Any, text: str) -> str:
    if not text or item.field.masked:
        return f"<span>{text}</span>" if text else ""
    return f'<a class="plain cut" href="mailto:{escape(str(item.value))}">{text}</a>'


def _phone(item: Any, text: str) -> str:
    if not text or item.field.masked:
        return _number(item, text) if text else ""
    number = str(item.value)
    return f'<a class="plain num" href="tel:{escape(number)}">{escape(in_groups(number))}</a>'


def _url(item: Any, text: str) -> str:
    return (f'<a class="plain cut" href="{escape(str(item.value))}" rel="noopener noreferrer" target="_blank">{text}</a>'
            if text else "")


def _color(item: Any, text: str) -> str:
    return (f'<span class="row-line"><span class="dot" data-colour="{escape(str(item.value))}" aria-hidden="true"></span>'
            f'<span class="num">{text}</span></span>') if text else ""


def _file(item: Any, text: str) -> str:
    return (f'<a class="row-line plain" href="{escape(item.url)}">{icon("paperclip", "is-small")}'
            f'<span class="cut">{text}</span></a>') if text else ""


def _flag(item: Any, _text_: str) -> str:
    if item.value:
        return f'<span class="good">{icon("check", "is-small")}<span class="hear">{escape(gettext("Yes"))}</span></span>'
    return (f'<span class="faint"><span aria-hidden="true">–</span><span class="hear">{escape(gettext("No"))}</span>'
            "</span>")


def _json(_item: Any, text: str) -> str:
    return f'<code class="tiny cut" title="{text}">{text}</code>'


def _day(item: Any, _text_: str) -> str:
    value = item.value
    if not value:
        return ""
    late = " late" if getattr(item, "late", False) else ""
    if not isinstance(value, date):
        return f'<time class="num{late}" datetime="" title="">{escape(str(value))}</time>'
    return (f'<time class="num{late}" datetime="{day_of(value).isoformat()}" '
            f'title="{escape(_written(day_of(value), "DATE_FORMAT", get_language()))}">{escape(day_words(value))}</time>')


def _moment(item: Any, _text_: str) -> str:
    value = item.value
    if not value:
        return ""
    if not isinstance(value, datetime):
        return f'<time class="num" datetime="" title="" data-ago>{escape(str(value))}</time>'
    return moment(value, ' class="num"')


def moment(value: datetime, attributes: str = "") -> str:
    """An instant in words, with the exact time behind it."""
    local = timezone.localtime(value)
    wall = local.replace(second=0, microsecond=0, tzinfo=None)
    return (f'<time{attributes} datetime="{local.isoformat()}" '
            f'title="{escape(_written(wall, "DATETIME_FORMAT", get_language()))}" data-ago>{escape(ago(value))}</time>')


KINDS: dict[str, Callable[[Any, str], str]] = {
    "choice": _choice, "color": _color, "day": _day, "decimal": _number, "email": _email, "file": _file, "flag": _flag,
    "integer": _number, "json": _json, "link": _link, "moment": _moment, "money": _number, "name": _name,
    "number": _numbered, "percent": _number, "phone": _phone, "state": _state, "tags": _tags, "text": _text, "url": _url,
    "user": _user,
}


def look(item: Any) -> str:
    """One value as safe HTML, by its kind; ``item`` has field, value, text, url. Other kinds look like text."""
    return KINDS.get(item.field.kind, _text)(item, escape(str(item.text)))


#: How browsers and systems name themselves to servers, the more exact name first.
_BROWSERS = (("Edg", "Edge"), ("MicroMessenger", "WeChat"), ("OPR/", "Opera"), ("Firefox/", "Firefox"),
             ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Mac OS X", "macOS"),
            ("Linux", "Linux"))


def device(agent: str) -> str:
    """The line a browser sends about itself, as people call browser and system; what is not known stays as it is."""
    found = [next((name for mark, name in names if mark in agent), "") for names in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name) or agent
