"""Saved views: kept under a name, changed, shared, and the choice of columns."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel import facts, registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Denied, Missing, Refused
from guanxi.surfaces.web import addresses, audiences, base, cells
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.controls import controls, posted, summary
from guanxi.surfaces.web.models import SavedView
from guanxi.surfaces.web.question import Question

ASKED_OF_PEOPLE = ("name", "audience", "pinned", "is_default", "position")


def keeper(ctx: Ctx) -> Ctx:
    """Views are everybody's own affair: written with the system's rights, in the person's name."""
    return ctx.as_system("saved view")


def form_views(ctx: Ctx, model: type[Record]) -> list[FieldView]:
    """The fields of the dialog. Whom a view is shown to is chosen from those the actor may show it to."""
    found = cells.named(SavedView, keeper(ctx), ASKED_OF_PEOPLE)
    offered = audiences.choices(ctx, model)
    return [replace(view, kind="choice", required=True, choices=offered) if view.key == "audience" else view
            for view in found if view.key != "audience" or len(offered) > 1]


def own_view(ctx: Ctx, model: type[Record], pk: int) -> SavedView:
    """A view this person may change: their own, or any as an administrator."""
    view = keeper(ctx).find(SavedView).filter(pk=pk, object_type=object_name(model)).first()
    shown = ctx.rights.administrator or (view is not None and view.audience in audiences.reached(ctx))
    if view is None or (view.owner_id != ctx.user_id and (view.audience == audiences.ME or not shown)):
        raise Missing(_("There is no such view."))
    if view.owner_id != ctx.user_id and not ctx.rights.administrator:
        raise Denied(_("The view “%(view)s” belongs to somebody else: save it as a view of your own.") % {"view": view})
    return view


def write(ctx: Ctx, view: SavedView, verb: str) -> SavedView:
    """Save a view; of one person's views of a list only one opens with it."""
    ctx = keeper(ctx)
    with ctx.door(f"web.savedview.{verb}"):
        if view.is_default:
            others = ctx.find(SavedView).filter(
                object_type=view.object_type, owner_id=view.owner_id, is_default=True).exclude(pk=view.pk)
            for other in others:
                other.is_default = False
                ctx.save(other)
        return ctx.save(view)


def take_over(view: SavedView, asked: Question) -> None:
    """Keep what the list is asked now."""
    view.tree = {"all": [*([asked.tab.base] if asked.tab.base else []), *asked.parts]} if (
        asked.parts or asked.tab.base) else {}
    if asked.tab.key in ("mine", "below"):
        view.tree = {"all": [_whose(asked), *view.tree.get("all", [])]}
    view.words, view.sort, view.face = asked.q[:200], asked.param("sort") or asked.tab.sort, asked.face
    view.group_by, view.board_field = (asked.by, asked.of) if asked.face == "chart" else ("", "")
    widths = asked.tab.widths
    view.columns = [{"key": one.key, "width": widths.get(one.key)} for one in asked.columns] if (
        asked.param("columns") or asked.tab.columns) else []


def _whose(asked: Question) -> list[Any]:
    """The system views «mine» and «my people's» as conditions that can be kept."""
    if asked.tab.key == "mine":
        return ["owner", "in", ["me"]]
    return ["owner", "in", list(asked.tab.below)]


@page
def create(request: PageRequest, slug: str) -> HttpResponse:
    """Keep what a list is asked now as a new view."""
    ctx, model = request.ctx, base.model_or_missing(request, slug)
    asked = Question(ctx, model, request.GET)
    asked.found()
    if request.method != "POST":
        return dialog(request, asked, _("Save as a new view"), asked.below("views"),
                      {"position": "100", "audience": audiences.ME})
    view = SavedView(object_type=object_name(model), owner_id=ctx.user_id)
    take_over(view, asked)
    try:
        fill(ctx, view, request)
        write(ctx, view, "create")
    except Refused as refusal:
        return dialog(request, asked, _("Save as a new view"), asked.below("views"),
                      posted(request, form_views(ctx, model)), refusal)
    return base.done(request, _("The view “%(view)s” is kept") % {"view": view}, to=addresses.list_url(model, view=view.pk))


