"""The page of a record: head, facts to click and edit, timeline, what belongs to it; follow, share, redirect."""

from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_template
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from guanxi.common import talk
from guanxi.kernel import door, external, facts, verbs
from guanxi.kernel.actions import verb_of
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.facts import FieldView
from guanxi.kernel.policy import Share
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Conflict, Denied, Missing
from guanxi.surfaces.web import addresses, base, cells, panels
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.views import record_facts, record_head, related, time_machine, timeline
from guanxi.surfaces.web.views.clash import clash_of
from guanxi.surfaces.web.views.files import file_row

#: As many files as are read at once; beyond them the timeline reads its own.
MANY_FILES = 200


def once_key() -> str:
    """A fresh idempotency key for a form."""
    return get_random_string(32)


def seen(request: PageRequest, slug: str, pk: int) -> Record | HttpResponseRedirect:
    """The record, or the way to the one it was merged into. Missing where there is neither for this person."""
    model = base.model_or_missing(request, slug)
    try:
        return request.ctx.get(model, pk)
    except Missing:
        survivor = external.survivor_of(model, pk)
        if survivor is None or not request.ctx.find(model).filter(pk=survivor).exists():
            raise
        return HttpResponseRedirect(addresses.record_url(model, survivor))


@page(methods=("GET",))
def show(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """Everything about one record; with ``as_of`` what it was then."""
    if base.param(request, "as_of"):
        return time_machine.show(request, base.model_or_missing(request, slug), pk)
    record = seen(request, slug, pk)
    if isinstance(record, HttpResponseRedirect):
        return record
    ctx, model = request.ctx, type(record)
    allowed = record_head.reach(ctx, record, record_head.rights_asked(model))
    held = panels.held(ctx, record)
    edit_held = held(verb_of(model, "update")) if "update" in model.about.verbs else ""
    may_update = "update" in model.about.verbs and not ctx.read_only and bool(allowed.get("update"))
    may_now = may_update and not edit_held
    actions, more = record_head.buttons(ctx, record, allowed, held)
    cards, missing = related.cards(ctx, record)
    files = talk.attachments(ctx, record)
    extra = panels.panels_of(ctx, record, request)
    context = {
        "object": base.about_object(request, model), "record": record, "version": record.version, "title": str(record),
        "actions": actions, "more_actions": more, "path": record_head.path(ctx, record, may_now),
        "edit_url": addresses.edit_url(model, pk) if may_update else "", "edit_held": edit_held,
        "panels": [*extra["side"], *cards, *_standing(ctx, record, missing, files)],
        "panels_url": f"{addresses.record_url(model, pk)}/panels" if panels.has_later(record) else "",
        "top_panels": extra["top"], "main_panels": extra["main"],
        "next_step": panels.next_step_of(ctx, record), "composer": timeline.composer(ctx, record, once_key()),
        "related_count": sum(card["count"] for card in cards if isinstance(card["count"], int)),
        "history_url": f"/history/{slug}/{pk}", "as_of_url": f"{addresses.record_url(model, pk)}/as-of",
        "share_url": "" if ctx.read_only else f"{addresses.record_url(model, pk)}/share",
    }
    context |= record_facts.told(ctx, record, may_now, not ctx.read_only and bool(allowed.get("reveal")))
    context |= timeline.stream(ctx, record, request.GET, files if len(files) < MANY_FILES else None)
    context |= record_head.neighbours(ctx, record, base.param(request, "list"))
    if not ctx.read_only:
        followed = talk.follows(ctx, record)
        context |= {"followed": followed, "follow_url": addresses.with_query(
            f"{addresses.record_url(model, pk)}/follow", on="" if followed else 1)}
    return base.render(request, "web/record.html", context)


@page(methods=("GET",))
def later(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """The cards that are fetched after the page has been shown."""
    record = request.ctx.get(base.model_or_missing(request, slug), pk)
    made = panels.panels_of(request.ctx, record, request, later=True)["side"]
    return base.render(request, "web/panels.html", {
        "title": str(record), "panels": made, "record": record, "record_url": addresses.record_url(type(record), pk)})


def _standing(ctx: Ctx, record: Record, missing: list[dict[str, str]],
              files: list[talk.Attachment]) -> list[dict[str, Any]]:
    """Cards every record has: what can be added, and files."""
    found: list[dict[str, Any]] = []
    if missing:
        found.append({"template": "web/panels/add.html", "key": "add", "items": missing})
    upload = "" if ctx.read_only else f"{addresses.record_url(type(record), record.pk)}/files"
    found.append({"template": "web/panels/files.html", "key": "files", "title": _("Files"), "count": len(files),
                  "files": [file_row(one) for one in files], "upload_url": upload, "once": once_key()})
    return found


# one value -----------------------------------------------------------------------------------------


def _field(ctx: Ctx, record: Record, key: str) -> FieldView:
    view = facts.field_of(type(record), ctx, key)
    if not cells.is_editable(view) or cells.is_condition(view):
        raise Denied(_("“%(field)s” cannot be changed.") % {"field": view.label}, field=key, record=record)
    return view


@page
def cell(request: PageRequest, slug: str, pk: int, key: str) -> HttpResponse:
    """One value of a record: its control, and after saving the value as it now is."""
    ctx = request.ctx
    record = ctx.get(base.model_or_missing(request, slug), pk)
    view = _field(ctx, record, key)
    answer = ctx.may("update", record)
    if not answer:
        raise Denied(answer.reason, record=record)
    if request.method == "POST":
        return _save_cell(request, record, view)
    if why := panels.held(ctx, record)(verb_of(type(record), "update")):
        raise Refused(why, record=record)
    raw = cells.form_value(view, view.raw(record))
    return _cell_form(request, record, view, raw, [], record.version)


def _cell_form(request: PageRequest, record: Record, view: FieldView, value: Any, errors: list[str], version: int,
               status: int = 200, clash: dict[str, Any] | None = None) -> HttpResponse:
    known = cells.titles_for(request.ctx, [(view, value)])
    return base.render(request, "web/cell_form.html", {
        "item": cells.item(view, value, known, errors), "version": version, "once": once_key(),
        "post_url": request.get_full_path(), "clash": clash, "record": record,
        "title": f"{record} · {view.label}"}, status=status)


def _save_cell(request: PageRequest, record: Record, view: FieldView) -> HttpResponse:
    ctx, value = request.ctx, cells.typed(view, request.POST)
    if value is None:
        raise Refused(_("The value of “%(field)s” is missing.") % {"field": view.label}, field=view.key, record=record)
    try:
        outcome = door.run(ctx, verb_of(type(record), "update"), record, {view.key: value}, key=base.once(request),
                           version=base.posted_version(request))
    except Conflict as clash:
        newer = ctx.get(type(record), record.pk)
        return _cell_form(request, newer, view, value, [clash.reason], newer.version, 409, clash_of(ctx, clash))
    except Refused as refusal:
        if refusal.status != 400:
            raise
        errors = refusal.errors.get(view.key) or [refusal.reason]
        return _cell_form(request, record, view, value, errors, record.version, 422)
    if outcome.asked:
        return base.sent(request, record, outcome.asked[0])
    saved = outcome.record
    if not base.is_fragment(request):
        return HttpResponseRedirect(addresses.record_url(type(saved), saved.pk))
    known = cells.titles_of(ctx, [saved], [view])
    place = "web/parts/cell.html" if request.GET.get("place") != "fact" else "web/parts/fact.html"
    return render_template(request, place, {"item": cells.cell(view, saved, known, True), "record": saved, "ctx": ctx,
                                            "first": view.key == saved.about.title_name})


# around a record -----------------------------------------------------------------------------------


@page(methods=("POST",))
def follow(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """Begin or stop hearing of a record."""
    record = request.ctx.get(base.model_or_missing(request, slug), pk)
    if request.ctx.read_only:
        raise Denied(_("You are viewing as somebody else: nothing can be changed."))
    on = request.GET.get("on") == "1"
    talk.follow(request.ctx, record, on)
    words = _("You follow “%(record)s”.") if on else _("You no longer follow “%(record)s”.")
    return base.done(request, words % {"record": record})


@page
def share(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """Let somebody see, or also change, one record; and see who may."""
    ctx = request.ctx
    record = ctx.get(base.model_or_missing(request, slug), pk)
    views = {view.key: view for view in facts.fields(Share, ctx.as_system("form of collaborators"))}
    form = [views[key] for key in ("user", "level", "until")]
    if request.method == "POST":
        values = {view.key: cells.typed(view, request.POST) or "" for view in form}
        try:
            return _share(request, record, values, views)
        except Refused as refusal:
            if refusal.status != 400:
                raise
            return _share_form(request, record, form, values, refusal, 422)
    given = {"user": request.GET.get("user", ""), "level": Share.Level.READ, "until": ""}
    return _share_form(request, record, form, given, None, 200)


def _share(request: PageRequest, record: Record, values: dict[str, Any], views: dict[str, FieldView]) -> HttpResponse:
    ctx = request.ctx
    answer = ctx.may("update", record)
    if not answer:
        raise Denied(_("Who may change a record may share it: %(reason)s") % {"reason": answer.reason}, record=record)
    people = {key: views[key].parse(values[key], ctx) for key in ("user", "level", "until")}
    with ctx.door(f"{record._meta.label_lower}.share", {"user": people["user"], "level": people["level"]}):
        verbs.share(ctx, record, people["user"], people["level"], people["until"])
        user = ctx.get(get_user_model(), people["user"])
        talk.notify(ctx, [user.pk], talk.Notification.Kind.ASSIGNED, record)
    return base.done(request, _("“%(record)s” is shared with %(person)s.") % {"record": record, "person": user})


def _share_form(request: PageRequest, record: Record, form: list[FieldView], values: dict[str, Any],
                refusal: Refused | None, status: int) -> HttpResponse:
    errors = refusal.errors if refusal else {}
    known = cells.titles_for(request.ctx, [(view, values[view.key]) for view in form])
    return base.render(request, "web/dialog.html", {
        "title": _("Share “%(record)s”") % {"record": record}, "action": {"label": _("Share"), "enabled": True},
        "what": _("The person sees this record, and is told so."), "once": once_key(),
        "action_url": f"{addresses.record_url(type(record), record.pk)}/share",
        "items": [cells.item(view, values[view.key], known, errors.get(view.key, ())) for view in form],
        "form_errors": [refusal.reason] if refusal and not errors else [],
        "cancel_url": addresses.record_url(type(record), record.pk)}, status=status)
