"""Quotes made from others: the next version, a copy, the first quote of an opportunity."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.models import PriceList
from guanxi.apps.parties.models import Customer
from guanxi.apps.sales.models import Opportunity, OpportunityContact, Quote, QuoteLine
from guanxi.apps.sales.models.influence import Influence
from guanxi.kernel.api import Ctx, Denied, Q, Refused, action

S = Quote.Status
#: What a version or copy takes over.
TAKEN = ("subject", "customer_id", "contact_id", "opportunity_id", "price_list_id", "currency", "tax_included",
         "valid_until", "payment_terms", "delivery_terms", "note", "discount", "reduction", "extra")
LINE = ("heading", "product_id", "text", "quantity", "unit_id", "list_price", "price", "discount", "tax_rate", "cost",
        "note", "extra")


def _again(quote: Quote, **values: Any) -> Quote:
    """A new draft with the same content."""
    made = Quote(**{**{name: getattr(quote, name) for name in TAKEN}, **values})
    made.lines = [QuoteLine(**{name: getattr(line, name) for name in LINE}) for line in quote.lines]
    return made


def _may_create(ctx: Ctx, record: Any) -> None:
    if not (answer := ctx.may("create", Quote)):
        raise Denied(_("You may not create %(object)s: %(reason)s") % {
            "object": Quote.about.many, "reason": answer.reason}, record=record)


@action(_("New version"), verb="revise", when=(S.SENT, S.EXPIRED), right="update", icon="versions", undo=True)
def revise_quote(ctx: Ctx, quote: Quote) -> Quote:
    """Make the next version of the quote, to be changed and sent; this one is superseded by it."""
    _may_create(ctx, quote)
    base = (quote.number or "").removesuffix(f"-{quote.revision}") if quote.revision > 1 else str(quote.number)
    system = ctx.as_system("the versions of the quote")
    known = Q(number=base) | Q(number__startswith=f"{base}-")
    revision = 1 + max(rows.filter(known).order_by("-revision").values_list("revision", flat=True).first() or 1
                       for rows in (system.find(Quote), system.binned(Quote)))
    made = ctx.save(_again(quote, number=f"{base}-{revision}", revision=revision, follows=quote, owner_id=quote.owner_id))
    quote.status = S.SUPERSEDED
    ctx.save(quote)
    return made


@action(_("Copy"), verb="copy", right="view", icon="copy", inputs={"customer": _("For another customer")})
def copy_quote(ctx: Ctx, quote: Quote, *, customer: Customer | None = None) -> Quote:
    """Make a new quote with the same lines, for the same customer or another one."""
    _may_create(ctx, quote)
    other = customer is not None and customer.pk != quote.customer_id
    made = _again(quote, valid_until=None)
    if other and customer is not None:
        made.customer, made.contact_id, made.opportunity_id = customer, None, None
        if made.price_list is not None and made.price_list.restricted:
            made.price_list = None
    return ctx.save(made)


@action(_("New quote"), verb="quote", when=Opportunity.Status.OPEN, right="view", icon="file-dollar", inputs={
    "price_list": _("Price list")})
def quote_opportunity(ctx: Ctx, opportunity: Opportunity, *, price_list: PriceList | None = None) -> Quote:
    """Begin a quote for the opportunity, with its customer and the contact who decides."""
    if opportunity.customer_id is None:
        raise Refused(_("The opportunity names no customer: choose one first."), field="customer", record=opportunity)
    _may_create(ctx, opportunity)
    people = ctx.find(OpportunityContact).filter(opportunity=opportunity).order_by("pk")
    rows = sorted(people, key=lambda one: Influence.ECONOMIC not in one.roles)
    given: dict[str, Any] = {"opportunity": opportunity.pk, "subject": opportunity.name}
    if price_list is not None:
        given["price_list"] = price_list.pk
    if rows and rows[0].contact.customer_id == opportunity.customer_id:
        given["contact"] = rows[0].contact_id
    return ctx.create(Quote, customer=opportunity.customer_id, **given)
