"""The pure rules of daily work, by the table."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from guanxi.apps.work.rules import recurrence, times

SHANGHAI, LOS_ANGELES = "Asia/Shanghai", "America/Los_Angeles"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.covers("TIM-01", "ACT-05")
@pytest.mark.parametrize(("_case", "rule", "start", "zone", "expected"), [
    ("daily in a zone without summer time", "FREQ=DAILY", "2026-03-07T01:00", SHANGHAI,
     ["2026-03-08T01:00", "2026-03-09T01:00", "2026-03-10T01:00"]),
    ("09:00 stays 09:00 when clocks go forward", "FREQ=DAILY", "2026-03-06T17:00", LOS_ANGELES,
     ["2026-03-07T17:00", "2026-03-08T16:00", "2026-03-09T16:00"]),
    ("09:00 stays 09:00 when clocks go back", "FREQ=DAILY", "2026-10-30T16:00", LOS_ANGELES,
     ["2026-10-31T16:00", "2026-11-01T17:00", "2026-11-02T17:00"]),
    ("02:30 that does not exist becomes 03:30", "FREQ=DAILY", "2026-03-06T10:30", LOS_ANGELES,
     ["2026-03-07T10:30", "2026-03-08T10:30", "2026-03-09T09:30"]),
    ("01:30 that comes twice is the first", "FREQ=DAILY", "2026-10-30T08:30", LOS_ANGELES,
     ["2026-10-31T08:30", "2026-11-01T08:30", "2026-11-02T09:30"]),
    ("23:30 in Shanghai stays on Mondays there", "FREQ=WEEKLY;BYDAY=MO", "2026-01-05T15:30", SHANGHAI,
     ["2026-01-12T15:30", "2026-01-19T15:30", "2026-01-26T15:30"]),
    ("Monday 00:30 in Shanghai is Sunday in UTC", "FREQ=WEEKLY;BYDAY=MO", "2026-01-04T16:30", SHANGHAI,
     ["2026-01-11T16:30", "2026-01-18T16:30", "2026-01-25T16:30"]),
    ("the 31st leaves short months out", "FREQ=MONTHLY", "2026-01-31T01:00", SHANGHAI,
     ["2026-03-31T01:00", "2026-05-31T01:00", "2026-07-31T01:00"]),
    ("the last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31T01:00", SHANGHAI,
     ["2026-02-28T01:00", "2026-03-31T01:00", "2026-04-30T01:00"]),
    ("29 February comes in leap years", "FREQ=YEARLY", "2024-02-29T01:00", SHANGHAI,
     ["2028-02-29T01:00", "2032-02-29T01:00", "2036-02-29T01:00"]),
    ("so many times", "FREQ=DAILY;COUNT=2", "2026-01-01T01:00", SHANGHAI, ["2026-01-02T01:00"]),
    ("until a moment given in UTC", "FREQ=DAILY;UNTIL=20260103T010000Z", "2026-01-01T01:00", SHANGHAI,
     ["2026-01-02T01:00", "2026-01-03T01:00"]),
])
def test_what_comes_back_keeps_to_the_clock_on_the_wall(_case, rule, start, zone, expected):
    found, moment = [], utc(start)
    while len(found) < 3 and (moment := recurrence.following(rule, utc(start), zone, moment)) is not None:
        found.append(moment)
    assert found == [utc(text) for text in expected]


@pytest.mark.covers("ACT-05")
def test_a_last_day_is_a_day_where_the_planner_is():
    found = recurrence.occurrences("FREQ=DAILY", utc("2026-01-01T15:30"), SHANGHAI, after=utc("2026-01-01T15:30"),
                                   before=utc("2026-12-31T00:00"), until=date(2026, 1, 3))
    assert list(found) == [utc("2026-01-02T15:30"), utc("2026-01-03T15:30")]


@pytest.mark.parametrize(("_case", "rule", "why"), [
    ("empty", "", "“”"), ("words", "every Monday", "“EVERY MONDAY”"), ("no frequency", "BYDAY=MO", "FREQ"),
    ("too often", "FREQ=SECONDLY", "FREQ"), ("hours", "FREQ=DAILY;BYHOUR=9", "BYHOUR"), ("twice", "FREQ=DAILY;FREQ=DAILY", "“FREQ=DAILY”"),
    ("zero", "FREQ=DAILY;INTERVAL=0", "INTERVAL"), ("huge", "FREQ=DAILY;COUNT=99999", "COUNT"),
    ("second line", "FREQ=DAILY\nRDATE=20260101", "FREQ"), ("bad end", "FREQ=DAILY;UNTIL=soon", "UNTIL"),
    ("bad day", "FREQ=WEEKLY;BYDAY=XX", "")])
def test_a_rule_that_cannot_be_used_says_why(_case, rule, why):
    with pytest.raises(ValueError, match=r"^\(") as caught:
        recurrence.check(rule)
    assert caught.value.args[0] == rule
    assert caught.value.args[1].startswith(why)


def test_a_rule_that_never_fits_ends():
    assert recurrence.following("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", utc("2026-01-01T01:00"), SHANGHAI,
                                utc("2026-01-01T01:00")) is None


@pytest.mark.covers("TIM-01", "ACT-03")
@pytest.mark.parametrize(("_case", "due", "now", "zone", "expected"), [
    ("nothing due", None, "2026-01-02T00:00", SHANGHAI, False),
    ("earlier today is still today", "2026-01-02T01:00", "2026-01-02T09:00", SHANGHAI, False),
    ("23:30 yesterday in Shanghai", "2026-01-01T15:30", "2026-01-01T16:00", SHANGHAI, True),
    ("the same instants are one day in Los Angeles", "2026-01-01T15:30", "2026-01-01T16:00", LOS_ANGELES, False),
    ("yesterday in Los Angeles", "2026-01-02T07:30", "2026-01-02T08:00", LOS_ANGELES, True),
])
def test_overdue_by_the_calendar_where_one_is(_case, due, now, zone, expected):
    assert times.overdue(utc(due) if due else None, utc(now), zone) is expected


@pytest.mark.covers("ACT-05")
@pytest.mark.parametrize(("_case", "start", "minutes", "expected"), [
    ("none wanted", "2026-01-01T10:00", "", None), ("no time", None, "15", None),
    ("before", "2026-01-01T10:00", "15", "2026-01-01T09:45"), ("at once", "2026-01-01T10:00", "0", "2026-01-01T10:00"),
    ("the moment has passed, the beginning has not", "2026-01-01T09:05", "30", "2026-01-01T09:00"),
    ("begun already", "2026-01-01T08:59", "0", None)])
def test_when_to_remind(_case, start, minutes, expected):
    found = times.remind_at(utc(start) if start else None, minutes, utc("2026-01-01T09:00"))
    assert found == (utc(expected) if expected else None)


@pytest.mark.parametrize(("_case", "days", "from_due", "expected"), [
    ("from the end", 3, False, "2026-01-13T01:00"), ("from the day due", 3, True, "2026-01-11T01:00"),
    ("never in the past", 1, True, "2026-01-11T01:00")])
@pytest.mark.covers("T42")
def test_when_what_follows_begins(_case, days, from_due, expected):
    due = utc("2026-01-08T03:00") if days == 3 else utc("2026-01-02T03:00")
    assert times.next_start(utc("2026-01-10T05:00"), due, days, from_due, SHANGHAI) == utc(expected)


def test_moving_keeps_the_length():
    start, end = utc("2026-01-01T01:00"), utc("2026-01-01T02:30")
    assert times.moved_end(start, end, start + timedelta(days=1)) == end + timedelta(days=1)
    assert times.moved_end(None, end, start) == end
    assert times.moved_end(start, None, end) is None


@pytest.mark.parametrize(("_case", "minutes", "expected"), [("window open", 24 * 60, False), ("over", 24 * 60 + 1, True)])
@pytest.mark.covers("P14")
def test_the_editing_time_is_a_day(_case, minutes, expected):
    now = utc("2026-01-02T09:00")
    assert times.locked(now - timedelta(minutes=minutes), now) is expected
    assert times.locked(None, now) is False


@pytest.mark.parametrize(("minutes", "expected"), [(5, False), (6, True)])
@pytest.mark.covers("JOB-01")
def test_late_after_five_minutes(minutes, expected):
    now = utc("2026-01-02T09:00")
    assert times.late(now - timedelta(minutes=minutes), now) is expected


@pytest.mark.covers("TIM-01")
def test_clock_times_where_one_is():
    assert times.at(date(2026, 3, 8), time(9), LOS_ANGELES) == utc("2026-03-08T16:00")
    assert times.in_days(utc("2026-03-08T05:00"), 1, LOS_ANGELES) == utc("2026-03-08T16:00")
    assert times.in_days(utc("2026-03-08T05:00"), 1, SHANGHAI) == utc("2026-03-09T01:00")
    assert times.still_due(utc("2026-01-01T15:59"), utc("2026-01-01T01:00"), SHANGHAI)
    assert not times.still_due(utc("2026-01-01T16:00"), utc("2026-01-01T01:00"), SHANGHAI)
