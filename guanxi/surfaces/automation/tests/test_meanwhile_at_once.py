"""Somebody agrees while the requester withdraws or edits: one consistent end, and what was agreed to is what was shown."""

from typing import Any

import pytest

from guanxi.kernel.api import Entry, Refused
from guanxi.surfaces.automation import content
from guanxi.surfaces.automation.models import ApprovalRequest
from guanxi.surfaces.automation.tests.conftest import AT_ONCE, state, status
from guanxi.surfaces.web.tests.people import at_once

pytestmark = [AT_ONCE, pytest.mark.django_db(transaction=True), pytest.mark.covers("CONC-08")]
ENDS = {"granted": ("contacted", 1), "withdrawn": ("new", 0), "void": ("new", 0)}


@pytest.mark.parametrize("time", range(2))
@pytest.mark.parametrize("meanwhile", ["withdraw", "edit"])
def test_agreeing_and_changing_ones_mind_at_once(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any, system: Any,
                                                 meanwhile: str, time: int) -> None:
    rule({"kind": "superior"}, locks=False)
    record = lead(anna)
    request = ask(anna, record)
    shown = request.fingerprint
    assert shown == content.fingerprint(request.content)
    other = {"withdraw": lambda: anna().run("automation.approvalrequest.withdraw", request),
             "edit": lambda: anna().update(record, amount=9000)}[meanwhile]
    results = at_once([lambda: boss().run("automation.approvalrequest.approve", request), other])
    assert not [one for one in results if isinstance(one, BaseException) and not isinstance(one, Refused)]
    end = state(request)
    runs = Entry.objects.filter(object_type="sales.lead", object_id=record.pk, via="approval")
    assert (status(record), runs.count()) == ENDS[end]
    assert (end == "withdrawn") == (meanwhile == "withdraw" and not isinstance(results[1], Refused))
    edits = Entry.objects.filter(object_type="sales.lead", object_id=record.pk, changes__has_key="amount").exclude(
        verb="sales.lead.create")
    if end == "granted":  # an edit came later, if at all: what ran is what was shown
        assert ApprovalRequest.objects.get(pk=request.pk).fingerprint == shown
        assert all(edit.pk > runs.get().pk for edit in edits)
    if end == "void":
        assert edits.count() == 1
        assert ApprovalRequest.objects.get(pk=request.pk).differences == [["amount", "5000.00", "9000.00"]]
