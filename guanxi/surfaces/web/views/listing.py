"""The list of any object: views as tabs, search, filters, columns, order, pages, totals, and its other faces."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.kernel import paging
from guanxi.kernel.refusal import Refused
from guanxi.surfaces.web import addresses, base, filters, mass, sheet
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.question import Question
from guanxi.surfaces.web.views import boards, calendars, charts, time_machine

PAGE = 50
FACES = {"table": (gettext_lazy("Table"), "table"), "board": (gettext_lazy("Board"), "layout-kanban"),
         "calendar": (gettext_lazy("Calendar"), "calendar"), "chart": (gettext_lazy("Chart"), "chart-bar")}


@page(methods=("GET",))
def index(request: PageRequest, slug: str) -> HttpResponse:
    """The list of an object in one of its faces."""
    asked = Question(request.ctx, base.model_or_missing(request, slug), request.GET)
    found = asked.found()
    context = frame(request, asked)
    match asked.face:
        case "board":
            context |= boards.face(asked, found)
        case "calendar":
            context |= calendars.face(asked)
        case "chart":
            context |= charts.face(asked, found)
        case _:
            context |= table(request, asked, found)
    return base.render(request, "web/list.html", context)


def frame(request: PageRequest, asked: Question) -> dict[str, Any]:
    """What every face has: title, views, search, filters."""
    return {
        "object": time_machine.without_commands(asked, base.about_object(request, asked.model)),
        "page_title": str(asked.model.about.many), "page_class": "is-list",
        "views": [{"label": tab.label, "url": addresses.list_url(asked.model, view=tab.key, as_of=asked.as_of),
                   "count": None, "active": tab is asked.tab, "private": tab.private} for tab in asked.tabs],
        "view": view_tools(request, asked), "face": asked.face, "q": asked.q, "count_text": "",
        "faces": [{"key": face, "label": FACES[face][0], "icon": FACES[face][1], "active": face == asked.face,
                   "url": asked.url(face=face)} for face in asked.faces],
        "hidden": list(asked.asked(q=None).items()), "filters": filters.chips(asked),
        "filter_fields": filters.field_menu(asked), "filter_url": asked.below("filter"),
        "columns_url": asked.below("columns") if asked.moment is None else "", **time_machine.of_list(asked),
        "clear_url": asked.url(f=None, q=None) if not asked.tab.tree else asked.url(f='{"all":[]}', q=None),
        "exports": mass.exports(asked), "object_actions": mass.object_actions(asked), "query": asked.query,
    }


def view_tools(request: PageRequest, asked: Question) -> dict[str, Any]:
    """What can be done with the view itself."""
    tab = asked.tab
    saved = tab.saved if tab.saved is not None and not tab.saved.stands_for and asked.moment is None else None
    own = saved is not None and tab.mine
    return {
        "changed": asked.changed and not asked.ctx.read_only, "can_save": own,
        "save_url": asked.below(f"views/{saved.pk}/save") if saved else "", "save_as_url": asked.below("views"),
        "edit_url": asked.below(f"views/{saved.pk}") if saved and own else "",
    }


def table(request: PageRequest, asked: Question, found: Any) -> dict[str, Any]:
    """The rows of one page with headings, totals and what can be done with them."""
    after, before = asked.param("after"), asked.param("before")
    page_ = paging.page(asked.ctx, found, asked.model, sort=asked.sort, after=after, before=before, limit=PAGE)
    whole = not after and not before and not page_.after
    total = len(page_.rows) if whole else paging.count(found, exact=asked.param("count") == "exact")
    capped = total > paging.COUNT_CAP and asked.param("count") != "exact"
    count_text = f"{sheet.grouped_number(paging.COUNT_CAP)}+" if capped else sheet.grouped_number(total)
    at = base.number(request, "at", 1) or 1
    return {
        "rows": sheet.rows(asked, page_.rows), "columns": sheet.headings(asked),
        "totals": sheet.totals(asked, found) if page_.rows and not capped else [],
        "total": total, "count_text": count_text, "capped": capped, "exact_url": asked.url(count="exact"),
        "next_url": asked.url(after=page_.after, at=at + len(page_.rows)) if page_.after else "",
        "previous_url": asked.url(before=page_.before, at=max(1, at - PAGE)) if page_.before else "",
        "page_note": note(at, len(page_.rows), total, count_text), "mass_actions": mass.actions_of(asked),
    }


def note(at: int, shown: int, total: int, count_text: str) -> str:
    """Which rows these are."""
    if shown == total:
        return ngettext("%(n)s row", "%(n)s rows", total) % {"n": count_text}
    return _("%(first)s–%(last)s of %(count)s") % {
        "first": sheet.grouped_number(at), "last": sheet.grouped_number(at + shown - 1), "count": count_text}


@page(methods=("GET",))
def filter_form(request: PageRequest, slug: str) -> HttpResponse:
    """One condition: which field, then how and what; applying leads back to the list."""
    asked = Question(request.ctx, base.model_or_missing(request, slug), request.GET)
    path = filters.asked_text(request.GET, "field")
    if path.endswith("."):
        return base.render(request, "web/parts/filter_fields.html", {
            "filter_fields": filters.field_menu(asked, path[:-1]), "filter_url": asked.below("filter"),
            "layout": base.FRAGMENT})
    if not request.GET.get("apply"):
        context = filters.form(asked, request.GET)
        return base.render(request, "web/parts/filter_form.html", {"title": _("Filter"), **context})
    try:
        return HttpResponseRedirect(filters.apply(asked, request.GET))
    except Refused as refusal:
        view, values = filters.view_at(asked, path), request.GET.getlist("value")
        context = filters.form_context(asked, view, path, None, filters.asked_text(request.GET, "op"), values,
                                       errors=(refusal.reason,))
        return base.render(request, "web/parts/filter_form.html", {"title": _("Filter"), **context}, status=400)
