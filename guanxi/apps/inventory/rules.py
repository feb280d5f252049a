"""The arithmetic of stock: what a movement does to quantity and value, and what is short. Pure."""

import decimal
from collections.abc import Iterable
from dataclasses import dataclass, replace

ZERO = decimal.Decimal(0)
_CENT = decimal.Decimal("0.01")
_UNIT = decimal.Decimal("0.0001")
#: Digits of what is worked out between two amounts; whether the result fits, its field says.
_DIGITS = 80


@dataclass(frozen=True)
class Stock:
    """A product in a warehouse: how many, how many of them promised, and what they cost."""

    on_hand: decimal.Decimal = ZERO
    reserved: decimal.Decimal = ZERO
    value: decimal.Decimal = ZERO
    unit_cost: decimal.Decimal = ZERO

    @property
    def available(self) -> decimal.Decimal:
        return self.on_hand - self.reserved

    def moved(self, quantity: decimal.Decimal, cost: decimal.Decimal | None = None) -> tuple["Stock", decimal.Decimal]:
        """The stock after a movement, and the value that moved. ``cost`` is what all of an inflow cost."""
        with decimal.localcontext(prec=_DIGITS):
            worth = _inflow(self, quantity, cost) if quantity > 0 else _outflow(self, quantity)
            on_hand, value = self.on_hand + quantity, self.value + worth
            unit_cost = _unit(value / on_hand) if on_hand else self.unit_cost
        return replace(self, on_hand=on_hand, value=value, unit_cost=unit_cost), worth

    def holding(self, change: decimal.Decimal) -> "Stock":
        """The stock with more, or less, of it reserved."""
        return replace(self, reserved=self.reserved + change)


def _outflow(stock: Stock, quantity: decimal.Decimal) -> decimal.Decimal:
    """What goes out leaves at the average cost; the last of it takes the cents that are left."""
    after = stock.on_hand + quantity
    if after == 0:
        return -stock.value
    if stock.on_hand > 0 and after < 0:
        return -stock.value + _cents(after * stock.unit_cost)
    if stock.on_hand > 0:
        return _cents(stock.value * quantity / stock.on_hand)
    return _cents(quantity * stock.unit_cost)


def _inflow(stock: Stock, quantity: decimal.Decimal, cost: decimal.Decimal | None) -> decimal.Decimal:
    """What comes in brings its cost; what fills a gap takes back the value at which it had gone out."""
    after = stock.on_hand + quantity
    cost = quantity * stock.unit_cost if cost is None else cost
    if stock.on_hand >= 0:
        return _cents(cost)
    if after < 0:
        return _cents(stock.value * quantity / stock.on_hand)
    return -stock.value + _cents(cost * after / quantity)


def _cents(value: decimal.Decimal) -> decimal.Decimal:
    return value.quantize(_CENT, rounding=decimal.ROUND_HALF_UP)


def _unit(value: decimal.Decimal) -> decimal.Decimal:
    return value.quantize(_UNIT, rounding=decimal.ROUND_HALF_UP)


def total(lines: Iterable[tuple[decimal.Decimal, decimal.Decimal | None]]) -> decimal.Decimal | None:
    """What lines of quantity and unit cost come to; nothing where no line has a cost."""
    with decimal.localcontext(prec=_DIGITS):
        known = [_cents(quantity * cost) for quantity, cost in lines if cost is not None]
        return sum(known, start=ZERO) if known else None


def is_short(after: Stock, counted: bool = False) -> bool:
    """Would there be less than nothing? A count tells what is there, even where more had been promised."""
    return after.on_hand < 0 or (not counted and after.available < 0)


def below(minimum: decimal.Decimal | None, available: decimal.Decimal) -> bool:
    """Is it time to order? Never where nobody has set a minimum."""
    return minimum is not None and available < minimum


def counted_difference(counted: decimal.Decimal, book: decimal.Decimal) -> decimal.Decimal:
    """What a count found too much, or too little."""
    return counted - book


def amount(value: decimal.Decimal) -> str:
    """A quantity as people write it: without the zeros that a database keeps."""
    return f"{value.normalize():f}" if value else "0"


def each(value: decimal.Decimal, quantity: decimal.Decimal) -> decimal.Decimal:
    """What one of them is worth."""
    with decimal.localcontext(prec=_DIGITS):
        return _unit(value / quantity)


def as_quantity(value: decimal.Decimal) -> decimal.Decimal:
    """A sum of quantities, without the dust that a database leaves which adds fractions."""
    return _unit(value)


def as_money(value: decimal.Decimal) -> decimal.Decimal:
    """A sum of amounts, likewise."""
    return _cents(value)
