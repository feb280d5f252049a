"""One analyser of text for search, pinyin and sorting, the same on every database."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice
from operator import add

from opencc import OpenCC

from guanxi.language.ahead import foreseen
from guanxi.language.later import Later
from guanxi.language.pinyin import COMPOUND_SURNAMES, SURNAMES, splits

ANALYSER_VERSION = 1
"""Stored with an index; another number means that the index must be built again."""

FTS5_TOKENIZER = "unicode61 tokenchars '_'"
BREAK = "_"
"""Stands between two fields, so that no phrase reaches from one into the next."""
NOTHING = "__"
"""A token that is never indexed: what an empty query looks for."""
MAX_INDEXED_CHARS = 100_000
MAX_NAME_CHARS = 80
MAX_QUERY_CHARS = 256
MAX_QUERY_GROUPS = 16
MAX_WORD = 64
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""A sign that no database holds: the zero byte, and half of a pair of UTF-16."""
_SHORTEST_TAIL = 4
_LONGEST_TAILED = 32
_LAST_POSITION = 16_383  # what a tsvector can hold
_TSVECTOR_BYTES = 700_000
_PERSON_CHARS = 6

_KANA = "\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff"
_CJK = _KANA + "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
_SEGMENT = re.compile(f"[{_CJK}]+|[^\\W_{_CJK}]+")
_LATIN = "\u3000"  # no Chinese sign stands before it
_IS_CJK = re.compile(f"[{_CJK}]")
_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_PLAIN = re.compile("[a-z0-9_\u3007\u3041-\u3096\u30a1-\u30fe\u3400-\u4db5\u4e00-\u9fa5\uac00-\ud7a3]*")
_SPACED_DIGITS = re.compile(r"[0-9](?:[ \-().]{0,2}[0-9]){6,19}")
_NUMBER_QUERY = re.compile(r"[+\-.() 0-9]{7,40}")
_DIGITS = re.compile(r"[0-9]+")
_to_simplified = OpenCC("t2s").convert
_jieba, _pypinyin = Later("rjieba"), Later("pypinyin")


_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_WIDTH |= {0x3000: " ", 0xA0: " ", 0x202F: " ", 0xFFE5: "¥", 0x2212: "-", 0x2013: "-", 0x2014: "-"}


