"""Opportunities: their elements, their way through the stages, how they are won and lost, who works on them."""

import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales.actions import missing_influences, stage_days
from guanxi.apps.sales.models import (
    Competitor,
    Opportunity,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityMember,
    Pipeline,
    Stage,
)
from guanxi.kernel.api import Ctx, Denied, Entry, Missing, Refused
from guanxi.kernel.entries import StateChange

pytestmark = pytest.mark.django_db


def moves(one: Opportunity, field: str = "stage") -> list[tuple[str, str]]:
    rows = StateChange.objects.filter(object_type="sales.opportunity", object_id=one.pk, field=field).order_by("pk")
    return [(row.old, row.new) for row in rows]


@pytest.mark.covers("SAL-01", "SAL-02", "SAL-03", "SAL-08", "SAL-09", "SAL-10", "SAL-11", "SAL-13", "SAL-14")
def test_an_opportunity_starts_in_the_first_stage_with_its_probability(
        sales: SimpleNamespace, salesperson: Person) -> None:
    customer = salesperson.ctx.create(Customer, name="北京方舟分销", party="distributor")
    one = salesperson.ctx.create(
        Opportunity, name="ERP 升级", description="Two sites", customer=customer.pk, amount="1,000,000.10", method="tender",
        expected_close="2026-12-31", source="Trade fair")
    assert (one.stage, one.pipeline, one.status) == (sales.stages["first_contact"], sales.pipeline, "open")
    assert (str(one.probability), str(one.weighted)) == ("5.00", "50000.01")
    assert (one.upper_owner_id, one.customer.party, one.get_method_display()) == (salesperson.id, "distributor", "Tender")
    assert moves(one) == [("", str(one.stage_id))]


@pytest.mark.covers("SAL-10")
def test_a_probability_of_ones_own_stays_until_it_is_emptied(sales: SimpleNamespace, salesperson: Person, deal: Any) -> None:
    one = deal(salesperson.ctx, amount=1000, probability=33)
    assert (str(one.probability), str(one.weighted)) == ("33.00", "330.00")
    one = salesperson().update(one, probability="", amount=2000)
    assert (str(one.probability), str(one.weighted)) == ("5.00", "100.00")


@pytest.mark.covers("STG-03", "T3")
def test_moving_keeps_from_to_when_and_who(sales: SimpleNamespace, salesperson: Person, deal: Any) -> None:
    one = deal(salesperson.ctx, amount=1000)
    salesperson().run("sales.opportunity.move", one, stage=sales.stages["verbal"].pk)
    one.refresh_from_db()
    assert (one.stage.key, str(one.probability), str(one.weighted)) == ("verbal", "80.00", "800.00")
    change = StateChange.objects.filter(object_type="sales.opportunity", field="stage").order_by("pk").last()
    assert change is not None
    assert (change.old, change.new, change.actor_id) == (
        str(sales.stages["first_contact"].pk), str(sales.stages["verbal"].pk), salesperson.id)
    assert change.at == one.stage_since


@pytest.mark.covers("T36")
@pytest.mark.parametrize("way", ["move", "update", "create", "bulk"])
@pytest.mark.parametrize("stage", ["signed", "lost"])
def test_no_way_leads_into_a_closing_stage_but_winning_and_losing(
        sales: SimpleNamespace, salesperson: Person, deal: Any, way: str, stage: str) -> None:
    one = deal(salesperson.ctx)
    before, closing = list(Opportunity.objects.values()), sales.stages[stage].pk
    ctx = salesperson()
    if way == "bulk":
        outcome = ctx.run_many("sales.opportunity.update", [one.pk], stage=closing)
        assert [refusal.errors.keys() for _pk, _title, refusal in outcome.refused] == [{"stage": 1}.keys()]
    else:
        with pytest.raises(Refused, match="use “Win” or “Lose”"):
            {"move": lambda: ctx.run("sales.opportunity.move", one, stage=closing),
             "update": lambda: ctx.update(one, stage=closing),
             "create": lambda: ctx.create(Opportunity, name="x", stage=closing)}[way]()
    assert list(Opportunity.objects.values()) == before


