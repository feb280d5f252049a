"""The board of a list: columns with counts and sums, further cards, and cards moved by hand."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel import reading
from guanxi.kernel.actions import Action
from guanxi.kernel.facts import FieldView
from guanxi.kernel.refusal import Conflict, Missing, Refused
from guanxi.surfaces.web import addresses, base, columns
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.controls import controls, posted, summary
from guanxi.surfaces.web.question import Question
from guanxi.surfaces.web.sheet import grouped_number
from guanxi.surfaces.web.views.clash import dragged

#: Further cards are read by place; nobody scrolls a column beyond this.
DEEPEST = 2000


def face(asked: Question, found: QuerySet[Any]) -> dict[str, Any]:
    """The variables of ``board.html``."""
    board = columns.board_of(asked)
    may_create = "create" in asked.model.about.verbs and bool(asked.ctx.may("create", asked.model))
    shown = columns.shown(asked, board, columns.within(board, found), may_create and not asked.ctx.read_only)
    groups: list[dict[str, Any]] = []
    if board.group_view is not None:
        known = reading.titles(asked.ctx, [(board.group_view.target, pk) for pk in board.groups])
        groups = [{"label": known.get((board.group_view.target, pk), str(pk)), "active": pk == board.group,
                   "url": asked.url(face="board", group=pk)} for pk in board.groups]
    return {"board_columns": shown, "board_groups": groups, "count_text": grouped_number(
        sum(column["count"] for column in shown))}


@page(methods=("GET",))
def column(request: PageRequest, slug: str) -> HttpResponse:
    """Further cards of one column."""
    asked = Question(request.ctx, base.model_or_missing(request, slug), request.GET)
    if "board" not in asked.faces:
        raise Missing(_("This list has no board."))
    board, key = columns.board_of(asked), base.param(request, "key")
    skip = min(base.number(request, "skip", 0) or 0, DEEPEST)
    chosen = next((one for one in board.columns if one.key == key), None)
    if chosen is None:
        raise Missing(_("This board has no such column."))
    found = columns.within(board, asked.found()).filter(**{board.view.attname: chosen.value})
    rows = list(found.order_by(columns.order(asked), "-id")[skip: skip + columns.CARDS + 1])
    ready = columns.cards(asked, board, rows[: columns.CARDS])
    more_url = ""
    if len(rows) > columns.CARDS and skip < DEEPEST:
        more_url = asked.below("column", face="board", key=key, skip=skip + columns.CARDS, group=board.group)
    return base.render(request, "web/parts/cards.html", {
        "layout": base.FRAGMENT, "column": {"cards": list(ready.values()), "more_url": more_url, "more_text": _("More")}})


@page(methods=("GET", "POST"))
def move(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """Put a card into another column through the same checks as the form; asks for what the move needs."""
    model = base.model_or_missing(request, slug)
    asked = Question(request.ctx, model, request.GET)
    if "board" not in asked.faces:
        raise Missing(_("This list has no board."))
    board, to = columns.board_of(asked), base.param(request, "to")
    into = next((one for one in board.columns if one.key == to), None)
    if into is None:
        raise Missing(_("This board has no such column."))
    action = columns.mover(asked, board.view, into.verb)
    if action is None:
        raise Refused(_("Cards of this board are moved by the actions of the record."))
    record = request.ctx.get(model, pk)
    key = target_input(action, board.view)
    inputs = [view for view in action.inputs if view.key != key]
    given = posted(request, inputs)
    if request.method != "POST":
        return dialog(request, record, action, inputs, to, given, None)
    try:
        outcome = request.ctx.run(action, record, key=base.once(request), version=base.posted_version(request),
                                  **given, **({key: to} if key else {}))
    except Refused as refusal:
        asked_for = {view.key for view in inputs}
        if refusal.status == 400 and asked_for & refusal.errors.keys():
            return dialog(request, record, action, inputs, to, given, refusal)
        raise (dragged(request.ctx, record, board.view, to) if isinstance(refusal, Conflict) else refusal) from refusal
    if outcome.asked:
        return base.sent(request, record, outcome.asked[0])
    return base.done(request, _("“%(record)s” is in “%(column)s” now") % {"record": record, "column": into.label},
                     undo=outcome.operation_id, to="" if base.is_fragment(request) else addresses.list_url(
                         model, face="board"))


def target_input(action: Action, view: FieldView) -> str:
    """The input of a move that names the new column: called like the field, or of its object; closing verbs have none."""
    if action.derived:
        return view.key
    return next((one.key for one in action.inputs
                 if one.key in (view.key, "to") or (view.target and one.target == view.target)), "")


def dialog(request: PageRequest, record: Any, action: Action, inputs: list[FieldView], to: str, given: dict[str, Any],
           refusal: Refused | None) -> HttpResponse:
    """What a move still needs to know."""
    errors = refusal.errors if refusal is not None and request.POST.get("asked") else {}
    model = type(record)
    context = {
        "title": f"{action.label}: {record}", "what": refusal.reason if refusal is not None and not errors else action.help,
        "action": {"label": action.label, "danger": action.danger, "enabled": True, "help": action.help},
        "action_url": addresses.with_query(f"{addresses.list_url(model)}{record.pk}/move", to=to),
        "items": controls(request.ctx, inputs, given, errors), "errors": summary(errors, inputs), "form_errors": [],
        "hidden": [("asked", "1")], "version": record.version, "once": base.new_key(),
        "cancel_url": addresses.list_url(model, face="board"),
    }
    return base.render(request, "web/dialog.html", context, status=422 if refusal is not None else 200)


