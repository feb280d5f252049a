"""What people do with a request: refuse, send back, withdraw, pass on, bring in others; and what stops whom."""

import datetime
from typing import Any

import pytest

from guanxi.common.talk import Notification
from guanxi.kernel import registry
from guanxi.kernel.api import Ctx, Denied, Entry, Missing, Refused
from guanxi.surfaces.automation.listeners import look_after
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalTask, Delegation
from guanxi.surfaces.automation.tests.conftest import asked, state, status

pytestmark = [pytest.mark.django_db, pytest.mark.in_turn]


def do(verb: str, actor: Any, request: Any, /, **inputs: Any) -> Any:
    return actor().run(f"automation.approvalrequest.{verb}", request, **inputs)


def attempts() -> list[tuple[str, int]]:
    rows = Entry.objects.filter(verb="automation.approvalrequest.attempt").order_by("pk")
    return [(str(row.actor), row.object_id) for row in rows]


def dump() -> list[Any]:
    return [list(model._default_manager.order_by("pk").values()) for model in (
        ApprovalRequest, ApprovalTask, Notification, registry.model_of("sales.lead"))]


@pytest.mark.covers("IDOR-07")
@pytest.mark.parametrize("verb", ["approve", "reject", "delegate", "add_signer", "transfer", "choose"])
def test_who_is_not_asked_is_refused_and_the_attempt_stays(anna: Any, bert: Any, lead: Any, rule: Any, ask: Any,
                                                           verb: str) -> None:
    rule({"kind": "superior"})
    request = ask(anna, lead(anna))
    inputs = {"reject": {"comment": "no"}, "delegate": {"to": bert.id}, "add_signer": {"who": bert.id},
              "transfer": {"person": anna.id, "to": bert.id}, "choose": {"who": [bert.id]}}.get(verb, {})
    before = dump()
    with pytest.raises(Denied):
        do(verb, anna, request, **inputs)
    with pytest.raises(Missing):
        do(verb, bert, request, **inputs)
    assert dump() == before
    assert attempts() == [("anna", request.pk), ("bert", request.pk)]


@pytest.mark.covers("IDOR-08")
def test_nobody_decides_before_their_turn_or_after_the_end(anna: Any, boss: Any, chief: Any, lead: Any, rule: Any,
                                                           ask: Any) -> None:
    rule({"kind": "chain", "level": 2})
    record = lead(anna)
    request = ask(anna, record)
    before = dump()
    with pytest.raises(Denied, match="not your turn"):
        do("approve", chief, request)
    assert dump() == before
    do("withdraw", anna, request)
    before = dump()
    for who in (boss, chief):
        with pytest.raises(Refused, match="is no longer to be decided: it is “Withdrawn”"):
            do("approve", who, request)
    assert dump() == before
    assert attempts() == [("chief", request.pk), ("boss", request.pk), ("chief", request.pk)]
    assert status(record) == "new"