@pytest.mark.covers("T34")
def test_a_deal_moves_to_another_pipeline(
        sales: SimpleNamespace, administrator: Person, salesperson: Person, deal: Any) -> None:
    other = administrator.ctx.create(Pipeline, name="Renewals")
    stage = administrator.ctx.create(Stage, name="Asked", pipeline=other.pk, probability=60, dwell_days=5)
    one = deal(salesperson.ctx, amount=100)
    salesperson().run("sales.opportunity.move", one, stage=stage.pk)
    one.refresh_from_db()
    assert (one.pipeline_id, str(one.weighted)) == (other.pk, "60.00")
    assert one.stage_until - one.stage_since == datetime.timedelta(days=5)
    with pytest.raises(Refused, match="has no stage for won"):
        salesperson().run("sales.opportunity.win", one, reason=sales.reasons["win_fit"].pk)


@pytest.mark.covers("SAL-21", "T37")
def test_winning_asks_why_and_closes(sales: SimpleNamespace, salesperson: Person, deal: Any) -> None:
    one = deal(salesperson.ctx, amount=500, stage="negotiation", next_step="Call", next_contact_at="2026-01-01 10:00")
    salesperson().run("sales.opportunity.win", one, reason=sales.reasons["win_trust"].pk, note="At last")
    one.refresh_from_db()
    assert (one.status, one.stage.key, one.closed_from.key) == ("won", "signed", "negotiation")
    assert (one.close_reason.key, one.close_note, one.closed_on) == ("win_trust", "At last", salesperson().today)
    assert (str(one.probability), str(one.weighted), one.next_step, one.next_contact_at) == ("100.00", "500.00", "", None)
    assert moves(one, "status") == [("", "open"), ("open", "won")]
    with pytest.raises(Refused, match="Only possible while"):
        salesperson().run("sales.opportunity.win", one, reason=sales.reasons["win_fit"].pk)


@pytest.mark.covers("SAL-21", "T37", "CMP-07")
def test_losing_asks_why_and_to_whom_and_reopening_keeps_the_history(
        sales: SimpleNamespace, salesperson: Person, administrator: Person, deal: Any) -> None:
    rival = administrator.ctx.create(Competitor, name="某竞争公司", strengths="Price")
    one = deal(salesperson.ctx, amount=500, stage="solution")
    salesperson().run("sales.opportunity.lose", one, reason=sales.reasons["loss_price"].pk, competitor=rival.pk,
                      closed_on="2026-02-03", note="Too dear")
    one.refresh_from_db()
    assert (one.status, one.stage.key, one.closed_from.key, one.lost_to) == ("lost", "lost", "solution", rival)
    assert (one.closed_on, str(one.probability), str(one.weighted)) == (datetime.date(2026, 2, 3), "0.00", "0.00")
    salesperson().run("sales.opportunity.reopen", one)
    one.refresh_from_db()
    assert (one.status, one.stage.key, str(one.probability), one.closed_on) == ("open", "solution", "50.00", None)
    assert (one.close_reason, one.lost_to, one.close_note) == (None, None, "")
    assert moves(one, "status") == [("", "open"), ("open", "lost"), ("lost", "open")]
    kept = Entry.objects.filter(object_type="sales.opportunity", object_id=one.pk).order_by("pk").last()
    assert kept is not None
    assert kept.changes["close_note"] == ["Too dear", ""]


def test_a_lost_deal_of_a_pipeline_without_a_lost_stage_stays_where_it_was(
        sales: SimpleNamespace, firm: Firm, salesperson: Person, deal: Any) -> None:
    firm.system.delete(sales.stages["lost"])
    one = deal(salesperson.ctx, stage="needs")
    salesperson().run("sales.opportunity.lose", one, reason=sales.reasons["loss_fit"].pk)
    one.refresh_from_db()
    assert (one.status, one.stage.key, str(one.probability)) == ("lost", "needs", "0.00")
    salesperson().run("sales.opportunity.reopen", one)
    one.refresh_from_db()
    assert (one.status, one.stage.key, str(one.probability)) == ("open", "needs", "40.00")


