"""Read what people type or paste from a spreadsheet: exactly, or refuse and say why."""

import math
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.language.phones import Phone, holds_several, read_phone
from guanxi.language.text import half_width

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_MOST_CHARS = 200
_EXACT_FLOAT = 10**15  # beyond it a spreadsheet number has lost digits


class ParseError(ValueError):
    """What was typed cannot be read; `message` is shown to people in their language."""

    def __init__(self, code: str, message: "str | _StrPromise", **values: object) -> None:
        self.code = code
        self.message: str | _StrPromise = format_lazy(message, **values) if values else message
        super().__init__(code)

    def __str__(self) -> str:
        return str(self.message)


def _short(value: object) -> str:
    shown = str(value).encode("utf-8", "replace").decode()
    return shown if len(shown) <= 40 else shown[:39] + "…"


def _typed(value: object) -> str:
    text = half_width(str(value)).strip()
    if not text:
        raise ParseError("empty", _("Nothing was entered."))
    if len(text) > _MOST_CHARS:
        raise ParseError("long", _("“{value}” is too long."), value=_short(text))
    return text


# -- numbers ----------------------------------------------------------------------------------

_CURRENCY = re.compile(r"(?i)^(?:RMB|CNY|USD|EUR|GBP|HKD|TWD|JPY|人民币|人民幣|US\$|HK\$|NT\$|[¥$€£])\s*")
_CURRENCY_END = re.compile(r"(?i)\s*(?:RMB|CNY|USD|EUR|GBP|HKD|TWD|JPY|人民币|人民幣|元整|元|圆|圓|块|€)$")
_UNITS = {"万亿": 12, "亿": 8, "千万": 7, "百万": 6, "万": 4, "千": 3, "百": 2, "%": -2, "‰": -3}
_UNIT = re.compile(r"\s*(万亿|亿|千万|百万|万|千|百|%|‰)$")
_PLAIN_NUMBER = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:([, '])[0-9]{3})(?:\1[0-9]{3})*)(?:\.[0-9]*)?|\.[0-9]+")
_SCIENTIFIC = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+")


def parse_decimal(value: object, *, max_digits: int = 38, max_places: int = 20) -> Decimal:
    """A number as people write it: １，２３４.５０, ¥3.5万, 15%, (200)."""
    if isinstance(value, bool):
        raise _not_a_number(value)
    if isinstance(value, (int, Decimal)):
        number = Decimal(value)
        if not number.is_finite():
            raise _not_a_number(value)
    elif isinstance(value, float):
        number = _from_float(value)
    else:
        number = _from_text(_typed(value))
    return _within(number, value, max_digits, max_places)


def _not_a_number(value: object) -> ParseError:
    return ParseError("number", _("“{value}” is not a number. Write it like 1234.56."), value=_short(value))


def _from_float(value: float) -> Decimal:
    if not math.isfinite(value):
        raise _not_a_number(value)
    if abs(value) >= _EXACT_FLOAT:
        raise _lost(value)
    return Decimal(repr(value))


def _lost(value: object) -> ParseError:
    message = _(
        "“{value}” has lost its last digits in the spreadsheet. Format the column as text and enter the number again."
    )
    return ParseError("lost", message, value=_short(value))


def _from_text(text: str) -> Decimal:
    bare, negative = _sign(text.replace("萬", "万").replace("億", "亿"))
    bare = _CURRENCY_END.sub("", _CURRENCY.sub("", bare))
    power = 0
    if unit := _UNIT.search(bare):
        power = _UNITS[unit[1]]
        bare = bare[: unit.start()]
    if not negative:
        bare, negative = _sign(bare)
    if _SCIENTIFIC.fullmatch(bare):
        raise _lost(text)
    if not _PLAIN_NUMBER.fullmatch(bare):
        raise _not_a_number(text)
    number = Decimal(re.sub("[, ']", "", bare))
    _plus, digits, exponent = number.as_tuple()
    return Decimal((int(negative and any(digits)), digits, int(exponent) + power))


def _sign(text: str) -> tuple[str, bool]:
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text[:1] in ("-", "+"):
        return text[1:].strip(), text[0] == "-"
    return text, False


def _within(number: Decimal, value: object, max_digits: int, max_places: int) -> Decimal:
    _minus, digits, exponent = number.as_tuple()
    places = max(0, -int(exponent))
    if places > max_places and any(digits[len(digits) - (places - max_places) :] or (0,)):
        message = _("“{value}” has more than {most} decimal places.")
        raise ParseError("places", message, value=_short(value), most=max_places)
    whole = number.adjusted() + 1 if any(digits) else 0
    if max(whole, 0) + min(places, max_places) > max_digits:
        message = _("“{value}” has more than {most} digits.")
        raise ParseError("digits", message, value=_short(value), most=max_digits)
    return Decimal(f"{number:f}")


def parse_integer(value: object, *, max_digits: int = 18) -> int:
    """A whole number; 3.0 is one, 3.5 is not."""
    number = parse_decimal(value, max_digits=max_digits + 20)
    if number != number.to_integral_value():
        raise ParseError("whole", _("“{value}” is not a whole number."), value=_short(value))
    return int(_within(Decimal(int(number)), value, max_digits, 0))


# -- days and times ---------------------------------------------------------------------------

_DAY_WORDS = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "yesterday": -1, "今天": 0, "今日": 0, "today": 0,
    "明天": 1, "明日": 1, "tomorrow": 1, "后天": 2, "後天": 2, "大后天": 3, "大後天": 3,
}  # fmt: skip
_FULL_DAY = re.compile(r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{2})([0-9]{2}))")
_CHINESE_DAY = re.compile(r"(?:([0-9]{4})\s*年\s*)?([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*[日号號]")
_WEEKDAY = re.compile(r"\s*\(?(?:星期|周|週|礼拜)[一二三四五六日天]\)?$")
_LAST_SERIAL = 2_958_465
_SECONDS = 86_400


