"""Tell whether two records are the same company or person, and why."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from guanxi.apps.parties.rules.company_names import CompanyName, take_apart
from guanxi.apps.parties.rules.regions import compatible, region_of
from guanxi.language.ahead import foreseen
from guanxi.language.phones import read_phone
from guanxi.language.text import fold, half_width

SAME = 0.95
LIKELY = 0.7

_CODE_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WORTH = [{char: place * pow(3, i, 31) for place, char in enumerate(_CODE_CHARS)} for i in range(17)]
_CODE = re.compile(f"[1-9A-HJ-NP-RTUWXY][1-9][0-9]{{6}}[{_CODE_CHARS}]{{10}}")
_KEY_CHARS = 48
_MAIL = re.compile(r"([^@\s<>]{1,64})@([^@\s<>]{1,180}\.[^@\s<>.]{2,60})")
_FREE_MAIL = frozenset(
    [
        "qq.com",
        "foxmail.com",
        "163.com",
        "126.com",
        "yeah.net",
        "139.com",
        "189.cn",
        "sina.com",
        "sina.cn",
        "sohu.com",
        "aliyun.com",
        "21cn.com",
        "tom.com",
        "gmail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "yahoo.com",
        "icloud.com",
        "me.com",
        "proton.me",
        "protonmail.com",
    ]
)


class Identity(NamedTuple):
    """What is known about a company, or with `person` about a person."""

    name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    credit_code: str = ""
    city: str = ""
    person: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """How sure we are that two records mean the same, and why."""

    score: float
    reasons: tuple[str, ...]  # codes; the words for them stand in parties/reasons.py

    @property
    def level(self) -> str:
        """Whether it is the same, likely the same, or different."""
        return "same" if self.score >= SAME else "likely" if self.score >= LIKELY else "different"


def company_key(name: str) -> str:
    """The name without region, legal form, brackets, width and script: what must be equal."""
    return take_apart(name).core[:_KEY_CHARS]


def core_name(name: str) -> str:
    """The name people say: without the line of business too."""
    return take_apart(name).brand[:_KEY_CHARS]


def credit_code_normal(code: str) -> str:
    """A unified credit code as it is stored."""
    return re.sub(r"[\s\-]", "", half_width(code)).upper()


@lru_cache(4096)
def credit_code_valid(code: str) -> bool:
    """Whether the check digit of GB 32100 is right."""
    code = credit_code_normal(code)
    if not _CODE.fullmatch(code):
        return False
    total = sum(worth[char] for worth, char in zip(_CODE_WORTH, code, strict=False))
    return _CODE_CHARS[-total % 31] == code[17]


def mail_key(address: str) -> str:
    """A mail address without its +tag; empty when it is none."""
    match = _MAIL.fullmatch(half_width(address).strip().lower())
    if not match:
        return ""
    local, domain = match.groups()
    local = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


@lru_cache(4096)
def phone_key(number: str) -> str:
    """A phone number without extension and spelling; empty when it is none."""
    phone = read_phone(number)
    return phone.number if phone else ""


def _is_mobile(number: str) -> bool:
    if number.startswith("+86"):
        return bool(re.fullmatch(r"\+861[3-9][0-9]{9}", number))
    if not number.startswith("+"):
        return False
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind == phonenumbers.PhoneNumberType.MOBILE


def _person_name(name: str) -> str:
    return re.sub(r"[\s·.,]", "", fold(name[:_KEY_CHARS]))


def _name_key(a: Identity) -> str:
    return _person_name(a.name) if a.person else company_key(a.name)


@foreseen
@lru_cache(4096)
def block_keys(a: Identity) -> frozenset[str]:
    """Short keys to index: records that share none cannot be the same."""
    keys = {"p:" + p for p in map(phone_key, a.phones) if p} | {"m:" + m for m in map(mail_key, a.emails) if m}
    if credit_code_valid(a.credit_code):
        keys.add("c:" + credit_code_normal(a.credit_code))
    if a.person:
        domains = {m.rpartition("@")[2] for m in map(mail_key, a.emails) if m} - _FREE_MAIL
        if name := _person_name(a.name):
            keys |= {f"h:{name}:{place}" for place in (*domains, *region_of(fold(a.city))[-1:])}
    elif brand := core_name(a.name):
        keys.add("n:" + brand)
    return frozenset(keys)


def same_score(a: Identity, b: Identity) -> Match:
    """Compare two records by everything that is known about both."""
    codes = [credit_code_normal(x.credit_code) for x in (a, b) if credit_code_valid(x.credit_code)]
    if len(codes) == 2:
        equal = codes[0] == codes[1]
        return _match(1.0 if equal else 0.3, ["credit_code" if equal else "other_code"])
    phones = {p for p in map(phone_key, a.phones) if p} & {p for p in map(phone_key, b.phones) if p}
    if any(map(_is_mobile, phones)):
        return _match(0.98, ["mobile"])
    score, grounds = _compare_people(a, b) if a.person or b.person else _compare_names(a, b)
    for shared, code, alone, with_name in _contacts(a, b, phones):
        if shared:
            score = max(score + 0.1 if score >= 0.4 else score, with_name if score >= 0.4 else alone)
            grounds.append(code)
    # Only a code, a mobile or the very same name makes records the same.
    ceiling = 1.0 if grounds[:1] == ["name"] and score >= SAME else 0.94
    return _match(min(score, ceiling), grounds)


def _match(score: float, grounds: list[str]) -> Match:
    return Match(round(score, 3), tuple(grounds))


def _contacts(a: Identity, b: Identity, phones: set[str]) -> list[tuple[bool, str, float, float]]:
    """Shared contact data: how much each says alone, and together with a name that fits."""
    mails_a, mails_b = ({m for m in map(mail_key, x.emails) if m} for x in (a, b))
    domains = {m.rpartition("@")[2] for m in mails_a} & {m.rpartition("@")[2] for m in mails_b}
    related = _related(a, b)
    return [
        (bool(phones), "phone", 0.72 if related else 0.5, 0.85),
        (bool(mails_a & mails_b), "email", 0.85, 0.9),
        (bool(domains - _FREE_MAIL) and not mails_a & mails_b, "domain", 0.4, 0.55 if not a.person else 0.75),
    ]


def _related(a: Identity, b: Identity) -> bool:
    """Half of the characters in common: enough only beside a shared number."""
    x, y = set(_name_key(a)), set(_name_key(b))
    return bool(x and y) and 2 * len(x & y) >= min(len(x), len(y))


def _compare_people(a: Identity, b: Identity) -> tuple[float, list[str]]:
    name = _person_name(a.name)
    if not name or name != _person_name(b.name):
        return 0.0, []
    x, y = region_of(fold(a.city)), region_of(fold(b.city))
    if x and y:
        return (0.6, ["name", "same_city"]) if x == y else (0.4, ["name", "city"])
    return 0.5, ["name"]


def _compare_names(a: Identity, b: Identity) -> tuple[float, list[str]]:
    x, y = take_apart(a.name), take_apart(b.name)
    if not x.core or not y.core:
        return 0.0, []
    if x.core == y.core:
        score, grounds = 0.97, ["name"]
    elif x.brand == y.brand and (_is_short(x) or _is_short(y)):
        score, grounds = 0.8, ["alias"]
    else:
        return 0.0, []
    return _differences(score, grounds, (x, y), (a, b))


def _is_short(x: CompanyName) -> bool:
    return x.core == x.brand and not x.form and not x.branch


def _differences(
    score: float, grounds: list[str], names: tuple[CompanyName, CompanyName], who: tuple[Identity, Identity]
) -> tuple[float, list[str]]:
    x, y = names
    if x.branch != y.branch:
        return 0.5, [*grounds, "branch"]
    if not compatible(x.region, y.region):
        return 0.45, [*grounds, "region"]
    if bool(x.region) != bool(y.region):
        score -= 0.04
    if x.form != y.form or x.group != y.group:
        both = (x.form and y.form) or x.group != y.group
        score -= 0.15 if both else 0.05
        grounds = [*grounds, "form"] if both else grounds
    cities = [region_of(fold(i.city)) or n.region for i, n in zip(who, names, strict=True)]
    if all(cities) and not compatible(cities[0], cities[1]):
        score -= 0.3 if len(x.core) < 6 or not (x.region and y.region) else 0.1
        grounds = [*grounds, "city"]
    return score, grounds
