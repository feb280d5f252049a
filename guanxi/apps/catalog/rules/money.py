"""Prices for one unit, with tax and without, and amounts in another currency."""

from decimal import Decimal

from guanxi.language.money import part, rounded, times

#: Decimals of a price for one unit: more than an amount has, for what costs less than a cent.
PRICE_PLACES = 4


def without_tax(price: Decimal, tax_rate: Decimal) -> Decimal:
    """The price for one unit before tax, of one that includes it."""
    return rounded(part(price * 100, 100 + tax_rate), PRICE_PLACES)


def with_tax(price: Decimal, tax_rate: Decimal) -> Decimal:
    """The price for one unit with tax, of one that does not include it."""
    return rounded(part(times(price, 100 + tax_rate), Decimal(100)), PRICE_PLACES)


def as_wanted(price: Decimal, tax_rate: Decimal, included: bool, wanted: bool) -> Decimal:
    """A price that includes tax or does not, as it is wanted: with tax or without."""
    if included == wanted:
        return price
    return with_tax(price, tax_rate) if wanted else without_tax(price, tax_rate)
