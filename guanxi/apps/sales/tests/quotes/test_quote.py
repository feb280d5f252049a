"""Quotes: their elements, prices and totals, what is refused, and who may see them."""

import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from guanxi.apps.catalog.models import ExchangeRate, PriceList, PriceListCustomer, PriceListItem, Product
from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales.models import Quote, QuoteLine
from guanxi.kernel.api import Denied, Entry, Missing, Refused

pytestmark = pytest.mark.django_db


def rows(one: Quote) -> list[tuple[str, ...]]:
    found = QuoteLine.objects.filter(quote=one, deleted_at=None).order_by("position")
    return [(row.text, str(row.quantity.normalize()), str(row.price), str(row.net), str(row.tax), str(row.gross)) for row in found]


def sums(one: Quote) -> tuple[str, ...]:
    one = Quote.objects.get(pk=one.pk)
    return str(one.net), str(one.tax), str(one.gross)


def state() -> tuple[Any, ...]:
    return list(Quote.objects.order_by("pk").values()), list(QuoteLine.objects.order_by("pk").values()), Entry.objects.count()


@pytest.mark.covers("QUO-01", "PRD-01", "PRD-02")
def test_a_quote_takes_text_unit_tax_and_price_from_the_product(
        goods: SimpleNamespace, salesperson: Person, quote: Any) -> None:
    one = quote(contact=goods.contact.pk, subject="泵房改造", valid_until="2099-12-31")
    year = salesperson().today.year
    assert (one.number, one.revision, one.status, one.owner_id) == (f"Q-{year}-00001", 1, "draft", salesperson.id)
    assert quote().number == f"Q-{year}-00002"
    assert rows(one) == [("离心泵", "1", "113.0000", "100.00", "13.00", "113.00"),
                         ("咨询", "2", "530.0000", "1000.00", "60.00", "1060.00")]
    assert sums(one) == ("1100.00", "73.00", "1173.00")
    lines = list(QuoteLine.objects.order_by("pk"))[:2]
    assert [(row.unit, str(row.tax_rate), str(row.list_price), str(row.cost)) for row in lines] == [
        (goods.piece, "13.00", "113.0000", "60.0000"), (goods.hour, "6.00", "530.0000", "200.0000")]
    one = Quote.objects.get(pk=one.pk)
    assert (str(one.margin), str(one.margin_percent), str(one.listed), str(one.deducted)) == (
        "640.00", "58.18", "1173.00", "0.00")
    assert (one.currency, str(one.rate), one.rate_on, str(one.gross_company)) == (
        "CNY", "1.00000000", salesperson().today, "1173.00")


@pytest.mark.covers("QUO-01", "MON-01")
def test_lines_are_changed_added_removed_and_ordered_with_the_quote(
        goods: SimpleNamespace, salesperson: Person, quote: Any) -> None:
    one = quote()
    pump, _advice = QuoteLine.objects.order_by("position")
    salesperson().update(one, reduction="10", lines=[
        {"text": "安装", "quantity": "1.5", "price": "100", "tax_rate": "9", "heading": "服务"},
        {"id": pump.pk, "quantity": 3, "discount": "33.33"}])
    assert rows(one) == [("安装", "1.5", "100.0000", "133.95", "12.06", "146.01"),
                         ("离心泵", "3", "113.0000", "194.69", "25.31", "220.00")]
    assert sums(one) == ("328.64", "37.37", "366.01")
    assert [str(row.share) for row in QuoteLine.objects.filter(deleted_at=None).order_by("position")] == ["3.99", "6.01"]
    fresh = Quote.objects.get(pk=one.pk)
    assert (str(fresh.listed), str(fresh.deducted), str(fresh.discount_percent), fresh.below_list, fresh.margin) == (
        "489.00", "122.99", "25.15", True, None)


@pytest.mark.covers("MON-01")
@pytest.mark.parametrize(("currency", "included", "total"), [
    ("CNY", False, ("200.01", "26.01", "226.02")), ("CNY", True, ("177.00", "23.01", "200.01")),
    ("JPY", False, ("201.00", "27.00", "228.00")), ("JPY", True, ("177.00", "24.00", "201.00"))])
