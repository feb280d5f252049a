"""An import is no way around approvals: what others must agree to is asked, and what waits stays as it is."""

import pytest

from guanxi.apps.parties.models import Customer
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalRule
from guanxi.surfaces.impex import tables

pytestmark = pytest.mark.django_db


@pytest.mark.covers("P21")
def test_rows_that_need_approval_are_sent_for_it(administrator, manager, firm, bring, figures):
    firm.system.create(ApprovalRule, name="Moves", object_type="parties.customer", action="update",
                       condition='["city", "is", "Shenzhen"]', steps=[{"kind": "people", "person": manager.id}])
    ctx = administrator()
    here, there = (ctx.create(Customer, name=name, city="Wuhan") for name in ("Here", "There"))
    table = "name,city\nHere,Shenzhen\nThere,Beijing\n"
    run = bring(administrator(), table, mode="both")

    assert figures(run) == {"updated": 1, "failed": 1}
    (request,) = ApprovalRequest.objects.all()
    assert (request.object_id, request.changes) == (here.pk, {"city": ["Wuhan", "Shenzhen"]})
    rejects = tables.reject_file(administrator(), run, "csv").decode("utf-8-sig")
    assert "“Edit: Here” was sent for approval to maria." in rejects
    again = bring(administrator(), "name,city\nHere,Wuxi\n", mode="both")
    assert figures(again) == {"failed": 1}
    manager().run("automation.approvalrequest.approve", request)
    assert [Customer.objects.get(pk=row.pk).city for row in (here, there)] == ["Shenzhen", "Beijing"]
