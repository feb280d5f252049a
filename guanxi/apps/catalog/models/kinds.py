"""Field kinds of the catalog: a price for one unit, and a quantity."""

from decimal import Decimal
from typing import Any

from django.utils import formats

from guanxi.apps.catalog.rules import money
from guanxi.kernel.api import f


def _written(value: Any, least: int) -> str:
    """A number without zeros that say nothing, but with at least so many decimals."""
    number = Decimal(value)
    shown = max(least, -int(number.normalize().as_tuple().exponent))
    return formats.number_format(number, decimal_pos=shown, use_l10n=True, force_grouping=True)


class Price(f.Money):
    """What one unit costs: to four decimals, for what costs less than a cent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("decimal_places", money.PRICE_PLACES)
        super().__init__(*args, **kwargs)

    def text(self, value: Any) -> str:
        return "" if value is None else _written(value, 2)


class Quantity(f.Decimal):
    """How much of a unit."""

    def text(self, value: Any) -> str:
        return "" if value is None else _written(value, 0)