def test_page_list_and_api_show_the_total_of_the_lines(
        goods: SimpleNamespace, administrator: Person, salesperson: Person, quote: Any, currency: str, included: bool,
        total: tuple[str, ...]) -> None:
    administrator().create(ExchangeRate, currency="JPY", day="2020-01-01", rate="0.047")
    third = {"text": "x", "price": "100", "discount": "33.33", "tax_rate": "13"}
    one = quote(currency=currency, tax_included=included, lines=[third] * 3)
    assert sums(one) == total
    stored = QuoteLine.objects.filter(quote=one)
    assert [sum(getattr(row, name) for row in stored) for name in ("net", "tax", "gross")] == [Decimal(part) for part in total]
    told = salesperson.client.get(f"/api/v1/quotes/{one.pk}").json()
    assert (told["net"], told["tax"], told["gross"]) == total
    assert f"{float(total[2]):.2f}" in salesperson.client.get(f"/quotes/{one.pk}").content.decode()
    assert f"{float(total[2]):.2f}" in salesperson.client.get("/quotes/").content.decode()


@pytest.mark.covers("MON-01", "MON-03")
def test_an_amount_off_has_no_more_decimals_than_the_currency(
        goods: SimpleNamespace, administrator: Person, salesperson: Person, quote: Any) -> None:
    administrator().create(ExchangeRate, currency="JPY", day="2020-01-01", rate="0.047")
    one = quote(currency="JPY", reduction="10", lines=[{"text": "x", "price": "100", "tax_rate": "0"}])
    assert sums(one) == ("90.00", "0.00", "90.00")
    before = state()
    with pytest.raises(Refused, match="JPY has at most 0 decimals") as caught:
        salesperson().update(one, reduction="10.5")
    assert list(caught.value.errors) == ["reduction"]
    assert state() == before


@pytest.mark.covers("PRD-02", "PRD-04", "QUO-01")
def test_prices_come_from_the_customers_list_and_can_be_taken_anew(
        goods: SimpleNamespace, manager: Person, salesperson: Person, quote: Any) -> None:
    own = manager().create(PriceList, name="小鹏专价", restricted=True, tax_included=False)
    manager().create(PriceListCustomer, price_list=own.pk, customer=goods.customer.pk)
    item = manager().create(PriceListItem, price_list=own.pk, product="P-100", price="90")
    one = quote(lines=[{"product": "P-100"}, {"product": "P-100", "price": "95"}])
    assert [row[2] for row in rows(one)] == ["101.7000", "95.0000"]
    manager().update(item, price="80")
    salesperson().update(one, note="Nothing about prices")
    assert [row[2] for row in rows(one)] == ["101.7000", "95.0000"]
    salesperson().run("sales.quote.reprice", one)
    assert [row[2] for row in rows(one)] == ["90.4000", "90.4000"]


@pytest.mark.covers("QUO-01")
def test_another_product_brings_its_own_values_and_what_is_typed_stays(
        goods: SimpleNamespace, salesperson: Person, quote: Any) -> None:
    one = quote(lines=[{"product": "P-100"}, {"product": "P-100"}])
    first, second = QuoteLine.objects.order_by("position")
    salesperson().update(one, lines=[{"id": first.pk, "product": "S-1"},
                                     {"id": second.pk, "product": "S-1", "text": "培训", "price": "400"}])
    assert [row[:3] for row in rows(one)] == [("咨询", "1", "530.0000"), ("培训", "1", "400.0000")]
    assert {str(row.tax_rate) for row in QuoteLine.objects.all()} == {"6.00"}


@pytest.mark.covers("MON-04", "QUO-01")
def test_the_rate_is_that_of_the_day_until_the_quote_is_sent(
        goods: SimpleNamespace, administrator: Person, salesperson: Person, quote: Any) -> None:
    rate = administrator().create(ExchangeRate, currency="USD", day="2020-01-01", rate="7.1")
    one = quote(currency="USD", lines=[{"text": "x", "price": "100.01"}])
    assert (str(one.rate), str(Quote.objects.get().gross_company)) == ("7.10000000", "710.07")
    administrator().update(rate, rate="7.2")
    salesperson().update(one, note="Draft")
    assert str(Quote.objects.get().gross_company) == "720.07"
    salesperson().run("sales.quote.send", one)
    administrator().update(rate, rate="8")
    salesperson().update(one, valid_until="2099-01-01")
    salesperson().run("sales.quote.accept", one)
    one = Quote.objects.get()
    assert (str(one.rate), str(one.gross_company), str(one.gross)) == ("7.20000000", "720.07", "100.01")