def parse_day(value: object, today: date, *, date_1904: bool = False) -> date:
    """A day as people write it, or as a spreadsheet counts it."""
    if isinstance(value, datetime):
        if value.time() != time():
            raise ParseError("time", _("“{value}” has a time; only a day belongs here."), value=value)
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _day_from_number(value, date_1904)
    text = re.sub(r"[ T]00:00(?::00(?:\.0+)?)?$", "", _typed(value))
    if re.fullmatch(r"[0-9]{5}(?:\.0+)?", text):
        return _day_from_number(int(text[:5]), date_1904)
    return _day_from_text(text, today)


def _day_from_text(text: str, today: date) -> date:
    word = text.lower()
    if word in _DAY_WORDS:
        return _make_day(text, today=today + timedelta(days=_DAY_WORDS[word]))
    bare = _WEEKDAY.sub("", text)
    if match := _FULL_DAY.fullmatch(bare):
        return _make_day(text, match[1], match[3] or match[5], match[4] or match[6])
    if match := _CHINESE_DAY.fullmatch(bare):
        return _make_day(text, match[1] or today.year, match[2], match[3])
    message = _("“{value}” is not a day. Write it like 2026-01-31 (year, month, day).")
    raise ParseError("day", message, value=_short(text))


def _make_day(text: str, year: str | int = 0, month: str = "", day: str = "", today: date | None = None) -> date:
    if today:
        return today
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        message = _("“{value}” does not exist in the calendar.")
        raise ParseError("calendar", message, value=_short(text)) from None


def _day_from_number(number: float, date_1904: bool) -> date:
    if not math.isfinite(number) or number != int(number):
        raise ParseError("time", _("“{value}” has a time; only a day belongs here."), value=number)
    whole = int(number)
    if 10_000_101 <= whole <= 99_991_231:
        return _make_day(str(whole), str(whole)[:4], str(whole)[4:6], str(whole)[6:])
    first = 0 if date_1904 else 1
    if not first <= whole <= _LAST_SERIAL - (1462 if date_1904 else 0) or (whole == 60 and not date_1904):
        message = _("“{value}” is not a day. Write it like 2026-01-31 (year, month, day).")
        raise ParseError("day", message, value=_short(number))
    if date_1904:
        return date(1904, 1, 1) + timedelta(days=whole)
    # Spreadsheets count 29 February 1900, which never was.
    return date(1899, 12, 31) + timedelta(days=whole - (whole > 60))


_CLOCK = re.compile(
    r"(?P<half>凌晨|早上|上午|中午|下午|晚上|[aApP][mM])?\s*(?P<hour>[0-9]{1,2})"
    r"(?:[:点點时時](?:(?P<minute>[0-9]{1,2})(?:[:分](?:(?P<second>[0-9]{1,2})(?:\.[0-9]{1,6})?秒?)?)?|(?P<thirty>半))?)"
    r"\s*(?P<after>[aApP][mM])?$"
)
_OFFSET = re.compile(r"(?<=[0-9])\s*(Z|UTC|[+-][0-9]{2}:?[0-9]{2})$")


