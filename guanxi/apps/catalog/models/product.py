"""Products: what is sold, goods and services."""

from decimal import Decimal

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.models.category import ProductCategory
from guanxi.apps.catalog.models.kinds import Price
from guanxi.apps.catalog.models.rate import company_currency
from guanxi.apps.catalog.models.unit import Unit
from guanxi.apps.org.models import Currency
from guanxi.apps.parties.models import Customer
from guanxi.kernel.api import About, Ctx, Q, Record, Section, f

#: The tax rate in percent of whatever says no other.
TAX_RATE = Decimal(13)


class Product(Record):
    """Something we sell: goods or a service, with its unit, its price and what it costs us."""

    class Kind(f.Options):
        GOODS = "goods", _("Goods")
        SERVICE = "service", _("Service")

    code = f.Name(_("Product code"), max_length=60)
    name = f.Name(_("Name"))
    category = f.Link(ProductCategory, _("Category"), null=True)
    kind = f.Choice(Kind, _("Kind"))
    specification = f.Name(_("Specification"), blank=True)
    unit = f.Link(Unit, _("Unit"))
    list_price = Price(_("List price"), null=True)
    currency = f.Choice(Currency, _("Currency"), default=company_currency)
    tax_rate = f.Percent(_("Tax rate"), default=TAX_RATE)
    tax_included = f.Flag(_("Price includes tax"), default=True)
    cost = Price(_("Cost"), sensitive=True, null=True, help_text=_(
        "What one unit costs us before tax, in the same currency."))
    barcode = f.Name(_("Barcode"), max_length=60, blank=True)
    stocked = f.Flag(_("Kept in stock"), default=True)
    active = f.Flag(_("Sold now"), default=True, computed=True, importable=True)
    customer = f.Link(Customer, _("Made for"), null=True,
                      help_text=_("Only for this customer; only who sees the customer sees the product."))
    description = f.Text(_("Description"))

    about = About(
        one=_("product"), many=_("products"), icon="package", area="products", title=name, subtitle=code,
        columns=(code, name, category, specification, unit, list_price, currency, active, "owner"),
        search=(code, name, specification, barcode),
        filters=(category, kind, active, stocked, unit, currency, list_price, tax_rate, customer, "owner"),
        form=((code, name), (category, kind), (specification, unit), (list_price, currency), (tax_rate, tax_included),
              (cost, barcode), (stocked, customer), (description,),
              Section(_("Responsible"), (("owner",),))),
        order="sort_key", match=(code, barcode))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("category", "sort_key", "id"), name="catalog_product_in"),
                   models.Index(fields=("barcode",), name="catalog_product_barcode")]
        constraints = [
            models.UniqueConstraint(
                fields=("code",), condition=Q(deleted_at=None), name="catalog_product_code",
                violation_error_message=_("There is a product of this code already.")),
            models.CheckConstraint(
                condition=(Q(list_price=None) | Q(list_price__gte=0)) & (Q(cost=None) | Q(cost__gte=0)),
                name="catalog_product_prices", violation_error_message=_("A price is never negative.")),
            models.CheckConstraint(
                condition=Q(tax_rate__gte=0, tax_rate__lte=100), name="catalog_product_tax",
                violation_error_message=_("A tax rate lies between 0 and 100 percent."))]

    @classmethod
    def titled(cls, rows: "QuerySet[Product]", words: str) -> "QuerySet[Product]":
        """People and files name a product by its code or by its name; a code is never mistaken."""
        by_code = rows.filter(code=words)
        return by_code if by_code.exists() else rows.filter(name=words)

    @classmethod
    def open_rows(cls, ctx: Ctx) -> Q:
        """What is made for nobody in particular is for everybody; what is made for a customer, for who sees them."""
        return Q(customer=None) | Q(customer__in=ctx.find(Customer).values("pk"))

    def prepare(self) -> None:
        if self.kind == self.Kind.SERVICE and (self._state.adding or self.loaded.get("kind") != self.kind):
            self.stocked = False