class _FoldTable(dict[int, str]):
    """Folds one character at a time, so that a part of a text folds as the whole does."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if code == 0 or 0xD800 <= code <= 0xDFFF:
            folded = " "
        else:
            bare = unicodedata.normalize("NFD", char.casefold()) if code < 0x2000 else char.casefold()
            folded = "".join(c for c in bare if not "\u0300" <= c <= "\u036f")
            folded = _to_simplified(unicodedata.normalize("NFC", folded))
        self[code] = folded
        return folded


_FOLD = _FoldTable()


def fold(s: str) -> str:
    """Make equal what people see as equal: width, case, accents, traditional and simplified."""
    if s.isascii():
        return s.replace("\0", " ").lower()
    return unicodedata.normalize("NFKC", s).translate(_FOLD)


def half_width(s: str) -> str:
    """Full-width letters, digits and signs as the usual ones; nothing else changes."""
    return s.translate(_WIDTH)


# -- indexing ---------------------------------------------------------------------------------


def index_tokens(s: str) -> list[str]:
    """Tokens of one field: character pairs of Chinese, words of the rest, tails of numbers."""
    text = fold(s[:MAX_INDEXED_CHARS])
    tokens: list[str] = []
    numbers: dict[str, None] = {}
    for part in _SEGMENT.findall(text):
        safe = _PLAIN.fullmatch(part) is not None
        if part[0] > _LATIN and _IS_CJK.match(part):
            pairs = list(map(add, part, part[1:]))
            pairs.append(part[-1])
            tokens += pairs if safe else map(_safe, pairs)
        else:
            tokens.append(part[:MAX_WORD] if safe else _safe(part[:MAX_WORD]))
            if len(part) > _SHORTEST_TAIL and _DIGITS.search(part):
                numbers[part] = None
    for match in _SPACED_DIGITS.findall(text):
        joined = "".join(_DIGITS.findall(match))
        if joined != match:
            numbers[joined] = None
    tails = dict.fromkeys(tail for number in numbers for tail in _tails(number))
    return [*tokens, BREAK, *tails] if tails else tokens


def _tails(word: str) -> Iterator[str]:
    word = word[-_LONGEST_TAILED:]
    tails = (word[start:] for start in range(len(word) - _SHORTEST_TAIL + 1))
    return tails if _PLAIN.fullmatch(word) else map(_safe, tails)


def _safe(token: str) -> str:
    """Spell letters that an older Unicode table does not know, so that every engine keeps them."""
    if _PLAIN.fullmatch(token):
        return token
    table = unicodedata.ucd_3_2_0
    return "".join(c if table.category(c)[0] in "LN" else f"x{ord(c):x}" for c in token)


def pinyin_tokens(s: str, *, person: bool = False) -> list[str]:
    """Tokens by which a name is found by initials (`_zw`) and by syllables (`__zhang`, `__wei`)."""
    readings = [_reading(s, person)]
    if not readings[0]:
        return []
    if person and (plain := _reading(s, False)) != readings[0]:
        readings.append(plain)
    tokens: list[str] = []
    for reading in readings:
        letters = "".join(part if ascii_word else part[0] for part, ascii_word in reading)
        if tokens:
            tokens.append(BREAK)
        tokens += ["_" + letters[i : i + 2] for i in range(len(letters) - 1)]
        tokens.append(BREAK)
        tokens += ["__" + part for part, _ in reading]
    return tokens


def document_tokens(texts: Iterable[str] = (), names: Iterable[str] = (), people: Iterable[str] = ()) -> list[str]:
    """All tokens of one record; `names` and `people` are also found by pinyin."""
    fields = [index_tokens(s) for s in texts if s]
    fields += [part for s in names if s for part in (index_tokens(s), pinyin_tokens(s))]
    fields += [part for s in people if s for part in (index_tokens(s), pinyin_tokens(s, person=True))]
    tokens: list[str] = []
    for field in fields:
        if field:
            tokens += [BREAK, *field] if tokens else field
    return tokens


# -- pinyin -----------------------------------------------------------------------------------


@lru_cache(200_000)
def _syllables(word: str) -> tuple[tuple[str, bool], ...]:
    """Read one word; a word, not a character, decides how 重 or 行 sounds."""
    library = _pypinyin.module
    read = library.lazy_pinyin(word, style=library.Style.NORMAL, errors="ignore")
    return tuple((part.replace("lve", "lue").replace("nve", "nue"), False) for part in read)


def _reading(s: str, person: bool) -> list[tuple[str, bool]]:
    """Syllables and Latin words in order, with True for Latin; empty without any Chinese."""
    return [] if s.isascii() else _read(s[:MAX_NAME_CHARS], person)


@lru_cache(4096)
def _read(s: str, person: bool) -> list[tuple[str, bool]]:
    text = _clean(s)
    if not _HAN.search(text):
        return []
    parts: list[tuple[str, bool]] = []
    if person and len(stripped := text.replace(" ", "")) <= _PERSON_CHARS:
        surname = _surname(stripped)
        parts += [(part, False) for part in surname]
        text = stripped[len(surname) :]
    for word in _jieba.module.cut(text):
        if not word.isascii():
            parts += _syllables(word)
        elif word.isalnum():
            parts.append((word, True))
    return parts


def _clean(s: str) -> str:
    text = unicodedata.normalize("NFKC", s).replace("\0", " ").casefold()
    return _to_simplified(text.encode("utf-8", "replace").decode("utf-8"))


def _surname(text: str) -> tuple[str, ...]:
    if compound := COMPOUND_SURNAMES.get(text[:2]):
        return tuple(compound.split())
    single = SURNAMES.get(text[:1])
    return (single,) if single else ()


def pinyin_full(s: str, *, person: bool = False) -> str:
    """Syllables and Latin words of a name, separated by blanks; empty without any Chinese."""
    return " ".join(part for part, _ in _reading(s, person))


def pinyin_initials(s: str, *, person: bool = False) -> str:
    """First letters of the syllables, with Latin words whole: 重庆ABC科技 is cqabckj."""
    return "".join(part if latin else part[0] for part, latin in _reading(s, person))


def sort_key(s: str, length: int = 64, *, person: bool = False) -> str:
    """Key by which Chinese and Latin titles sort together; compare it byte by byte ("C")."""
    return _sort_key(s, length, person)


@foreseen
def _sort_key(s: str, length: int, person: bool) -> str:
    text = pinyin_full(s, person=person) or " ".join(_SEGMENT.findall(fold(s[: length * 4])))
    return _DIGITS.sub(lambda m: m[0].zfill(8), text)[:length]


# -- queries ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that follow each other; with `prefix` the last one may go on."""

    tokens: tuple[str, ...]
    prefix: bool
    kind: str  # chinese, word, initials, pinyin or digits


