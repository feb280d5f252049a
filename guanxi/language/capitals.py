"""Amounts as Chinese documents write them out: 壹仟零壹元整, so that no digit can be changed afterwards."""

from decimal import Decimal

_DIGITS = {"zh-hans": "零壹贰叁肆伍陆柒捌玖", "zh-hant": "零壹貳參肆伍陸柒捌玖"}
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = {"zh-hans": ("", "万", "亿", "万亿"), "zh-hant": ("", "萬", "億", "萬億")}
_WORDS = {"zh-hans": ("元", "负"), "zh-hant": ("元", "負")}
#: Amounts of a trillion and more are not written out.
LIMIT = Decimal(10) ** 16


def capitals(amount: Decimal, language: str = "zh-hans") -> str:
    """The amount in capital characters, to the fen; by the rules of the Chinese central bank for bills.

    Zeros inside are said once, a whole amount ends with 整. Raises ValueError above the limit or with parts of a fen.
    """
    if abs(amount) >= LIMIT or amount != amount.quantize(Decimal("0.01")):
        raise ValueError(f"{amount} is not written out")
    yuan, minus = _WORDS[language]
    digits, cents = _DIGITS[language], int(abs(amount) * 100)
    whole, (jiao, fen) = cents // 100, divmod(cents % 100, 10)
    said = f"{_whole(whole, language)}{yuan}" if whole else ""
    if jiao:
        said += f"{digits[jiao]}角"
    elif fen and whole:
        said += digits[0]
    said += f"{digits[fen]}分" if fen else "整" if said else f"{digits[0]}{yuan}整"
    return f"{minus}{said}" if amount < 0 else said


def _whole(value: int, language: str) -> str:
    """The yuan, four digits at a time."""
    digits, said, gap = _DIGITS[language], "", False
    groups = [value // 10 ** (4 * place) % 10_000 for place in range(4)]
    for place in reversed(range(4)):
        group = groups[place]
        if not group:
            gap = gap or bool(said)
            continue
        if said and (gap or group < 1000):
            said += digits[0]
        said += _group(group, digits) + _GROUPS[language][place]
        gap = False
    return said


def _group(value: int, digits: str) -> str:
    said, gap = "", False
    for place in reversed(range(4)):
        digit = value // 10**place % 10
        if not digit:
            gap = bool(said)
            continue
        said += (digits[0] if gap else "") + digits[digit] + _PLACES[place]
        gap = False
    return said
