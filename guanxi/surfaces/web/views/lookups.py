"""Pickers: the twenty likeliest records for what was typed, never a whole table."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from guanxi.kernel import facts, finding, paging, reading, registry
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Denied
from guanxi.surfaces.web import base
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.question import key_of

LIMIT = 20


@page(methods=("GET",))
def lookup(request: PageRequest, slug: str) -> HttpResponse:
    """Records to choose from as ``{"results": [{"value", "text", "subtitle"}]}``; found by pinyin and initials too."""
    ctx, model = request.ctx, registry.model_of(slug)
    if not ctx.may("view", model):
        raise Denied(_("You may not see %(objects)s.") % {"objects": model.about.many})
    found = finding.select(ctx, model, typed=base.param(request, "q"))
    if any(source.name == "is_active" for source in model._meta.concrete_fields):
        found = found.filter(is_active=True)
    rows = paging.page(ctx, found, model, limit=LIMIT).rows
    return JsonResponse({"results": results(request, model, rows)})


def results(request: PageRequest, model: type[Record], rows: list[Any]) -> list[dict[str, Any]]:
    """What a picker shows of each: the title, and below it what tells namesakes apart."""
    key = key_of(model.about.subtitle) if model.about.subtitle is not None else ""
    views = [view for view in facts.fields(model, request.ctx) if view.key == key]
    titles = reading.titles_of(request.ctx, rows, views)
    return [{"value": row.pk, "text": str(row),
             "subtitle": reading.text(views[0], row, titles) if views else ""} for row in rows]
