"""What the lines of a draft take from the catalog: text, unit, tax rate, prices and cost."""

from typing import Any

from guanxi.apps.catalog.models import TAX_RATE, Found, Sale, cost_of, prices_for


def sale_of(quote: Any) -> Sale:
    """For whom, when and in which currency prices are asked."""
    return Sale(currency=quote.currency, day=quote.rate_on, customer_id=quote.customer_id,
                price_list_id=quote.price_list_id, tax_included=quote.tax_included)


def fill(quote: Any, anew: bool = False) -> None:
    """Fill what is empty. A line that gets another product takes its values anew unless they are typed at the same time;
    a quote in another currency takes all prices anew, and so does one that is asked to (``anew``)."""
    sale = sale_of(quote)
    rows = [line for line in quote.lines if line.product_id]
    found = prices_for(sale, [(line.product_id, line.quantity) for line in rows])
    exchanged = not quote._state.adding and quote.was("currency") != quote.currency
    for line in quote.lines:
        if not line.product_id:
            line.list_price = None
            line.tax_rate = TAX_RATE if line.tax_rate is None else line.tax_rate
    for line in rows:
        if (one := found.get((line.product_id, line.quantity))) is not None:
            _take(line, one, sale, anew or exchanged)


def _take(line: Any, found: Found, sale: Sale, anew: bool) -> None:
    product, before = found.product, {} if line._state.adding else line.loaded
    changed = bool(before) and before.get("product_id") != line.product_id
    values = {"text": product.name, "unit_id": product.unit_id, "tax_rate": product.tax_rate}
    prices = {"price": found.price, "cost": cost_of(sale, product)}
    line.list_price = found.price
    for name, value in (values | prices).items():
        held, kept = getattr(line, name), before.get(name)
        fresh = changed or (anew and name in prices)
        if held in (None, "") or (fresh and held == kept and (changed or value is not None)):
            setattr(line, name, value)
