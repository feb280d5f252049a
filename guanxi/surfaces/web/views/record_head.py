"""The head of a record's page: actions available now, the path of its states with the days spent, its neighbours."""

import datetime
from collections.abc import Callable
from typing import Any

from django.db.models import BooleanField, Case, Value, When
from django.http import QueryDict
from django.utils.translation import gettext as _

from guanxi.common import past
from guanxi.kernel import actions, facts, paging, policy
from guanxi.kernel.actions import Action
from guanxi.kernel.api import Answer, Ctx
from guanxi.kernel.entries import StateChange
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Refused
from guanxi.surfaces.web import addresses
from guanxi.surfaces.web.question import Question, key_of

SHOWN_BUTTONS = 3
#: Verbs that every record has: always in the menu, so that the buttons are what moves this one on.
GENERAL = frozenset({"assign", "share", "merge"})
#: Fields by which a linked stage says where it stands in its path, and how it ends.
_PLACES, _ENDS = ("order", "position", "place"), ("outcome", "result", "kind", "state")
_DAY = datetime.timedelta(days=1)
#: Links every record has; they say nothing about a list of stages.
_OWN = frozenset({"owner", "upper_owner", "created_by", "updated_by"})


def reach(ctx: Ctx, record: Record, verbs: list[str]) -> dict[str, Answer]:
    """For each verb whether the actor may use it on this record; verbs of no role of theirs are absent. One query."""
    found: dict[str, Answer] = {}
    asked: dict[str, tuple[Any, list[str], Any]] = {}
    for verb in dict.fromkeys(verbs):
        rows = policy.rows(ctx, type(record), verb)
        if rows.q is None:
            found[verb] = Answer(True, rows.reason)
        elif not rows.none:
            asked.setdefault(repr(rows.q), (rows.q, [], rows.reason))[1].append(verb)
    if asked:
        columns = {f"within_{place}": Case(When(q, then=Value(True)), default=Value(False), output_field=BooleanField())
                   for place, (q, _verbs, _reason) in enumerate(asked.values())}
        row = ctx.find(type(record)).filter(pk=record.pk).annotate(**columns).values_list(*columns).first()
        answers = row or (False,) * len(asked)
        for within, (_q, named, reason) in zip(answers, asked.values(), strict=True):
            no = _("Your rights (%(rights)s) do not reach this record.") % {"rights": reason}
            found |= {verb: Answer(bool(within), reason if within else no) for verb in named}
    return found


def button(action: Action, record: Record, allowed: Answer, held: str = "") -> dict[str, Any]:
    """One action as templates show it; a disabled one carries its reason, which may be what keeps it for now."""
    answer = action.available(record) if allowed else allowed
    if answer and held:
        answer = Answer(False, held)
    return {"key": action.verb, "label": str(action.label), "icon": action.icon, "danger": action.danger,
            "help": action.help, "url": addresses.action_url(type(record), record.pk, action.verb),
            "enabled": bool(answer), "primary": bool(action.when), "reason": str(answer.reason) if not answer else ""}


