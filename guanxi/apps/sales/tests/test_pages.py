"""The page of an opportunity shows its people, its competitors and its way."""

from typing import Any

import pytest

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Contact
from guanxi.apps.sales import pages
from guanxi.apps.sales.models import Competitor, OpportunityCompetitor, OpportunityContact
from guanxi.surfaces.web.addresses import record_url

pytestmark = pytest.mark.django_db


@pytest.mark.covers("CUT-05", "CMP-07", "STG-03", "SAL-24")
def test_the_cards_of_a_deal(firm: Firm, sales: Any, salesperson: Person, deal: Any) -> None:
    ctx = salesperson.ctx
    rival = firm.system.create(Competitor, name="某竞争公司")
    one = deal(ctx)
    contact = ctx.create(Contact, name="王强")
    ctx.create(OpportunityContact, opportunity=one.pk, contact=contact.pk, roles=["economic"], attitude="-2")
    ctx.create(OpportunityCompetitor, opportunity=one.pk, competitor=rival.pk, position="ahead", holds=["technical"])
    ctx.run("sales.opportunity.move", one, stage=sales.stages["needs"].pk)
    one.refresh_from_db()
    made = {"buying influences": pages.influences, "competitors": pages.competitors, "days per stage": pages.stages}
    cards = {name: make(salesperson(), one, None)["rows"] for name, make in made.items()}
    assert [(row["title"], row["subtitle"], row["badge"]["text"]) for row in cards["buying influences"]] == [
        ("王强", "Economic decision maker", "Strongly against"),
        ("Still missing", "Coach, User, Technical selector", "No coach yet")]
    assert [(row["title"], row["subtitle"], row["badge"]["text"]) for row in cards["competitors"]] == [
        ("某竞争公司", "Technical selector", "Ahead of us")]
    assert [(row["title"], row["amount"]) for row in cards["days per stage"]] == [
        ("First contact", "0 days"), ("Needs drawn out", "0 days")]
    assert salesperson.client.get(record_url(type(one), one.pk)).status_code == 200
