"""Two who decide at the same moment: the action runs once."""

from typing import Any

import pytest

from guanxi.kernel.api import Entry, Refused
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalTask
from guanxi.surfaces.automation.tests.conftest import AT_ONCE, state, status
from guanxi.surfaces.web.tests.people import at_once

pytestmark = [AT_ONCE, pytest.mark.django_db(transaction=True)]


@pytest.mark.covers("P21")
@pytest.mark.parametrize("verbs", [("approve", "approve"), ("approve", "reject")])
def test_one_of_two_at_once_decides(anna: Any, boss: Any, bert: Any, lead: Any, rule: Any, ask: Any, verbs: Any) -> None:
    rule({"kind": "people", "people": ["boss", "bert"], "mode": "any"})
    record = lead(anna)
    request = ask(anna, record)
    words = {"approve": {}, "reject": {"comment": "no"}}
    ends = at_once([lambda who=who, verb=verb: who().run(f"automation.approvalrequest.{verb}", request, **words[verb])
                    for who, verb in zip((boss, bert), verbs, strict=True)])
    assert [isinstance(end, Refused) for end in sorted(ends, key=lambda end: isinstance(end, Refused))] == [False, True]
    runs = Entry.objects.filter(object_type="sales.lead", object_id=record.pk, via="approval").count()
    assert (runs, status(record)) == ((1, "contacted") if state(request) == "granted" else (0, "new"))


def test_all_of_them_at_once_run_it_once(anna: Any, boss: Any, bert: Any, chief: Any, lead: Any, rule: Any,
                                         ask: Any) -> None:
    rule({"kind": "people", "people": ["boss", "bert", "chief"], "mode": "all"})
    record = lead(anna)
    request = ask(anna, record)
    ends = at_once([lambda who=who: who().run("automation.approvalrequest.approve", request) for who in (boss, bert, chief)])
    assert [end for end in ends if isinstance(end, BaseException)] == []
    assert (state(request), status(record)) == ("granted", "contacted")
    assert Entry.objects.filter(object_type="sales.lead", object_id=record.pk, via="approval").count() == 1


def test_two_who_ask_at_once_make_one_request(anna: Any, lead: Any, rule: Any) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    ends = at_once([lambda: anna().run("sales.lead.contact", record) for _time in range(2)])
    assert sorted(isinstance(end, Refused) for end in ends) == [False, True]
    assert (ApprovalRequest.objects.count(), ApprovalTask.objects.count()) == (1, 1)
