"""The arithmetic of a quote.

Each line is rounded by itself, halves away from zero, to the decimals of the currency. A discount on the whole is shared
out over the lines in proportion, and the last line takes what rounding leaves. Tax is worked out line by line, on what is
left after both discounts. Every total is the sum of what the lines show.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from guanxi.language.money import part, rounded, spread, times

_NONE = Decimal(0)
_WHOLE = Decimal(100)
#: A margin of more than so many times the amount tells nothing in percent.
_TELLS = 10000


@dataclass(frozen=True)
class Line:
    """What one line says. Prices are for one unit; all of them include tax, or none does."""

    quantity: Decimal
    price: Decimal
    discount: Decimal = _NONE
    tax_rate: Decimal = _NONE
    list_price: Decimal | None = None
    cost: Decimal | None = None


@dataclass(frozen=True)
class Amounts:
    """What one line comes to; ``share`` is its part of the discount on the whole."""

    share: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    below_list: bool = False


@dataclass(frozen=True)
class Totals:
    """What a quote comes to. ``listed`` is what it would be at list prices, ``deducted`` what it is less than that."""

    lines: tuple[Amounts, ...]
    listed: Decimal
    deducted: Decimal
    discount_percent: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    below_list: bool
    margin: Decimal | None
    margin_percent: Decimal | None


def line_amount(line: Line, decimals: int) -> Decimal:
    """Quantity × price, less the line's own discount."""
    return rounded(part(times(line.quantity, line.price, _WHOLE - line.discount), _WHOLE), decimals)


def whole_discount(amounts: Sequence[Decimal], percent: Decimal, reduction: Decimal, decimals: int) -> Decimal:
    """The discount on the whole: so many percent, and an amount. It may be more than there is: then it is refused."""
    return rounded(part(times(sum(amounts, _NONE), percent), _WHOLE), decimals) + rounded(reduction, decimals)


def totals(lines: Sequence[Line], decimals: int, *, tax_included: bool, percent: Decimal = _NONE,
           reduction: Decimal = _NONE) -> Totals:
    """Everything that follows from the lines and the discount on the whole. ValueError where that is too large."""
    amounts = [line_amount(line, decimals) for line in lines]
    off = whole_discount(amounts, percent, reduction, decimals)
    if off > sum(amounts, _NONE):
        raise ValueError("The discount is larger than the amount.")
    shares = spread(off, amounts, decimals, within=True)
    made = tuple(_taxed(line, amount - share, share, decimals, tax_included)
                 for line, amount, share in zip(lines, amounts, shares, strict=True))
    listed = sum((_listed(line, decimals) for line in lines), _NONE)
    deducted = max(listed - (sum(amounts, _NONE) - off), _NONE)
    net = sum((one.net for one in made), _NONE)
    margin = _margin(lines, net, decimals)
    return Totals(
        lines=made, listed=listed, deducted=deducted, discount_percent=_percent(deducted, listed), net=net,
        tax=sum((one.tax for one in made), _NONE), gross=sum((one.gross for one in made), _NONE),
        below_list=any(one.below_list for one in made), margin=margin,
        margin_percent=_percent(margin, net) if margin is not None and abs(margin) <= _TELLS * net and net else None)


def _taxed(line: Line, amount: Decimal, share: Decimal, decimals: int, included: bool) -> Amounts:
    """A line's amount with tax taken out of it or put on it."""
    below = line.list_price is not None and amount < rounded(times(line.quantity, line.list_price), decimals)
    if included:
        net = rounded(part(amount * _WHOLE, _WHOLE + line.tax_rate), decimals)
        return Amounts(share, net, amount - net, amount, below)
    tax = rounded(part(times(amount, line.tax_rate), _WHOLE), decimals)
    return Amounts(share, amount, tax, amount + tax, below)


def _listed(line: Line, decimals: int) -> Decimal:
    """What a line is measured by: its list price, or its own price where no list has one."""
    return rounded(times(line.quantity, line.price if line.list_price is None else line.list_price), decimals)


def _margin(lines: Sequence[Line], net: Decimal, decimals: int) -> Decimal | None:
    """What is left of the net amount after what the goods cost; unknown while one line's cost is."""
    if not lines or any(line.cost is None for line in lines):
        return None
    return net - sum((rounded(times(line.quantity, line.cost or _NONE), decimals) for line in lines), _NONE)


def _percent(value: Decimal, of: Decimal) -> Decimal:
    return rounded(part(value * _WHOLE, of), 2) if of else _NONE