@pytest.mark.covers("MON-04")
def test_a_draft_in_another_currency_takes_its_prices_in_it(
        goods: SimpleNamespace, administrator: Person, salesperson: Person, manager: Person, quote: Any) -> None:
    administrator().create(ExchangeRate, currency="USD", day="2020-01-01", rate="7.1")
    one = quote(lines=[{"product": "P-100"}, {"text": "x", "price": "10"}])
    salesperson().update(one, currency="USD")
    assert [row[2] for row in rows(one)] == ["15.9155", "10.0000"]
    dollars = manager().create(PriceList, name="Dollars", currency="USD")
    manager().create(PriceListItem, price_list=dollars.pk, product="P-100", price="15")
    two = quote(price_list=dollars.pk, lines=[{"product": "P-100"}])
    assert (two.currency, rows(two)[0][2]) == ("USD", "15.0000")


BAD_LINES = [
    ("negative quantity", {"quantity": "-1"}, "lines.1.quantity", "above zero"),
    ("nothing of it", {"quantity": "0"}, "lines.1.quantity", "above zero"),
    ("half a pump", {"quantity": "1.5"}, "lines.1.quantity", "at most 0 decimals"),
    ("negative price", {"price": "-0.01"}, "lines.1.price", "never negative"),
    ("not a number", {"price": "NaN"}, "lines.1.price", "not a number"),
    ("beyond numbers", {"price": "1e400"}, "lines.1.price", "lost its last digits"),
    ("twenty decimals", {"price": "0.00000000000000000001"}, "lines.1.price", "At most 4 decimals"),
    ("too much", {"price": "9999999999999999", "quantity": "9999999999999999"}, "", "20 digits"),
    ("more than all", {"discount": "100.01"}, "lines.1.discount", "between 0 and 100"),
    ("a surcharge", {"discount": "-1"}, "lines.1.discount", "between 0 and 100"),
    ("tax", {"tax_rate": "101"}, "lines.1.tax_rate", "between 0 and 100"),
    ("computed", {"net": "1"}, "lines.1.net", "cannot be changed"),
    ("no such product", {"product": "999999"}, "lines.1.product", "Unknown product"),
    ("neither product nor text", {"product": None, "price": "1"}, "lines.1.text", "Choose a product"),
    ("free text without a price", {"product": None, "text": "x"}, "lines.1.price", "write one down"),
]


@pytest.mark.covers("MON-03")
@pytest.mark.parametrize(("_case", "line", "where", "reason"), BAD_LINES, ids=[case[0] for case in BAD_LINES])
def test_a_bad_line_is_refused_by_name_and_nothing_changes(
        goods: SimpleNamespace, salesperson: Person, quote: Any, _case: str, line: dict[str, Any], where: str, reason: str) -> None:
    one = quote()
    before = state()
    for write in (lambda: quote(lines=[{"product": "P-100", **line}]),
                  lambda: salesperson().update(one, subject="x", lines=[{"product": "P-100", **line}])):
        with pytest.raises(Refused, match=reason) as caught:
            write()
        assert not where or list(caught.value.errors) == [where]
        assert state() == before


@pytest.mark.covers("MON-03")
def test_full_width_digits_are_numbers(goods: SimpleNamespace, quote: Any) -> None:
    assert rows(quote(lines=[{"product": "P-100", "quantity": "１０", "price": "１００.５"}]))[0][1:3] == ("1E+1", "100.5000")


BAD_QUOTES = [
    ("no rate", {"currency": "EUR"}, "currency", "no exchange rate of EUR"),
    ("discount above all", {"discount": "100.5"}, "discount", "between 0 and 100"),
    ("reduction above all", {"reduction": "1173.01"}, "reduction", "larger than the quote"),
    ("negative reduction", {"reduction": "-1"}, "reduction", "never negative"),
    ("no customer", {"customer": ""}, "customer", "needed"),
    ("status", {"status": "accepted"}, "status", "cannot be changed"),
    ("number", {"number": "Q-1"}, "number", "cannot be changed"),
]