def buttons(ctx: Ctx, record: Record, allowed: dict[str, Answer],
            held: Callable[[Action], str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The first possible actions as buttons, everything else as a menu; general and dangerous ones always there."""
    if ctx.read_only:
        return [], []
    front: list[dict[str, Any]] = []
    menu: list[dict[str, Any]] = []
    for action in actions.actions_of(type(record)):
        if action.quiet or action.takes == "none" or action.right not in allowed:
            continue
        made = button(action, record, allowed[action.right], held(action))
        general = action.derived or action.danger or action.verb in GENERAL
        (menu if general else front).append(made)
    front.sort(key=lambda made: (not made["enabled"], not made["primary"]))
    shown = [made for made in front if made["enabled"]][:SHOWN_BUTTONS]
    return shown, [made for made in front if made not in shown] + menu


def rights_asked(model: type[Record]) -> list[str]:
    """Every right the page has to know about."""
    return ["update", "reveal", *(action.right for action in actions.actions_of(model))]


# the path of states --------------------------------------------------------------------------------


def path_field(model: type[Record], ctx: Ctx) -> FieldView | None:
    """The field whose values are the stages of a record: a state, or a followed link to an ordered list."""
    views = [view for view in facts.fields(model, ctx) if not view.masked]
    wanted = [view for view in views if view.kind == "state" or (view.tracked and view.target and place_of(view))]
    board = next((view for view in wanted if model.about.board and view.key == key_of(model.about.board)), None)
    return board or next(iter(wanted), None)


def place_of(view: FieldView) -> str:
    """The column by which linked stages are put in order; empty where there is none."""
    names = {source.name for source in view.target_model._meta.concrete_fields}
    return next((name for name in _PLACES if name in names), "")


#: Ends that are no step of the path: shown only on a record that came there.
_OUT = ("lost", "out")


def _ends(view: FieldView) -> list[str]:
    """Of every state whether it is the good end, a bad one, or a way out that follows the good end; else empty."""
    found: list[str] = []
    for _code, _label, colour in view.choices:
        end = {"green": "won", "red": "lost"}.get(colour, "")
        found.append("out" if not end and "won" in found and colour in ("gray", "grey", "orange", "yellow") else end)
    return found


def path(ctx: Ctx, record: Record, may_update: bool, until: datetime.datetime | None = None) -> list[dict[str, Any]]:
    """The stages of a record in order, each with the days spent in it so far and how to get there."""
    view = path_field(type(record), ctx)
    if view is None:
        return []
    until = until or ctx.now
    moves = [move for move in past.states_of(record, view.key) if move.at <= until]
    spent = days_spent(moves, str(view.raw(record) or ""), until)
    stages = _linked_stages(ctx, record, view) if view.target else [
        (code, label, end) for (code, label, _colour), end in zip(view.choices, _ends(view), strict=True)]
    now = str(view.raw(record) or "")
    at = next((place for place, (code, _label, _end) in enumerate(stages) if code == now), -1)
    steps = []
    for place, (code, label, end) in enumerate(stages):
        if end in _OUT and code != now:
            continue
        if place < at and stages[at][2] == "out" and code not in spent:
            continue
        state = {"won": "won", "lost": "lost"}.get(end, "now") if place == at else (
            "done" if place < at and stages[at][2] != "lost" else "next")
        steps.append({"label": label, "state": state, "days": spent.get(code),
                      "url": step_url(ctx, record, view, code) if may_update and place != at else "", "reason": ""})
    return steps if len(steps) > 1 else []


def _linked_stages(ctx: Ctx, record: Record, view: FieldView) -> list[tuple[str, str, str]]:
    """The stages of the list the record is in: those that share every link the record has under the same name."""
    rows, own = ctx.find(view.target_model), {source.name: source for source in record._meta.concrete_fields}
    for source in view.target_model._meta.concrete_fields:
        mine = own.get(source.name)
        same = source.is_relation and mine is not None and mine.related_model is source.related_model
        if same and mine is not None and source.name not in _OWN:
            rows = rows.filter(**{source.attname: getattr(record, mine.attname)})
    found = []
    for row in rows.order_by(place_of(view), "pk")[:40]:
        end = next((str(getattr(row, name)) for name in _ENDS if hasattr(row, name)), "")
        found.append((str(row.pk), str(row), end if end in ("won", "lost") else ""))
    return found


def step_url(ctx: Ctx, record: Record, view: FieldView, code: str) -> str:
    """The dialog that moves the record to a linked stage, or to a state that exactly one action leads to."""
    if not view.target:
        return ""
    for action in actions.actions_of(type(record)):
        for given in action.inputs:
            if given.target == view.target and not action.derived and action.available(record):
                url = addresses.action_url(type(record), record.pk, action.verb)
                return addresses.with_query(url, **{given.key: code})
    return ""


def days_spent(moves: list[StateChange], now: str, until: datetime.datetime) -> dict[str, int]:
    """Whole days in each state, several visits added up."""
    spent: dict[str, datetime.timedelta] = {}
    for place, move in enumerate(moves):
        end = moves[place + 1].at if place + 1 < len(moves) else until
        spent[move.new] = spent.get(move.new, datetime.timedelta()) + (end - move.at)
    spent.setdefault(now, datetime.timedelta())
    return {state: time // _DAY for state, time in spent.items() if state}


# neighbours ----------------------------------------------------------------------------------------


def neighbours(ctx: Ctx, record: Record, asked: str) -> dict[str, str]:
    """The records before and after this one in the list it was opened from; ``asked`` is the list's query."""
    model = type(record)
    found = {"list_url": f"{addresses.list_url(model)}?{asked}" if asked else addresses.list_url(model)}
    if not asked:
        return found
    try:
        question = Question(ctx, model, QueryDict(asked))
        before, after = paging.around(ctx, question.found(), model, record.pk, question.sort)
    except Refused:
        return {"list_url": addresses.list_url(model)}
    for name, pk in (("previous_url", before), ("next_url", after)):
        if pk is not None:
            found[name] = addresses.with_query(addresses.record_url(model, pk), as_of=question.as_of, list=asked)
    return found
