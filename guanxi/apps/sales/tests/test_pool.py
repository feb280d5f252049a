"""Pools: who sees and claims what waits there, within which limits, and one winner."""

import datetime
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from guanxi.apps.conftest import Firm, Person, at_once
from guanxi.apps.sales.models import Lead, Pool, PoolMember, PoolMove
from guanxi.common import undoing
from guanxi.kernel.api import Denied, Missing, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(sales: SimpleNamespace, firm: Firm) -> Callable[..., Lead]:
    """A lead that waits in the pool."""
    def make(name: str = "深圳小鹏", pool: Pool | None = None) -> Lead:
        return firm.system.create(Lead, company=name, pool=(pool or sales.pool).pk)
    return make


def dump() -> Any:
    return [list(model.objects.order_by("pk").values()) for model in (Lead, PoolMove)]


@pytest.mark.covers("T21", "LED-04")
def test_what_waits_is_seen_by_members_and_claimed_by_one(
        waiting: Any, salesperson: Person, colleague: Person) -> None:
    lead = waiting()
    assert lead.owner_id is None
    assert (colleague().get(Lead, lead.pk), lead.pool_since is None) == (lead, False)
    salesperson().run("sales.lead.claim", lead)
    lead.refresh_from_db()
    assert (lead.owner_id, lead.pool_since, lead.status) == (salesperson.id, None, "new")
    assert not colleague().find(Lead).exists()
    with pytest.raises(Refused, match="“深圳小鹏” belongs to anna now: somebody was quicker"):
        colleague().run("sales.lead.claim", lead)
    outcome = colleague().run_many("sales.lead.claim", [lead.pk])
    assert [str(refusal) for _pk, _title, refusal in outcome.refused] == [
        "“深圳小鹏” belongs to anna now: somebody was quicker."]
    assert [(one.user_id, one.kind) for one in PoolMove.objects.all()] == [(salesperson.id, "claim")]


@pytest.mark.covers("PERM-01", "IDOR-01")
def test_strangers_to_a_pool_neither_see_nor_claim_nor_hear_of_it(
        firm: Firm, waiting: Any, salesperson: Person, other_salesperson: Person) -> None:
    pool = firm.system.create(Pool, name="East only")
    firm.system.create(PoolMember, pool=pool.pk, department=firm.east.pk)
    lead = waiting(pool=pool)
    before = dump()
    for _round in ("waiting", "claimed"):
        with pytest.raises(Missing) as refusal:
            other_salesperson().run("sales.lead.claim", lead)
        assert str(refusal.value) == "There is no such lead."
        assert not other_salesperson().find(Lead).exists()
        assert dump() == before
        salesperson().run("sales.lead.claim", lead) if _round == "waiting" else None
        before = dump()


def test_members_are_people_departments_and_everybody_below_them(
        firm: Firm, waiting: Any, salesperson: Person, other_salesperson: Person, administrator: Person) -> None:
    pool = firm.system.create(Pool, name="Sales only")
    waiting(pool=pool)
    assert not salesperson().find(Lead).exists()
    firm.system.create(PoolMember, pool=pool.pk, user=other_salesperson.id, may_claim=False)
    assert other_salesperson().find(Lead).count() == 1
    with pytest.raises(Denied, match="may not claim from the pool “Sales only”"):
        other_salesperson().run("sales.lead.claim", Lead.objects.get())
    firm.system.create(PoolMember, pool=pool.pk, department=firm.sales.pk)
    assert salesperson().find(Lead).count() == 1
    with pytest.raises(Refused, match="one of them"):
        firm.system.create(PoolMember, pool=pool.pk, user=salesperson.id, department=firm.sales.pk)


