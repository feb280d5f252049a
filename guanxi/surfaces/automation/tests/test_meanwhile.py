"""What may happen between the question and the answer: the record changes or goes, rights are lost, two decide at once."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.common.talk import Notification
from guanxi.kernel import registry
from guanxi.kernel.api import Ctx, Entry, Missing, Refused
from guanxi.kernel.policy import Holding
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalRule
from guanxi.surfaces.automation.tests.conftest import asked, state, status

pytestmark = pytest.mark.django_db


def yes(who: Any, request: Any) -> Any:
    return who().run("automation.approvalrequest.approve", request)


@pytest.mark.covers("MON-09", "P21")
def test_a_record_changed_meanwhile_voids_the_approval_and_begins_a_new_round(
        anna: Any, boss: Any, chief: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "chain", "level": 2}, locks=False)
    record = lead(anna)
    request = ask(anna, record)
    yes(boss, request)
    anna().update(record, amount=9000, company="Firm two")
    yes(chief, request)
    old, new = ApprovalRequest.objects.order_by("pk")
    assert (old.state, old.differences) == (
        "void", [["company", "Firm 5000", "Firm two"], ["amount", "5000.00", "9000.00"]])
    assert (new.state, new.former, new.requester, asked(new)) == ("pending", old, anna.user, ["boss"])
    assert status(record) == "new"
    for who in (boss, chief):
        yes(who, new)
    assert (state(new), status(record)) == ("granted", "contacted")


def test_where_the_rule_no_longer_fits_the_requester_is_told_to_do_it(anna: Any, boss: Any, lead: Any, rule: Any,
                                                                      ask: Any) -> None:
    rule({"kind": "superior"}, locks=False)
    record = lead(anna)
    request = ask(anna, record)
    anna().update(record, amount=900)
    yes(boss, request)
    assert (state(request), status(record), ApprovalRequest.objects.count()) == ("void", "new", 1)
    assert Notification.objects.filter(user=anna.user).latest("pk").note == (
        "“Firm 5000” was changed after approval had been asked for. Do it again.")


def test_what_only_the_system_changes_does_not_void_it(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any,
                                                       system: Ctx) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    request = ask(anna, record)
    system.update(record, last_follow_up_at=system.now.isoformat())
    yes(boss, request)
    assert (state(request), status(record)) == ("granted", "contacted")


def test_a_record_deleted_meanwhile(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any, system: Ctx) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    request = ask(anna, record)
    system.delete(record)
    yes(boss, request)
    request = ApprovalRequest.objects.get()
    assert (request.state, request.reason) == ("void", "“Firm 5000” was deleted meanwhile.")


def test_what_is_refused_in_the_end_is_told(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any, system: Ctx) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    request = ask(anna, record)
    with system.door("test"):
        system.delete(system.find(Holding).get(user=anna.user))
    yes(boss, request)
    request = ApprovalRequest.objects.get()
    assert (request.state, status(record)) == ("failed", "new")
    assert request.reason.startswith("You may not use “Contacted” on leads")
    assert Notification.objects.filter(user=anna.user).latest("pk").note.startswith("Approved, but it could not be done")


def test_a_requester_who_has_left_does_nothing_any_more(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any,
                                                        system: Ctx) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    request = ask(anna, record)
    system.update(anna.user, is_active=False)
    yes(boss, request)
    assert (state(request), status(record)) == ("failed", "new")


def test_inputs_are_kept_and_given_again(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any, system: Ctx) -> None:
    reason = system.create(registry.model_of("sales.closereason"), name="No need", kind="lead", position=1)
    rule({"kind": "superior"}, action="disqualify")
    record = lead(anna)
    with pytest.raises(Refused) as refused:
        anna().run("sales.lead.disqualify", record)
    assert list(refused.value.errors) == ["reason"]
    request = ask(anna, record, "disqualify", reason=reason.pk, note="Twice.")
    assert request.inputs == {"reason": reason.pk, "note": "Twice."}
    yes(boss, request)
    done = type(record).objects.get(pk=record.pk)
    assert (done.status, done.lost_reason, done.note) == ("disqualified", reason, "Twice.")


def test_a_change_of_fields_waits_with_its_values(anna: Any, boss: Any, lead: Any, rule: Any) -> None:
    rule({"kind": "superior"}, action="update")
    record = lead(anna, 500)
    anna().update(record, note="Below the limit.")
    count = Entry.objects.count()
    outcome = anna().run("sales.lead.update", record, amount="1,500", note="Above it.")
    (request,) = outcome.asked
    assert request.changes == {"amount": ["500.00", "1500.00"], "note": ["Below the limit.", "Above it."]}
    stored = type(record).objects.get(pk=record.pk)
    assert (str(stored.amount), stored.note, stored.version) == ("500.00", "Below the limit.", 2)
    assert Entry.objects.count() == count + 1
    yes(boss, request)
    stored = type(record).objects.get(pk=record.pk)
    assert (str(stored.amount), stored.note, state(request)) == ("1500.00", "Above it.", "granted")
    with pytest.raises(Refused):
        anna().update(record, amount="many")
    assert ApprovalRequest.objects.count() == 1


def test_in_bulk_each_record_asks_for_itself(anna: Any, lead: Any, rule: Any) -> None:
    rule({"kind": "superior"})
    rows = [lead(anna, amount) for amount in (10, 5000, 6000)]
    anna().run("sales.lead.contact", rows[2])
    outcome = anna().run_many("sales.lead.contact", rows)
    assert [row.pk for row in outcome.done] == [rows[0].pk]
    assert [request.object_id for request in outcome.asked] == [rows[1].pk]
    assert [pk for pk, _title, _refusal in outcome.refused] == [rows[2].pk]
    assert [status(row) for row in rows] == ["contacted", "new", "new"]


@pytest.mark.covers("P21")
def test_a_stranger_sees_no_request(anna: Any, bert: Any, boss: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"})
    request = ask(anna, lead(anna))
    for who, seen in ((anna, 1), (boss, 1), (bert, 0)):
        assert who().find(ApprovalRequest).count() == seen
    with pytest.raises(Missing):
        bert().get(ApprovalRequest, request.pk)


class Stopped(Exception):
    """Something else in the same transaction went wrong."""


def test_a_rollback_leaves_nothing(anna: Any, lead: Any, rule: Any) -> None:
    def asks_and_stops() -> None:
        ctx = anna()
        with ctx.door("test"):
            assert len(ctx.run("sales.lead.contact", record).asked) == 1
            raise Stopped

    rule({"kind": "superior"})
    record, count = lead(anna), Entry.objects.count()
    with pytest.raises(Stopped):
        asks_and_stops()
    assert (ApprovalRequest.objects.count(), Notification.objects.count(), Entry.objects.count()) == (0, 0, count)


def test_a_repeated_question_is_one_request(anna: Any, lead: Any, rule: Any) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    first, second = (anna().run("sales.lead.contact", record, key="k") for _time in range(2))
    assert (second.repeated, second.asked) == (True, first.asked)
    assert ApprovalRequest.objects.count() == 1


def test_without_rules_about_an_object_the_gate_asks_nothing(anna: Any, lead: Any, rule: Any, system: Ctx) -> None:
    def counted(record: Any) -> int:
        ctx = anna()
        ctx.run("sales.lead.contact", record)
        ctx = anna()
        with CaptureQueriesContext(connection) as queries:
            ctx.run("sales.lead.qualify", record)
        return len(queries)

    without = counted(lead(anna, 1))
    rule({"kind": "superior"}, object_type="parties.customer", action="delete", condition="")
    assert counted(lead(anna, 2)) == without


def test_a_rule_with_requests_is_put_to_rest_not_deleted(anna: Any, lead: Any, rule: Any, ask: Any, system: Ctx) -> None:
    made = rule({"kind": "superior"})
    ask(anna, lead(anna))
    with pytest.raises(Refused, match="is still used by"):
        system.delete(ApprovalRule.objects.get(pk=made.pk))
    system.update(made, active=False)
    other = lead(anna, 7000)
    assert anna().run("sales.lead.contact", other).asked == []
