"""Price lists: prices of products by quantity, for everybody or for customers named, as long as they hold."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.models.kinds import Price, Quantity
from guanxi.apps.catalog.models.product import Product
from guanxi.apps.catalog.models.rate import company_currency
from guanxi.apps.org.models import Currency
from guanxi.apps.parties.models import Customer
from guanxi.kernel.api import About, Ctx, Q, Record, f


def in_order(name: str) -> models.CheckConstraint:
    """The last day does not come before the first."""
    return models.CheckConstraint(
        condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")), name=name,
        violation_error_message=_("The last day is before the first."))


class PriceList(Record):
    """Prices of products in one currency: for everybody, or only for the customers named."""

    name = f.Name(_("Name"))
    currency = f.Choice(Currency, _("Currency"), default=company_currency)
    tax_included = f.Flag(_("Prices include tax"), default=True)
    restricted = f.Flag(_("Only for the customers named"))
    valid_from = f.Day(_("Valid from"), null=True)
    valid_until = f.Day(_("Valid until"), null=True)
    active = f.Flag(_("In use"), default=True)
    note = f.Text(_("Note"))

    about = About(one=_("price list"), many=_("price lists"), icon="tags", area="products", title=name, slug="price-lists",
                  columns=(name, currency, tax_included, restricted, valid_from, valid_until, active, "owner"),
                  search=(name,), filters=(active, currency, restricted, valid_from, valid_until, "owner"),
                  form=((name, currency), (tax_included, restricted), (valid_from, valid_until), (active, "owner"),
                        (note,)),
                  order="sort_key", match=(name,))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=("name",), condition=Q(deleted_at=None), name="catalog_pricelist_name",
                                    violation_error_message=_("There is a price list of this name already.")),
            in_order("catalog_pricelist_days")]

    @classmethod
    def open_rows(cls, ctx: Ctx) -> Q:
        """A list for everybody is open; one for some customers is for who sees one of them."""
        named = ctx.as_system("whom a price list is for").find(PriceListCustomer)
        return Q(restricted=False) | Q(pk__in=named.filter(
            customer__in=ctx.find(Customer).values("pk")).values("price_list_id"))


class PriceListCustomer(Record):
    """A customer for whom a price list is made: its prices come before those of general lists."""

    price_list = f.Link(PriceList, _("Price list"))
    customer = f.Link(Customer, _("Customer"))

    about = About(one=_("customer of the price list"), many=_("customers of the price list"), icon="building", area="",
                  title=customer, parent=price_list, slug="price-list-customers", columns=(price_list, customer),
                  filters=(price_list, customer), form=((price_list, customer),), side=("history",))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("price_list", "customer"), condition=Q(deleted_at=None), name="catalog_pricelistcustomer_once",
            violation_error_message=_("The price list is for this customer already."))]

    @classmethod
    def open_rows(cls, ctx: Ctx) -> Q:
        """Who sees a customer sees which price lists are made for it."""
        return Q(customer__in=ctx.find(Customer).values("pk"))


class PriceListItem(Record):
    """A price of a product in a price list, from a quantity on."""

    price_list = f.Link(PriceList, _("Price list"))
    product = f.Link(Product, _("Product"))
    min_quantity = Quantity(_("From quantity"), default=Decimal(1))
    price = Price(_("Price"))
    valid_from = f.Day(_("Valid from"), null=True)
    valid_until = f.Day(_("Valid until"), null=True)

    about = About(one=_("price"), many=_("prices"), icon="tag", area="", title=product, subtitle=price_list,
                  parent=price_list, slug="prices",
                  columns=(price_list, product, min_quantity, price, valid_from, valid_until), amount=price,
                  filters=(price_list, product, price, valid_from, valid_until),
                  form=((price_list, product), (min_quantity, price), (valid_from, valid_until)), side=("history",))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=("price_list", "product", "min_quantity", "valid_from"), condition=Q(deleted_at=None),
                name="catalog_item_dated",
                violation_error_message=_("The list has a price of this product for this quantity and day already.")),
            models.UniqueConstraint(
                fields=("price_list", "product", "min_quantity"), condition=Q(deleted_at=None, valid_from=None),
                name="catalog_item_once",
                violation_error_message=_("The list has a price of this product for this quantity already.")),
            models.CheckConstraint(condition=Q(price__gte=0), name="catalog_item_price",
                                   violation_error_message=_("A price is never negative.")),
            models.CheckConstraint(condition=Q(min_quantity__gt=0), name="catalog_item_quantity",
                                   violation_error_message=_("The quantity is above zero.")),
            in_order("catalog_item_days")]

    @classmethod
    def open_rows(cls, ctx: Ctx) -> Q:
        """Who sees a price list sees its prices."""
        return Q(price_list__in=ctx.find(PriceList).values("pk"))