@pytest.mark.parametrize(("verb", "inputs", "field"), [
    ("win", {"reason": "loss_price"}, "reason"), ("lose", {"reason": "win_fit"}, "reason"),
    ("lose", {"reason": "lead_need"}, "reason"), ("win", {"reason": "win_fit", "closed_on": "2999-01-01"}, "closed_on"),
    ("lose", {}, "reason")])
def test_closing_wants_a_fitting_reason_and_a_day_that_has_come(
        sales: SimpleNamespace, salesperson: Person, deal: Any, verb: str, inputs: dict[str, str], field: str) -> None:
    one = deal(salesperson.ctx)
    before = list(Opportunity.objects.values())
    if "reason" in inputs:
        inputs = {**inputs, "reason": str(sales.reasons[inputs["reason"]].pk)}
    with pytest.raises(Refused) as refusal:
        salesperson().run(f"sales.opportunity.{verb}", one, **inputs)
    assert field in refusal.value.errors
    assert list(Opportunity.objects.values()) == before


@pytest.mark.covers("IMP-02")
def test_migrated_deals_keep_their_days_and_outcome(sales: SimpleNamespace, administrator: Person) -> None:
    old = {"name": "1C1I7A6R", "stage": "Contract signed", "amount": "1054.0", "started_on": "2016-10-20",
           "created_at": "2016-10-20", "closed_on": "2017-03-01"}
    with pytest.raises(Refused) as refusal:
        administrator().create(Opportunity, **old)
    assert set(refusal.value.errors) == {"created_at", "closed_on"}
    ctx = Ctx(user=administrator.user, via="import", migrating=True)
    won = ctx.create(Opportunity, **old)
    lost = ctx.create(Opportunity, **{**old, "name": "Z063OYW0", "stage": "Lost", "amount": "0"})
    by_hand = ctx.create(Opportunity, **{**old, "name": "EC4QE1BX", "stage": "Needs drawn out", "status": "lost"})
    for one in (won, lost, by_hand):
        one.refresh_from_db()
    assert [(one.status, str(one.probability), str(one.closed_on)) for one in (won, lost, by_hand)] == [
        ("won", "100.00", "2017-03-01"), ("lost", "0.00", "2017-03-01"), ("lost", "0.00", "2017-03-01")]
    assert won.customer is None
    assert [(stay.stage.key, round(stay.days), stay.now) for stay in stage_days(ctx, won)] == [("signed", 132, True)]
    with pytest.raises(Refused, match="does not fit"):
        ctx.create(Opportunity, **{**old, "stage": "Needs drawn out", "status": "won"})
    with pytest.raises(Refused, match="needs the day on which"):
        ctx.create(Opportunity, name="x", stage="Needs drawn out", status="lost")


@pytest.mark.covers("STG-03", "STG-07")
def test_days_per_stage_come_from_the_changes(
        sales: SimpleNamespace, administrator: Person, salesperson: Person, deal: Any) -> None:
    administrator.ctx.update(sales.stages["interest"], dwell_days=3)
    one = deal(salesperson.ctx)
    for key in ("interest", "first_contact", "interest"):
        salesperson().run("sales.opportunity.move", one, stage=sales.stages[key].pk)
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    Opportunity.objects.filter(pk=one.pk).update(created_at=start)
    changes = StateChange.objects.filter(object_id=one.pk, field="stage", object_type="sales.opportunity").order_by("pk")
    for row, day in zip(changes, (0, 2, 6, 7), strict=True):
        StateChange.objects.filter(pk=row.pk).update(at=start + datetime.timedelta(days=day))
    one.refresh_from_db()
    ctx = salesperson()
    ctx.now = start + datetime.timedelta(days=7.5)
    assert [(stay.stage.key, stay.days, stay.visits, stay.now, stay.over) for stay in stage_days(ctx, one)] == [
        ("first_contact", 3.0, 2, False, False), ("interest", 4.5, 2, True, True)]


