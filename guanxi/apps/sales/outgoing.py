"""Quotes on their way to customers: by mail with the quotation enclosed, or under a link."""

import datetime
import itertools
from typing import Any

from django.core.files.base import ContentFile
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.apps.sales.actions.quote import send_quote
from guanxi.apps.sales.models import Quote
from guanxi.apps.sales.sheets import QuoteSheet
from guanxi.common import talk
from guanxi.kernel.api import Ctx, Record, Refused, action, after, f, facts
from guanxi.surfaces.automation.models import ApprovalRequest
from guanxi.surfaces.channels import mail
from guanxi.surfaces.channels.models import OutgoingMail
from guanxi.surfaces.channels.pages import sends
from guanxi.surfaces.print import links, printing, sheets
from guanxi.surfaces.print.models import PrintedSheet
from guanxi.surfaces.print.sheets import Language
from guanxi.surfaces.web import panels

S = Quote.Status
REASON = "the quotation that a mail encloses"


@action(_("Send by mail"), verb="mail", when=(S.DRAFT, S.SENT), right="send", icon="mail-forward", inputs={
    "sheet": f.Choice(QuoteSheet, _("Print as")),
    "to": f.Text(pgettext_lazy("mail", "To"), help_text=gettext_lazy(
        "Empty: the address of the contact, otherwise of the customer.")),
    "copy_to": f.Text(_("Copy to")), "subject": f.Name(pgettext_lazy("mail", "Subject"), blank=True, help_text=gettext_lazy(
        "Empty: the name of the sheet and the number of the quote.")), "message": f.Text(pgettext_lazy("mail", "Text")),
    "language": f.Choice(Language, _("Language of the quotation"))})
def mail_quote(ctx: Ctx, quote: Quote, *, to: str = "", copy_to: str = "", subject: str = "", message: str = "",
               language: str = Language.SIMPLIFIED, sheet: str = QuoteSheet.QUOTATION) -> None:
    """Send the quote as PDF by mail. Where it must be approved first, the mail waits and leaves with the last approval."""
    wanted = to.strip() or _recipient(ctx, quote)
    if not wanted:
        raise Refused(_("Neither the contact nor the customer has a mail address: write one down."), field="to",
                      record=quote)
    known = {_heading(quote, *each) for each in itertools.product(QuoteSheet.values, Language.values)}
    heading = _heading(quote, sheet, language) if not subject or subject in known else subject
    with translation.override(language):
        body = message or gettext("Please find our quotation %(number)s enclosed.") % {"number": quote.number}
    printing.allow(ctx, quote, sheets.sheet_of(Quote, sheet))
    waits = quote.status == S.DRAFT and bool(ctx.run(send_quote, quote).asked)
    enclosure = f"{sheet} {language}"
    mail.write(ctx, quote, to=wanted, copy_to=copy_to, subject=heading, body=body, waits=waits,
               enclosure=enclosure if waits else _take_down(ctx, quote.pk, enclosure))


def _heading(quote: Quote, sheet: str, language: str) -> str:
    """The subject of a mail that says no other; it follows the language and the sheet that are chosen."""
    with translation.override(language):
        return f"{QuoteSheet(sheet).label} {quote.number}"


def _recipient(ctx: Ctx, quote: Quote) -> str:
    return _address(ctx, quote.contact) or _address(ctx, quote.customer)


@panels.suggest(mail_quote)
def suggest_mail(ctx: Ctx, quote: Quote) -> dict[str, Any]:
    """To whom and under which subject the mail goes if nothing is changed."""
    return {"to": _recipient(ctx, quote), "subject": _heading(quote, QuoteSheet.QUOTATION, Language.SIMPLIFIED)}


def _take_down(ctx: Ctx, quote_id: int, enclosure: str) -> str:
    """Fix what a mail encloses to the quote as it is now: the sheet, its language and the version."""
    system, (key, language) = ctx.as_system(REASON), enclosure.split()
    kept = printing.hold(system, system.get(Quote, quote_id), sheets.sheet_of(Quote, key), language)
    return f"{enclosure} {kept.record_version}"


def _address(ctx: Ctx, who: Record | None) -> str:
    """The mail address of somebody, if the sender may read it: it stands in the mail."""
    if who is None or not ctx.find(type(who)).filter(pk=who.pk).exists():
        return ""
    views = facts.fields(type(who), ctx)
    return next((str(view.raw(who)) for view in views if view.key == "email" and not view.masked), "")


@after(send_quote)
def let_mails_go(ctx: Ctx, quote: Quote, _value: None) -> None:
    """What waited for this approval leaves with the quote; a request that began anew counts from its first round."""
    asked = ctx.granted
    while (former := getattr(asked, "former", None)) is not None:
        asked = former

    def ready(letter: OutgoingMail) -> None:
        letter.enclosure = _take_down(ctx, quote.pk, letter.enclosure)

    mail.release(ctx, quote, asked.created_at if asked is not None else None, ready)


@after(ApprovalRequest, "given_up")
def keep_mails_back(ctx: Ctx, request: ApprovalRequest, _value: None) -> None:
    """Without the approval, the mails that wait for it never leave."""
    if request.verb.function is send_quote:
        mail.stop(ctx, Quote, request.object_id)


def enclose(ctx: Ctx, letter: OutgoingMail) -> None:
    """Add the sheet of the version that was sent, once, to the files of the quote and of the mail."""
    if letter.files:
        return
    system = ctx.as_system(REASON)
    quote = system.get(Quote, letter.object_id)
    key, language, version = letter.enclosure.split()
    sheet = sheets.sheet_of(Quote, key)
    kept = system.find(PrintedSheet).get(object_type=letter.object_type, object_id=quote.pk, record_version=int(version),
                                         sheet=key, language=language)
    made = ContentFile(printing.drawn(system, kept), name=printing.name_of(quote, sheet, "pdf"))
    with system.door("sales.quote.enclose"):
        letter.files = [talk.attach(system, quote, made, shows=sheet.shown).pk]
        system.save(letter)


@action(_("Link for the customer"), verb="link", when=(S.SENT, S.ACCEPTED), right="send", icon="link", inputs={
    "sheet": f.Choice(QuoteSheet, _("Print as")),
    "language": f.Choice(Language, _("Language of the quotation")),
    "until": f.Day(_("Valid until"), null=True, help_text=gettext_lazy("Empty: for thirty days.")),
    "passcode": f.Name(_("Passcode"), blank=True, secret=True, max_length=60)})
def link_quote(ctx: Ctx, quote: Quote, *, language: str = Language.SIMPLIFIED, until: datetime.date | None = None,
               passcode: str = "", sheet: str = QuoteSheet.QUOTATION) -> str:
    """Make an address under which the customer reads this version of the quote; it stands in the card «Print»."""
    return links.address(links.make(ctx, quote, sheet, language=language, until=until, passcode=passcode))


mail.before_sending(Quote, enclose)
sends(Quote)
