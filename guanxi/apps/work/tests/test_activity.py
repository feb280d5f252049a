"""Activities: their elements, states, chain, who sees them, and what people are asked to do."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.work.models import Activity, ActivityType
from guanxi.apps.work.models.choices import Chain, ChainFrom
from guanxi.apps.work.seed import FURTHER, TWELVE, seed
from guanxi.common import talk
from guanxi.kernel.api import Denied, Entry, Missing, Refused, facts, finding, policy

pytestmark = pytest.mark.django_db

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
ELEMENTS = {"type", "priority", "status", "description", "customer", "contact", "subject_id", "planned_start", "planned_end",
            "actual_start", "actual_end", "period", "cost", "evaluation"}


def dump() -> Any:
    return [list(model._default_manager.order_by("pk").values()) for model in (Activity, Customer, Entry)]


@pytest.fixture
def call(customer: Customer, salesperson: Person, types: dict[str, ActivityType]) -> Activity:
    start = timezone.now().replace(microsecond=0) + DAY
    return salesperson.ctx.create(Activity, type=types["call_outbound"].pk, name="Call about the offer", customer=customer.pk,
                                  planned_start=start.isoformat(), planned_end=(start + HOUR).isoformat(), remind="15")


@pytest.mark.covers("ACT-01")
def test_an_activity_has_the_fourteen_elements(salesperson: Person) -> None:
    keys = {view.key for view in facts.fields(Activity, salesperson.ctx)}
    assert len(ELEMENTS) == 14
    assert keys >= ELEMENTS


@pytest.mark.covers("ACT-02")
def test_the_twelve_types_are_ready_and_stay_as_people_changed_them(firm: Firm, administrator: Person) -> None:
    types = seed(firm.system)
    assert [name for _key, name, *_rest in TWELVE] == [
        "To Do", "Call Outbound", "Call Inbound", "Meeting", "Correspondence", "Fax Outbound", "Presentation",
        "Demonstration", "Appointment", "Milestone", "Event", "Research"]
    administrator.ctx.update(types["milestone"], name="Gate")
    administrator.ctx.delete(types["research"])
    seed(firm.system)
    names = list(administrator().find(ActivityType).order_by("place").values_list("name", flat=True))
    expected = [name for _key, name, *_rest in (*TWELVE, *FURTHER) if name != "Research"]
    assert names == ["Gate" if name == "Milestone" else name for name in expected]


@pytest.mark.covers("ACT-02")
def test_the_types_speak_the_language_of_the_company(firm: Firm) -> None:
    with firm.system.door("test"):
        firm.company.language = "zh-hans"
        firm.system.save(firm.company)
    assert [one.name for one in seed(firm.system).values()][:4] == ["待办事项", "呼出电话", "呼入电话", "会议"]


@pytest.mark.covers("ACT-01", "ACT-03")
def test_from_planned_to_done(call: Activity, salesperson: Person) -> None:
    salesperson().run("work.activity.start", call)
    begun = salesperson().get(Activity, call.pk)
    assert (begun.status, begun.actual_start is not None, begun.actual_end) == ("in_progress", True, None)
    salesperson().run("work.activity.complete", call.pk, result="They agree", cost="12.50", evaluation="Good")
    done = salesperson().get(Activity, call.pk)
    assert (done.status, done.result, done.cost, done.evaluation) == ("done", "They agree", Decimal("12.50"), "Good")
    assert done.actual_end is not None and done.actual_start == begun.actual_start
    assert done.remind_at is None
    with pytest.raises(Refused, match="Only possible while"):
        salesperson().run("work.activity.complete", call.pk)


@pytest.mark.covers("ACT-04")
def test_the_result_and_the_next_activity_in_one_step(call: Activity, salesperson: Person, customer: Customer,
                                                      types: dict[str, ActivityType]) -> None:
    at = timezone.now().replace(microsecond=0) + 3 * DAY
    salesperson().run("work.activity.complete", call, result="Come and see us", next_type=types["visit"].pk,
                      next_at=at.isoformat(), next_text="Visit them")
    ahead = salesperson().find(Activity).get(previous=call)
    assert (ahead.name, ahead.type_id, ahead.customer_id, ahead.status) == (
        "Visit them", types["visit"].pk, customer.pk, "planned")
    assert (ahead.planned_start, ahead.planned_end) == (at, at + 1.5 * HOUR)
    assert ahead.remind_at == at - HOUR
    assert salesperson().get(Customer, customer.pk).last_follow_up_at == salesperson().get(Activity, call.pk).actual_end


@pytest.mark.covers("ACT-04")
def test_a_next_activity_in_the_past_is_refused_and_nothing_changes(call: Activity, salesperson: Person) -> None:
    before = dump()
    with pytest.raises(Refused, match="lies in the past"):
        salesperson().run("work.activity.complete", call, next_at=(timezone.now() - HOUR).isoformat())
    assert dump() == before


@pytest.mark.covers("T42")
def test_a_type_may_demand_what_follows(call: Activity, salesperson: Person, administrator: Person,
                                        types: dict[str, ActivityType]) -> None:
    administrator().update(types["call_outbound"], chain=Chain.CREATE, next_type=types["research"].pk, next_days=2,
                           next_from=ChainFrom.DUE)
    salesperson().run("work.activity.complete", call)
    ahead = salesperson().find(Activity).get(previous=call)
    assert ahead.type_id == types["research"].pk
    shanghai = timezone.localtime(ahead.planned_start)
    assert shanghai.date() == timezone.localdate(call.due_at) + 2 * DAY


@pytest.mark.covers("T42")
def test_a_suggested_type_is_not_planned_by_itself(salesperson: Person, customer: Customer,
                                                   types: dict[str, ActivityType]) -> None:
    made = salesperson.ctx.create(Activity, type=types["visit"].pk, customer=customer.pk)
    salesperson().run("work.activity.complete", made)
    assert salesperson().find(Activity).count() == 1


@pytest.mark.covers("ACT-12", "T49")
def test_moving_keeps_the_length_and_the_reminder_follows(call: Activity, salesperson: Person) -> None:
    at = call.planned_start + 2 * DAY
    salesperson().run("work.activity.reschedule", call, to=at.isoformat(), reason="ill")
    moved = salesperson().get(Activity, call.pk)
    assert (moved.planned_start, moved.planned_end, moved.due_at) == (at, at + HOUR, at + HOUR)
    assert moved.remind_at == at - HOUR / 4
    salesperson().update(moved, planned_start=call.planned_start.isoformat())
    back = salesperson().get(Activity, call.pk)
    assert (back.planned_start, back.planned_end) == (call.planned_start, call.planned_end)


@pytest.mark.covers("ACT-12")
def test_cancelled_and_taken_up_again(call: Activity, salesperson: Person) -> None:
    salesperson().run("work.activity.cancel", call, reason="Fair is off")
    gone = salesperson().get(Activity, call.pk)
    assert (gone.status, gone.cancel_reason, gone.remind_at) == ("cancelled", "Fair is off", None)
    salesperson().run("work.activity.reopen", gone)
    back = salesperson().get(Activity, call.pk)
    assert (back.status, back.cancel_reason, back.remind_at) == ("planned", "", call.remind_at)


@pytest.mark.covers("ACT-12", "T50")
def test_handing_over_tells_the_other_and_who_has_left_is_refused(call: Activity, salesperson: Person, colleague: Person,
                                                                  administrator: Person) -> None:
    salesperson().run("work.activity.hand_over", call, person=colleague.id, note="You know them")
    handed = colleague().get(Activity, call.pk)
    assert (handed.owner_id, handed.asked_by_id, handed.remind_at) == (colleague.id, salesperson.id, call.remind_at)
    assert list(talk.Notification.objects.values_list("user_id", "kind", "object_id", "note")) == [
        (colleague.id, "assigned", call.pk, "You know them")]
    administrator().run("org.user.deactivate", salesperson.user)
    before = dump()
    with pytest.raises(Refused, match="anna is deactivated"):
        colleague().run("work.activity.hand_over", call, person=salesperson.id)
    assert dump() == before


@pytest.mark.covers("P11", "PERM-10")
def test_the_owner_of_the_customer_sees_what_others_did_and_loses_it_with_the_customer(
        firm: Firm, customer: Customer, salesperson: Person, colleague: Person, other_salesperson: Person,
        manager: Person, types: dict[str, ActivityType]) -> None:
    with firm.system.door("test"):
        made = firm.system.save(Activity(type=types["meeting"], customer=customer, owner_id=colleague.id))
    assert salesperson().get(Activity, made.pk).name == "Meeting"
    assert not salesperson().may("update", made)
    with pytest.raises(Missing):
        other_salesperson().get(Activity, made.pk)
    mine = salesperson.ctx.create(Activity, type=types["meeting"].pk, customer=customer.pk)
    firm.system.run("parties.customer.assign", customer, to=other_salesperson.id)
    assert set(other_salesperson().find(Activity).values_list("pk", flat=True)) == {made.pk, mine.pk}
    assert not salesperson().find(Activity).exists()
    assert set(manager().find(Activity).values_list("pk", flat=True)) == {made.pk}


@pytest.mark.covers("P11", "P13")
def test_who_shares_the_contact_sees_its_activities(firm: Firm, customer: Customer, salesperson: Person, colleague: Person,
                                                    types: dict[str, ActivityType]) -> None:
    contact = salesperson.ctx.create(Contact, name="王小明", customer=customer.pk)
    made = salesperson.ctx.create(Activity, type=types["meeting"].pk, customer=customer.pk, contact=contact.pk)
    assert not colleague().find(Activity).exists()
    with firm.system.door("test"):
        firm.system.save(policy.Share(object_type="parties.contact", object_id=contact.pk, user=colleague.user,
                                      level="read"))
    assert list(colleague().find(Activity)) == [made]
    reasons = policy.why(colleague(), Activity, "view", made)
    assert [reason.source for reason in reasons if reason.gives] == ["open"]


@pytest.mark.covers("COL-01", "T26")
def test_a_to_do_for_somebody_else_is_seen_by_who_asked(types: dict[str, ActivityType], salesperson: Person,
                                                        colleague: Person, other_salesperson: Person) -> None:
    today = salesperson.ctx.today
    made = salesperson().run("work.activity.add_to_do", text="Book a room", due=today.isoformat(), person=colleague.id).record
    assert (made.owner_id, made.asked_by_id, made.type.key, made.name) == (colleague.id, salesperson.id, "to_do", "Book a room")
    assert timezone.localtime(made.due_at).time() == datetime.time(18)
    assert [ctx.find(Activity).count() for ctx in (salesperson(), colleague(), other_salesperson())] == [1, 1, 0]
    assert list(talk.Notification.objects.values_list("user_id", flat=True)) == [colleague.id]
    own = salesperson().run("work.activity.add_to_do", text="Call home").record
    assert (own.owner_id, own.asked_by_id, own.due_at) == (salesperson.id, None, None)


@pytest.mark.covers("ACT-03")
@pytest.mark.parametrize(("_case", "tree", "expected"), [
    ("executed", [["status", "in", ["done"]]], ["done"]),
    ("overdue", [["status", "in", ["planned", "in_progress"]], ["due_at", "within", "past"]], ["late"]),
    ("not executed", [["status", "in", ["planned", "in_progress"]]], ["ahead", "late"])])
def test_executed_overdue_and_not_executed(types: dict[str, ActivityType], salesperson: Person, _case: str, tree: Any,
                                           expected: list[str]) -> None:
    now = timezone.now()
    for name, start in (("late", now - 2 * DAY), ("ahead", now + 2 * DAY), ("done", now - 2 * DAY)):
        made = salesperson.ctx.create(Activity, type=types["meeting"].pk, name=name, planned_start=start.isoformat())
        if name == "done":
            salesperson().run("work.activity.complete", made)
    found = finding.select(salesperson(), Activity, tree={"all": tree})
    assert sorted(one.name for one in found) == expected
    assert {one.name for one in salesperson().find(Activity) if one.overdue} == {"late"}


def test_an_end_before_the_start_is_refused_and_nothing_changes(call: Activity, salesperson: Person) -> None:
    before = dump()
    with pytest.raises(Refused, match="planned end is before"):
        salesperson().update(call, planned_end=(call.planned_start - HOUR).isoformat())
    assert dump() == before


def test_an_auditor_changes_nothing(call: Activity, person: Any) -> None:
    auditor = person("audrey", "auditor")
    before = dump()
    for verb in ("start", "complete", "cancel", "reschedule", "hand_over", "reopen", "change_following", "end_series"):
        with pytest.raises(Denied):
            auditor().run(f"work.activity.{verb}", call)
    with pytest.raises(Denied):
        auditor().run("work.activity.add_to_do", text="x")
    assert dump() == before
