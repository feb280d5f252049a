"""Sheets handed out: a PDF, or a Word file, of a record one may see."""

from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.kernel.api import Ctx
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.print import links, printing, sheets
from guanxi.surfaces.print.models import SheetLink, WordTemplate
from guanxi.surfaces.web import addresses, base, panels
from guanxi.surfaces.web.base import PageRequest, page

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@page(methods=("GET",))
def pdf(request: PageRequest, slug: str, pk: int, key: str) -> HttpResponse:
    """The PDF of a record in a language; the reader's own without one."""
    record, sheet = _asked(request, slug, pk, key)
    language = printing.language_of(base.param(request, "language") or _own())
    made = printing.pdf(request.ctx, record, sheet, language)
    return given(made, printing.name_of(record, sheet, "pdf"), "application/pdf")


@page(methods=("GET",))
def word(request: PageRequest, slug: str, pk: int, key: str, template: int) -> HttpResponse:
    """A record in a company's own Word template."""
    record, sheet = _asked(request, slug, pk, key)
    chosen = request.ctx.get(WordTemplate, template)
    return given(printing.docx(request.ctx, record, sheet, chosen), printing.name_of(record, sheet, "docx"), WORD)


def _asked(request: PageRequest, slug: str, pk: int, key: str) -> tuple[Record, sheets.Sheet]:
    model = base.model_or_missing(request, slug)
    return request.ctx.get(model, pk), sheets.sheet_of(model, key)


def _own() -> str:
    language = (get_language() or "en").lower()
    return language if language in sheets.Language.values else "en"


def given(made: bytes, name: str, kind: str) -> HttpResponse:
    """A file to keep; no browser runs what is in it."""
    response = HttpResponse(made, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@panels.panel("print", place="side", order=15, template="print/panel.html")
def card(ctx: Ctx, record: Record, _request: Any) -> dict[str, Any] | None:
    """The sheets of a record, in every language, and the company's own templates."""
    found = [one for one in sheets.sheets_of(type(record)) if not one.withheld(ctx)]
    if not found:
        return None
    url = f"{addresses.record_url(type(record), record.pk)}/print"
    own = ctx.find(WordTemplate).filter(object_type=object_name(record), is_active=True).order_by("sort_key", "pk")[:20]
    shared = ctx.find(SheetLink).filter(
        object_type=object_name(record), object_id=record.pk, is_open=True,
        sheet__in=[one.key for one in found]).order_by("-pk")[:5]
    return {"title": _("Print"), "icon": "printer", "links": [
        {"url": addresses.record_url(SheetLink, one.pk), "address": links.address(one), "until": one.until,
         "views": one.views, "at": one.last_view_at} for one in shared], "sheets": [
        {"label": sheet.label, "urls": [(f"{url}/{sheet.key}.pdf?language={code}", name)
                                        for code, name in sheets.Language.choices],
         "words": [(f"{url}/{sheet.key}/{one.pk}.docx", str(one)) for one in own if sheet is found[0]]} for sheet in found]}
