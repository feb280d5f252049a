"""Looking prices up, price lists and exchange rates: whose price holds, and who may see it."""

import datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.apps.catalog.models import (
    ExchangeRate,
    PriceList,
    PriceListCustomer,
    PriceListItem,
    Product,
    Sale,
    cost_of,
    prices_for,
    rate_on,
)
from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Customer
from guanxi.kernel.api import Denied, Refused
from guanxi.surfaces.web.views import related

pytestmark = pytest.mark.django_db
D = Decimal
DAY = datetime.date(2026, 5, 10)


def price(sale: Sale, product: Product, quantity: str = "1") -> str:
    return str(prices_for(sale, [(product.pk, D(quantity))])[product.pk, D(quantity)].price)


@pytest.mark.covers("PRD-02", "PRD-04")
def test_the_customers_own_list_then_general_ones_then_the_product(
        catalog: SimpleNamespace, manager: Person, salesperson: Person) -> None:
    customer = salesperson.ctx.create(Customer, name="小鹏")
    ctx, sale = manager(), Sale("CNY", DAY, customer.pk)
    assert price(sale, catalog.pump) == "113.0000"
    ctx.create(PriceListItem, price_list=catalog.general.pk, product="P-100", price="110")
    ctx.create(PriceListItem, price_list=catalog.general.pk, product="P-100", price="100", min_quantity="10")
    assert [price(sale, catalog.pump, one) for one in ("1", "9.5", "10", "11")] == [
        "110.0000", "110.0000", "100.0000", "100.0000"]
    own = ctx.create(PriceList, name="小鹏专价", restricted=True, tax_included=False)
    ctx.create(PriceListItem, price_list=own.pk, product=catalog.pump.pk, price="99")
    assert price(sale, catalog.pump) == "110.0000"
    ctx.create(PriceListCustomer, price_list=own.pk, customer=customer.pk)
    assert [price(sale, catalog.pump), price(Sale("CNY", DAY), catalog.pump)] == ["111.8700", "110.0000"]
    assert price(Sale("CNY", DAY, customer.pk, tax_included=False), catalog.pump) == "99.0000"
    assert price(Sale("CNY", DAY, customer.pk, catalog.general.pk), catalog.pump) == "110.0000"
    manager().update(own, active=False)
    assert price(sale, catalog.pump) == "110.0000"


@pytest.mark.covers("PRD-02")
def test_a_list_and_its_lines_hold_from_day_to_day(catalog: SimpleNamespace, manager: Person) -> None:
    manager().update(catalog.general, valid_from="2026-05-05", valid_until="2026-05-31")
    manager().create(PriceListItem, price_list=catalog.general.pk, product="P-100", price="90", valid_until="2026-05-20")
    days = [datetime.date(2026, 5, day) for day in (4, 5, 20, 21)]
    assert [price(Sale("CNY", day), catalog.pump) for day in days] == ["113.0000", "90.0000", "90.0000", "113.0000"]


@pytest.mark.covers("MON-04")
def test_rates_hold_from_their_day_on(catalog: SimpleNamespace, administrator: Person) -> None:
    ctx = administrator()
    ctx.create(ExchangeRate, currency="USD", day="2026-05-01", rate="7.1")
    ctx.create(ExchangeRate, currency="USD", day="2026-05-11", rate="7.25")
    days = [datetime.date(2026, 4, 30), datetime.date(2026, 5, 1), DAY, datetime.date(2026, 5, 11)]
    assert [str(rate_on("USD", day)) for day in days] == ["None", "7.10000000", "7.10000000", "7.25000000"]
    assert rate_on("CNY", days[0]) == 1
    sale = Sale("USD", DAY)
    assert (price(sale, catalog.pump), str(cost_of(sale, catalog.pump))) == ("15.9155", "8.4507")
    assert price(Sale("EUR", DAY), catalog.pump) == "None"


