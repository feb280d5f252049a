"""The figures of selling, and the sums of a board, within each reader's rights."""

import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from guanxi.apps.conftest import Person
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales import figures
from guanxi.apps.sales.models import Lead, Opportunity, OpportunityContact
from guanxi.common import measures
from guanxi.kernel import finding

pytestmark = pytest.mark.django_db


@pytest.fixture
def deals(sales: SimpleNamespace, salesperson: Person, other_salesperson: Person, deal: Any) -> SimpleNamespace:
    """Four of anna, one of bert: 100 and 200 open, 400 won, 800 lost; 1600 open."""
    ctx = salesperson()
    tomorrow = f"{ctx.today + datetime.timedelta(days=1)} 10:00"
    customer = ctx.create(Customer, name="小鹏")
    one = deal(ctx, "a", "first_contact", amount=100, next_contact_at=tomorrow, customer=customer.pk)
    two = deal(ctx, "b", "needs", amount=200, next_contact_at="2020-01-01 10:00")
    won, lost = deal(ctx, "c", "verbal", amount=400), deal(ctx, "d", "verbal", amount=800)
    ctx.run("sales.opportunity.win", won, reason=sales.reasons["win_fit"].pk)
    ctx.run("sales.opportunity.lose", lost, reason=sales.reasons["loss_fit"].pk)
    other = deal(other_salesperson(), "e", "needs", amount=1600)
    return SimpleNamespace(one=one, two=two, won=won, lost=lost, other=other, customer=customer)


def value(person: Person, one: measures.Measure) -> Any:
    return measures.value(person(), one)


@pytest.mark.covers("F9", "STG-10", "SAL-10", "SAL-11")
def test_the_figures_of_one_person_and_of_all(deals: SimpleNamespace, salesperson: Person, administrator: Person) -> None:
    expected = {
        figures.pipeline: ("300", "1900"), figures.open_count: (2, 3), figures.forecast: ("85", "725"),
        figures.won_month_amount: ("400", "400"), figures.won_month_count: (1, 1), figures.won_quarter_amount: ("400", "400"),
        figures.won_quarter_count: (1, 1), figures.win_rate: ("50", "50"), figures.no_next_step: (1, 2),
        figures.no_coach: (2, 3), figures.no_customer: (1, 2), figures.too_long: (0, 0)}
    for one, both in expected.items():
        assert (one.key, [Decimal(value(person, one)) for person in (salesperson, administrator)]) == (
            one.key, [Decimal(number) for number in both])


def test_a_figure_opens_its_rows(deals: SimpleNamespace, salesperson: Person) -> None:
    assert [row.name for row in measures.rows(salesperson(), figures.no_next_step)] == ["b"]
    assert all(str(one.meaning).endswith(".") for one in measures.measures() if one.key.startswith("sales."))


def test_an_average_over_nothing_is_nothing(sales: SimpleNamespace, salesperson: Person) -> None:
    assert (value(salesperson, figures.win_rate), value(salesperson, figures.pipeline)) == (None, Decimal(0))


@pytest.mark.covers("T3", "STG-04")
def test_a_board_shows_count_and_sum_per_stage(
        deals: SimpleNamespace, sales: SimpleNamespace, salesperson: Person, administrator: Person) -> None:
    assert (Opportunity.about.board.name, Opportunity.about.amount.name, Opportunity.about.calendar.name) == (
        "stage", "amount", "expected_close")
    everything = measures.Measure("t", "t", "t", Opportunity, "sum:amount", None, "money")
    names = {stage.pk: key for key, stage in sales.stages.items()}

    def board(person: Person) -> dict[str, Decimal]:
        return {names[pk]: total for pk, total in measures.grouped(person(), everything, "stage").items()}

    assert board(salesperson) == {"first_contact": 100, "needs": 200, "signed": 400, "lost": 800}
    assert board(administrator) == {"first_contact": 100, "needs": 1800, "signed": 400, "lost": 800}


@pytest.mark.covers("STG-07", "CUT-05")
def test_deals_too_long_in_a_stage_and_without_a_coach_are_counted(
        deals: SimpleNamespace, salesperson: Person) -> None:
    old = salesperson().now - datetime.timedelta(days=2)
    Opportunity.objects.filter(pk=deals.two.pk).update(stage_until=old)
    deals.two.refresh_from_db()
    assert (deals.two.overdue, deals.one.overdue, value(salesperson, figures.too_long)) == (True, False, 1)
    ctx = salesperson()
    ctx.create(OpportunityContact, opportunity=deals.one.pk, contact=ctx.create(Contact, name="王强").pk, roles=["coach"])
    assert [row.name for row in measures.rows(salesperson(), figures.no_coach)] == ["b"]


@pytest.mark.covers("P17")
def test_leads_without_a_next_contact(sales: SimpleNamespace, salesperson: Person) -> None:
    ctx = salesperson()
    for name, moment in (("a", ""), ("b", "2020-01-01 10:00"), ("c", "2999-01-01 10:00")):
        ctx.create(Lead, company=name, next_contact_at=moment)
    assert (value(salesperson, figures.open_leads), value(salesperson, figures.leads_due)) == (3, 2)


@pytest.mark.covers("T2")
@pytest.mark.parametrize(("tree", "names"), [
    (["status", "in", ["won", "lost"]], ["c", "d"]), (["stage", "empty"], []), (["has_coach", "is", True], []),
    (["customer.name", "contains", "小鹏"], ["a"]), (["amount", "between", [150, 500]], ["b", "c"]),
    (["owner", "in", ["me"]], ["a", "b", "c", "d"]), (["closed_on", "within", "today"], ["c", "d"])])
def test_deals_are_found_by_their_elements(deals: SimpleNamespace, salesperson: Person, tree: Any, names: list[str]) -> None:
    found = finding.select(salesperson(), Opportunity, tree=tree)
    assert sorted(found.values_list("name", flat=True)) == names