@pytest.mark.covers("CUT-01", "CUT-02", "CUT-03", "CUT-04", "CUT-05", "CUT-06", "SAL-04", "SAL-05", "CTC-03")
def test_a_deal_without_a_coach_is_flagged(sales: SimpleNamespace, salesperson: Person, deal: Any) -> None:
    ctx = salesperson.ctx
    one = deal(ctx)
    wang, li = (ctx.create(Contact, name=name) for name in ("王强", "李娜"))
    assert (one.has_coach, missing_influences(ctx, one)) == (
        False, ["Coach", "User", "Technical selector", "Economic decision maker"])
    decider = ctx.create(OpportunityContact, opportunity=one.pk, contact=wang.pk, roles="economic,user", attitude="-2",
                         influence="high", note="Wants quick results")
    one.refresh_from_db()
    assert (one.has_coach, missing_influences(ctx, one)) == (False, ["Coach", "Technical selector"])
    coach = ctx.create(OpportunityContact, opportunity=one.pk, contact=li.pk, roles=["coach"], attitude="2")
    one.refresh_from_db()
    assert one.has_coach
    ctx.update(decider, roles=["economic"])
    one.refresh_from_db()
    assert (one.has_coach, missing_influences(ctx, one)) == (True, ["User", "Technical selector"])
    ctx.run("sales.opportunitycontact.remove", coach)
    one.refresh_from_db()
    assert not one.has_coach
    with pytest.raises(Refused, match="belongs to this opportunity already"):
        ctx.create(OpportunityContact, opportunity=one.pk, contact=wang.pk)


@pytest.mark.covers("SAL-06", "CMP-01", "CMP-02", "CMP-06")
def test_a_competitor_in_a_deal_holds_influences(
        sales: SimpleNamespace, administrator: Person, salesperson: Person, deal: Any) -> None:
    rival = administrator.ctx.create(Competitor, name="某竞争公司", website="example.com", products="X1")
    contact = salesperson.ctx.create(Contact, name="王强")
    one = deal(salesperson.ctx)
    made = salesperson.ctx.create(OpportunityCompetitor, opportunity=one.pk, competitor=rival.pk, position="ahead",
                                  holds=["technical", "economic"], contact=contact.pk, weaknesses="Slow service")
    assert (made.holds, made.position, str(made)) == (["technical", "economic"], "ahead", "某竞争公司")
    with pytest.raises(Refused, match="is not one of"):
        salesperson.ctx.create(OpportunityCompetitor, opportunity=one.pk, competitor=rival.pk, holds=["king"])


@pytest.mark.covers("SAL-12", "PERM-01")
def test_the_team_may_open_and_change_the_deal_until_they_leave_it(
        sales: SimpleNamespace, salesperson: Person, other_salesperson: Person, deal: Any) -> None:
    one = deal(salesperson.ctx)
    with pytest.raises(Missing):
        other_salesperson().get(Opportunity, one.pk)
    member = salesperson.ctx.create(OpportunityMember, opportunity=one.pk, user=other_salesperson.id, role="presales")
    assert other_salesperson().update(one, next_step="Demo").next_step == "Demo"
    with pytest.raises(Denied):
        other_salesperson().delete(one)
    salesperson().run("sales.opportunitymember.remove", member)
    with pytest.raises(Missing):
        other_salesperson().get(Opportunity, one.pk)


@pytest.mark.covers("SAL-18")
def test_a_deleted_deal_takes_its_people_along(sales: SimpleNamespace, manager: Person, deal: Any) -> None:
    ctx = manager.ctx
    one = deal(ctx)
    ctx.create(OpportunityContact, opportunity=one.pk, contact=ctx.create(Contact, name="王强").pk)
    ctx.create(OpportunityMember, opportunity=one.pk, user=manager.id)
    ctx.delete(one)
    assert (ctx.find(OpportunityContact).count(), ctx.find(OpportunityMember).count()) == (0, 0)
    assert Decimal(one.probability) == 5
