"""The arithmetic of selling: weighted amounts, days per stage, the limits of a pool."""

import datetime
import decimal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_CENT = decimal.Decimal("0.01")
_DAY = 86400


def weighted(amount: decimal.Decimal | None, probability: decimal.Decimal | None) -> decimal.Decimal | None:
    """Amount × probability, to the cent, halves away from zero; nothing where there is no amount."""
    if amount is None or probability is None:
        return None
    share = decimal.Decimal(amount) * decimal.Decimal(probability) / 100
    return share.quantize(_CENT, rounding=decimal.ROUND_HALF_UP)


def closed_probability(status: str) -> decimal.Decimal:
    """What is certain once a deal is closed."""
    return decimal.Decimal(100 if status == "won" else 0)


@dataclass(frozen=True)
class Stay:
    """How long a deal stood in one stage, over all visits; ``now`` where it stands still."""

    stage: str
    days: float
    visits: int
    now: bool = False


def stays(changes: Sequence[tuple[str, datetime.datetime]], start: datetime.datetime,
          end: datetime.datetime) -> list[Stay]:
    """Days per stage from the changes ``(stage entered, when)`` in their order.

    The first stage counts from ``start``: a deal that was brought in later stood there before.
    Stages come in the order in which they were first entered; the last one entered is where the deal stands.
    """
    days: dict[str, float] = {}
    visits: dict[str, int] = {}
    moments = [start, *(at for _stage, at in changes[1:]), end]
    for place, (stage, _at) in enumerate(changes):
        spent = max((moments[place + 1] - moments[place]).total_seconds(), 0) / _DAY
        days[stage] = days.get(stage, 0) + spent
        visits[stage] = visits.get(stage, 0) + 1
    last = changes[-1][0] if changes else ""
    return [Stay(stage, spent, visits[stage], stage == last) for stage, spent in days.items()]


def missing_influences(held: Iterable[Iterable[str]], wanted: Sequence[str]) -> list[str]:
    """Which buying influences nobody of the deal's contacts has."""
    known = {role for roles in held for role in roles}
    return [role for role in wanted if role not in known]


def claims_left(limit: int | None, used: int) -> int | None:
    """How many more may be claimed; None where there is no limit."""
    return None if limit is None else max(limit - used, 0)


def free_again(returned: datetime.datetime | None, cooldown_days: int) -> datetime.datetime | None:
    """From when on the former owner may claim again; None where nothing hinders it."""
    if returned is None or cooldown_days <= 0:
        return None
    return returned + datetime.timedelta(days=cooldown_days)
