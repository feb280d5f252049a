"""Which price holds for a product: by customer, quantity, currency and day."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from guanxi.apps.catalog.rules import money
from guanxi.language.money import part, rounded, times


@dataclass(frozen=True)
class Offer:
    """A price of a price list as it applies to one product. ``own``: the list is made for the customer.

    The offer holds from the first to the last day on which both the list and its line hold.
    """

    key: int
    price: Decimal
    currency: str
    least: Decimal = Decimal(1)
    own: bool = False
    starts: datetime.date | None = None
    ends: datetime.date | None = None
    tax_included: bool = True


def best(offers: Iterable[Offer], quantity: Decimal, currency: str, day: datetime.date,
         tax_rate: Decimal = Decimal(0)) -> Offer | None:
    """The offer that holds; None where no list has a price for this quantity, currency and day.

    A list of the customer's own comes before general ones. Among several: the largest quantity that is reached, then
    the offer that began to hold last, then the lowest price before tax, then the one that was written down first.
    """
    holding = [one for one in offers if one.currency == currency and one.least <= quantity and _holds(one, day)]
    return min(holding, key=lambda one: (
        not one.own, -one.least, -(one.starts or datetime.date.min).toordinal(),
        money.as_wanted(one.price, tax_rate, one.tax_included, False), one.key), default=None)


def _holds(one: Offer, day: datetime.date) -> bool:
    return (one.starts is None or one.starts <= day) and (one.ends is None or day <= one.ends)


def later(one: datetime.date | None, other: datetime.date | None) -> datetime.date | None:
    """The later of two first days; None is open."""
    return max((day for day in (one, other) if day), default=None)


def earlier(one: datetime.date | None, other: datetime.date | None) -> datetime.date | None:
    """The earlier of two last days; None is open."""
    return min((day for day in (one, other) if day), default=None)


def in_currency(price: Decimal, rate: Decimal, wanted: Decimal) -> Decimal:
    """A price in another currency, by what one unit of each is worth in the company's currency."""
    return rounded(part(times(price, rate), wanted), money.PRICE_PLACES)


def changed(price: Decimal, percent: Decimal, decimals: int) -> Decimal:
    """A price raised or lowered by so many percent."""
    return rounded(times(price, Decimal(1) + percent / 100), decimals)
