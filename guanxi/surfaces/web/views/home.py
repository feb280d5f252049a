"""Home: what shall I do next — blocks by role, first steps, and my figures with the way to their rows."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.utils import formats, timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from guanxi.common import measures, past
from guanxi.kernel.api import Ctx
from guanxi.kernel.refusal import Denied
from guanxi.surfaces.web import arrangement, base, menu, panels, searching
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.panels import block
from guanxi.surfaces.web.views import explain

FIGURES, RECENT = 6, 8


@page(methods=("GET",))
def home(request: PageRequest) -> HttpResponse:
    """The page everybody begins the day with."""
    ctx = request.ctx
    if (door := panels.doors_of(ctx)) and not base.is_fragment(request):
        return HttpResponseRedirect(door)
    areas = [area["key"] for area in menu.areas_of(request)]
    blocks = panels.blocks_of(ctx, request, areas)
    if not blocks["main"]:
        blocks = {"main": blocks["side"][:1], "side": blocks["side"][1:]}
    return base.render(request, "web/home.html", {
        "greeting": greeting(ctx), "today_text": today_text(), "checklist": panels.checklist_of(ctx),
        "blocks_main": blocks["main"], "blocks_side": blocks["side"]})


@page
def blocks(request: PageRequest) -> HttpResponse:
    """Which blocks the home page shows, and in which order; a drag sends them by column."""
    ctx = request.ctx
    areas = [area["key"] for area in menu.areas_of(request)]
    known = {block["key"]: (column, block) for column, found in panels.blocks_of(ctx, request, areas, every=True).items()
             for block in found}
    if request.method != "POST":
        return base.render(request, "web/home_blocks.html", {
            "title": _("Arrange the home page"), "action_url": "/home/blocks", "cancel_url": "/",
            "blocks": [{"key": key, "label": block["title"], "shown": not block["hidden"]}
                       for key, (_column, block) in known.items()]})
    if ctx.read_only:
        raise Denied(_("You are viewing as somebody else: nothing can be changed."))
    arrangement.keep(ctx, _arranged(request, known))
    return base.done(request, _("The home page is arranged."), to="" if "drag" in request.POST else "/")


def _arranged(request: PageRequest, known: dict[str, Any]) -> list[dict[str, Any]]:
    """What was posted: keys by column from a drag, or the order of all with those to show from the dialog."""
    if request.POST.get("reset"):
        return []
    if "drag" in request.POST:
        dragged = [{"key": key, "column": column} for column in arrangement.COLUMNS
                   for key in dict.fromkeys(request.POST.getlist(column)) if key in known]
        away = {key for key, (_column, block) in known.items() if block["hidden"]}
        return [*dragged, *({"key": key, "column": known[key][0], "hidden": True} for key in sorted(away))]
    shown = set(request.POST.getlist("blocks"))
    return [{"key": key, "column": known[key][0], "hidden": key not in shown}
            for key in dict.fromkeys(request.POST.getlist("order")) if key in known]


def greeting(ctx: Ctx) -> str:
    """A greeting for the time of day where the reader is."""
    hour = timezone.localtime(ctx.now).hour
    words = _("Good morning, %(name)s") if 4 <= hour < 12 else _("Good afternoon, %(name)s") if 12 <= hour < 18 else (
        _("Good evening, %(name)s"))
    return words % {"name": ctx.user}


def today_text() -> str:
    return formats.date_format(timezone.localdate(), "l, j F Y" if get_language() == "en" else "Y年n月j日 l")


@block("my figures", order=200, column="side", template="web/panels/home_figures.html")
def figures(ctx: Ctx, request: Any) -> dict[str, Any] | None:
    """Figures within one's rights, each opening its definition and rows."""
    first = {key: place for place, key in enumerate(panels.featured())}
    known = sorted(measures.measures(), key=lambda one: first.get(one.key, len(first)))
    shown = [one for one in known if ctx.may("view", one.model) and explain.fields_seen(ctx, one)][:FIGURES]
    if not shown:
        return None
    values = measures.values(ctx, shown)
    return {"title": gettext_lazy("My figures"), "figures": [{
        "name": one.name, "value_text": explain.words(one, values[one.key]), "url": f"/explain/{one.key}",
        "definition": one.meaning, "share": None} for one in shown]}


@block("recent", order=300, column="main", template="web/panels/related.html")
def recent(ctx: Ctx, request: Any) -> dict[str, Any] | None:
    """What one worked on last."""
    hits = [hit for hit in searching.named(ctx, past.touched(ctx, RECENT * 3))
            if hit.model.about.area not in ("", "settings")][:RECENT]
    if not hits:
        return None
    return {"title": gettext_lazy("Worked on last"), "icon": "history", "rows": [
        {"title": hit.title, "url": hit.url, "subtitle": str(hit.model.about.one), "icon": hit.model.about.icon}
        for hit in hits]}
