"""Reminders fire once, also after a stop, at each person's own clock; the work list counts by the reader's day."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Customer
from guanxi.apps.work.actions import reminders
from guanxi.apps.work.actions.reminders import remind
from guanxi.apps.work.figures import DEPARTMENT, DEPARTMENT_OVERDUE, WORK_LIST
from guanxi.apps.work.models import Activity, ActivityType, ReminderChoice
from guanxi.common import measures, talk
from guanxi.kernel import schedules, worker
from guanxi.kernel.api import Ctx

pytestmark = pytest.mark.django_db

MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)


def told() -> list[tuple[Any, ...]]:
    return list(talk.Notification.objects.filter(kind="reminder").order_by("id").values_list(
        "user_id", "object_type", "object_id", "late"))


def clock() -> Ctx:
    return Ctx(system=True, via="job", reason="schedule")


def make(who: Person, types: dict[str, ActivityType], key: str = "meeting", **values: Any) -> Activity:
    return who().create(Activity, **{"type": types[key].pk, "remind": "15",
                                     "planned_start": (timezone.now() + DAY).isoformat(), **values})


def due(activity: Activity, ago: datetime.timedelta = MINUTE) -> None:
    Activity.objects.filter(pk=activity.pk).update(remind_at=timezone.now() - ago)


@pytest.mark.covers("ACT-05", "COL-02", "JOB-04")
def test_a_reminder_comes_once_and_not_before_its_time(types: Any, salesperson: Person) -> None:
    soon, ahead = make(salesperson, types), make(salesperson, types)
    due(soon)
    for _round in range(2):
        remind(clock())
    assert told() == [(salesperson.id, "work.activity", soon.pk, False)]
    rows = {row.pk: (row.remind_at is None, row.reminded_at is None, row.version) for row in salesperson().find(Activity)}
    assert rows == {soon.pk: (True, False, 1), ahead.pk: (False, True, 1)}


@pytest.mark.covers("JOB-01", "P17")
def test_one_that_was_missed_comes_late_once_and_says_so(types: Any, salesperson: Person) -> None:
    missed = make(salesperson, types)
    due(missed, DAY)
    now = timezone.now()
    system = clock()
    schedules.tick(system, now)
    for step in (1, 2, 3):
        schedules.tick(system, now + step * MINUTE)
        schedules.tick(clock(), now + step * MINUTE)
        worker.drain()
    assert told() == [(salesperson.id, "work.activity", missed.pk, True)]


@pytest.mark.covers("ACT-05")
@pytest.mark.parametrize("verb", ["complete", "cancel"])
def test_what_is_over_is_not_called_to_mind(types: Any, salesperson: Person, verb: str) -> None:
    made = make(salesperson, types)
    due(made)
    salesperson().run(f"work.activity.{verb}", made)
    remind(clock())
    assert told() == []


@pytest.mark.covers("ACT-05")
def test_a_moved_one_is_called_to_mind_again(types: Any, salesperson: Person) -> None:
    made = make(salesperson, types)
    due(made)
    remind(clock())
    to = timezone.now().replace(microsecond=0) + 2 * DAY
    salesperson().run("work.activity.reschedule", made, to=to.isoformat())
    assert salesperson().get(Activity, made.pk).remind_at == to - 15 * MINUTE
    due(made)
    remind(clock())
    assert len(told()) == 2


@pytest.mark.covers("T26", "COL-02")
def test_the_next_contact_is_called_to_mind_once(customer: Customer, salesperson: Person) -> None:
    salesperson().update(customer, next_contact_at=(timezone.now() - MINUTE).isoformat())
    old = salesperson().create(Customer, name="Old", next_contact_at=(timezone.now() - DAY).isoformat())
    for _round in range(2):
        remind(clock())
    assert told() == [(salesperson.id, "parties.customer", customer.pk, False)]
    assert old.pk not in {pk for _user, _kind, pk, _late in told()}


@pytest.mark.covers("JOB-01", "T26")
def test_a_next_contact_missed_while_the_worker_stood_still_comes_late_once(customer: Customer, salesperson: Person) -> None:
    now, system = timezone.now(), clock()
    schedules.tick(system, now - 2 * DAY)
    schedules.tick(system, now - 2 * DAY + MINUTE)
    worker.drain()
    from_kernel = schedules.Job.objects.filter(schedule="work.remind")
    from_kernel.update(started_at=now - 2 * DAY)
    salesperson().update(customer, next_contact_at=(now - DAY).isoformat())
    for step in (1, 2):
        schedules.tick(system, now + step * MINUTE)
        worker.drain()
    assert told() == [(salesperson.id, "parties.customer", customer.pk, True)]


@pytest.mark.covers("T50", "COL-02")
def test_people_choose_what_they_are_reminded_of(types: Any, salesperson: Person, colleague: Person, customer: Customer) -> None:
    salesperson().create(ReminderChoice, kind="to_do", wanted=False)
    salesperson().create(ReminderChoice, kind="next_contact", wanted=False)
    to_do, meeting, other = (make(salesperson, types, "to_do"), make(salesperson, types), make(colleague, types, "to_do"))
    for one in (to_do, meeting, other):
        due(one)
    salesperson().update(customer, next_contact_at=(timezone.now() - MINUTE).isoformat())
    remind(clock())
    assert {(user, pk) for user, _kind, pk, _late in told()} == {(salesperson.id, meeting.pk), (colleague.id, other.pk)}
    assert not salesperson().find(Activity).exclude(remind_at=None).exists()


@pytest.mark.covers("TIM-01", "ACT-05")
def test_a_reminder_says_the_time_where_one_is_and_in_ones_language(
        firm: Firm, types: Any, salesperson: Person, colleague: Person, customer: Customer) -> None:
    with firm.system.door("test"):
        salesperson.user.time_zone, salesperson.user.language = "America/Los_Angeles", "zh-hans"
        firm.system.save(salesperson.user)
    start = datetime.datetime(2099, 3, 8, 10, 30, tzinfo=datetime.UTC)
    for who in (salesperson, colleague):
        due(make(who, types, planned_start=start.isoformat()))
    moment = timezone.now() - MINUTE
    salesperson().update(customer, next_contact_at=moment.isoformat())
    remind(clock())
    notes = list(talk.Notification.objects.order_by("id").values_list("note", flat=True))
    shown = timezone.localtime(moment, ZoneInfo("America/Los_Angeles")).strftime("%Y-%m-%d %H:%M")
    assert notes == ["2099-03-08 03:30", "2099-03-08 18:30", f"下次联系：{shown}"]


@pytest.mark.covers("ACT-05")
def test_the_number_of_queries_does_not_grow_with_the_reminders(types: Any, salesperson: Person, colleague: Person) -> None:
    counts = []
    for many in (1, 2, 12):
        for _n in range(many):
            for who in (salesperson, colleague):
                due(make(who, types))
                who().create(Customer, name="X", next_contact_at=(timezone.now() - MINUTE).isoformat())
        with CaptureQueriesContext(connection) as queries:
            remind(clock())
        counts.append(len(queries))
    few = 11 + len(reminders._with_next_contact)
    assert counts == [few + 1, few, few]  # the first one reads the activity types, which stay in memory
    assert len(told()) == 2 * 2 * 15


@pytest.mark.covers("T26", "COL-01", "TIM-01")
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles"])
def test_the_work_list_counts_by_the_readers_day(types: Any, salesperson: Person, colleague: Person, manager: Person,
                                                 zone: str) -> None:
    with timezone.override(zone):
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        for days in (-3, -1, 0, 0, 1, 2, 7, 8):
            shown = (midnight.replace(tzinfo=None) + days * DAY).replace(hour=23, minute=30)
            make(salesperson, types, "to_do", planned_start=shown.isoformat(), remind="")
        make(salesperson, types, "to_do", planned_start="", remind="")
        salesperson().run("work.activity.add_to_do", text="Ask", person=colleague.id)
        found = {one.key: measures.value(salesperson(), one) for one in WORK_LIST}
        assert found == {"work.overdue": 2, "work.today": 2, "work.tomorrow": 1, "work.week": 2, "work.undated": 1,
                         "work.waiting": 1}
        assert sum(one.overdue for one in salesperson().find(Activity)) == 2
        assert [measures.value(manager(), one) for one in (DEPARTMENT, DEPARTMENT_OVERDUE)] == [10, 2]
