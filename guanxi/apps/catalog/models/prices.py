"""Looking prices up: what holds for some products, a customer, a currency and a day, in three queries altogether."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from guanxi.apps.catalog.models.price_list import PriceListCustomer, PriceListItem
from guanxi.apps.catalog.models.product import Product
from guanxi.apps.catalog.models.rate import rate_on
from guanxi.apps.catalog.rules import money, prices
from guanxi.kernel.api import Ctx, Q


@dataclass(frozen=True)
class Sale:
    """What prices are asked for. With ``price_list`` only that list is asked before the products' own list prices."""

    currency: str
    day: datetime.date
    customer_id: int | None = None
    price_list_id: int | None = None
    tax_included: bool = True


@dataclass(frozen=True)
class Found:
    """A product and its price for one unit; None where nobody has said one. ``item_id`` is the line of a price list."""

    product: Product
    price: Decimal | None
    item_id: int | None = None


def prices_for(sale: Sale, wanted: Iterable[tuple[int, Decimal]]) -> dict[tuple[int, Decimal], Found]:
    """The price that holds for each pair of product and quantity; what does not exist is left out."""
    asked = set(wanted)
    system = Ctx(system=True, reason="which price holds")
    products = {one.pk: one for one in system.find(Product).filter(pk__in={pk for pk, _quantity in asked})}
    offers = _offers(system, sale, products)
    found = {}
    for pk, quantity in asked:
        if (product := products.get(pk)) is None:
            continue
        offer = prices.best(offers.get(pk, ()), quantity, sale.currency, sale.day, product.tax_rate)
        if offer is None:
            found[pk, quantity] = Found(product, in_currency_of(sale, product, product.list_price))
        else:
            price = money.as_wanted(offer.price, product.tax_rate, offer.tax_included, sale.tax_included)
            found[pk, quantity] = Found(product, price, offer.key)
    return found


def in_currency_of(sale: Sale, product: Product, price: Decimal | None) -> Decimal | None:
    """A price of the product itself in the currency of the sale, by the rates of the day, with tax as the sale has it."""
    if price is None:
        return None
    price = money.as_wanted(price, product.tax_rate, product.tax_included, sale.tax_included)
    return exchanged(price, product.currency, sale)


def cost_of(sale: Sale, product: Product) -> Decimal | None:
    """What one unit costs us before tax, in the currency of the sale."""
    return None if product.cost is None else exchanged(product.cost, product.currency, sale)


def exchanged(price: Decimal, currency: str, sale: Sale) -> Decimal | None:
    """A price in the currency of the sale; None where a rate is missing."""
    if currency == sale.currency:
        return price
    rate, wanted = rate_on(currency, sale.day), rate_on(sale.currency, sale.day)
    return None if rate is None or wanted is None else prices.in_currency(price, rate, wanted)


def _offers(system: Ctx, sale: Sale, products: dict[int, Product]) -> dict[int, list[prices.Offer]]:
    """The prices of all lists that may apply, by product."""
    own = set(system.find(PriceListCustomer).filter(customer_id=sale.customer_id or 0).values_list(
        "price_list_id", flat=True))
    lists = Q(price_list__restricted=False) | Q(price_list_id__in=own)
    if sale.price_list_id is not None:
        lists &= Q(price_list_id=sale.price_list_id)
    items = system.find(PriceListItem).filter(
        lists, product_id__in=products, price_list__active=True, price_list__deleted_at=None,
        price_list__currency=sale.currency).select_related("price_list")
    found: dict[int, list[prices.Offer]] = {}
    for item in items:
        above = item.price_list
        found.setdefault(item.product_id, []).append(prices.Offer(
            key=item.pk, price=item.price, currency=above.currency, least=item.min_quantity,
            own=item.price_list_id in own, tax_included=above.tax_included,
            starts=prices.later(item.valid_from, above.valid_from),
            ends=prices.earlier(item.valid_until, above.valid_until)))
    return found
