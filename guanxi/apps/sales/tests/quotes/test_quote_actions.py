"""What one does with quotes: sending, accepting, losing, versions, copies, running out; and the figures they make."""

import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.apps.catalog.models import PriceList, PriceListCustomer
from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales import figures
from guanxi.apps.sales.actions import expire_quotes
from guanxi.apps.sales.models import Opportunity, OpportunityContact, Quote, QuoteLine
from guanxi.common import measures, merging, undoing
from guanxi.common.talk import Notification
from guanxi.kernel.api import Ctx, Entry, Refused

pytestmark = pytest.mark.django_db


def state() -> tuple[Any, ...]:
    return (list(Quote.objects.order_by("pk").values()), list(QuoteLine.objects.order_by("pk").values()),
            list(Opportunity.objects.order_by("pk").values()), Entry.objects.count())


def lines(one: Quote) -> list[tuple[str, str, str]]:
    rows = QuoteLine.objects.filter(quote=one, deleted_at=None).order_by("position")
    return [(row.text, str(row.price), str(row.gross)) for row in rows]


@pytest.fixture
def sent(salesperson: Person, quote: Any) -> Any:
    """A quote that the customer has."""
    def make(**values: Any) -> Quote:
        one = quote(**values)
        salesperson().run("sales.quote.send", one)
        return Quote.objects.get(pk=one.pk)
    return make


@pytest.mark.covers("QUO-01")
def test_a_quote_is_sent_once_with_lines_and_in_time(salesperson: Person, quote: Any) -> None:
    one = quote(valid_until="2099-01-01")
    salesperson().run("sales.quote.send", one)
    one.refresh_from_db()
    assert (one.status, one.sent_on) == ("sent", salesperson().today)
    yesterday = salesperson().today - datetime.timedelta(days=1)
    cases = ((one, "Only possible while"), (quote(lines=[]), "at least one line"), (quote(valid_until=yesterday), "valid until"))
    for bad, reason in cases:
        before = state()
        with pytest.raises(Refused, match=reason):
            salesperson().run("sales.quote.send", bad)
        assert state() == before


@pytest.mark.covers("MON-04", "QUO-01")
@pytest.mark.parametrize(("values", "field"), [
    ({"subject": "x"}, "subject"), ({"discount": "5"}, "discount"), ({"reduction": "1"}, "reduction"),
    ({"currency": "USD"}, "currency"), ({"tax_included": False}, "tax_included"), ({"note": "x"}, "note"),
    ({"payment_terms": "x"}, "payment_terms"), ({"delivery_terms": "x"}, "delivery_terms"), ({"lines": []}, "lines"),
    ({"lines": [{"product": "P-100"}]}, "lines"), ({"contact": None}, "contact")])
def test_what_was_sent_stays_as_it_was_sent(
        goods: SimpleNamespace, salesperson: Person, sent: Any, values: dict[str, Any], field: str) -> None:
    one = sent(contact=goods.contact.pk)
    before = state()
    with pytest.raises(Refused, match="is “Sent” and stays as it is") as caught:
        salesperson().update(one, **values)
    assert field in caught.value.errors
    assert state() == before


@pytest.mark.covers("QUO-01")
def test_a_sent_quote_may_still_change_hands_and_hold_longer(colleague: Person, manager: Person, sent: Any) -> None:
    one = sent(valid_until="2099-01-01")
    manager().run("sales.quote.assign", one, to=colleague.id)
    colleague().update(one, valid_until="2099-02-01")
    one.refresh_from_db()
    assert (one.owner_id, str(one.valid_until), one.status) == (colleague.id, "2099-02-01", "sent")
    assert set(QuoteLine.objects.values_list("owner_id", flat=True)) == {colleague.id}


@pytest.mark.parametrize("below", [True, False])
def test_lines_change_hands_with_their_quote(below: bool, colleague: Person, manager: Person, quote: Any) -> None:
    one = quote()
    manager().run("sales.quote.assign", one, to=colleague.id, below=below)
    assert set(QuoteLine.objects.filter(quote=one).values_list("owner_id", "upper_owner_id")) == {(colleague.id, colleague.id)}