@page(methods=("POST",))
def save(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """Keep what the list is asked now in the view itself."""
    model = base.model_or_missing(request, slug)
    asked, view = Question(request.ctx, model, request.GET), own_view(request.ctx, model, pk)
    asked.found()
    take_over(view, asked)
    write(request.ctx, view, "update")
    return base.done(request, _("The view “%(view)s” is kept") % {"view": view}, to=addresses.list_url(model, view=view.pk))


@page
def edit(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """Name, audience and place of a view; or away with it."""
    ctx, model = request.ctx, base.model_or_missing(request, slug)
    view, asked = own_view(ctx, model, pk), Question(ctx, model, request.GET)
    url = addresses.with_query(f"{addresses.list_url(model)}views/{pk}")
    if request.method != "POST":
        values = {one.key: cells.form_value(one, one.raw(view)) for one in form_views(ctx, model)}
        return dialog(request, asked, _("View settings"), url, values, view=view)
    if request.POST.get("remove"):
        system = keeper(ctx)
        with system.door("web.savedview.delete"):
            system.delete(view)
        return base.done(request, _("The view “%(view)s” is gone") % {"view": view}, to=addresses.list_url(model))
    try:
        fill(ctx, view, request)
        write(ctx, view, "update")
    except Refused as refusal:
        return dialog(request, asked, _("View settings"), url, posted(request, form_views(ctx, model)), refusal, view)
    return base.done(request, _("The view “%(view)s” is kept") % {"view": view}, to=addresses.list_url(model, view=pk))


def fill(ctx: Ctx, view: SavedView, request: PageRequest) -> None:
    """Take over what was typed. Refused where the actor may not show the view to whom it says."""
    model, before = registry.model_of(view.object_type), view.audience
    shown = form_views(ctx, model)
    given = posted(request, shown)
    errors = {}
    for one in shown:
        if one.key not in given:
            continue
        try:
            one.put(view, one.parse(given[one.key] or one.source.get_default(), ctx))
        except Refused as refusal:
            errors[one.key] = [refusal.reason]
    if errors:
        raise Refused(errors=errors)
    wanted = str(request.POST.get("audience", before)) or before
    if wanted not in {value for value, _label, _tone in audiences.choices(ctx, model)} | {before}:
        raise Denied(_("You cannot show a view to them: only an administrator shows it to everyone."), field="audience")
    view.audience = wanted


def dialog(request: PageRequest, asked: Question, title: str, url: str, values: dict[str, Any],
           refusal: Refused | None = None, view: SavedView | None = None) -> HttpResponse:
    """The form of a view."""
    views = form_views(request.ctx, asked.model)
    errors = refusal.errors if refusal else {}
    return base.render(request, "web/view_form.html", {
        "title": title, "action": {"label": _("Save"), "danger": False, "enabled": True}, "action_url": url,
        "items": controls(request.ctx, views, values, errors), "errors": summary(errors, views), "view": view,
        "form_errors": [refusal.reason] if refusal and not errors else [], "once": base.new_key(), "hidden": [],
        "cancel_url": asked.url()}, status=422 if refusal else 200)


@page
def columns(request: PageRequest, slug: str) -> HttpResponse:
    """Which columns a view shows, and in which order."""
    ctx, model = request.ctx, base.model_or_missing(request, slug)
    asked = Question(ctx, model, request.GET)
    known = {view.key: view for view in facts.fields(model, ctx) if view.kind not in cells.UNSHOWN and not view.secret}
    if request.method != "POST":
        shown = [view.key for view in asked.columns]
        rest = sorted((key for key in known if key not in shown), key=lambda key: known[key].label)
        return base.render(request, "web/columns.html", {
            "object": base.about_object(request, model), "hidden": [], "action_url": asked.below("columns"),
            "columns": [{"key": key, "label": known[key].label, "shown": key in shown, "fixed": False}
                        for key in [*shown, *rest] if key in known]})
    wanted = [] if request.POST.get("reset") else [key for key in dict.fromkeys(request.POST.getlist("columns"))
                                                   if key in known]
    if not wanted and not request.POST.get("reset"):
        raise Refused(_("Choose at least one column."), field="columns")
    view = _keeps_columns(asked)
    if view is None:
        return base.done(request, _("Columns changed"), to=asked.url(columns=",".join(wanted)))
    view.columns = [{"key": key, "width": view.widths.get(key)} for key in wanted]
    write(ctx, view, "update" if view.pk else "create")
    return base.done(request, _("Columns changed"), to=asked.url(columns=None))


def _keeps_columns(asked: Question) -> SavedView | None:
    """Where a choice of columns is kept: in an own view, or beside a view that everybody has."""
    tab, ctx = asked.tab, asked.ctx
    if ctx.read_only:
        return None
    if tab.saved is None:
        return SavedView(object_type=object_name(asked.model), owner_id=ctx.user_id, name=tab.label, stands_for=tab.key)
    return own_view(ctx, asked.model, int(tab.saved.pk)) if tab.saved.owner_id == ctx.user_id else None
