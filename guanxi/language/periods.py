"""Relative dates: what “this month” or “last 7 days” mean on a given day."""

import datetime
import re
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

Day = datetime.date
_DAY = datetime.timedelta(days=1)
_COUNTED = re.compile(r"(last|next|older)_(\d{1,4})_days")
FIRST, LAST = Day(1, 1, 1), Day(9999, 12, 31)


def _week(day: Day, shift: int) -> tuple[Day, Day]:
    start = day - datetime.timedelta(days=day.weekday()) + datetime.timedelta(weeks=shift)
    return start, start + 6 * _DAY


def _months(day: Day, span: int, shift: int) -> tuple[Day, Day]:
    """A run of ``span`` months that contains the day, moved by ``shift`` runs."""
    number = (day.year * 12 + day.month - 1) // span * span + shift * span
    start = Day(number // 12, number % 12 + 1, 1)
    after = number + span
    return start, Day(after // 12, after % 12 + 1, 1) - _DAY


PERIODS: dict[str, tuple[Any, Callable[[Day], tuple[Day, Day]]]] = {
    "today": (_("today"), lambda day: (day, day)),
    "yesterday": (_("yesterday"), lambda day: (day - _DAY, day - _DAY)),
    "tomorrow": (_("tomorrow"), lambda day: (day + _DAY, day + _DAY)),
    "past": (_("in the past"), lambda day: (FIRST, day - _DAY)),
    "future": (_("in the future"), lambda day: (day + _DAY, LAST)),
    "this_week": (_("this week"), lambda day: _week(day, 0)),
    "last_week": (_("last week"), lambda day: _week(day, -1)),
    "next_week": (_("next week"), lambda day: _week(day, 1)),
    "this_month": (_("this month"), lambda day: _months(day, 1, 0)),
    "last_month": (_("last month"), lambda day: _months(day, 1, -1)),
    "next_month": (_("next month"), lambda day: _months(day, 1, 1)),
    "this_quarter": (_("this quarter"), lambda day: _months(day, 3, 0)),
    "last_quarter": (_("last quarter"), lambda day: _months(day, 3, -1)),
    "next_quarter": (_("next quarter"), lambda day: _months(day, 3, 1)),
    "this_year": (_("this year"), lambda day: _months(day, 12, 0)),
    "last_year": (_("last year"), lambda day: _months(day, 12, -1)),
}


def days_of(period: str, today: Day) -> tuple[Day, Day]:
    """First and last day of a period. Raises ValueError for an unknown one."""
    if period in PERIODS:
        return PERIODS[period][1](today)
    if counted := _COUNTED.fullmatch(period):
        span = datetime.timedelta(days=int(counted[2]))
        match counted[1]:
            case "last":
                return today - span + _DAY, today
            case "next":
                return today, today + span - _DAY
        return FIRST, today - span - _DAY
    raise ValueError(_("“%(value)s” is not a period.") % {"value": period[:40]})


def name_of(period: str) -> str:
    """A period for people."""
    if period in PERIODS:
        return str(PERIODS[period][0])
    counted = _COUNTED.fullmatch(period)
    if counted is None:
        return period
    words = {"last": _("in the last %(count)s days"), "next": _("in the next %(count)s days"),
             "older": _("more than %(count)s days ago")}
    return str(words[counted[1]] % {"count": int(counted[2])})


def instants(first: Day, last: Day) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    """The half-open span of instants of whole days in the time zone now active; None where it is unbounded."""
    zone = timezone.get_current_timezone()
    start = None if first == FIRST else datetime.datetime.combine(first, datetime.time.min, zone)
    end = None if last == LAST else datetime.datetime.combine(last + _DAY, datetime.time.min, zone)
    return start, end
