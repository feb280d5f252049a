"""Requests in words: what is asked, what is known of the record, what would change, and who has said what."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from guanxi.common import past
from guanxi.kernel import facts, reading
from guanxi.kernel.actions import Action
from guanxi.kernel.api import Ctx, Entry, Record, Refused
from guanxi.kernel.facts import FieldView
from guanxi.surfaces.automation import actions, asking, content, rounds
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalTask
from guanxi.surfaces.web import addresses

State = ApprovalTask.State
#: So many facts of a record stand beside a request.
FACTS = 6
TONES = {"pending": "amber", "granted": "green", "refused": "red", "failed": "red"}


@dataclass
class Told:
    """One request as templates show it to one reader."""

    request: ApprovalRequest
    url: str
    record_url: str
    state: str
    tone: str
    facts: list[tuple[str, str]]
    inputs: list[tuple[str, str]]
    changes: list[tuple[str, str, str]]
    differences: list[tuple[str, str, str]]
    trail: list[dict[str, Any]]
    mine: bool
    choosing: bool
    buttons: list[dict[str, Any]]
    waits: str = ""

    @property
    def pk(self) -> int:
        return int(self.request.pk)


def told(ctx: Ctx, requests: Iterable[ApprovalRequest]) -> list[Told]:
    """Requests in words, with the reader's rights on the records and their fields; a few queries for each object."""
    rows = list(requests)
    for row in rows:
        row.rule = next((one for one in asking.rules_of(ctx, row.model) if one.pk == row.rule_id), row.rule)
    ApprovalRequest.tasks.load(rows)
    names = _names(ctx, rows)
    records: dict[tuple[str, int], tuple[Record, reading.Titles]] = {}
    for name in {row.object_type for row in rows}:
        group = [row for row in rows if row.object_type == name]
        model = group[0].model
        if ctx.may("view", model):
            found = list(ctx.find(model).filter(pk__in=[row.object_id for row in group]))
            known = reading.titles_of(ctx, found, [view for row in group for view in _fact_views(ctx, row)])
            records |= {(name, row.pk): (row, known) for row in found}
    return [_told(ctx, row, names, records.get((row.object_type, row.object_id))) for row in rows]


def _names(ctx: Ctx, rows: list[ApprovalRequest]) -> dict[int, str]:
    """What the people of some requests are called, whoever reads."""
    people: Any = get_user_model()
    wanted = {pk for row in rows for task in row.tasks for pk in (task.who_id, task.stands_for_id, task.added_by_id)}
    wanted |= {row.requester_id for row in rows}
    known = reading.titles(ctx.as_system("who takes part"), {(people._meta.label_lower, pk) for pk in wanted if pk})
    return {pk: name for (_name, pk), name in known.items()}


def _told(ctx: Ctx, request: ApprovalRequest, names: dict[int, str],
          found: tuple[Record, reading.Titles] | None) -> Told:
    mine = request.pending and any(
        task.who_id == ctx.user_id and task.state == State.OPEN for task in request.tasks) and (
        request.rule.own or ctx.user_id != request.requester_id)
    choosing = request.pending and any(
        task.who_id == ctx.user_id and task.state == State.CHOOSING for task in request.tasks)
    visible = ctx.may("view", request.model)
    return Told(
        request=request, url=addresses.record_url(ApprovalRequest, request.pk),
        record_url=addresses.record_url(request.model, request.object_id) if found else "",
        state=str(ApprovalRequest.State(request.state).label), tone=TONES.get(request.state, "grey"),
        facts=_facts(ctx, request, *found) if found else [], inputs=_inputs(ctx, request),
        changes=changes(ctx, request, request.changes) if visible else [],
        differences=changes(ctx, request, {key: [old, new] for key, old, new in request.differences}) if visible else [],
        trail=_trail(request, names), mine=bool(mine), choosing=bool(choosing),
        buttons=[] if ctx.read_only else _buttons(ctx, request, bool(mine), bool(choosing)), waits=_waits(request, names))


def _waits(request: ApprovalRequest, names: dict[int, str]) -> str:
    """For whom a request waits now; empty when it is over."""
    if not request.pending:
        return ""
    choosing = [task for task in request.open_tasks if task.state == State.CHOOSING]
    people = _(", ").join(dict.fromkeys(names.get(task.who_id, "") for task in choosing or request.open_tasks))
    if choosing:
        return _("%(people)s has to choose who decides.") % {"people": people}
    return _("It waits for the decision of %(people)s.") % {"people": people}


