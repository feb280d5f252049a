"""The lines of a quote."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.catalog.models import Price, Product, Quantity, Unit, units_now
from guanxi.apps.sales.models.quote import Quote
from guanxi.apps.sales.rules import quotes as rules
from guanxi.kernel.api import About, Q, Record, f

_HUNDRED = Decimal(100)


class QuoteLine(Record):
    """One line of a quote: a product or free text, how much of it, and at what price."""

    quote = f.Link(Quote, _("Quote"))
    position = f.Integer(pgettext_lazy("sequence", "Order"), default=0, computed=True)
    heading = f.Name(_("Heading"), blank=True, help_text=_("Lines of one heading stand together under it."))
    product = f.Link(Product, _("Product"), null=True)
    text = f.Name(pgettext_lazy("line", "Text"), blank=True, max_length=500, help_text=_("Empty: the name of the product."))
    quantity = Quantity(_("Quantity"), default=Decimal(1))
    unit = f.Link(Unit, _("Unit"), null=True)
    list_price = Price(_("List price"), null=True, computed=True)
    price = Price(_("Price"), null=True, help_text=_("Empty: the price that holds for the customer, quantity and day."))
    discount = f.Percent(_("Discount in percent"), default=Decimal(0))
    tax_rate = f.Percent(_("Tax rate"), null=True, help_text=_("Empty: the tax rate of the product."))
    cost = Price(_("Cost"), sensitive=True, null=True)
    share = f.Money(_("Part of the discount on the whole"), default=Decimal(0), computed=True)
    net = f.Money(_("Net amount"), default=Decimal(0), computed=True)
    tax = f.Money(_("Tax"), default=Decimal(0), computed=True)
    gross = f.Money(_("Total with tax"), default=Decimal(0), computed=True)
    note = f.Text(_("Note"))

    about = About(
        one=_("quote line"), many=_("quote lines"), icon="list-details", area="", title=text, subtitle=quote, parent=quote,
        slug="quote-lines", verbs=("view", "export"), side=(), order="position",
        columns=(quote, position, product, text, quantity, unit, price, discount, net, tax, gross),
        filters=(quote, product, discount, net))

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(name="sales_quoteline_quantity", condition=Q(quantity__gt=0),
                                   violation_error_message=_("The quantity is above zero.")),
            models.CheckConstraint(name="sales_quoteline_price", condition=Q(price__gte=0),
                                   violation_error_message=_("A price is never negative.")),
            models.CheckConstraint(
                name="sales_quoteline_shares",
                condition=Q(discount__gte=0, discount__lte=100, tax_rate__gte=0, tax_rate__lte=100),
                violation_error_message=_("A discount and a tax rate lie between 0 and 100 percent."))]

    def as_rule(self) -> rules.Line:
        """The line as the arithmetic sees it; what is missing or wrong counts as nothing, and is refused below."""
        return rules.Line(
            quantity=max(self.quantity or Decimal(0), Decimal(0)), price=max(self.price or Decimal(0), Decimal(0)),
            discount=min(max(self.discount or Decimal(0), Decimal(0)), _HUNDRED),
            tax_rate=min(max(self.tax_rate or Decimal(0), Decimal(0)), _HUNDRED), list_price=self.list_price,
            cost=self.cost)

    def clean(self) -> None:
        if not self.text:
            raise ValidationError({"text": _("Choose a product, or write what is offered.")})
        if self.price is None:
            raise ValidationError({"price": _("No price list has a price of “%(product)s” here: write one down.") % {
                "product": self.text}})
        if self.quantity <= 0:
            raise ValidationError({"quantity": _("The quantity is above zero.")})
        if self.price < 0 or (self.cost or 0) < 0:
            raise ValidationError({"price": _("A price is never negative: give a discount instead.")})
        for name, value in (("discount", self.discount), ("tax_rate", self.tax_rate)):
            if value is None or not 0 <= value <= _HUNDRED:
                raise ValidationError({name: _("A discount and a tax rate lie between 0 and 100 percent.")})
        unit = units_now().get(self.unit_id or 0)
        if unit is not None and self.quantity != round(self.quantity, unit.decimals):
            raise ValidationError({"quantity": _("“%(unit)s” takes at most %(count)s decimals.") % {
                "unit": unit, "count": unit.decimals}})
