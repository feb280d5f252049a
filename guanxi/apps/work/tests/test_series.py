"""What comes back: planned ahead, never lost, changed alone or with all that follow."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Customer
from guanxi.apps.work.actions.reminders import plan_series
from guanxi.apps.work.models import Activity, ActivityType, Series
from guanxi.apps.work.repeating import HORIZON
from guanxi.kernel.api import Entry, Refused

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
START = timezone.now().replace(microsecond=0) + DAY


def make(who: Person, types: dict[str, ActivityType], customer: Customer, **values: Any) -> Activity:
    start = values.pop("start", START)
    return who().create(Activity, **{
        "type": types["meeting"].pk, "name": "Weekly", "customer": customer.pk, "planned_start": start.isoformat(), "remind": "15",
        "planned_end": (start + DAY / 24).isoformat(), "period": "FREQ=WEEKLY", **values})


def planned(who: Person) -> list[datetime.datetime]:
    return list(who().find(Activity).filter(status="planned").order_by("planned_start").values_list("planned_start", flat=True))


@pytest.mark.covers("ACT-05", "ACT-07")
def test_the_next_weeks_are_planned_ahead(types: Any, salesperson: Person, customer: Customer) -> None:
    first = make(salesperson, types, customer)
    assert planned(salesperson) == [START + 7 * n * DAY for n in range(5)]
    rows = salesperson().find(Activity).exclude(pk=first.pk)
    assert {(row.owner_id, row.customer_id, row.name, row.planned_end - row.planned_start, row.series_id) for row in rows} == {
        (salesperson.id, customer.pk, "Weekly", DAY / 24, salesperson().find(Series).get().pk)}
    assert all(row.remind_at == row.planned_start - DAY / 96 for row in rows)
    assert salesperson().find(Series).get().planned_to == START + 28 * DAY


@pytest.mark.covers("ACT-05")
def test_the_schedule_goes_on_and_never_plans_twice(firm: Firm, types: Any, salesperson: Person, customer: Customer) -> None:
    make(salesperson, types, customer)
    Activity.objects.filter(planned_start__gt=START + 10 * DAY).delete()
    Series.objects.update(planned_to=START + 7 * DAY)
    for _round in range(2):
        plan_series(firm.system)
    assert planned(salesperson) == [START + 7 * n * DAY for n in range(5)]


@pytest.mark.covers("ACT-05")
def test_completing_the_last_plans_the_next_however_far(types: Any, salesperson: Person, customer: Customer) -> None:
    first = make(salesperson, types, customer, period="FREQ=YEARLY", start=START - 2 * DAY)
    assert len(planned(salesperson)) == 2
    salesperson().run("work.activity.complete", first)
    (ahead,) = planned(salesperson)
    assert ahead > timezone.now() + HORIZON
    assert salesperson().find(Activity).count() == 2


@pytest.mark.covers("ACT-05")
def test_a_series_that_is_over_ends(types: Any, salesperson: Person, customer: Customer) -> None:
    make(salesperson, types, customer, period="", rule="freq=daily;count=3")
    assert planned(salesperson) == [START + n * DAY for n in range(3)]
    last = salesperson().find(Activity).order_by("-planned_start").first()
    salesperson().run("work.activity.complete", last)
    assert len(planned(salesperson)) == 2
    assert salesperson().find(Series).get().ended


@pytest.mark.covers("ACT-12")
def test_one_is_changed_alone(types: Any, salesperson: Person, customer: Customer) -> None:
    make(salesperson, types, customer)
    second = salesperson().find(Activity).order_by("planned_start")[1]
    salesperson().run("work.activity.reschedule", second, to=(second.planned_start + DAY).isoformat())
    assert planned(salesperson) == [START + n * DAY for n in (0, 8, 14, 21, 28)]
    assert salesperson().find(Series).count() == 1


@pytest.mark.covers("ACT-12")
def test_this_and_the_following_are_changed_together(types: Any, salesperson: Person, customer: Customer) -> None:
    make(salesperson, types, customer)
    second = salesperson().find(Activity).order_by("planned_start")[1]
    salesperson().run("work.activity.change_following", second, start=(second.planned_start + DAY).isoformat(),
                      name="Fortnight", period="FREQ=WEEKLY;INTERVAL=2", minutes=30)
    rows = list(salesperson().find(Activity).order_by("planned_start").values_list("name", "planned_start", "planned_end"))
    assert rows == [("Weekly", START, START + DAY / 24), *(
        ("Fortnight", START + n * DAY, START + n * DAY + DAY / 48) for n in (8, 22))]
    assert [one.ended for one in salesperson().find(Series).order_by("pk")] == [True, False]


@pytest.mark.covers("ACT-12")
def test_a_new_rule_in_the_form_is_for_this_and_the_following(types: Any, salesperson: Person, customer: Customer) -> None:
    make(salesperson, types, customer)
    third = salesperson().find(Activity).order_by("planned_start")[2]
    salesperson().update(third, period="")
    assert planned(salesperson) == [START + 7 * n * DAY for n in range(3)]
    assert salesperson().get(Activity, third.pk).series_id is None


@pytest.mark.covers("ACT-12")
def test_a_series_is_ended_here(types: Any, salesperson: Person, customer: Customer, firm: Firm) -> None:
    first = make(salesperson, types, customer)
    second = salesperson().find(Activity).order_by("planned_start")[1]
    assert salesperson().run("work.activity.end_series", second).value == 3
    plan_series(firm.system)
    salesperson().run("work.activity.complete", first)
    assert planned(salesperson) == [START + 7 * DAY]


@pytest.mark.parametrize(("_case", "given", "message"), [
    ("no rule", {"period": "", "rule": "every Monday"}, "is no rule by which"),
    ("too often", {"period": "", "rule": "FREQ=MINUTELY"}, "is no rule by which"),
    ("no start", {"planned_start": "", "planned_end": ""}, "needs a planned start")])
def test_a_rule_that_cannot_be_used_leaves_nothing(types: Any, salesperson: Person, customer: Customer, _case: str,
                                                   given: Any, message: str) -> None:
    before = Entry.objects.count()
    with pytest.raises(Refused, match=message):
        make(salesperson, types, customer, **given)
    assert (Activity.objects.count(), Series.objects.count(), Entry.objects.count()) == (0, 0, before)


@pytest.mark.covers("TIM-01")
def test_the_clock_on_the_wall_of_the_planner_counts(types: Any, salesperson: Person, customer: Customer) -> None:
    with timezone.override("America/Los_Angeles"):
        make(salesperson, types, customer, period="FREQ=DAILY")
        clocks = {timezone.localtime(moment).time() for moment in planned(salesperson)}
        assert clocks == {timezone.localtime(START).time()}
    assert salesperson().find(Series).get().time_zone == "America/Los_Angeles"
