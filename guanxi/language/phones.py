"""Phone numbers as people write them: extensions, area codes, Chinese service numbers."""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from guanxi.language.text import half_width

_MOST_CHARS = 200
_LABEL = re.compile(r"(?i)^(?:tel|电话|手机|phone)\s*[:.]?\s*")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_EXTENSION = re.compile(r"(?i)\s*[,;(]?\s*(?:转|轉|分机号?|分機|extension|ext\.?=?|x|#)\s*[:.]?\s*([0-9]{1,6})\)?$")
_DASH_EXTENSION = re.compile(r"(\(?0[0-9]{2,3}\)?[- ]?[0-9]{7,8}|[48]00-?[0-9]{3}-?[0-9]{4})-([0-9]{1,6})$")
_SEVERAL = re.compile(r"[0-9]{7,}\s*(?:[/,;、|]|或|和|\s{2,}|\n)\s*\+?[0-9]{3,}")
_CHINESE_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})")
_CHINESE_SHORT = re.compile(r"1[0-9]{4}|9[0-9]{4,7}|12[0-9]{3}|[2-8][0-9]{6,7}")
_PHONE_CHARS = re.compile(r"[-+0-9 ().·/]+")


class Phone(NamedTuple):
    """A number as +8613800138000, or bare digits where it cannot be dialled from abroad."""

    number: str
    extension: str


def holds_several(text: str) -> bool:
    """Whether more than one number was written."""
    return bool(_SEVERAL.search(_UNSEEN.sub("", half_width(text))))


def read_phone(text: str, region: str = "CN") -> Phone | None:
    """The number and its extension, or nothing where the text is no phone number."""
    text = _UNSEEN.sub("", _LABEL.sub("", half_width(text[:_MOST_CHARS]).strip()))
    extension = ""
    if region == "CN" and (dashed := _DASH_EXTENSION.fullmatch(text)):
        text, extension = dashed[1], dashed[2]
    elif match := _EXTENSION.search(text):
        text, extension = text[: match.start()], match[1]
    number = _dialled(text, region) if _PHONE_CHARS.fullmatch(text) else ""
    return Phone(number, extension) if number else None


@lru_cache(maxsize=20_000)
def in_groups(number: str) -> str:
    """A stored number as people read it aloud: 138 0013 8000, 021 5555 6666, +44 20 7946 0958."""
    digits, mark, extension = number.partition(";ext=")
    try:
        parsed = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        return number
    if not digits.startswith("+"):
        return number
    home = parsed.country_code == 86
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    text = phonenumbers.format_number(parsed, style)
    return f"{text}-{extension}" if mark else text


def _dialled(text: str, region: str) -> str:
    bare = re.sub("[^+0-9]", "", text)
    if region == "CN" and (mobile := _CHINESE_MOBILE.fullmatch(bare)):
        return "+86" + mobile[1]
    if region == "CN" and _CHINESE_SHORT.fullmatch(bare):
        return bare
    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