@pytest.mark.covers("QUO-01", "SAL-21", "P18")
def test_accepting_gives_the_opportunity_its_amount_and_may_win_it(
        goods: SimpleNamespace, sales: SimpleNamespace, salesperson: Person, sent: Any, deal: Any) -> None:
    one = sent(opportunity=deal(salesperson(), customer=goods.customer.pk, amount=5).pk)
    salesperson().run("sales.quote.accept", one, po_number="PO-7")
    one.refresh_from_db()
    assert (one.status, one.signed_on, one.po_number, str(one.hit)) == ("accepted", salesperson().today, "PO-7", "100.00")
    assert (str(one.opportunity.amount), one.opportunity.status) == ("1173.00", "open")
    two = sent(opportunity=deal(salesperson(), customer=goods.customer.pk).pk)
    salesperson().run("sales.quote.accept", two, signed_on="2026-02-03", win=True, reason=sales.reasons["win_price"].pk)
    two.refresh_from_db()
    assert (str(two.signed_on), two.opportunity.status, str(two.opportunity.amount), two.opportunity.close_reason.key) == (
        "2026-02-03", "won", "1173.00", "win_price")


@pytest.mark.covers("QUO-01")
@pytest.mark.parametrize(("values", "reason"), [
    ({"signed_on": "2999-01-01"}, "lies in the future"), ({"win": True}, "Say why the opportunity was won"),
    ({"win": True, "reason": "loss_price"}, "reason of another kind"), ({"sign": "x"}, "Unknown input")])
def test_an_acceptance_that_does_not_fit_changes_nothing(
        goods: SimpleNamespace, sales: SimpleNamespace, salesperson: Person, sent: Any, deal: Any, values: dict[str, Any],
        reason: str) -> None:
    one = sent(opportunity=deal(salesperson(), customer=goods.customer.pk, amount=5).pk)
    if "reason" in values:
        values = {**values, "reason": sales.reasons[values["reason"]].pk}
    before = state()
    with pytest.raises(Refused, match=reason):
        salesperson().run("sales.quote.accept", one, **values)
    assert state() == before


@pytest.mark.covers("QUO-01")
def test_winning_needs_an_opportunity_that_is_open(salesperson: Person, sales: SimpleNamespace, sent: Any) -> None:
    one = sent()
    before = state()
    with pytest.raises(Refused, match="no open opportunity"):
        salesperson().run("sales.quote.accept", one, win=True, reason=sales.reasons["win_fit"].pk)
    assert state() == before


@pytest.mark.covers("QUO-01", "SAL-21")
def test_losing_asks_why_and_can_be_taken_back(sales: SimpleNamespace, salesperson: Person, sent: Any, quote: Any) -> None:
    one = sent()
    salesperson().run("sales.quote.lose", one, reason=sales.reasons["loss_price"].pk, note="Too dear")
    one.refresh_from_db()
    assert (one.status, one.lost_reason.key, one.lost_note, str(one.hit)) == ("lost", "loss_price", "Too dear", "0.00")
    salesperson().run("sales.quote.reopen", one)
    one.refresh_from_db()
    assert (one.status, one.lost_reason, one.lost_note, one.hit) == ("sent", None, "", None)
    draft = quote()
    salesperson().run("sales.quote.lose", draft, reason=sales.reasons["loss_price"].pk)
    salesperson().run("sales.quote.reopen", draft)
    assert Quote.objects.get(pk=draft.pk).status == "draft"
    before = state()
    with pytest.raises(Refused, match="another kind"):
        salesperson().run("sales.quote.lose", one, reason=sales.reasons["win_price"].pk)
    with pytest.raises(Refused, match="needed"):
        salesperson().run("sales.quote.lose", one)
    assert state() == before


@pytest.mark.covers("QUO-01", "P18")
def test_the_next_version_supersedes_the_last(salesperson: Person, administrator: Person, goods: SimpleNamespace, sent: Any) -> None:
    one = sent(subject="泵房", discount="10", contact=goods.contact.pk)
    administrator().run("catalog.product.retire", goods.pump)
    two = salesperson().run("sales.quote.revise", one).record
    one.refresh_from_db()
    assert (one.status, one.hit) == ("superseded", None)
    assert (two.number, two.revision, two.follows_id, two.status) == (f"{one.number}-2", 2, one.pk, "draft")
    assert (two.subject, str(two.discount), two.contact_id, two.owner_id) == ("泵房", "10.00", goods.contact.pk, one.owner_id)
    assert lines(two) == lines(one)
    assert str(Quote.objects.get(pk=two.pk).gross) == str(one.gross) == "1055.70"
    with pytest.raises(Refused, match="Only possible while"):
        salesperson().run("sales.quote.revise", one)
    salesperson().run("sales.quote.send", two)
    three = salesperson().run("sales.quote.revise", two).record
    assert (three.number, three.revision) == (f"{one.number}-3", 3)
    assert sorted(Quote.objects.values_list("status", flat=True)) == ["draft", "superseded", "superseded"]


