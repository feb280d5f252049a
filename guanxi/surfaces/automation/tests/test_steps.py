"""Whom a rule asks: superiors, chains, roles, heads, named and chosen people; all of them or one; and who when nobody is there."""

from typing import Any

import pytest

from guanxi.kernel import registry
from guanxi.kernel.api import Entry, Refused
from guanxi.kernel.policy import Role
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalTask
from guanxi.surfaces.automation.tests.conftest import asked, state, status

pytestmark = [pytest.mark.django_db, pytest.mark.in_turn]


def yes(who: Any, request: Any, **inputs: Any) -> Any:
    return who().run("automation.approvalrequest.approve", request, **inputs)


def test_below_the_condition_and_for_other_verbs_nobody_is_asked(anna: Any, lead: Any, rule: Any) -> None:
    rule({"kind": "superior"})
    small, big = lead(anna, 1000), lead(anna, 1001)
    assert anna().run("sales.lead.contact", small).asked == []
    assert anna().run("sales.lead.qualify", big).asked == []
    assert (status(small), status(big)) == ("contacted", "qualified")


@pytest.mark.covers("P21", "T29", "WFL-02")
def test_the_superior_says_yes_and_then_it_is_done_as_the_requester(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    request = ask(anna, record)
    assert (status(record), asked(request), str(request)) == ("new", ["boss"], "Contacted: Firm 5000")
    outcome = yes(boss, request, comment="Go ahead.")
    assert (outcome.value.state, status(record), asked(request)) == ("granted", "contacted", [])
    task = ApprovalTask.objects.get(request=request)
    assert (task.state, task.comment) == ("granted", "Go ahead.")
    entry = Entry.objects.filter(object_type="sales.lead", object_id=record.pk).latest("pk")
    assert (entry.actor, entry.real_actor, entry.via) == (anna.user, boss.user, "approval")


@pytest.mark.covers("MON-08", "T29")
def test_after_the_first_of_two_approvals_nothing_has_run(anna: Any, boss: Any, chief: Any, lead: Any, rule: Any,
                                                           ask: Any) -> None:
    rule({"kind": "superior"}, {"kind": "superior", "level": 2})
    record = lead(anna)
    request = ask(anna, record)
    yes(boss, request)
    assert (status(record), state(request), asked(request)) == ("new", "pending", ["chief"])
    yes(chief, request)
    assert (status(record), state(request)) == ("contacted", "granted")


def test_steps_are_added_by_amount(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"}, {"kind": "superior", "level": 2, "condition": '["amount", "gt", 20000]'})
    small, large = ask(anna, lead(anna, 5000)), ask(anna, lead(anna, 30000))
    for request in (small, large):
        yes(boss, request)
    assert (state(small), state(large), asked(large)) == ("granted", "pending", ["chief"])


def test_a_chain_asks_one_after_the_other_up_to_its_level(anna: Any, boss: Any, chief: Any, person: Any, lead: Any,
                                                           rule: Any, ask: Any, system: Any) -> None:
    top = person("top")
    system.update(chief.user, superior=top.id)
    rule({"kind": "chain", "level": 2})
    request = ask(anna, lead(anna))
    assert [(task.step, str(task.who)) for task in request.tasks] == [(1, "boss"), (2, "chief")]
    yes(boss, request)
    yes(chief, request)
    assert state(request) == "granted"


def test_all_of_them_must_agree(anna: Any, boss: Any, bert: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "people", "people": ["boss", "bert"], "mode": "all"})
    record = lead(anna)
    request = ask(anna, record)
    yes(bert, request)
    assert (status(record), asked(request)) == ("new", ["boss"])
    yes(boss, request)
    assert status(record) == "contacted"


def test_one_of_them_is_enough(anna: Any, boss: Any, bert: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "people", "people": [boss.id, bert.id], "mode": "any"})
    record = lead(anna)
    request = ask(anna, record)
    assert sorted(asked(request)) == ["bert", "boss"]
    yes(bert, request)
    assert (status(record), state(request)) == ("contacted", "granted")
    assert {str(task.who): task.state for task in ApprovalTask.objects.all()} == {"bert": "granted", "boss": "skipped"}


def test_everybody_with_a_role_but_the_requester(anna: Any, boss: Any, bert: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "role", "role": Role.objects.get(name="seller").pk})
    assert sorted(asked(ask(anna, lead(anna)))) == ["bert", "boss", "chief"]