@pytest.mark.covers("T21")
def test_limits_hold(firm: Firm, sales: SimpleNamespace, waiting: Any, salesperson: Person, colleague: Person) -> None:
    firm.system.update(sales.pool, daily_claims=2, holding_limit=3)
    leads = [waiting(f"Company {number}") for number in range(5)]
    outcome = salesperson().run_many("sales.lead.claim", leads[:3])
    assert (len(outcome.done), [str(one) for _pk, _title, one in outcome.refused]) == (
        2, ["You have claimed 2 leads from “Public pool” today: no more are allowed a day."])
    before = dump()
    with pytest.raises(Refused, match="claimed 2 leads"):
        salesperson().run("sales.lead.claim", leads[2])
    assert dump() == before
    colleague().run("sales.lead.claim", leads[2])
    PoolMove.objects.update(created_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    salesperson().run("sales.lead.claim", leads[3])
    with pytest.raises(Refused, match="You hold 3 open leads"):
        salesperson().run("sales.lead.claim", leads[4])
    reason = sales.reasons["lead_need"].pk
    salesperson().run("sales.lead.disqualify", leads[0], reason=reason)
    salesperson().run("sales.lead.claim", leads[4])


@pytest.mark.covers("T21")
def test_returning_asks_which_pool_and_why_and_bars_the_former_owner(
        firm: Firm, sales: SimpleNamespace, salesperson: Person, colleague: Person) -> None:
    lead = salesperson.ctx.create(Lead, company="深圳小鹏")
    salesperson().run("sales.lead.qualify", lead)
    with pytest.raises(Refused) as refusal:
        salesperson().run("sales.lead.return", lead)
    assert refusal.value.errors.keys() == {"pool", "reason"}
    salesperson().run("sales.lead.return", lead, pool=sales.pool.pk, reason="No time")
    lead.refresh_from_db()
    assert (lead.owner_id, lead.former_owner_id, lead.pool, lead.status) == (
        None, salesperson.id, sales.pool, "qualified")
    assert PoolMove.objects.get().reason == "No time"
    with pytest.raises(Refused, match="was yours before"):
        salesperson().run("sales.lead.claim", lead)
    Lead.objects.update(pool_since=salesperson().now - datetime.timedelta(days=7, minutes=1))
    salesperson().run("sales.lead.claim", lead)
    lead.refresh_from_db()
    assert lead.owner_id == salesperson.id


@pytest.mark.covers("F2")
def test_a_return_can_be_undone(sales: SimpleNamespace, salesperson: Person) -> None:
    lead = salesperson.ctx.create(Lead, company="深圳小鹏", next_contact_at="2026-12-01 09:00")
    outcome = salesperson().run("sales.lead.return", lead, pool=sales.pool.pk, reason="By mistake")
    done = undoing.undo(salesperson(), outcome.operation_id)
    lead.refresh_from_db()
    assert (done.conflicts, lead.owner_id, lead.pool, lead.next_contact_at is None) == ([], salesperson.id, None, False)


def test_who_looks_after_a_pool_hands_leads_out(
        firm: Firm, sales: SimpleNamespace, waiting: Any, salesperson: Person, colleague: Person) -> None:
    lead = waiting()
    with pytest.raises(Denied, match="do not look after"):
        salesperson().run("sales.lead.hand_out", lead, to=colleague.id)
    firm.system.create(PoolMember, pool=sales.pool.pk, user=salesperson.id, manages=True)
    salesperson().run("sales.lead.hand_out", lead, to=colleague.id)
    lead.refresh_from_db()
    assert (lead.owner_id, PoolMove.objects.get().kind) == (colleague.id, "handed")


def test_who_only_looks_claims_nothing(waiting: Any, person: Any) -> None:
    auditor = person("audrey", "auditor")
    lead = waiting()
    before = dump()
    with pytest.raises(Denied, match="may not work on leads"):
        auditor().run("sales.lead.claim", lead)
    assert dump() == before


def test_leads_go_straight_into_a_pool_when_they_are_made(sales: SimpleNamespace, salesperson: Person) -> None:
    lead = salesperson.ctx.create(Lead, company="深圳小鹏", pool="Public pool")
    assert (lead.owner_id, lead.in_pool) == (None, True)
    assert salesperson.ctx.create(Lead, company="Mine").owner_id == salesperson.id


@pytest.mark.covers("CONC-03")
@pytest.mark.django_db(transaction=True)
def test_fifty_claim_one_lead_at_once(firm: Firm, waiting: Any) -> None:
    people = [firm.add(f"p{number}", "salesperson", department=firm.east) for number in range(50)]
    lead = waiting()
    results = at_once([lambda one=one: one().run("sales.lead.claim", lead.pk).refused for one in people])
    told = [str(one) for one in results]
    lead.refresh_from_db()
    winner = lead.owner
    assert told.count("[]") == 1
    assert told.count(f"“深圳小鹏” belongs to {winner} now: somebody was quicker.") == 49
    assert results[[one.id for one in people].index(winner.pk)] == []
    assert [(one.user_id, one.kind) for one in PoolMove.objects.all()] == [(winner.pk, "claim")]


@pytest.mark.covers("CONC-03")
@pytest.mark.django_db(transaction=True)
def test_limits_hold_for_claims_of_different_leads_at_once(
        firm: Firm, sales: SimpleNamespace, waiting: Any, salesperson: Person) -> None:
    firm.system.update(sales.pool, daily_claims=3)
    leads = [waiting(f"Company {number}") for number in range(10)]
    results = at_once([lambda one=one: salesperson().run("sales.lead.claim", one.pk).refused for one in leads])
    told = [str(one) for one in results]
    assert told.count("[]") == 3
    assert told.count("You have claimed 3 leads from “Public pool” today: no more are allowed a day.") == 7
    assert (Lead.objects.filter(owner=salesperson.user).count(), PoolMove.objects.count()) == (3, 3)
