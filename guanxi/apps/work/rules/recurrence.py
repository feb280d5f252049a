"""What comes back: rules as calendars write them, read by the clock on the wall of one time zone."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

#: What a rule may say. Nothing comes back more often than once a day.
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "BYWEEKNO",
                    "BYYEARDAY", "WKST"})
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
#: A rule that never fits (30 February) must not be looked through for ever.
_LOOK_AHEAD = timedelta(days=366 * 12)


def parts_of(rule: str) -> dict[str, str]:
    """The parts of a rule by name. Raises ValueError(rule, why)."""
    bare = rule.strip().upper().removeprefix("RRULE:")
    found: dict[str, str] = {}
    for part in bare.split(";"):
        name, mark, value = part.partition("=")
        if not mark or not value or name in found:
            raise ValueError(rule, f"“{part}”")
        if name not in _PARTS:
            raise ValueError(rule, name)
        found[name] = value
    if found.get("FREQ") not in _FREQUENCIES:
        raise ValueError(rule, "FREQ")
    return found


def normal(rule: str) -> str:
    """The rule as it is kept: upper case, an end given as a moment reduced to its day. Raises ValueError(rule, why)."""
    found = parts_of(rule)
    if "UNTIL" in found:
        if not re.fullmatch(r"\d{8}(T\d{6}Z?)?", found["UNTIL"]):
            raise ValueError(rule, "UNTIL")
        found["UNTIL"] = found["UNTIL"][:8] + "T235959"
    return ";".join(f"{name}={value}" for name, value in found.items())


def check(rule: str) -> None:
    """Can the rule be used? Raises ValueError(rule, why)."""
    text = normal(rule)
    found = parts_of(rule)
    for name in ("INTERVAL", "COUNT"):
        if name in found and not (found[name].isascii() and found[name].isdigit() and 1 <= int(found[name]) <= 1000):
            raise ValueError(rule, name)
    try:
        rrulestr(text, dtstart=datetime(2026, 1, 1))  # noqa: DTZ001  a wall clock has no zone
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise ValueError(rule, str(error)[:80]) from error


def wall(moment: datetime, zone: str) -> datetime:
    """What the clock on the wall shows at an instant."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def instant(shown: datetime, zone: str) -> datetime:
    """The instant at which the clock on the wall shows a time: the first of two, or the later clock where skipped."""
    return shown.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def occurrences(rule: str, start: datetime, zone: str, *, after: datetime, before: datetime,
                until: date | None = None) -> Iterator[datetime]:
    """The instants of a rule that begins at ``start``, later than ``after`` and not later than ``before``."""
    low, high = wall(after, zone), wall(before, zone)
    found = rrulestr(normal(rule), dtstart=wall(start, zone))
    for shown in found.xafter(low - timedelta(days=1), inc=True):
        if shown > high + timedelta(days=1) or (until is not None and shown.date() > until):
            return
        moment = instant(shown, zone)
        if after < moment <= before:
            yield moment


def following(rule: str, start: datetime, zone: str, after: datetime, until: date | None = None) -> datetime | None:
    """The next instant of the rule, or None where it has come to its end."""
    return next(occurrences(rule, start, zone, after=after, before=after + _LOOK_AHEAD, until=until), None)
