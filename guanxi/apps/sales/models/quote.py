"""A quote: what we offer a customer, at what price, until when."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.catalog.models import PriceList, company_currency, decimals_of, rate_on
from guanxi.apps.org.models import Currency
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales.models import quote_checks, quote_prices
from guanxi.apps.sales.models.master import CloseReason
from guanxi.apps.sales.models.opportunity import Opportunity
from guanxi.apps.sales.rules import quotes as rules
from guanxi.kernel.api import About, Q, Record, Section, f
from guanxi.language import money

#: What stays as it was sent to the customer; the links and lines are watched by a listener.
SEALED = ("subject", "price_list", "currency", "tax_included", "discount", "reduction", "payment_terms", "delivery_terms",
          "note")


class Quote(Record):
    """An offer to a customer: its lines, what they come to, and until when it holds."""

    class Status(f.States):
        DRAFT = "draft", pgettext_lazy("quote", "Draft")
        SENT = "sent", pgettext_lazy("quote", "Sent")
        ACCEPTED = "accepted", pgettext_lazy("quote", "Accepted")
        LOST = "lost", pgettext_lazy("quote", "Lost")
        SUPERSEDED = "superseded", pgettext_lazy("quote", "Superseded")
        EXPIRED = "expired", pgettext_lazy("quote", "Expired")

    number = f.Number(_("Quote no."), pattern="Q-{yyyy}-{n:05}", gapless=True)
    revision = f.Integer(pgettext_lazy("quote", "Version"), default=1, computed=True)
    subject = f.Name(pgettext_lazy("quote", "Subject"), blank=True)
    customer = f.Link(Customer, _("Customer"))
    contact = f.Link(Contact, _("Contact"), null=True)
    opportunity = f.Link(Opportunity, _("Opportunity"), null=True)
    status = f.State(Status, _("Status"), colors={
        "draft": "gray", "sent": "blue", "accepted": "green", "lost": "red", "superseded": "gray", "expired": "orange"})
    follows = f.Link("sales.Quote", _("Version before"), null=True, computed=True)
    price_list = f.Link(PriceList, _("Price list"), null=True, help_text=_(
        "Empty: the customer's own price lists, then general ones, then the list price of the product."))
    currency = f.Choice(Currency, _("Currency"), default=company_currency)
    rate = f.Decimal(_("Exchange rate"), decimal_places=8, null=True, computed=True)
    rate_on = f.Day(_("Rate of the day"), null=True, computed=True)
    tax_included = f.Flag(_("Prices include tax"), default=True)
    valid_until = f.Day(_("Valid until"), null=True)
    payment_terms = f.Name(_("Payment terms"), blank=True, max_length=400)
    delivery_terms = f.Name(_("Delivery terms"), blank=True, max_length=400)
    note = f.Text(_("Note"))
    lines = f.Lines("sales.QuoteLine", _("Lines"))
    discount = f.Percent(_("Discount on the whole in percent"), default=Decimal(0))
    reduction = f.Money(_("Amount off the whole"), default=Decimal(0))
    listed = f.Money(_("At list prices"), default=Decimal(0), computed=True)
    deducted = f.Money(_("Discount"), default=Decimal(0), computed=True)
    discount_percent = f.Percent(_("Discount altogether"), default=Decimal(0), computed=True)
    below_list = f.Flag(_("Below list price"), computed=True)
    net = f.Money(_("Net amount"), default=Decimal(0), computed=True)
    tax = f.Money(_("Tax"), default=Decimal(0), computed=True)
    gross = f.Money(_("Total with tax"), default=Decimal(0), computed=True)
    gross_company = f.Money(_("Total in the company's currency"), default=Decimal(0), computed=True)
    margin = f.Money(_("Margin"), sensitive=True, null=True, computed=True)
    margin_percent = f.Percent(_("Margin in percent"), sensitive=True, max_digits=20, null=True, computed=True)
    sent_on = f.Day(_("Sent on"), null=True, computed=True)
    signed_on = f.Day(_("Signed on"), null=True, computed=True)
    po_number = f.Name(_("Customer's order no."), blank=True, computed=True)
    lost_reason = f.Link(CloseReason, _("Lost because"), null=True, computed=True)
    lost_note = f.Text(_("How it ended"), computed=True)
    hit = f.Percent(_("Success"), null=True, computed=True, help_text=_("100 when accepted, 0 when lost or expired."))

    #: The discount on the whole is larger than the whole.
    too_much = False
    about = About(
        one=_("quote"), many=_("quotes"), icon="file-dollar", area="sales", title=number, subtitle=customer,
        parent=customer, board=status, amount=gross_company, calendar=valid_until,
        columns=(number, customer, subject, status, gross, currency, discount_percent, valid_until, "owner"),
        search=(number, subject, po_number),
        filters=(status, "owner", customer, opportunity, contact, currency, price_list, gross_company, discount_percent,
                 below_list, valid_until, sent_on, signed_on, lost_reason, "created_at"),
        form=((customer, contact), (subject, opportunity), (price_list, currency), (valid_until, tax_included), (lines,),
              (discount, reduction), (note,), Section(_("Terms"), ((payment_terms,), (delivery_terms,)))))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("status", "valid_until"), name="sales_quote_expiry")]
        constraints = [
            models.CheckConstraint(
                name="sales_quote_reason", condition=~Q(status="lost") | Q(lost_reason__isnull=False),
                violation_error_message=_("Say why the quote was lost.")),
            models.CheckConstraint(
                name="sales_quote_signed", condition=~Q(status="accepted") | Q(signed_on__isnull=False),
                violation_error_message=_("An accepted quote needs the day on which it was signed.")),
            models.CheckConstraint(
                name="sales_quote_discount", condition=Q(discount__gte=0, discount__lte=100),
                violation_error_message=_("A discount lies between 0 and 100 percent.")),
            models.CheckConstraint(
                name="sales_quote_reduction", condition=Q(reduction__gte=0),
                violation_error_message=_("An amount is never negative."))]

    def was(self, name: str) -> Any:
        """What a column held when the row was read; None on a new one."""
        return None if self._state.adding else self.loaded.get(name)

    @property
    def drafted(self) -> bool:
        """May what it says still change? Once sent, it stays as it was sent."""
        return self._state.adding or self.was("status") == self.Status.DRAFT

    def prepare(self) -> None:
        self.hit = {"accepted": Decimal(100), "lost": Decimal(0), "expired": Decimal(0)}.get(self.status)
        if not self.drafted or self.customer_id is None:
            return
        self._choose_currency()
        self.rate_on = timezone.localdate(self.updated_at)
        self.rate = rate_on(self.currency, self.rate_on)
        quote_prices.fill(self)
        self._add_up()

    def _choose_currency(self) -> None:
        """A price list brings its currency, unless another one is chosen at the same time."""
        if self.price_list_id and self.price_list_id != self.was("price_list_id") and self.currency in (
                self.was("currency"), company_currency()):
            self.currency = self.price_list.currency  # type: ignore[union-attr]

    def _add_up(self) -> None:
        """All totals, and what each line comes to. What cannot be added up is left for ``clean`` to refuse."""
        decimals, self.too_much = decimals_of(self.currency), False
        try:
            found = rules.totals([line.as_rule() for line in self.lines], decimals, tax_included=self.tax_included,
                                 percent=self.discount, reduction=self.reduction)
        except ValueError:
            self.too_much = True
            return
        for line, amounts in zip(self.lines, found.lines, strict=True):
            line.share, line.net, line.tax, line.gross = amounts.share, amounts.net, amounts.tax, amounts.gross
        for name in ("listed", "deducted", "discount_percent", "below_list", "net", "tax", "gross", "margin",
                     "margin_percent"):
            setattr(self, name, getattr(found, name))
        self.gross_company = money.rounded(
            money.times(self.gross, self.rate or Decimal(0)), decimals_of(company_currency()))

    def clean(self) -> None:
        if self.drafted:
            quote_checks.check_draft(self)
            return
        for name in SEALED:
            source: Any = self._meta.get_field(name)
            if getattr(self, source.attname) != self.was(source.attname):
                raise ValidationError({name: quote_checks.sealed(self)})
        if any(line._state.adding for line in self.held_lines.get("lines", ())):
            raise ValidationError({"lines": quote_checks.sealed(self)})
