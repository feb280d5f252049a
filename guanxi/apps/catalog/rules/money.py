"""Money of a currency: how many decimals it has, and how amounts are rounded and changed."""

import decimal
from decimal import Decimal

#: Currencies that have no smaller unit in use; all others have two decimals.
WHOLE = frozenset({"JPY", "KRW", "VND"})
#: Decimals of a price for one unit: more than an amount has, for what costs less than a cent.
PRICE_PLACES = 4
#: Enough digits for any product of two stored numbers.
_EXACT = decimal.Context(prec=80, rounding=decimal.ROUND_HALF_UP)


def places(currency: str) -> int:
    """The decimals of an amount in a currency."""
    return 0 if currency in WHOLE else 2


def rounded(value: Decimal, decimals: int) -> Decimal:
    """To so many decimals, halves away from zero."""
    return value.quantize(Decimal(1).scaleb(-decimals), context=_EXACT)


def times(*factors: Decimal) -> Decimal:
    """The product of numbers, without losing a digit."""
    found = Decimal(1)
    for factor in factors:
        found = _EXACT.multiply(found, factor)
    return found


def part(value: Decimal, of: Decimal) -> Decimal:
    """One number divided by another."""
    return _EXACT.divide(value, of)


def exchanged(amount: Decimal, rate: Decimal, decimals: int) -> Decimal:
    """An amount times a rate, rounded to the decimals of the currency it becomes."""
    return rounded(times(amount, rate), decimals)


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