def parse_moment(value: object, tz: tzinfo, now: datetime, *, date_1904: bool = False) -> datetime:
    """A moment in UTC; what names no zone is local time in `tz`."""
    if isinstance(value, datetime):
        return _to_utc(value, tz, value)
    if isinstance(value, date):
        return _to_utc(datetime.combine(value, time()), tz, value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _moment_from_number(value, tz, date_1904)
    text = _typed(value)
    today = now.astimezone(tz).date()
    bare = text
    if offset := _OFFSET.search(text):
        bare = text[: offset.start()]
        zone = offset[1].replace("UTC", "Z")
        tz = datetime.fromisoformat("2000-01-01T00:00" + zone.replace("Z", "+00:00")).tzinfo or UTC
    if match := _CLOCK.search(bare):
        day = bare[: match.start()].rstrip(" T,")
        if day or not offset:
            on = parse_day(day, today, date_1904=date_1904) if day else today
            return _to_utc(datetime.combine(on, _clock(match, text)), tz, text)
    return _to_utc(datetime.combine(parse_day(bare, today, date_1904=date_1904), time()), tz, text)


def _clock(match: re.Match[str], text: str) -> time:
    hour = int(match["hour"])
    half = (match["half"] or match["after"] or "").lower()
    if half in ("下午", "晚上", "中午", "pm") and hour < 12 and not (half == "中午" and hour >= 10):
        hour += 12
    elif half in ("am", "凌晨") and hour == 12:
        hour = 0
    minute = 30 if match["thirty"] else int(match["minute"] or 0)
    try:
        return time(hour, minute, int(match["second"] or 0))
    except ValueError:
        raise ParseError("clock", _("“{value}” is not a time of day."), value=_short(text)) from None


def _moment_from_number(number: float, tz: tzinfo, date_1904: bool) -> datetime:
    if not math.isfinite(number) or number < 0:
        raise ParseError("day", _("“{value}” is not a date and time."), value=_short(number))
    seconds = round((number - int(number)) * _SECONDS)
    day = _day_from_number(int(number), date_1904)
    return _to_utc(datetime.combine(day, time()) + timedelta(seconds=seconds), tz, number)


def _to_utc(moment: datetime, tz: tzinfo, value: object) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=tz)
    try:
        result = moment.astimezone(UTC)
        back = result.astimezone(moment.tzinfo)
    except (OverflowError, ValueError):
        message = _("“{value}” does not exist in the calendar.")
        raise ParseError("calendar", message, value=_short(value)) from None
    if back.replace(tzinfo=None) != moment.replace(tzinfo=None):
        message = _("“{value}” does not exist: the clocks were put forward then.")
        raise ParseError("gap", message, value=_short(value))
    return result


# -- yes and no -------------------------------------------------------------------------------

_YES = frozenset(["是", "对", "對", "有", "真", "y", "yes", "true", "t", "on", "1", "√", "✓", "✔", "☑"])
_NO = frozenset(
    ["否", "不", "不是", "没有", "沒有", "无", "無", "假", "n", "no", "false", "f", "off", "0", "×", "✗", "✘", "☐"]
)


def parse_flag(value: object) -> bool:
    """Yes or no in the ways people tick a column."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value in (0.0, 1.0):
        return value == 1.0
    word = _typed(value).lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise ParseError("flag", _("“{value}” is neither yes nor no. Write 是 or 否."), value=_short(value))


# -- phones, mail, text -----------------------------------------------------------------------


def parse_phone(value: object, region: str = "CN") -> Phone:
    """A phone number; numbers without a country belong to `region`."""
    if isinstance(value, float) and abs(value) < _EXACT_FLOAT and value.is_integer():
        value = int(value)
    text = _typed(value)
    if holds_several(text):
        raise ParseError("several", _("“{value}” holds several numbers; enter one."), value=_short(text))
    phone = read_phone(text, region)
    if phone is None:
        raise _not_a_phone(value)
    return phone


def _not_a_phone(value: object) -> ParseError:
    message = _("“{value}” is not a phone number. Add the area code, or + and the country code.")
    return ParseError("phone", message, value=_short(value))


_ADDRESS = re.compile(r"[^<>]*<([^<>]+)>")


def parse_email(value: object) -> str:
    """A mail address in lower case, also taken out of `Name <a@b.cn>`."""
    text = half_width(str(value)).strip()
    if match := _ADDRESS.fullmatch(text):
        text = match[1]
    text = text.removeprefix("mailto:").strip(" \u200b\ufeff").lower()
    try:
        validate_email(text)
    except ValidationError:
        message = _("“{value}” is not a mail address. Write it like name@example.com.")
        raise ParseError("email", message, value=_short(value)) from None
    return text


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]")
_BLANKS = re.compile(r"[ \t\r\n\u2028\u2029]+")


def clean_text(s: str, *, multiline: bool = False) -> str:
    """Text without what cannot be seen or turns the writing direction around."""
    try:
        s.encode()
    except UnicodeEncodeError:
        raise ParseError("broken", _("The text holds a broken character. Type it again.")) from None
    s = _CONTROL.sub("", s)
    if not multiline:
        return _BLANKS.sub(" ", s).strip()
    return s.replace("\r\n", "\n").replace("\r", "\n").strip()
