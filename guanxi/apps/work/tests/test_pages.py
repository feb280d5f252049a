"""What the pages show of daily work: the next step of a record and the work list at home."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from guanxi.apps.conftest import Person
from guanxi.apps.parties.models import Customer
from guanxi.apps.work import pages
from guanxi.apps.work.figures import WORK_LIST, work_list
from guanxi.apps.work.models import Activity, ActivityType
from guanxi.common import measures
from guanxi.kernel.api import facts

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def three(types: dict[str, ActivityType], salesperson: Person, customer: Customer) -> list[Activity]:
    """Overdue, due today and due tomorrow."""
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    return [salesperson().create(Activity, type=types["meeting"].pk, name=name, customer=customer.pk,
                                 planned_start=(noon + days * DAY).isoformat())
            for name, days in (("Overdue", -1), ("Today", 0), ("Tomorrow", 1))]


@pytest.mark.covers("ACT-07", "P14")
def test_the_next_step_is_what_is_due_first(three: list[Activity], salesperson: Person, customer: Customer,
                                            colleague: Person) -> None:
    found = pages.next_activity(salesperson(), customer)
    assert found is not None
    assert (found["title"], found["late"], found["done_url"]) == (
        "Overdue", True, f"/activities/{three[0].pk}/do/complete")
    assert pages.next_activity(colleague(), customer) is None
    assert pages.next_activity(salesperson(), three[0].type) is None


@pytest.mark.covers("T26", "COL-01")
def test_home_tells_what_is_to_be_done(three: list[Activity], salesperson: Person, manager: Person, person: Any) -> None:
    block = pages.my_work(salesperson(), None)
    assert block is not None
    assert [(row["title"], row["when_text"], row["late"]) for row in block["rows"]] == [
        ("Overdue", "1 day late", True), ("Today", "12:00", False)]
    assert (block["count"], block["hot"], block["create_url"]) == (2, True, "/activities/do/add_to_do")
    shown = pages.my_counts(salesperson(), None)
    assert shown is not None
    assert [(one["name"], one["value_text"]) for one in shown["figures"]] == [
        ("Overdue", "1"), ("Today", "1"), ("Tomorrow", "1"), ("Next 7 days", "0"), ("Without a date", "0"),
        ("Waiting for others", "0")]
    assert pages.department(salesperson(), None) is None
    people = pages.department(manager(), None)
    assert people is not None and [one["value_text"] for one in people["figures"]] == ["3", "1"]
    assert pages.my_work(person("nora")(), None) is None


@pytest.mark.covers("T26", "F9")
def test_the_work_list_takes_one_query_and_agrees_with_its_measures(
        three: list[Activity], salesperson: Person, colleague: Person, django_assert_num_queries: Any) -> None:
    salesperson().run("work.activity.hand_over", three[2], person=colleague.id)
    ctx = salesperson()
    assert facts.fields(Activity, ctx) and ctx.find(Activity).exists()  # rights and fields are read once a request
    with django_assert_num_queries(1):
        found = work_list(ctx)
    assert found == {one.key: measures.value(salesperson(), one) for one in WORK_LIST}


@pytest.mark.parametrize("path", ["/", "/activities/", "/activities/?face=calendar", "/activities/new", "/activitytypes/",
                                  "/serieses/", "/reminderchoices/"])
def test_every_page_opens(three: list[Activity], administrator: Person, path: str) -> None:
    answer = administrator.client.get(path, follow=True)
    assert answer.status_code == (404 if path == "/serieses/" else 200)


@pytest.mark.covers("P14")
def test_a_follow_up_is_logged_from_the_page_of_a_record(three: list[Activity], salesperson: Person, customer: Customer,
                                                         types: dict[str, ActivityType]) -> None:
    dialog = salesperson.client.get(f"/customers/{customer.pk}/do/log_follow_up")
    assert dialog.status_code == 200
    answer = salesperson.client.post(f"/customers/{customer.pk}/do/log_follow_up", {
        "text": "They like it", "type": types["wechat"].pk, "next_contact": "7"}, follow=True)
    assert answer.status_code == 200
    assert salesperson().find(Activity).get(status="done").description == "They like it"
    assert salesperson().get(Customer, customer.pk).next_contact_at is not None
    page = salesperson.client.get(f"/customers/{customer.pk}")
    assert page.status_code == 200
    assert "They like it" in page.content.decode()
