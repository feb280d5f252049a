"""The command palette and the page of all search results: records, things to do, pages, recent first."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _

from guanxi.common import past
from guanxi.surfaces.web import addresses, base, menu, searching
from guanxi.surfaces.web.base import PageRequest, page

RECENT, FOUND, COMMANDS, PER_OBJECT = 6, 12, 8, 10
MAX_WORDS = 200


@page(methods=("GET",))
def palette(request: PageRequest) -> HttpResponse:
    """The answer of the palette to what has been typed so far."""
    words = base.param(request, "q").strip()[:MAX_WORDS]
    groups = _found(request, words) if words else _recent(request)
    groups += _commands(request, words)
    return render_template(request, "web/palette.html", {"groups": groups, "q": words, "ctx": request.ctx})


def _item(hit: searching.Hit, words: str) -> dict[str, Any]:
    return {"label": searching.marked(hit.title, words), "url": hit.url, "icon": hit.model.about.icon,
            "subtitle": str(hit.model.about.one)}


def _found(request: PageRequest, words: str) -> list[dict[str, Any]]:
    hits = searching.find(request.ctx, words, FOUND)
    return [{"title": _("Records"), "items": [_item(hit, words) for hit in hits]}] if hits else []


def _recent(request: PageRequest) -> list[dict[str, Any]]:
    hits = searching.named(request.ctx, past.touched(request.ctx, RECENT * 2))[:RECENT]
    return [{"title": _("Recent"), "items": [_item(hit, "") for hit in hits]}] if hits else []


def _commands(request: PageRequest, words: str) -> list[dict[str, Any]]:
    """Things to do and pages to go to, those that fit what was typed."""
    ctx = request.ctx
    do: list[dict[str, Any]] = []
    go: list[dict[str, Any]] = []
    do += [{**create, "dialog": True} for create in menu.creates_of(ctx)]
    for model in menu.objects_of(ctx):
        many = str(model.about.many)
        if "import" in model.about.verbs and not ctx.read_only and ctx.may("import", model) and ctx.may("create", model):
            do.append({"label": _("Import %(many)s") % {"many": many}, "icon": "table-import",
                       "url": f"{addresses.list_url(model)}import"})
    for area in menu.areas_of(request):
        go += [{"label": item["label"], "url": item["url"], "icon": item["icon"], "subtitle": area["label"]}
               for item in area["items"]]
    go.insert(0, {"label": _("Home"), "url": "/", "icon": "home"})
    go.append({"label": _("Notifications"), "url": "/notifications", "icon": "bell"})
    groups = []
    for title, items in ((_("Do"), do), (_("Go to"), go)):
        fitting = [{**item, "label": searching.marked(item["label"], words)} for item in items
                   if searching.matches(item["label"], words)]
        if fitting:
            groups.append({"title": title, "items": fitting[:COMMANDS]})
    return groups


@page(methods=("GET",))
def search(request: PageRequest) -> HttpResponse:
    """Everything found, by object, each with the way to its list."""
    words = base.param(request, "q").strip()[:MAX_WORDS]
    groups = []
    for model, hits in searching.grouped(searching.find(request.ctx, words)):
        shown = hits[:PER_OBJECT]
        groups.append({
            "title": str(model.about.many).capitalize(), "count_text": str(len(hits)),
            "url": addresses.list_url(model, q=words),
            "items": [{**_item(hit, words), "subtitle": ""} for hit in shown]})
    return base.render(request, "web/search.html", {"q": words, "groups": groups})
