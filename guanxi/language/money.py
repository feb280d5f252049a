"""Amounts of money: how many decimals a currency has, how amounts are rounded, and how one is shared out exactly."""

import decimal
from collections.abc import Sequence
from decimal import Decimal

#: Currencies that have no smaller unit in use; all others have two decimals.
WHOLE = frozenset({"JPY", "KRW", "VND"})
#: Enough digits for any product of two stored numbers.
EXACT = decimal.Context(prec=80, rounding=decimal.ROUND_HALF_UP)
_NONE = Decimal(0)


def places(currency: str) -> int:
    """The decimals of an amount in a currency."""
    return 0 if currency in WHOLE else 2


def rounded(value: Decimal, decimals: int) -> Decimal:
    """To so many decimals, halves away from zero."""
    return value.quantize(Decimal(1).scaleb(-decimals), context=EXACT)


def times(*factors: Decimal) -> Decimal:
    """The product of numbers, without losing a digit."""
    found = Decimal(1)
    for factor in factors:
        found = EXACT.multiply(found, factor)
    return found


def part(value: Decimal, of: Decimal) -> Decimal:
    """One number divided by another."""
    return EXACT.divide(value, of)


def spread(total: Decimal, weights: Sequence[Decimal], decimals: int, *, within: bool = False) -> list[Decimal]:
    """Share a total out by weights, none of them negative: each share is rounded, the last takes the rest.

    The shares add up to the total, to the last digit. ``within`` says that no share may be larger than its weight, for
    a discount on amounts: what would be too much for the last is taken by those before it.
    """
    sum_, left = sum(weights, _NONE), total
    last = max((place for place, weight in enumerate(weights) if weight), default=len(weights) - 1)
    shares = []
    for place, weight in enumerate(weights):
        exact = part(times(total, weight), sum_) if sum_ else _NONE
        share = left if place == last else min(rounded(exact, decimals), left)
        left -= share
        shares.append(share)
    if within and shares:
        _give_back(shares, weights, last)
    return shares


def _give_back(shares: list[Decimal], weights: Sequence[Decimal], last: int) -> None:
    """What the last cannot bear goes to those before it, from the end."""
    over = max(shares[last] - weights[last], _NONE)
    shares[last] -= over
    for place in range(last - 1, -1, -1):
        more = min(weights[place] - shares[place], over)
        shares[place] += more
        over -= more