REFUSED = [
    ("own currency", {"currency": "CNY", "day": "2026-05-01", "rate": "1"}, "needs no rate"),
    ("zero", {"currency": "USD", "day": "2026-05-01", "rate": "0"}, "above zero"),
    ("no number", {"currency": "USD", "day": "2026-05-01", "rate": "NaN"}, "not a number"),
    ("too long", {"currency": "USD", "day": "2026-05-01", "rate": "0.123456789"}, "At most 8 decimals"),
    ("twice", {"currency": "USD", "day": "2026-01-01", "rate": "7"}, "a rate of this currency for this day"),
]


@pytest.mark.covers("MON-03")
@pytest.mark.parametrize(("_case", "values", "reason"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_is_no_rate_is_refused(administrator: Person, _case: str, values: dict[str, str], reason: str) -> None:
    administrator().create(ExchangeRate, currency="USD", day="2026-01-01", rate="7.2")
    before = list(ExchangeRate.objects.values())
    with pytest.raises(Refused, match=reason):
        administrator().create(ExchangeRate, **values)
    assert list(ExchangeRate.objects.values()) == before


@pytest.mark.parametrize(("values", "reason"), [
    ({"price": "-1", "min_quantity": "2"}, "never negative"), ({"price": "１２.５", "min_quantity": "0"}, "above zero"),
    ({"price": "1e400"}, "lost its last digits"), ({"price": "1", "valid_from": "2026-05-02", "valid_until": "2026-05-01"},
                                                   "last day is before"), ({"price": "88"}, "for this quantity already")])
@pytest.mark.covers("MON-03", "PRD-02")
def test_what_is_no_price_is_refused(catalog: SimpleNamespace, manager: Person, values: dict[str, str], reason: str) -> None:
    manager().create(PriceListItem, price_list=catalog.general.pk, product="P-100", price="１００")
    before = list(PriceListItem.objects.values())
    with pytest.raises(Refused, match=reason):
        manager().create(PriceListItem, price_list=catalog.general.pk, product="P-100", **values)
    assert list(PriceListItem.objects.values()) == before
    assert str(PriceListItem.objects.get().price) == "100.0000"


@pytest.mark.covers("PRD-02", "PRD-04")
def test_a_customers_prices_are_for_who_sees_the_customer(
        catalog: SimpleNamespace, manager: Person, salesperson: Person, other_salesperson: Person) -> None:
    customer = salesperson.ctx.create(Customer, name="小鹏")
    ctx = manager()
    own = ctx.create(PriceList, name="小鹏专价", restricted=True)
    item = ctx.create(PriceListItem, price_list=own.pk, product="P-100", price="99")
    named = ctx.create(PriceListCustomer, price_list=own.pk, customer=customer.pk)
    made_for = ctx.create(Product, code="X-1", name="小鹏定制泵", unit=catalog.piece.pk, customer=customer.pk)
    rows = [(PriceList, own), (PriceListItem, item), (PriceListCustomer, named), (Product, made_for)]
    assert [salesperson().find(model).filter(pk=row.pk).exists() for model, row in rows] == [True] * 4
    assert [other_salesperson().find(model).filter(pk=row.pk).exists() for model, row in rows] == [False] * 4
    pages = ("price-lists", own), ("prices", item), ("price-list-customers", named), ("products", made_for)
    assert [salesperson.client.get(f"/{slug}/{row.pk}").status_code for slug, row in pages] == [200] * 4
    assert [other_salesperson.client.get(f"/{slug}/{row.pk}").status_code for slug, row in pages] == [404] * 4
    assert [other_salesperson.client.get(f"/api/v1/{slug}/{row.pk}").status_code for slug, row in pages] == [404] * 4
    assert other_salesperson.client.get(f"/products/{catalog.pump.pk}").status_code == 200
    with pytest.raises(Denied):
        salesperson().update(own, name="Mine")


@pytest.mark.covers("PRD-02")
def test_the_next_list_is_made_from_the_last(catalog: SimpleNamespace, manager: Person, salesperson: Person) -> None:
    ctx, customer = manager(), salesperson.ctx.create(Customer, name="小鹏")
    for product, value, until in (("P-100", "99.99", ""), ("S-1", "500", "2020-01-01")):
        ctx.create(PriceListItem, price_list=catalog.general.pk, product=product, price=value, valid_until=until)
    ctx.create(PriceListCustomer, price_list=catalog.general.pk, customer=customer.pk)
    made = manager().run("catalog.pricelist.copy", catalog.general, name="2027", percent="3", valid_from="2027-01-01",
                         customers=True).record
    assert (made.name, made.currency, str(made.valid_from), made.owner_id) == ("2027", "CNY", "2027-01-01", manager.id)
    assert [(row.product.code, str(row.price)) for row in PriceListItem.objects.filter(price_list=made)] == [
        ("P-100", "102.9900")]
    assert [row.customer_id for row in PriceListCustomer.objects.filter(price_list=made)] == [customer.pk]
    before = PriceList.objects.count(), PriceListItem.objects.count()
    for person, values, error in ((manager, {"name": "2027"}, Refused), (manager, {"name": "x", "percent": "-101"}, Refused),
                                  (salesperson, {"name": "x"}, Denied)):
        with pytest.raises(error):
            person().run("catalog.pricelist.copy", catalog.general, **values)
    assert (PriceList.objects.count(), PriceListItem.objects.count()) == before


@pytest.mark.covers("PRD-01", "PRD-02")
def test_products_are_put_on_a_list_together(catalog: SimpleNamespace, manager: Person, salesperson: Person) -> None:
    bare = manager().create(Product, code="N-1", name="No price", unit=catalog.piece.pk)
    net = manager().create(PriceList, name="Net", tax_included=False)
    ids = [catalog.pump.pk, catalog.advice.pk, bare.pk]
    outcome = manager().run_many("catalog.product.put_on_list", ids, price_list=net.pk, percent="-10")
    assert [row.pk for row in outcome.done] == ids[:2]
    assert [(title, "no list price in CNY" in refusal.reason) for _pk, title, refusal in outcome.refused] == [("No price", True)]
    assert [(row.product.code, str(row.price)) for row in PriceListItem.objects.filter(price_list=net).order_by("pk")] == [
        ("P-100", "90.0000"), ("S-1", "424.5283")]
    with pytest.raises(Denied, match="may not change the prices"):
        salesperson().run("catalog.product.put_on_list", catalog.pump, price_list=net.pk)
    assert PriceListItem.objects.count() == 2


def test_prices_are_looked_up_in_three_queries(catalog: SimpleNamespace, firm: Firm, manager: Person) -> None:
    manager().create(PriceListItem, price_list=catalog.general.pk, product="P-100", price="99")
    many = [(catalog.pump.pk, D(quantity)) for quantity in range(1, 60)] + [(catalog.advice.pk, D(1))]
    with CaptureQueriesContext(connection, ) as queries:
        found = prices_for(Sale("CNY", DAY), many)
    assert (len(found), len(queries)) == (60, 3)


def test_the_card_of_prices_names_the_lists_and_the_prices(catalog: SimpleNamespace, manager: Person) -> None:
    ctx = manager()
    ctx.create(PriceListItem, price_list=catalog.general.pk, product=catalog.pump.pk, price="99.5")
    made, _missing = related.cards(manager(), catalog.pump)
    card = next(one for one in made if one["key"] == "prices-product")
    assert [(row["title"], row["amount"]) for row in card["rows"]] == [("2026 标准价目表", "99.50")]
    made, _missing = related.cards(manager(), catalog.general)
    card = next(one for one in made if one["key"] == "prices-price_list")
    assert [(row["title"], row["amount"]) for row in card["rows"]] == [("离心泵", "99.50")]
