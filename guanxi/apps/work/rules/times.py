"""Times of activities: when one is due, overdue, called to mind, and what comes after it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: A reminder that comes this long after its moment is marked late.
LATE = timedelta(minutes=5)
#: How long what was done may still be put right by whoever did it.
EDIT_WINDOW = timedelta(hours=24)
MORNING, EVENING = time(9), time(18)


def day_of(moment: datetime, zone: str) -> date:
    """The calendar day of an instant where somebody is."""
    return moment.astimezone(ZoneInfo(zone)).date()


def at(day: date, clock: time, zone: str) -> datetime:
    """The instant at which the clock shows a time on a day where somebody is."""
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def due(start: datetime | None, end: datetime | None) -> datetime | None:
    """When an activity should be over."""
    return end or start


def overdue(due_at: datetime | None, now: datetime, zone: str) -> bool:
    """Was it due before today, by the calendar on the wall?"""
    return due_at is not None and day_of(due_at, zone) < day_of(now, zone)


def remind_at(start: datetime | None, minutes: str, now: datetime) -> datetime | None:
    """When to call it to mind: never after it has begun, at once where the moment has passed already."""
    if start is None or not minutes or start < now:
        return None
    return max(start - timedelta(minutes=int(minutes)), now)


def late(wanted: datetime, now: datetime) -> bool:
    """Does a reminder come so long after its moment that people should know?"""
    return now - wanted > LATE


def locked(logged_at: datetime | None, now: datetime) -> bool:
    """Is the time over in which what was done may be changed?"""
    return logged_at is not None and now - logged_at > EDIT_WINDOW


def moved_end(old_start: datetime | None, old_end: datetime | None, start: datetime | None) -> datetime | None:
    """The end of what begins at another time and lasts as long as before."""
    if old_start is None or old_end is None or start is None:
        return old_end
    return start + (old_end - old_start)


def in_days(now: datetime, days: int, zone: str) -> datetime:
    """Nine in the morning, so many days from now, where somebody is."""
    return at(day_of(now, zone) + timedelta(days=days), MORNING, zone)


def next_start(done: datetime, due_at: datetime | None, days: int, from_due: bool, zone: str) -> datetime:
    """When what follows begins: so many days after the end or after it was due, but never in the past."""
    basis = due_at if from_due and due_at is not None else done
    wanted = in_days(basis, days, zone)
    return wanted if wanted > done else in_days(done, 1, zone)


def still_due(next_contact: datetime | None, now: datetime, zone: str) -> bool:
    """Has the moment for the next contact come today or earlier?"""
    return next_contact is not None and day_of(next_contact, zone) <= day_of(now, zone)