@dataclass(frozen=True, slots=True)
class Query:
    """Every group must match; a group matches by any one of its phrases."""

    groups: tuple[tuple[Phrase, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.groups)


def analyse_query(s: str) -> Query:
    """Read what someone typed in every sensible way; never fails, may be empty."""
    text = fold(s[:MAX_QUERY_CHARS]).strip()
    if _NUMBER_QUERY.fullmatch(text) and (group := _number_group(text)):
        return Query((group,))
    groups: dict[tuple[Phrase, ...], None] = {}
    for part in islice(_SEGMENT.findall(text), MAX_QUERY_GROUPS):
        groups[_chinese(part) if _IS_CJK.match(part) else _word(part)] = None
    return Query(tuple(groups))


def _chinese(part: str) -> tuple[Phrase, ...]:
    if len(part) == 1:
        return (Phrase((_safe(part),), True, "chinese"),)
    pairs = tuple(_safe(part[i : i + 2]) for i in range(len(part) - 1))
    return (Phrase(pairs, False, "chinese"),)


def _word(part: str) -> tuple[Phrase, ...]:
    kind = "digits" if part.isdigit() else "word"
    phrases = [Phrase((_safe(part[:MAX_WORD]),), True, kind)]
    if part.isascii() and not part.isdigit():
        if len(part) > 1:
            pairs = tuple("_" + part[i : i + 2] for i in range(len(part) - 1))
            phrases.append(Phrase(pairs, False, "initials"))
        phrases += [Phrase(tuple("__" + p for p in way), True, "pinyin") for way in splits(part)]
    return tuple(phrases)


def _number_group(text: str) -> tuple[Phrase, ...]:
    """A number may be stored with or without blanks, trunk zero and country code."""
    words = tuple(_DIGITS.findall(text))
    joined = "".join(words)
    if len(joined) < 8:
        return ()
    forms = [joined, joined.lstrip("0")]
    forms += [joined[len(p) :] for p in ("0086", "86") if joined.startswith(p) and len(joined) > 11]
    tails = dict.fromkeys(f[-_LONGEST_TAILED:] for f in forms if len(f) >= 7)
    phrases = [Phrase((tail,), True, "digits") for tail in tails]
    return (*phrases, Phrase(words, True, "digits")) if len(words) > 1 else tuple(phrases)


# -- the two databases ------------------------------------------------------------------------


def to_fts5_text(tokens: Iterable[str]) -> str:
    """The text to store in an FTS5 table made with FTS5_TOKENIZER."""
    return " ".join(tokens)


def to_fts5(query: Query, column: str = "") -> str:
    """A MATCH expression for SQLite; an empty query finds nothing."""
    groups = query.groups or ((Phrase((NOTHING,), False, "word"),),)
    text = " AND ".join("(" + " OR ".join(map(_fts5_phrase, group)) + ")" for group in groups)
    return f'"{column.replace(chr(34), chr(34) * 2)}" : ({text})' if column else text


def _fts5_phrase(phrase: Phrase) -> str:
    quoted = " ".join(phrase.tokens).replace('"', '""')
    return f'"{quoted}"' + (" *" if phrase.prefix else "")


def to_tsquery(query: Query) -> str:
    """Text to cast with `%s::tsquery`; an empty query finds nothing."""
    groups = query.groups or ((Phrase((NOTHING,), False, "word"),),)
    return " & ".join("(" + " | ".join(map(_ts_phrase, group)) + ")" for group in groups)


def _ts_phrase(phrase: Phrase) -> str:
    text = " <-> ".join(map(_lexeme, phrase.tokens))
    return f"({text}{':*' if phrase.prefix else ''})"


def _lexeme(token: str) -> str:
    if "'" not in token and "\\" not in token:
        return f"'{token}'"
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def to_tsvector_literal(tokens: Iterable[str]) -> str:
    """Text to cast with `%s::tsvector`; a break leaves a gap in the positions."""
    words = list(tokens)
    together = "".join(words)
    if len(words) > _LAST_POSITION or 8 * len(words) + 4 * len(together) > _TSVECTOR_BYTES:
        words = _fitting(words)
    if "'" in together or "\\" in together:
        words = [word if word == BREAK else _lexeme(word)[1:-1] for word in words]
    places: dict[str, str] = {}
    for position, word in enumerate(words, start=1):
        if word in places:
            places[word] += f",{position}"
        else:
            places[word] = f"'{word}':{position}"
    places.pop(BREAK, None)
    return " ".join(places.values())


def _fitting(words: list[str]) -> list[str]:
    """As many of the first words as a tsvector can hold."""
    sizes = accumulate(len(word.encode()) + 8 for word in words[:_LAST_POSITION])
    return words[:sum(1 for size in sizes if size <= _TSVECTOR_BYTES)]


@foreseen
def fts5_of(texts: tuple[str, ...], names: tuple[str, ...], people: tuple[str, ...]) -> str:
    """The words of one record as SQLite stores them."""
    return to_fts5_text(document_tokens(texts, names, people))


@foreseen
def tsvector_of(texts: tuple[str, ...], names: tuple[str, ...], people: tuple[str, ...]) -> str:
    """The words of one record as PostgreSQL takes them."""
    return to_tsvector_literal(document_tokens(texts, names, people))