def test_the_head_of_the_department(anna: Any, bert: Any, lead: Any, rule: Any, ask: Any, system: Any) -> None:
    unit, member = registry.model_of("org.department"), registry.model_of("org.membership")
    above = system.create(unit, name="Sales", manager=bert.id)
    below = system.create(unit, name="East", parent=above.pk, manager=anna.id)
    system.create(member, user=anna.id, department=below.pk, main=True)
    rule({"kind": "head"})
    assert asked(ask(anna, lead(anna))) == ["bert"]


def test_the_requester_chooses(anna: Any, boss: Any, bert: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "chosen", "mode": "all"})
    record = lead(anna)
    request = ask(anna, record)
    assert request.announcement == "“Contacted: Firm 5000” needs approval: choose who is asked."
    for wrong in ([anna.id], []):
        with pytest.raises(Refused):
            anna().run("automation.approvalrequest.choose", request, who=wrong)
    anna().run("automation.approvalrequest.choose", request, who=[bert.id, boss.id])
    assert (sorted(asked(request)), status(record)) == (["bert", "boss"], "new")
    yes(bert, request)
    yes(boss, request)
    assert status(record) == "contacted"


def test_who_is_in_it_twice_signs_once(anna: Any, boss: Any, chief: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"}, {"kind": "people", "people": [boss.id, boss.id]}, {"kind": "superior", "level": 2})
    request = ask(anna, lead(anna))
    yes(boss, request)
    assert asked(request) == ["chief"]
    assert [task.state for task in ApprovalTask.objects.order_by("position")] == ["granted", "signed", "open"]


@pytest.mark.covers("P21")
def test_a_leaver_is_replaced_by_the_fallback(anna: Any, boss: Any, bert: Any, lead: Any, rule: Any, ask: Any,
                                             system: Any) -> None:
    rule({"kind": "superior", "fallback_person": bert.id})
    system.update(boss.user, is_active=False)
    assert asked(ask(anna, lead(anna))) == ["bert"]


def test_nobody_there_means_the_administrators_or_nobody(anna: Any, admin: Any, bert: Any, lead: Any, rule: Any,
                                                         ask: Any) -> None:
    rule({"kind": "superior"}, name="asks")
    assert asked(ask(bert, lead(bert))) == ["admin"]
    rule({"kind": "superior", "nobody": "pass"}, action="qualify", name="passes")
    other = lead(bert, 7000)
    assert bert().run("sales.lead.qualify", other).asked == []
    assert status(other) == "qualified"


def test_where_nobody_at_all_can_be_asked_it_is_refused_with_the_cause(bert: Any, lead: Any, rule: Any) -> None:
    rule({"kind": "superior"}, name="Large leads")
    record = lead(bert)
    with pytest.raises(Refused, match="“Firm 5000” needs approval by the rule “Large leads”, but nobody can be asked at the "
                                      "step “Superior of a level”"):
        bert().run("sales.lead.contact", record)
    assert (status(record), ApprovalRequest.objects.count()) == ("new", 0)


def test_the_requester_decides_only_where_the_rule_says_so(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "people", "people": [anna.id, boss.id]}, name="never")
    assert asked(ask(anna, lead(anna))) == ["boss"]
    rule({"kind": "people", "people": [anna.id]}, own=True, action="qualify", name="may")
    record = lead(anna, 6000)
    request = ask(anna, record, "qualify")
    yes(anna, request)
    assert status(record) == "qualified"


@pytest.mark.parametrize(("values", "steps", "field"), [
    ({"object_type": "sales.dragon"}, [{"kind": "superior"}], "object_type"),
    ({"object_type": "automation.approvalrequest"}, [{"kind": "superior"}], "object_type"),
    ({"action": "dance"}, [{"kind": "superior"}], "action"),
    ({"action": "create"}, [{"kind": "superior"}], "action"),
    ({"condition": '["wings", "gt", 2]'}, [{"kind": "superior"}], "condition"),
    ({"condition": "no json"}, [{"kind": "superior"}], "condition"),
    ({}, [], "steps"),
    ({}, [{"kind": "superior", "condition": '["wings", "gt", 2]'}], "steps"),
    ({}, [{"kind": "people"}], "steps.1.person"),
    ({}, [{"kind": "people", "people": ["nobody"]}], "steps.1.people"),
    ({}, [{"kind": "role"}], "steps.1.role"),
    ({}, [{"kind": "superior", "level": 0}], "steps.1"),
])
def test_a_rule_that_cannot_work_is_refused_at_its_field(rule: Any, values: Any, steps: Any, field: str) -> None:
    with pytest.raises(Refused) as refused:
        rule(*steps, **values)
    assert field in {**refused.value.errors, refused.value.field: []}