@pytest.mark.covers("P21", "T29")
def test_the_record_is_locked_until_the_request_is_withdrawn(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    request = ask(anna, record)
    for write in (lambda: anna().update(record, amount=1), lambda: anna().delete(record),
                  lambda: anna().run("sales.lead.qualify", record), lambda: anna().run("sales.lead.contact", record)):
        with pytest.raises(Refused, match="“Firm 5000” is locked: anna has asked for approval of “Contacted”"):
            write()
    assert ApprovalRequest.objects.count() == 1
    with pytest.raises(Denied, match="Only anna, who asked, may withdraw this"):
        do("withdraw", boss, request)
    do("withdraw", anna, request, comment="Too early.")
    assert (state(request), asked(request)) == ("withdrawn", [])
    anna().update(record, amount=900)
    assert anna().run("sales.lead.contact", record).asked == []


def test_a_rejection_names_its_reason_and_frees_the_record(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    request = ask(anna, record)
    with pytest.raises(Refused) as refused:
        do("reject", boss, request)
    assert list(refused.value.errors) == ["comment"]
    do("reject", boss, request, comment="Call first.")
    request = ApprovalRequest.objects.get()
    assert (request.state, request.reason, status(record)) == ("refused", "Call first.", "new")
    assert Notification.objects.filter(user=anna.user).latest("pk").note == "Rejected: Call first."
    assert state(ask(anna, record)) == "pending"


def test_back_to_an_earlier_step_which_decides_again(anna: Any, boss: Any, chief: Any, bert: Any, lead: Any, rule: Any,
                                                     ask: Any) -> None:
    rule({"kind": "people", "people": [bert.id]}, {"kind": "chain", "level": 2})
    request = ask(anna, lead(anna))
    do("approve", bert, request)
    do("approve", boss, request)
    with pytest.raises(Refused, match="no earlier step 3"):
        do("reject", chief, request, comment="no", to=3)
    do("reject", chief, request, comment="Look again.", to=2)
    assert (state(request), asked(request)) == ("pending", ["boss"])
    do("approve", boss, request)
    assert asked(request) == ["chief"]
    do("approve", chief, request)
    assert state(request) == "granted"
    assert [(str(task.who), task.state) for task in ApprovalTask.objects.order_by("position")] == [
        ("bert", "granted"), ("boss", "returned"), ("boss", "granted"), ("chief", "returned"), ("chief", "granted")]


def test_passing_on_one_request(anna: Any, boss: Any, bert: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    request = ask(anna, record)
    with pytest.raises(Refused, match="anna asked for this and may not decide"):
        do("delegate", boss, request, to=anna.id)
    do("delegate", boss, request, to=bert.id, comment="You know them.")
    assert asked(request) == ["bert"]
    with pytest.raises(Denied):
        do("approve", boss, request)
    do("approve", bert, request)
    assert status(record) == "contacted"
    task = ApprovalTask.objects.get(who=bert.user)
    assert (task.stands_for, task.added_by) == (boss.user, boss.user)


@pytest.mark.parametrize(("place", "order"), [
    ("before", ["bert", "boss", "chief"]), ("after", ["boss", "bert", "chief"]), ("beside", ["bert", "boss", "chief"])])
def test_bringing_in_somebody(anna: Any, boss: Any, chief: Any, bert: Any, lead: Any, rule: Any, ask: Any, place: str,
                              order: list[str]) -> None:
    rule({"kind": "superior", "mode": "all"}, {"kind": "superior", "level": 2})
    request = ask(anna, lead(anna))
    do("add_signer", boss, request, who=bert.id, place=place)
    by_name = {"boss": boss, "bert": bert, "chief": chief}
    for place_now, name in enumerate(order):
        now = sorted(asked(request))
        assert now == (["bert", "boss"] if (place, place_now) == ("beside", 0) else [name])
        do("approve", by_name[name], request)
    assert state(request) == "granted"


def test_who_is_away_is_stood_in_for(anna: Any, boss: Any, bert: Any, lead: Any, rule: Any, ask: Any, system: Ctx) -> None:
    rule({"kind": "superior"})
    today = boss().today
    boss().create(Delegation, to=bert.id, since=today, until=today)
    first = ask(anna, lead(anna))
    assert asked(first) == ["bert"]
    assert ApprovalTask.objects.get(request=first).stands_for == boss.user
    with pytest.raises(Refused):
        boss().create(Delegation, to=bert.id, since=today, until=today - datetime.timedelta(days=1))
    with pytest.raises(Refused):
        boss().create(Delegation, to=boss.id, since=today, until=today)
    with pytest.raises(Denied):
        bert().create(Delegation, owner=boss.id, to=bert.id, since=today, until=today)


def test_reminders_come_by_hand_and_by_the_clock(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any, system: Ctx) -> None:
    rule({"kind": "superior", "remind_days": 2})
    request = ask(anna, lead(anna))
    notes = Notification.objects.filter(user=boss.user)
    assert [note.kind for note in notes] == ["assigned"]
    assert [do("remind", anna, request).value for _time in range(2)] == [1, 0]
    with pytest.raises(Denied):
        do("remind", boss, request)
    assert notes.filter(kind="reminder").count() == 1
    for days, told in ((1, 1), (2, 2), (3, 2), (4, 3)):
        moment = system.now + datetime.timedelta(days=days, minutes=5)
        look_after(Ctx(system=True, via="job", reason="test", clock=lambda moment=moment: moment))
        assert notes.filter(kind="reminder").count() == told


def test_the_clock_finds_others_for_who_has_left_or_gone_away(anna: Any, boss: Any, bert: Any, admin: Any, lead: Any,
                                                              rule: Any, ask: Any, system: Ctx) -> None:
    rule({"kind": "people", "people": [boss.id, bert.id], "mode": "all", "fallback_person": admin.id})
    request = ask(anna, lead(anna))
    system.update(boss.user, is_active=False)
    bert().create(Delegation, to=admin.id, since=bert().today, until=bert().today)
    look_after(Ctx(system=True, via="job", reason="test"))
    assert set(asked(request)) == {"admin"}
    assert Notification.objects.filter(user=admin.user, kind="assigned").exists()


def test_an_administrator_names_somebody_else(anna: Any, boss: Any, bert: Any, admin: Any, lead: Any, rule: Any,
                                              ask: Any) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    request = ask(anna, record)
    with pytest.raises(Denied):
        do("approve", admin, request)
    do("transfer", admin, request, person=boss.id, to=bert.id)
    assert asked(request) == ["bert"]
    do("approve", bert, request)
    assert status(record) == "contacted"


def test_what_comes_of_a_yes_belongs_to_the_operation_it_was_said_in(anna: Any, boss: Any, lead: Any, rule: Any,
                                                                     ask: Any) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    outcome = boss().run_many("automation.approvalrequest.approve", [ask(anna, record)])
    assert status(record) == "contacted"
    assert Entry.objects.filter(operation=outcome.operation_id, object_type="sales.lead", object_id=record.pk).count() == 1
