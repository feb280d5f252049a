"""What must fit together in the draft of a quote, and what stays once it is sent."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.models import PriceListCustomer, Product, company_currency, decimals_of
from guanxi.apps.parties.models import Employment
from guanxi.kernel.api import Ctx


def _system() -> Ctx:
    return Ctx(system=True, reason="what fits a quote")


def sealed(quote: Any) -> Any:
    """Why something cannot be changed any more."""
    return _("“%(quote)s” is “%(status)s” and stays as it is: make a new version of it.") % {
        "quote": quote.number, "status": quote.get_status_display()}


def check_draft(quote: Any) -> None:
    """Raises ValidationError by field. What has not changed since the last time is not asked again."""
    if quote.rate is None:
        raise ValidationError({"currency": _(
            "There is no exchange rate of %(currency)s to %(company)s for %(day)s: add one under “Exchange rates”.") % {
            "currency": quote.currency, "company": company_currency(), "day": quote.rate_on}})
    moved = quote.customer_id != quote.was("customer_id")
    if quote.price_list_id and (moved or _changed(quote, "price_list") or _changed(quote, "currency")):
        _check_list(quote)
    if quote.contact_id and (moved or _changed(quote, "contact")):
        _check_contact(quote)
    if quote.opportunity_id and (moved or _changed(quote, "opportunity")):
        _check_opportunity(quote)
    _check_products(quote, moved)
    if not 0 <= quote.discount <= 100:
        raise ValidationError({"discount": _("A discount lies between 0 and 100 percent.")})
    if quote.reduction < 0:
        raise ValidationError({"reduction": _("An amount is never negative.")})
    decimals = decimals_of(quote.currency)
    if quote.reduction != round(quote.reduction, decimals):
        raise ValidationError({"reduction": _("An amount in %(currency)s has at most %(count)s decimals.") % {
            "currency": quote.currency, "count": decimals}})
    if quote.too_much:
        raise ValidationError({"reduction": _("The discount is larger than the quote.")})


def _changed(quote: Any, name: str) -> bool:
    source = quote._meta.get_field(name)
    return bool(getattr(quote, source.attname) != quote.was(source.attname))


def _check_list(quote: Any) -> None:
    chosen = quote.price_list
    words = {"list": chosen, "currency": chosen.currency, "customer": quote.customer}
    if chosen.currency != quote.currency:
        raise ValidationError({"currency": _("“%(list)s” has prices in %(currency)s: choose that currency, or another "
                                             "price list.") % words})
    if not chosen.active:
        raise ValidationError({"price_list": _("“%(list)s” is not in use.") % words})
    named = _system().find(PriceListCustomer).filter(price_list=chosen, customer_id=quote.customer_id)
    if chosen.restricted and not named.exists():
        raise ValidationError({"price_list": _("“%(list)s” is not made for “%(customer)s”.") % words})


def _check_contact(quote: Any) -> None:
    if quote.contact.customer_id in (None, quote.customer_id):
        return
    jobs = _system().find(Employment).filter(contact_id=quote.contact_id, customer_id=quote.customer_id)
    if not jobs.exists():
        raise ValidationError({"contact": _("“%(contact)s” does not work for “%(customer)s”.") % {
            "contact": quote.contact, "customer": quote.customer}})


def _check_opportunity(quote: Any) -> None:
    if quote.opportunity.customer_id not in (None, quote.customer_id):
        raise ValidationError({"opportunity": _("“%(opportunity)s” belongs to another customer.") % {
            "opportunity": quote.opportunity}})


def _check_products(quote: Any, moved: bool) -> None:
    """A product made for somebody else, or off sale, is not offered; the next version may keep what the last one had."""
    asked = {line.product_id for line in quote.lines if line.product_id and (
        moved or line._state.adding or line.loaded.get("product_id") != line.product_id)}
    if not asked:
        return
    for one in _system().find(Product).filter(pk__in=asked).order_by("pk"):
        if one.customer_id not in (None, quote.customer_id):
            raise ValidationError({"lines": _("“%(product)s” is made for another customer.") % {"product": one}})
        if not one.active and not (quote.follows_id and quote._state.adding):
            raise ValidationError({"lines": _("“%(product)s” is not sold any more: choose another product.") % {
                "product": one}})