@pytest.mark.covers("QUO-01")
def test_a_version_thrown_away_gives_way_to_the_one_before(salesperson: Person, administrator: Person, sent: Any) -> None:
    one = sent()
    two = salesperson().run("sales.quote.revise", one).record
    administrator().delete(two)
    one.refresh_from_db()
    assert one.status == "sent"
    three = salesperson().run("sales.quote.revise", one).record
    assert three.number == f"{one.number}-3"
    before = state()
    with pytest.raises(Refused, match="cannot come back"):
        administrator().run("sales.quote.restore", two)
    assert state() == before
    administrator().delete(three)
    administrator().run("sales.quote.restore", two)
    one.refresh_from_db()
    assert (one.status, Quote.objects.get(pk=two.pk).deleted_at) == ("superseded", None)


@pytest.mark.covers("QUO-01", "DEL-01")
def test_an_accepted_quote_is_not_thrown_away(salesperson: Person, administrator: Person, sent: Any) -> None:
    one = sent()
    salesperson().run("sales.quote.accept", one)
    before = state()
    with pytest.raises(Refused, match="cannot be deleted"):
        administrator().delete(one)
    assert state() == before


@pytest.mark.covers("QUO-01", "PRD-04")
def test_a_copy_is_a_quote_of_its_own(
        goods: SimpleNamespace, manager: Person, salesperson: Person, sent: Any, deal: Any) -> None:
    own = manager().create(PriceList, name="Own", restricted=True)
    manager().create(PriceListCustomer, price_list=own.pk, customer=goods.customer.pk)
    opportunity = deal(salesperson(), customer=goods.customer.pk)
    one = sent(contact=goods.contact.pk, opportunity=opportunity.pk, valid_until="2099-01-01", price_list=own.pk)
    same = salesperson().run("sales.quote.copy", one).record
    assert (same.status, same.revision, same.follows_id, same.valid_until) == ("draft", 1, None, None)
    assert (same.customer_id, same.contact_id, same.opportunity_id, same.price_list_id) == (
        goods.customer.pk, goods.contact.pk, opportunity.pk, own.pk)
    other = salesperson().create(Customer, name="其他公司")
    two = salesperson().run("sales.quote.copy", one, customer=other.pk).record
    assert (two.customer_id, two.contact_id, two.opportunity_id, two.price_list_id) == (other.pk, None, None, None)
    assert lines(same) == lines(two) == lines(one)
    assert len({one.number, same.number, two.number}) == 3


@pytest.mark.covers("QUO-01", "P18")
def test_an_opportunity_begins_its_quote(
        goods: SimpleNamespace, sales: SimpleNamespace, salesperson: Person, manager: Person, deal: Any) -> None:
    opportunity = deal(salesperson(), "泵房改造", customer=goods.customer.pk)
    boss = salesperson().create(Contact, name="李总", customer=goods.customer.pk)
    for contact, roles in ((goods.contact, ["coach"]), (boss, ["economic"])):
        salesperson().create(OpportunityContact, opportunity=opportunity.pk, contact=contact.pk, roles=roles)
    dollars = manager().create(PriceList, name="List")
    made = salesperson().run("sales.opportunity.quote", opportunity, price_list=dollars.pk).record
    assert (made.customer_id, made.contact_id, made.opportunity_id, made.subject, made.price_list_id) == (
        goods.customer.pk, boss.pk, opportunity.pk, "泵房改造", dollars.pk)
    bare = deal(salesperson())
    before = state()
    with pytest.raises(Refused, match="names no customer"):
        salesperson().run("sales.opportunity.quote", bare)
    assert state() == before