@pytest.mark.covers("MON-03", "QUO-01")
@pytest.mark.parametrize(("_case", "values", "field", "reason"), BAD_QUOTES, ids=[case[0] for case in BAD_QUOTES])
def test_what_does_not_fit_is_refused(
        goods: SimpleNamespace, salesperson: Person, quote: Any, _case: str, values: dict[str, Any], field: str,
        reason: str) -> None:
    one = quote()
    before = state()
    for write in (lambda: quote(**values), lambda: salesperson().update(one, **values)):
        with pytest.raises(Refused, match=reason) as caught:
            write()
        assert not field or field in caught.value.errors
        assert state() == before


@pytest.mark.covers("QUO-01", "PRD-04")
@pytest.mark.parametrize("case", ["contact", "opportunity", "product", "retired", "restricted", "unused", "currency"])
def test_what_belongs_to_others_is_not_offered(
        goods: SimpleNamespace, administrator: Person, salesperson: Person, quote: Any, deal: Any, case: str) -> None:
    ctx = administrator()
    other = ctx.create(Customer, name="其他公司", owner=salesperson.id)
    ctx.create(ExchangeRate, currency="USD", day="2020-01-01", rate="7")
    made = {
        "contact": lambda: {"contact": ctx.create(Contact, name="李四", customer=other.pk, owner=salesperson.id).pk},
        "opportunity": lambda: {"opportunity": deal(salesperson(), customer=other.pk).pk},
        "product": lambda: {"lines": [{"product": ctx.create(
            Product, code="X", name="X", unit=goods.piece.pk, list_price=1, customer=other.pk).pk}]},
        "retired": lambda: (ctx.run("catalog.product.retire", goods.pump), {"lines": [{"product": goods.pump.pk}]})[1],
        "restricted": lambda: {"price_list": own(other).pk},
        "unused": lambda: {"price_list": ctx.create(PriceList, name="Old", active=False).pk},
        "currency": lambda: {"price_list": ctx.create(PriceList, name="CNY").pk, "currency": "USD"}}

    def own(customer: Customer) -> PriceList:
        found = ctx.create(PriceList, name="Own", restricted=True)
        ctx.create(PriceListCustomer, price_list=found.pk, customer=customer.pk)
        return found

    reasons = {"contact": "does not work for", "opportunity": "another customer", "product": "made for another customer",
               "retired": "not sold any more", "restricted": "not made for", "unused": "not in use",
               "currency": "has prices in CNY"}
    values = made[case]()
    before = state()
    with pytest.raises(Refused, match=reasons[case]):
        quote(**values)
    assert state() == before


@pytest.mark.covers("PERM-18", "QUO-01")
def test_a_quote_of_somebody_else_does_not_exist(
        goods: SimpleNamespace, salesperson: Person, other_salesperson: Person, manager: Person, quote: Any) -> None:
    one = quote()
    line = QuoteLine.objects.first()
    before = state()
    client, change = other_salesperson.client, json.dumps({"subject": "Mine", "lines": []})
    paths = [f"/quotes/{one.pk}", f"/quotes/{one.pk}/edit", f"/api/v1/quotes/{one.pk}", f"/quote-lines/{line.pk}",
             f"/api/v1/quote-lines/{line.pk}", f"/quotes/{one.pk}/do/send"]
    assert [client.get(path).status_code for path in paths] == [404] * len(paths)
    assert client.patch(f"/api/v1/quotes/{one.pk}", change, content_type="application/json",
                        headers={"if-match": '"1"'}).status_code == 404
    for verb in ("send", "accept", "lose", "revise", "copy", "extend", "reprice", "reopen"):
        with pytest.raises(Missing):
            other_salesperson().run(f"sales.quote.{verb}", one, **({"valid_until": "2099-01-01"} if verb == "extend" else {}))
    assert client.get("/api/v1/quotes").json()["rows"] == []
    assert client.get("/api/v1/quote-lines").json()["rows"] == []
    assert state() == before
    assert manager.client.get(f"/quotes/{one.pk}").status_code == 200


