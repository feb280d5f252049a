"""What one can do with a quote: send it, win or lose with it, take it up again, let it run out."""

import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.sales.actions.opportunity import win_opportunity
from guanxi.apps.sales.models import CloseReason, Opportunity, Quote
from guanxi.apps.sales.models.quote_prices import fill
from guanxi.common import talk
from guanxi.kernel.api import Ctx, Refused, action, every, f

S = Quote.Status


@action(_("Send"), when=S.DRAFT, icon="send")
def send_quote(ctx: Ctx, quote: Quote) -> None:
    """Say that the customer has the quote: from now on it stays as it is."""
    if not quote.lines:
        raise Refused(_("Add at least one line first."), field="lines", record=quote)
    if quote.valid_until is not None and quote.valid_until < ctx.today:
        raise Refused(_("The quote was valid until %(day)s: choose a later day first.") % {"day": quote.valid_until},
                      field="valid_until", record=quote)
    quote.status, quote.sent_on = S.SENT, ctx.today
    ctx.save(quote)


@action(_("Take prices anew"), verb="reprice", when=S.DRAFT, right="update", icon="refresh")
def reprice_quote(ctx: Ctx, quote: Quote) -> None:
    """Give every line the price that holds for its product today; discounts stay."""
    quote.rate_on = ctx.today
    fill(quote, anew=True)
    ctx.save(quote)


@action(_("Accepted"), verb="accept", when=(S.SENT, S.EXPIRED), icon="circle-check", inputs={
    "signed_on": f.Day(_("Signed on"), null=True, help_text=_("Empty: today.")), "po_number": _("Customer's order no."),
    "win": _("Win the opportunity too"), "reason": _("Won because")})
def accept_quote(ctx: Ctx, quote: Quote, *, signed_on: datetime.date | None = None, po_number: str = "",
                 win: bool = False, reason: CloseReason | None = None) -> None:
    """Record that the customer said yes; the opportunity takes its amount from the quote."""
    if signed_on is not None and signed_on > ctx.today:
        raise Refused(_("The day %(day)s lies in the future.") % {"day": signed_on}, field="signed_on", record=quote)
    quote.status, quote.signed_on, quote.po_number = S.ACCEPTED, signed_on or ctx.today, po_number
    ctx.save(quote)
    deal = _open_deal(ctx, quote)
    if deal is not None:
        deal.amount = quote.gross_company
        system = ctx.as_system("the quote was accepted")
        system.save(deal)
    if not win:
        return
    if deal is None:
        raise Refused(_("The quote has no open opportunity to win."), field="win", record=quote)
    if reason is None:
        raise Refused(_("Say why the opportunity was won."), field="reason", record=quote)
    ctx.run(win_opportunity, deal, reason=reason.pk, closed_on=quote.signed_on)


def _open_deal(ctx: Ctx, quote: Quote) -> Opportunity | None:
    """The quote's opportunity, while it is open; locked, so that nobody closes it meanwhile."""
    deals = ctx.as_system("the quote's opportunity").find(Opportunity).select_for_update(of=("self",), no_key=True)
    return deals.filter(pk=quote.opportunity_id or 0, status=Opportunity.Status.OPEN).first()


@action(_("Lost"), verb="lose", when=(S.DRAFT, S.SENT, S.EXPIRED), icon="mood-sad", danger=True, inputs={
    "reason": _("Lost because"), "note": f.Text(_("Note"))})
def lose_quote(ctx: Ctx, quote: Quote, *, reason: CloseReason, note: str = "") -> None:
    """Close the quote as lost, and say why."""
    if reason.kind != CloseReason.Kind.LOSS:
        raise Refused(_("“%(reason)s” is a reason of another kind: choose one of “%(kind)s”.") % {
            "reason": reason, "kind": CloseReason.Kind.LOSS.label}, field="reason", record=quote)
    quote.status, quote.lost_reason, quote.lost_note = S.LOST, reason, note
    ctx.save(quote)


@action(pgettext_lazy("verb", "Reopen"), verb="reopen", when=S.LOST, right="update", icon="rotate")
def reopen_quote(ctx: Ctx, quote: Quote) -> None:
    """The customer talks about the quote again: it stands as sent, or as a draft where it was never sent."""
    quote.status = S.SENT if quote.sent_on else S.DRAFT
    quote.lost_reason, quote.lost_note = None, ""
    ctx.save(quote)


@action(_("Extend"), verb="extend", when=(S.SENT, S.EXPIRED), right="update", icon="calendar-plus", inputs={
    "valid_until": _("Valid until")})
def extend_quote(ctx: Ctx, quote: Quote, *, valid_until: datetime.date) -> None:
    """Let the quote hold until a later day, at the same prices."""
    if valid_until < ctx.today:
        raise Refused(_("The day %(day)s has passed.") % {"day": valid_until}, field="valid_until", record=quote)
    quote.status, quote.valid_until = S.SENT, valid_until
    ctx.save(quote)


@every(cron="5 0 * * *", name="sales.expire_quotes")
def expire_quotes(ctx: Ctx) -> None:
    """Close sent quotes whose last day has passed, and tell their owners."""
    with ctx.door("sales.quote.expire"):
        over = ctx.find(Quote).filter(status=S.SENT, valid_until__lt=ctx.today).select_for_update(of=("self",), no_key=True)
        for quote in over.order_by("pk"):
            quote.status = S.EXPIRED
            ctx.save(quote)
            told = str(_("This quote has run out: it was valid until %(day)s.") % {"day": quote.valid_until})
            talk.notify(ctx, [quote.owner_id], talk.Notification.Kind.REMINDER, quote, told)