@pytest.mark.covers("QUO-01")
def test_quotes_run_out_at_night_and_can_be_extended(firm: Firm, salesperson: Person, sent: Any, quote: Any) -> None:
    today = salesperson().today
    over, last, open_, draft = (make(valid_until=day) for make, day in (
        (sent, today), (sent, today + datetime.timedelta(days=1)), (sent, None), (quote, today)))
    ctx = Ctx(system=True, via="job", reason="test")
    ctx.clock = lambda: datetime.datetime.combine(
        today + datetime.timedelta(days=1), datetime.time(12), tzinfo=datetime.UTC)
    expire_quotes(ctx)
    assert [Quote.objects.get(pk=one.pk).status for one in (over, last, open_, draft)] == ["expired", "sent", "sent", "draft"]
    told = Notification.objects.get(object_type="sales.quote")
    assert (told.object_id, told.user_id) == (over.pk, salesperson.id)
    assert str(Quote.objects.get(pk=over.pk).hit) == "0.00"
    expire_quotes(ctx)
    assert Notification.objects.filter(object_type="sales.quote").count() == 1
    salesperson().run("sales.quote.extend", over, valid_until="2099-01-01")
    over.refresh_from_db()
    assert (over.status, str(over.valid_until), over.hit) == ("sent", "2099-01-01", None)
    with pytest.raises(Refused, match="has passed"):
        salesperson().run("sales.quote.extend", over, valid_until="2020-01-01")


@pytest.mark.covers("F9", "QUO-01")
def test_the_figures_of_quotes(
        sales: SimpleNamespace, salesperson: Person, other_salesperson: Person, sent: Any, quote: Any) -> None:
    won, lost, _open = sent(), sent(), sent(discount="10")
    salesperson().run("sales.quote.accept", won)
    salesperson().run("sales.quote.lose", lost, reason=sales.reasons["loss_price"].pk)
    salesperson().run("sales.quote.revise", sent())
    expected = {figures.open_quotes: 1, figures.open_quotes_amount: Decimal("1055.70"), figures.accepted_month: Decimal("1173.00"),
                figures.accepted_quarter: Decimal("1173.00"), figures.hit_rate: Decimal(50), figures.below_list: 1}
    assert {one.key: measures.value(salesperson(), one) for one in expected} == {
        one.key: value for one, value in expected.items()}
    assert measures.value(other_salesperson(), figures.open_quotes) == 0


@pytest.mark.covers("MRG-01", "QUO-01")
def test_merging_customers_brings_their_quotes_together(
        goods: SimpleNamespace, administrator: Person, salesperson: Person, sent: Any, quote: Any) -> None:
    twin = salesperson().create(Customer, name="小鹏汽车")
    mine, other = sent(contact=goods.contact.pk), quote(customer=twin.pk)
    merging.merge(administrator(), twin, [goods.customer])
    found = Quote.objects.filter(deleted_at=None).order_by("pk").values_list("pk", "customer_id", "status")
    assert list(found) == [(mine.pk, twin.pk, "sent"), (other.pk, twin.pk, "draft")]


@pytest.mark.covers("F2", "QUO-01")
def test_a_new_version_is_taken_back_as_one(salesperson: Person, sent: Any) -> None:
    one = sent()
    before = lines(one)
    outcome = salesperson().run("sales.quote.revise", one)
    result = undoing.undo(salesperson(), outcome.operation_id)
    assert result.conflicts == []
    assert list(Quote.objects.filter(deleted_at=None).values_list("pk", "status")) == [(one.pk, "sent")]
    assert lines(one) == before


@pytest.mark.covers("DEL-02", "PRD-01")
def test_a_product_that_is_offered_is_not_thrown_away(goods: SimpleNamespace, administrator: Person, quote: Any) -> None:
    quote()
    before = state()
    with pytest.raises(Refused, match="still used by"):
        administrator().delete(goods.pump)
    assert state() == before


def test_a_long_quote_is_written_with_as_many_queries_as_a_short_one(
        goods: SimpleNamespace, salesperson: Person, quote: Any) -> None:
    counts = []
    for number in (2, 100):
        rows = [{"product": goods.pump.pk, "quantity": str(place + 1)} for place in range(number)]
        with CaptureQueriesContext(connection) as queries:
            quote(lines=rows)
        counts.append(len(queries))
    assert counts[1] - counts[0] <= 2