@pytest.mark.covers("PERM-18", "PRD-04")
def test_lines_and_lists_of_others_cannot_be_smuggled_in(
        goods: SimpleNamespace, firm: Firm, administrator: Person, salesperson: Person, other_salesperson: Person,
        quote: Any) -> None:
    one = quote()
    theirs = other_salesperson().create(Customer, name="别人的客户")
    foreign = administrator().create(Product, code="X", name="X", unit=goods.piece.pk, list_price=1, customer=theirs.pk)
    own = administrator().create(PriceList, name="Own", restricted=True)
    administrator().create(PriceListCustomer, price_list=own.pk, customer=theirs.pk)
    second = other_salesperson().create(Quote, customer=theirs.pk, lines=[{"text": "x", "price": 1}])
    line = QuoteLine.objects.get(quote=second)
    before = state()
    for values, field in (({"customer": theirs.pk}, "customer"), ({"price_list": own.pk}, "price_list"),
                          ({"lines": [{"product": foreign.pk}]}, "lines.1.product"),
                          ({"lines": [{"product": "X"}]}, "lines.1.product"), ({"lines": [{"id": line.pk}]}, "lines.1.id")):
        with pytest.raises(Refused) as caught:
            salesperson().update(one, **values)
        assert list(caught.value.errors) == [field]
    assert state() == before


@pytest.mark.covers("P11", "QUO-01")
def test_who_looks_after_the_customer_sees_every_quote_of_it(
        goods: SimpleNamespace, administrator: Person, salesperson: Person, quote: Any) -> None:
    one = quote(administrator())
    assert one.owner_id == administrator.id
    assert list(salesperson().find(Quote)) == [one]
    assert salesperson().find(QuoteLine).count() == 2
    with pytest.raises(Denied):
        salesperson().update(one, subject="Mine")


@pytest.mark.covers("PERM-19", "QUO-01")
def test_the_margin_is_hidden_from_who_sells(
        goods: SimpleNamespace, manager: Person, salesperson: Person, quote: Any) -> None:
    one = quote()
    seen = [person.client.get(f"/api/v1/quotes/{one.pk}").json() for person in (manager, salesperson)]
    assert [(told.get("margin"), "margin_percent" in told) for told in seen] == [("640.00", True), (None, False)]
    with pytest.raises(Refused, match="no field “cost”"):
        salesperson().update(one, lines=[{"product": "P-100", "cost": "1"}])
    lines = salesperson.client.get("/api/v1/quote-lines").json()["rows"]
    assert [("cost" in row, row["price"]) for row in lines] == [(False, "113.0000"), (False, "530.0000")]
    assert "640.00" not in salesperson.client.get(f"/quotes/{one.pk}").content.decode()
    assert "640.00" not in salesperson.client.get(f"/history/quotes/{one.pk}").content.decode()


@pytest.mark.covers("QUO-02")
@pytest.mark.parametrize(("role", "may"), [
    ("salesperson", True), ("agent", True), ("sales_manager", True), ("finance", False), ("marketer", False),
    ("service_representative", False), ("auditor", False)])
def test_who_may_quote(firm: Firm, goods: SimpleNamespace, person: Any, role: str, may: bool) -> None:
    somebody = person("zoe", role, department=firm.south)
    assert (bool(somebody().may("create", Quote)), bool(somebody().may("send", Quote))) == (may, may)
    assert bool(somebody().may("view", Quote)) is (role != "service_representative")


@pytest.mark.covers("QUO-02")
def test_an_agent_quotes_during_a_call(firm: Firm, goods: SimpleNamespace, person: Any, quote: Any) -> None:
    agent = person("zoe", "agent", department=firm.south)
    one = quote(agent())
    assert sums(one) == ("1100.00", "73.00", "1173.00")
    agent().run("sales.quote.send", one)
    assert Quote.objects.get().status == "sent"


@pytest.mark.covers("P18")
def test_a_quote_shows_on_its_customer_and_opportunity(goods: SimpleNamespace, salesperson: Person, quote: Any, deal: Any) -> None:
    opportunity = deal(salesperson(), customer=goods.customer.pk)
    one = quote(opportunity=opportunity.pk)
    for path in (f"/customers/{goods.customer.pk}", f"/opportunities/{opportunity.pk}", f"/quotes/{one.pk}", "/quotes/"):
        assert one.number in salesperson.client.get(path).content.decode()


def test_in_bulk_the_lines_follow_the_quote(salesperson: Person, quote: Any) -> None:
    made = [quote(), quote()]
    outcome = salesperson().run_many("sales.quote.update", made, discount="10")
    assert [row.pk for row in outcome.done] == [one.pk for one in made]
    for one in made:
        assert sums(one)[2] == "1055.70"
        assert [row[5] for row in rows(one)] == ["101.70", "954.00"]
