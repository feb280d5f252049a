"""Actions on chosen rows of a list or on all it found: the dialog, the run, and the account of what came of it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.kernel import actions
from guanxi.kernel.actions import Action, Outcome
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Denied, Refused
from guanxi.surfaces.web import addresses, base, cells
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.controls import controls, posted, summary
from guanxi.surfaces.web.question import Question
from guanxi.surfaces.web.sheet import grouped_number
from guanxi.surfaces.web.views import clash

#: So many records are worked on while a person waits; more is asked for in parts.
MOST = 10_000
#: So many refusals are listed.
LISTED = 100


@dataclass
class Chosen:
    """The rows an action is for: those picked, or all that a list found."""

    ids: list[int]
    query: str
    everything: bool

    @property
    def hidden(self) -> list[tuple[str, Any]]:
        if self.everything:
            return [("all", "1"), ("query", self.query), ("expected", len(self.ids))]
        return [("ids", pk) for pk in self.ids]


def chosen(request: PageRequest, model: type[Record], data: QueryDict) -> Chosen:
    """The rows named by a request. All results means what the list shows, found again now."""
    query = data.get("query", "")[: base.MAX_PARAM]
    if data.get("all") == "1":
        asked = Question(request.ctx, model, QueryDict(query))
        if asked.moment is not None:
            raise Denied(_("The past can be looked at, not changed: go back to today first."))
        ids = list(asked.found().order_by("pk").values_list("pk", flat=True)[: MOST + 1])
        if len(ids) > MOST:
            raise Refused(_("At most %(count)s records can be worked on at once: narrow the filter.") % {
                "count": grouped_number(MOST)}, field="all")
    else:
        texts = data.getlist("ids")
        if len(texts) > MOST or not all(text.isascii() and text.isdigit() and len(text) < 19 for text in texts):
            raise Refused(_("The chosen rows cannot be read: choose them again."), field="ids")
        ids = sorted({int(text) for text in texts})
    return Chosen(ids, query, data.get("all") == "1")


@page
def dialog(request: PageRequest, slug: str, verb: str) -> HttpResponse:
    """What an action will do to how many records; then the doing."""
    ctx, model = request.ctx, base.model_or_missing(request, slug)
    action = actions.verb_of(model, verb)
    if action.verb in ("create", "restore") or (action.derived and not actions.allows(model, action.verb)):
        raise Refused(_("This cannot be done with chosen rows."), field="verb")
    if not (answer := ctx.may(action.right, model)):
        raise Denied(_("You may not use “%(action)s” on %(object)s: %(reason)s") % {
            "action": action.label, "object": model.about.many, "reason": answer.reason})
    if action.takes == "none":
        return _without_rows(request, model, action)
    rows = chosen(request, model, request.POST if request.method == "POST" else request.GET)
    if not rows.ids:
        raise Refused(_("Choose at least one row."), field="ids")
    if action.derived and action.verb == "update":
        return _edit(request, model, action, rows)
    if request.method != "POST":
        return form(request, model, action, rows, action.inputs, {})
    return _run(request, model, action, rows, action.inputs)


def _without_rows(request: PageRequest, model: type[Record], action: Action) -> HttpResponse:
    """An action of the object itself, such as drawing from a pool."""
    none = Chosen([], "", False)
    if request.method != "POST":
        return form(request, model, action, none, action.inputs, {})
    given = posted(request, action.inputs)
    try:
        outcome = request.ctx.run(action, key=base.once(request), **given)
    except Refused as refusal:
        if refusal.status != 400:
            raise
        return form(request, model, action, none, action.inputs, given, refusal)
    made = outcome.record
    there = made is not None and "view" in made.about.verbs
    return base.done(request, _("“%(action)s” is done") % {"action": action.label}, undo=outcome.operation_id,
                     to=addresses.record_url(type(made), made.pk) if there else "")


# mass edit ---------------------------------------------------------------------------------------


def editable(request: PageRequest, model: type[Record]) -> list[FieldView]:
    """The fields that can be changed on many records at once; what is unique to one record is not among them."""
    single = {source.name for source in model._meta.concrete_fields if source.unique}
    return [view for view in Question(request.ctx, model, QueryDict("")).views
            if cells.is_editable(view) and not view.secret and view.key not in single]


def _edit(request: PageRequest, model: type[Record], action: Action, rows: Chosen) -> HttpResponse:
    """First which fields, then their new values; an empty value empties the field."""
    known = {view.key: view for view in editable(request, model)}
    data = request.POST if request.method == "POST" else request.GET
    views = [known[key] for key in dict.fromkeys(data.getlist("fields")) if key in known]
    seen = ("seen", clash.seen_at(request.ctx, data.get("seen")))
    if not views:
        return base.render(request, "web/mass_fields.html", {
            "title": _("Edit"), "what": what(model, action, rows), "fields": list(known.values()),
            "hidden": [*rows.hidden, seen], "action_url": addresses.bulk_url(model, action.verb),
            "cancel_url": addresses.list_url(model)})
    hidden = [seen, *(("fields", view.key) for view in views)]
    if request.method != "POST" or "once" not in request.POST:
        return form(request, model, action, rows, views, {}, hidden=hidden)
    return _run(request, model, action, rows, views, hidden)


# dialog and run ----------------------------------------------------------------------------------


def form(request: PageRequest, model: type[Record], action: Action, rows: Chosen, inputs: Any, given: dict[str, Any],
         refusal: Refused | None = None, hidden: Any = ()) -> HttpResponse:
    """The dialog of an action on many records."""
    errors = refusal.errors if refusal is not None else {}
    beside = {view.key for view in inputs} & errors.keys()
    counted = action.danger and len(rows.ids) > 1
    return base.render(request, "web/dialog.html", {
        "object": base.about_object(request, model), "title": str(action.label),
        "action": {"label": str(action.label), "danger": action.danger, "enabled": True, "help": action.help},
        "action_url": addresses.bulk_url(model, action.verb), "what": what(model, action, rows),
        "items": controls(request.ctx, inputs, given or defaults(inputs), errors), "errors": summary(errors, inputs),
        "form_errors": [refusal.reason] if refusal is not None and not beside else [],
        "once": base.new_key(), "hidden": [*rows.hidden, *hidden], "confirm_count": len(rows.ids) if counted else None,
        "cancel_url": addresses.list_url(model)}, status=422 if refusal is not None else 200)


def defaults(inputs: Any) -> dict[str, Any]:
    """What an input holds before anybody typed."""
    return {view.key: cells.form_value(view, view.source.get_default()) for view in inputs
            if view.source.has_default() and not view.target}


def what(model: type[Record], action: Action, rows: Chosen) -> str:
    """What will happen, to how many."""
    count = len(rows.ids)
    if action.takes == "none":
        return action.help
    about = ngettext("%(n)s %(one)s", "%(n)s %(many)s", count) % {
        "n": grouped_number(count), "one": model.about.one, "many": model.about.many}
    return _("%(help)s This concerns %(records)s.") % {"help": action.help, "records": about}


def _run(request: PageRequest, model: type[Record], action: Action, rows: Chosen, inputs: Any,
         hidden: Any = ()) -> HttpResponse:
    given = posted(request, inputs)
    try:
        _confirmed(request, action, rows)
        before = _versions(request, model, rows) if action.verb == "update" else {}
        seen = request.POST.get("seen", "")
        late = clash.overtaken(request.ctx, model, rows.ids, given, seen) if seen else []
        ids = [pk for pk in rows.ids if pk not in {one[0] for one in late}]
        outcome = request.ctx.run_many(action, ids, key=base.once(request), **given) if ids else Outcome()
        outcome.refused += late
    except Refused as refusal:
        if refusal.status != 400:
            raise
        return form(request, model, action, rows, inputs, given, refusal, hidden)
    return result(request, model, action, rows, outcome, before)


def _confirmed(request: PageRequest, action: Action, rows: Chosen) -> None:
    """Danger to many records asks for their number; all results must still be as many as were shown."""
    if action.danger and len(rows.ids) > 1 and request.POST.get("confirm_count", "").strip() != str(len(rows.ids)):
        raise Refused(_("Type %(count)s to confirm: so many records are concerned.") % {"count": len(rows.ids)},
                      field="confirm_count")
    expected = request.POST.get("expected", "")
    if rows.everything and expected and expected != str(len(rows.ids)):
        raise Refused(_("The results have changed: there are %(now)s now, not %(then)s. Look again and repeat.") % {
            "now": len(rows.ids), "then": expected[:12]}, field="expected")


def _versions(request: PageRequest, model: type[Record], rows: Chosen) -> dict[int, int]:
    """Versions before a mass edit: a row whose version stays had the value already."""
    found: QuerySet[Any] = request.ctx.find(model)
    if not rows.everything:
        found = found.filter(pk__in=rows.ids)
    return dict(found.values_list("pk", "version"))


def result(request: PageRequest, model: type[Record], action: Action, rows: Chosen, outcome: Outcome,
           before: dict[int, int]) -> HttpResponse:
    """Changed, skipped, refused and why; all well is a toast with Undo."""
    if outcome.repeated:
        return base.done(request, _("“%(action)s” was done already") % {"action": action.label}, undo=outcome.operation_id)
    skipped = sum(before.get(row.pk) == row.version for row in outcome.done)
    changed = len(outcome.done) - skipped
    text = ngettext("%(action)s: %(n)s record", "%(action)s: %(n)s records", changed) % {
        "action": action.label, "n": grouped_number(changed)}
    undo = outcome.operation_id if changed else None
    waiting = grouped_number(len(outcome.asked)) if outcome.asked else ""
    if not outcome.refused:
        if waiting:
            text = _("%(text)s; %(n)s sent for approval") % {"text": text, "n": waiting}
        if skipped:
            text = _("%(text)s; %(n)s had the value already") % {"text": text, "n": grouped_number(skipped)}
        return base.done(request, text, undo=undo, to="" if base.is_fragment(request) else addresses.list_url(model))
    refused = [{"title": title, "reason": refusal.reason,
                "url": "" if refusal.status == 404 else addresses.record_url(model, pk)}
               for pk, title, refusal in outcome.refused[:LISTED]]
    left = len(outcome.refused) - len(refused)
    return base.render(request, "web/result.html", {
        "title": str(action.label), "refused": refused, "back_url": addresses.list_url(model),
        "more_text": _("and %(n)s more") % {"n": grouped_number(left)} if left else "",
        "undo_url": addresses.undo_url(undo), "lines": [
            {"label": _("Changed"), "count": grouped_number(changed)},
            {"label": _("Unchanged, had the value already"), "count": grouped_number(skipped)},
            *([{"label": _("Sent for approval"), "count": waiting}] if waiting else []),
            {"label": _("Refused"), "count": grouped_number(len(outcome.refused))}]})
