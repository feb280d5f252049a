"""Leads and the raw data they are made of."""

from types import SimpleNamespace
from typing import Any

import pytest

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.sales.models import Lead, Library, Prospect
from guanxi.common import talk, undoing
from guanxi.kernel.api import Refused
from guanxi.kernel.custom import CustomField

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(sales: SimpleNamespace, salesperson: Person) -> Prospect:
    return salesperson.ctx.create(
        Prospect, company="上海某医疗器械", person="赵敏", phone="021-5555 6666", batch="Fair 2026", source="Trade fair",
        library="Resource library", requirement="A CRM for 40 people", job_title="CIO")


@pytest.mark.covers("LED-02", "LED-03")
def test_raw_data_lie_in_a_library_with_source_and_batch(firm: Firm, row: Prospect) -> None:
    assert (row.name, row.status, row.batch, str(row.source), str(row.library)) == (
        "上海某医疗器械", "raw", "Fair 2026", "Trade fair", "Resource library")
    assert firm.system.find(Library).get().default


@pytest.mark.covers("LED-04", "LED-01")
def test_a_row_becomes_a_lead_with_all_it_has(firm: Firm, row: Prospect, salesperson: Person) -> None:
    for name, key in (("sales.prospect", "budget"), ("sales.lead", "budget"), ("sales.prospect", "hall")):
        firm.system.create(CustomField, object_type=name, key=key, label=key.title(), field_kind="name")
    ctx = salesperson()
    row = ctx.update(row, budget="300k", hall="7B")
    talk.comment(ctx, row, "Met at the fair.")
    outcome = ctx.run("sales.prospect.qualify", row)
    row.refresh_from_db()
    lead = row.lead
    assert (row.status, lead.company, lead.person, lead.phone, lead.requirement, lead.job_title) == (
        "qualified", "上海某医疗器械", "赵敏", row.phone, "A CRM for 40 people", "CIO")
    assert (lead.owner_id, lead.source, lead.extra, lead.note) == (salesperson.id, row.source, {"budget": "300k"}, "Hall: 7B")
    assert [one.text for one in talk.comments(ctx, lead)] == ["Met at the fair."]
    with pytest.raises(Refused, match="Only possible while"):
        salesperson().run("sales.prospect.qualify", row)
    assert undoing.undo(salesperson(), outcome.operation_id).conflicts == []
    row.refresh_from_db()
    assert (row.status, row.lead, salesperson().find(Lead).count()) == ("raw", None, 0)
    assert [one.text for one in talk.comments(ctx, row)] == ["Met at the fair."]


def test_a_row_becomes_a_lead_in_a_pool(row: Prospect, sales: SimpleNamespace, salesperson: Person) -> None:
    salesperson().run("sales.prospect.qualify", row, pool=sales.pool.pk)
    assert Lead.objects.get().in_pool


def test_a_row_is_discarded_with_a_reason(row: Prospect, salesperson: Person) -> None:
    with pytest.raises(Refused):
        salesperson().run("sales.prospect.discard", row)
    salesperson().run("sales.prospect.discard", row, reason="A competitor of ours")
    row.refresh_from_db()
    assert (row.status, row.discard_note) == ("discarded", "A competitor of ours")
    salesperson().run("sales.prospect.restart", row)
    row.refresh_from_db()
    assert (row.status, row.discard_note) == ("raw", "")


@pytest.mark.covers("LED-04", "LED-05", "P17")
def test_a_lead_goes_its_way(sales: SimpleNamespace, salesperson: Person) -> None:
    ctx = salesperson()
    lead = ctx.create(Lead, person="李雷", mobile="13800138000", source="Web enquiry", next_contact_at="2026-12-01 09:30")
    assert (lead.name, lead.status, lead.identity.person) == ("李雷", "new", True)
    ctx.run("sales.lead.contact", lead)
    ctx.run("sales.lead.qualify", lead)
    lead.refresh_from_db()
    assert lead.status == "qualified"
    with pytest.raises(Refused, match="is no reason for giving up"):
        ctx.run("sales.lead.disqualify", lead, reason=sales.reasons["win_fit"].pk)
    ctx.run("sales.lead.disqualify", lead, reason=sales.reasons["lead_reach"].pk, note="Rang five times")
    lead.refresh_from_db()
    assert (lead.status, lead.lost_reason.key, lead.note) == ("disqualified", "lead_reach", "Rang five times")
    ctx.run("sales.lead.reopen", lead)
    lead.refresh_from_db()
    assert (lead.status, lead.lost_reason) == ("contacted", None)


@pytest.mark.parametrize("values", [{}, {"note": "?"}, {"company": "  "}])
def test_a_lead_without_a_name_or_a_number_is_refused(
        sales: SimpleNamespace, salesperson: Person, values: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        salesperson().create(Lead, **values)
    assert refusal.value.errors.keys() == {"company"}
    assert Lead.objects.count() == 0
