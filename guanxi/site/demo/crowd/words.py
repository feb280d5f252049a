"""What rows of the crowd are sorted, found and recognised by, put together from parts that are each read only once.

The results are those of the analyser and of the records' own rules; a test compares them word by word.
"""

import re
from collections.abc import Sequence
from typing import Any

from guanxi.apps.parties.rules.identity import core_name
from guanxi.language import text

_CHINESE = re.compile("[\u4e00-\u9fff]+")
_DIGITS = re.compile("[0-9]+")


class Reader:
    """Reads parts of names, and keeps what it has read."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[str, ...]] = {}
        self._people: dict[str, tuple[str, list[str]]] = {}
        self._plain: dict[str, list[str]] = {}
        self._tails: dict[str, str] = {}

    def syllables(self, parts: Sequence[str]) -> list[str]:
        """How a name of these parts is read."""
        found: list[str] = []
        for part in parts:
            read = self._read.get(part)
            if read is None:
                read = self._read[part] = tuple((part if part.isascii() else text.pinyin_full(part)).split())
            found += read
        return found

    def named(self, words: str, syllables: Sequence[str]) -> list[str]:
        """The tokens of a name: its characters and how it is read."""
        letters = "".join([part if part.isascii() and part[0].isdigit() else part[0] for part in syllables])
        return [*pairs(words), text.BREAK, *("_" + letters[i:i + 2] for i in range(len(letters) - 1)), text.BREAK,
                *("__" + part for part in syllables)]

    def person(self, name: str) -> tuple[str, list[str]]:
        """Sort key and tokens of somebody's name."""
        found = self._people.get(name)
        if found is None:
            found = self._people[name] = text.sort_key(name, person=True), text.document_tokens(people=[name])
        return found

    def plain(self, words: str, kind: str = "texts") -> list[str]:
        """The tokens of words that come again and again."""
        found = self._plain.get(words)
        if found is None:
            found = self._plain[words] = text.document_tokens(**{kind: [words]})
        return found

    def company_key(self, brand: str, trade: str) -> str:
        """The name of a company without region, form and line of business."""
        if trade not in self._tails:
            self._tails[trade] = core_name(f"上海岳澜{trade}有限公司").removeprefix("岳澜")
        return brand + self._tails[trade]


def pairs(words: str) -> list[str]:
    """The tokens of Chinese words; anything else is left to the analyser."""
    if _CHINESE.fullmatch(words):
        return [*(words[i:i + 2] for i in range(len(words) - 1)), words[-1]]
    return text.index_tokens(words)


def number(phone: str) -> list[str]:
    """The tokens of a phone number with its country code: itself and its ends."""
    digits = phone[1:]
    return [digits, text.BREAK, *(digits[i:] for i in range(len(digits) - 3))]


def joined(parts: Sequence[list[str]]) -> list[str]:
    """The tokens of a record, field by field."""
    tokens: list[str] = []
    for part in parts:
        if part:
            tokens += [text.BREAK, *part] if tokens else part
    return tokens


def sort_key(syllables: Sequence[str]) -> str:
    return _DIGITS.sub(lambda found: found[0].zfill(8), " ".join(syllables))[:64]


def body(tokens: list[str], postgres: bool) -> str:
    """As the database's own index takes it."""
    return text.to_tsvector_literal(tokens) if postgres else text.to_fts5_text(tokens)


def customer(reader: Reader, row: dict[str, Any]) -> list[str]:
    """Search tokens of a customer, in the order of its search fields; sets its sort key."""
    parts = row["parts"]
    read = reader.syllables(parts)
    row["sort_key"] = sort_key(read)
    custom = [text.index_tokens(value) for value in row.get("custom", {}).values()]
    return joined([
        number(row["phone"]), text.index_tokens(row["email"]), *custom, reader.named(row["name"], read),
        reader.named(row["short_name"], reader.syllables(row["short_parts"])),
        text.index_tokens(row["credit_code"]),
        reader.named(row["address"], reader.syllables(row["address_parts"]))])


def contact(reader: Reader, row: dict[str, Any]) -> list[str]:
    row["sort_key"], name = reader.person(row["name"])
    return joined([number(row["mobile"]), text.index_tokens(row["email"]), text.index_tokens(row["wechat"]),
                   reader.plain(row["position"], "names"), name])


def deal(reader: Reader, row: dict[str, Any]) -> list[str]:
    read = reader.syllables(row["parts"])
    row["sort_key"] = sort_key(read)
    return joined([reader.named(row["name"], read), reader.plain(row["product"], "names")])


def quote(reader: Reader, row: dict[str, Any]) -> list[str]:
    return joined([text.index_tokens(row["number"]), reader.named(row["subject"], reader.syllables(row["parts"])),
                   text.index_tokens(row["po_number"])])


def document(_reader: Reader, row: dict[str, Any]) -> list[str]:
    return joined([text.index_tokens(row["number"]), text.index_tokens(row["reference"])])


def activity(name: str, description: str) -> list[str]:
    return text.document_tokens([description] if description else [], [name])


def customer_keys(reader: Reader, row: dict[str, Any]) -> set[str]:
    """By what the same company would be found again."""
    keys = {f"p:{row['phone']}", f"m:{row['email']}", f"n:{reader.company_key(*row['stem'])}",
            f"n:{reader.company_key(*row['short_parts'])}"}
    return keys | {f"c:{row['credit_code']}"} if row["credit_code"] else keys


def contact_keys(row: dict[str, Any]) -> set[str]:
    """By what the same person would be found again."""
    name, email = row["name"], row["email"]
    return {f"p:{row['mobile']}", f"m:{email}", f"h:{name}:{email.partition('@')[2]}", f"w:{row['customer']}:{name}"}
