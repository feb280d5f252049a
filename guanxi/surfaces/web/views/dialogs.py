"""The dialog of an action on one record: derived from its inputs, run through the door, answered with a toast."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel import actions, door
from guanxi.kernel.actions import Action, Outcome
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Conflict, Denied, Missing
from guanxi.surfaces.web import addresses, base, cells, panels
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.views.record_head import button
from guanxi.surfaces.web.views.records import once_key


@page
def act(request: PageRequest, slug: str, pk: int, verb: str) -> HttpResponse:
    """The dialog of an action, and the action itself."""
    ctx, model = request.ctx, base.model_or_missing(request, slug)
    record = ctx.get(model, pk)
    action = _action(model, verb)
    allowed = ctx.may(action.right, record)
    if not allowed or ctx.read_only:
        raise Denied(allowed.reason or _("You are viewing as somebody else: nothing can be changed."), record=record)
    if request.method == "GET":
        return _show(request, record, action, _prefilled(request, record, action), None, 200)
    values = {view.key: typed for view in action.inputs if (typed := _typed(request, view)) is not None}
    try:
        outcome = door.run(ctx, action, pk, values, key=base.once(request), version=base.posted_version(request))
    except Refused as refusal:
        if isinstance(refusal, Denied | Missing | Conflict):
            raise
        return _show(request, record, action, values, refusal, 422)
    if outcome.asked:
        return base.sent(request, record, outcome.asked[0])
    return _done(request, record, action, outcome)


def _action(model: type[Record], verb: str) -> Action:
    """An action of one record by its verb; forms have pages of their own, and what takes no record is no part of one."""
    try:
        found = actions.verb_of(model, verb)
    except Refused as refusal:
        raise Missing(refusal.reason) from refusal
    if found.takes == "none" or (found.derived and (not actions.allows(model, verb) or verb == "update")):
        raise Missing(_("This page does not exist."))
    return found


def _typed(request: PageRequest, view: Any) -> Any:
    if view.kind == "file":
        return request.FILES.get(view.key)
    return cells.typed(view, request.POST)


def _prefilled(request: PageRequest, record: Record, action: Action) -> dict[str, Any]:
    """What the address gives for the inputs, otherwise what is known for this record, otherwise their defaults."""
    values: dict[str, Any] = {}
    ideas = panels.suggested(request.ctx, record, action)
    for view in action.inputs:
        if view.key in request.GET:
            values[view.key] = request.GET.getlist(view.key) if view.kind == "links" else base.param(request, view.key)
        elif view.key in ideas:
            values[view.key] = cells.form_value(view, ideas[view.key])
        elif view.source.has_default() and view.kind != "file":
            values[view.key] = cells.form_value(view, view.source.get_default())
    return values


def _show(request: PageRequest, record: Record, action: Action, values: dict[str, Any], refusal: Refused | None,
          status: int) -> HttpResponse:
    shown = button(action, record, request.ctx.may(action.right, record), panels.held(request.ctx, record)(action))
    errors = refusal.errors if refusal else {}
    pairs = [(view, values.get(view.key, "")) for view in action.inputs]
    known = cells.titles_for(request.ctx, pairs)
    keys = {view.key for view in action.inputs}
    loose = [text for key, texts in errors.items() if key not in keys for text in texts]
    model = type(record)
    return base.render(request, "web/dialog.html", {
        "title": f"{action.label} · {record}", "action": shown, "what": what(action, record),
        "preview": panels.known_before(request.ctx, record, action),
        "action_url": addresses.action_url(model, record.pk, action.verb), "once": once_key(), "record": record,
        "items": [cells.may_create(request.ctx, cells.item(view, value, known, errors.get(view.key, ())))
                  for view, value in pairs],
        "errors": [{"id": f"id_{view.key}", "label": view.label, "message": " ".join(errors[view.key])}
                   for view in action.inputs if view.key in errors],
        "form_errors": loose or ([refusal.reason] if refusal and not errors else []),
        "object": {"many": model.about.many, "url": addresses.list_url(model)},
        "cancel_url": addresses.record_url(model, record.pk)}, status=status)


def what(action: Action, record: Record) -> str:
    """A sentence that says what will happen."""
    if action.derived and action.verb == "delete":
        return _("“%(record)s” and what hangs below it move to the recycle bin, from where they can be brought back.") % {
            "record": record}
    return action.help


def _done(request: PageRequest, record: Record, action: Action, outcome: Outcome) -> HttpResponse:
    """The toast, with Undo where the action can be taken back; on to the record that came of it."""
    words = _("%(action)s: “%(record)s”") % {"action": action.label, "record": record}
    if isinstance(outcome.value, str) and outcome.value.startswith(("https://", "http://", "/")):
        return base.render(request, "web/address.html", {
            "title": f"{action.label} · {record}", "address": request.build_absolute_uri(outcome.value),
            "record_url": addresses.record_url(type(record), record.pk)})
    made = outcome.value if isinstance(outcome.value, Record) else None
    here = addresses.record_url(type(record), record.pk)
    if action.derived and action.verb == "delete":
        gone = _("“%(record)s” is in the recycle bin.") % {"record": record}
        on_its_page = base.back(request).split("?")[0] in (here, f"{here}/do/delete")
        to = addresses.list_url(type(record)) if on_its_page or not base.is_fragment(request) else ""
        return base.done(request, gone, undo=outcome.operation_id, to=to)
    other = made is not None and (type(made), made.pk) != (type(record), record.pk) and "view" in made.about.verbs
    if made is not None and other and _visible(request, made):
        words = _("%(action)s: %(one)s “%(record)s”") % {"action": action.label, "one": made.about.one, "record": made}
        return base.done(request, words, undo=outcome.operation_id, to=addresses.record_url(type(made), made.pk))
    if _visible(request, record):
        return base.done(request, words, undo=outcome.operation_id, to="" if base.is_fragment(request) else here)
    return base.done(request, words, undo=outcome.operation_id, to=addresses.list_url(type(record)))


def _visible(request: PageRequest, record: Record) -> bool:
    """May the actor still see it? Asked anew: the action may have changed owners and shares."""
    fresh = Ctx(user=request.user, via="page")
    return fresh.find(type(record)).filter(pk=record.pk).exists()