def _fact_views(ctx: Ctx, request: ApprovalRequest) -> list[FieldView]:
    """What the rule looks at, then what lists show first."""
    about, known = request.model.about, {view.key: view for view in facts.fields(request.model, ctx)}
    parts: list[Any] = [request.rule, *request.rule.steps]
    names = [name for part in parts for name in sorted(content.names_in(part.filter))]
    wanted = dict.fromkeys([*names, *about.column_names])
    return [known[name] for name in wanted if name in known and name != about.title_name and not known[name].secret][:FACTS]


def _facts(ctx: Ctx, request: ApprovalRequest, record: Record, known: reading.Titles) -> list[tuple[str, str]]:
    pairs = [(view.label, reading.text(view, record, known)) for view in _fact_views(ctx, request)]
    return [(label, text) for label, text in pairs if text]


def _inputs(ctx: Ctx, request: ApprovalRequest) -> list[tuple[str, str]]:
    """What was given with the action; the fields of a change are told as changes."""
    action, found = request.verb, []
    if action.derived:
        return []
    for view in action.inputs:
        value = request.inputs.get(view.key)
        if value not in (None, "", []):
            found.append((str(view.label), _input(ctx, view, value)))
    return found


def _input(ctx: Ctx, view: FieldView, value: Any) -> str:
    if view.target:
        ids = value if isinstance(value, list) else [value]
        known = reading.titles(ctx, {(view.target, int(pk)) for pk in ids})
        return _(", ").join(known.get((view.target, int(pk)), _("(no access)")) for pk in ids)
    return view.text(view.source.to_python(value))


def changes(ctx: Ctx, request: ApprovalRequest, pairs: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Fields before and after, as far as the reader may see them."""
    found = past.changes_of(ctx, Entry(changes=pairs), request.model)
    known = reading.titles(ctx, {link for one in found for link in one.links()})
    return [(str(one.view.label), one.words(one.old, known), one.words(one.new, known)) for one in found]


def _trail(request: ApprovalRequest, names: dict[int, str]) -> list[dict[str, Any]]:
    """Everybody who is, was or will be asked, step by step."""
    return [{"step": task.step, "who": names.get(task.who_id, ""), "state": State(task.state).label, "code": task.state,
             "instead": names.get(task.stands_for_id or 0, ""), "by": names.get(task.added_by_id or 0, ""),
             "at": task.decided_at or task.opened_at, "comment": task.comment, "now": task in request.open_tasks}
            for task in request.tasks]


def _buttons(ctx: Ctx, request: ApprovalRequest, mine: bool, choosing: bool) -> list[dict[str, Any]]:
    """What the reader can do beside saying yes or no; each opens a dialog."""
    if not request.pending:
        return []
    own, admin = ctx.user_id == request.requester_id, ctx.rights.administrator
    wanted = [("choose", choosing), ("add_signer", mine), ("delegate", mine), ("remind", own or admin),
              ("withdraw", own or admin), ("transfer", admin)]
    return [_button(request, actions.VERBS[verb]) for verb, may in wanted if may]


def _button(request: ApprovalRequest, action: Action) -> dict[str, Any]:
    return {"key": action.verb, "label": str(action.label), "icon": action.icon, "danger": action.danger,
            "help": action.help, "enabled": True, "url": addresses.action_url(ApprovalRequest, request.pk, action.verb)}


def foreseen(ctx: Ctx, record: Record, action: Action) -> list[dict[str, str]]:
    """Before somebody acts: which rule will ask whom; nothing where nobody has to be asked."""
    rules = [rule for rule in asking.rules_of(ctx, type(record)) if rule.active and rule.action == action.verb]
    if not rules or ctx.system or (action.derived and action.verb == "update"):
        return []
    found = asking.fitting(ctx, rules, action, record, {})
    if found is None:
        return []
    try:
        tasks = rounds.planned(ctx, found.rule, found.steps, record)
    except Refused as refusal:
        return [{"label": _("Needs approval"), "text": refusal.reason}]
    people = dict.fromkeys(_("whom you choose") if rounds.chooses(task) else str(task.who) for task in tasks)
    words = _("%(people)s — rule “%(rule)s”") % {"people": _(", ").join(people), "rule": found.rule}
    return [{"label": _("Needs approval"), "text": words}] if people else []
