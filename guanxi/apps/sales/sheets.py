"""What stands on a printed quotation, and on the list of its goods without prices; nothing of our cost on either."""

import base64
import mimetypes
from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from guanxi.apps.catalog.models import Unit
from guanxi.apps.org.models import Company
from guanxi.apps.sales.models import Quote, QuoteLine
from guanxi.common import talk
from guanxi.kernel.api import Ctx, f, facts
from guanxi.language.capitals import capitals
from guanxi.surfaces.print.sheets import sheet

REASON = "what stands on a sheet for the customer"
#: A larger picture is no letterhead.
LOGO_BYTES = 2 * 2**20


class QuoteSheet(f.Options):
    """The ways to put a quote on paper."""

    QUOTATION = "quotation", gettext_lazy("Quotation")
    GOODS = "goods", gettext_lazy("List of goods without prices")


#: What stands on a list of goods, and what a quotation adds to it.
GOODS = ("number", "revision", "subject", "customer", "contact", "delivery_terms", "lines.text", "lines.note",
         "lines.heading", "lines.quantity", "lines.unit")
SHOWN = (*GOODS, "valid_until", "currency", "listed", "deducted", "net", "tax", "gross", "payment_terms", "note",
         "lines.price", "lines.discount", "lines.tax_rate", "lines.net", "lines.tax", "lines.gross")


@sheet(QuoteSheet.QUOTATION, QuoteSheet.QUOTATION.label, on=Quote, template="sales/quote/sheet.html", shows=SHOWN)
def quotation(ctx: Ctx, quote: Quote) -> dict[str, Any]:
    """The letterhead, whom it is for, the lines with their headings, totals, the amount in words, terms."""
    system = ctx.as_system(REASON)
    said = _said(system, quote)
    language = (get_language() or "en").lower()
    written = capitals(quote.gross, language) if language.startswith("zh") and quote.currency == "CNY" else ""
    return {
        **_head(system, quote), "valid_until": said("valid_until"), "currency": quote.currency,
        "lines": _lines(system, quote, (*_WORDS, *_AMOUNTS)), "listed": said("listed"),
        "deducted": said("deducted") if quote.deducted else "", "net": said("net"), "tax": said("tax"),
        "gross": said("gross"), "capitals": written, "tax_included": quote.tax_included,
        "terms": [(label, words) for label, words in (
            (_("Payment"), quote.payment_terms), (_("Delivery"), quote.delivery_terms), (_("Note"), quote.note)) if words]}


@sheet(QuoteSheet.GOODS, QuoteSheet.GOODS.label, on=Quote, template="sales/quote/goods.html", shows=GOODS)
def goods(ctx: Ctx, quote: Quote) -> dict[str, Any]:
    """What and how much, and how it is delivered: no price is even gathered."""
    system = ctx.as_system(REASON)
    terms = [(_("Delivery"), quote.delivery_terms)] if quote.delivery_terms else []
    return {**_head(system, quote), "lines": _lines(system, quote, _WORDS), "terms": terms}


def _said(system: Ctx, quote: Quote) -> Callable[[str], str]:
    """The fields of the quote as they are read."""
    views = {view.key: view for view in facts.fields(Quote, system)}
    return lambda key: views[key].text(views[key].raw(quote))


def _head(system: Ctx, quote: Quote) -> dict[str, Any]:
    """Who writes, to whom, about what."""
    said = _said(system, quote)
    return {
        "company": letterhead(system), "number": quote.number, "revision": quote.revision, "subject": quote.subject,
        "customer": str(quote.customer), "contact": str(quote.contact or ""),
        "date": said("sent_on") or said("created_at")[:10], "seller": str(quote.owner or ""),
        "seller_phone": _phone(system, quote)}


def _phone(system: Ctx, quote: Quote) -> str:
    owner = quote.owner
    return facts.field_of(type(owner), system, "phone").text(owner.phone) if owner is not None else ""


_WORDS = ("quantity", "text", "note")
_AMOUNTS = ("price", "discount", "tax_rate", "net", "tax", "gross")


def _lines(system: Ctx, quote: Quote, keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """The lines as they are read; a heading stands once above those that share it."""
    views = {view.key: view for view in facts.fields(QuoteLine, system)}
    units = {row.pk: str(row) for row in system.find(Unit).filter(
        pk__in={line.unit_id for line in quote.lines if line.unit_id})}
    found, heading = [], ""
    for line in quote.lines:
        told = {key: views[key].text(views[key].raw(line)) for key in keys}
        if not line.discount and "discount" in told:
            told["discount"] = ""
        found.append({**told, "position": line.position, "unit": units.get(line.unit_id, ""),
                      "heading": line.heading if line.heading != heading else ""})
        heading = line.heading
    return found


def letterhead(system: Ctx) -> dict[str, Any]:
    """Who writes: the company, how it is reached, and its newest picture as the logo."""
    company = system.find(Company).first()
    if company is None:
        return {"name": "", "lines": [], "logo": ""}
    reach = " · ".join(part for part in (str(company.phone), company.email, company.website) if part)
    tax = _("Tax number: %(number)s") % {"number": company.tax_number} if company.tax_number else ""
    lines = [line for line in (*company.address.splitlines(), reach, tax, company.bank) if line]
    return {"name": company.name, "lines": lines, "logo": _logo(system, company)}


def _logo(system: Ctx, company: Company) -> str:
    """The newest picture among the company's files, as text that a sheet can carry."""
    pictures = [one for one in talk.attachments(system, company) if one.is_image and one.size <= LOGO_BYTES]
    if not pictures:
        return ""
    newest = max(pictures, key=lambda one: one.pk)
    with newest.file.open("rb") as file:
        packed = base64.b64encode(file.read()).decode()
    return f"data:{mimetypes.guess_type(newest.name)[0] or 'image/png'};base64,{packed}"
