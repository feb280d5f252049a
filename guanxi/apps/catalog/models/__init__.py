"""The objects of the catalog; other apps take them from here."""

from guanxi.apps.catalog.models.category import ProductCategory
from guanxi.apps.catalog.models.kinds import Price, Quantity
from guanxi.apps.catalog.models.price_list import PriceList, PriceListCustomer, PriceListItem
from guanxi.apps.catalog.models.prices import Found, Sale, cost_of, prices_for
from guanxi.apps.catalog.models.product import TAX_RATE, Product
from guanxi.apps.catalog.models.rate import ExchangeRate, company_currency, decimals_of, rate_on
from guanxi.apps.catalog.models.unit import Unit, units_now

__all__ = [
    "TAX_RATE", "ExchangeRate", "Found", "Price", "PriceList", "PriceListCustomer", "PriceListItem", "Product",
    "ProductCategory", "Quantity", "Sale", "Unit", "company_currency", "cost_of", "decimals_of", "prices_for", "rate_on",
    "units_now"]
