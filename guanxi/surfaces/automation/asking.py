"""The gate: does an action on this record wait for others, is the record locked meanwhile, and what is asked of whom?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.kernel import actions, job_values
from guanxi.kernel.actions import Action
from guanxi.kernel.api import Ctx, Record, Refused, f, finding
from guanxi.kernel.records import object_name
from guanxi.surfaces.automation import content, rounds
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalRule, ApprovalStep


@dataclass
class Found:
    """The rule that stands before an action, its steps that apply, and what the action would change."""

    rule: ApprovalRule
    steps: list[ApprovalStep]
    changes: dict[str, Any] = field(default_factory=dict)


def rules_of(ctx: Ctx, model: type[Record]) -> list[ApprovalRule]:
    """The rules about an object in their order, also those at rest; asked of the database once until one changes."""
    def read() -> dict[str, list[ApprovalRule]]:
        rows = list(ctx.as_system("the rules of approval").find(ApprovalRule).order_by("order", "pk"))
        ApprovalRule.steps.load(rows)
        found: dict[str, list[ApprovalRule]] = {}
        for row in rows:
            found.setdefault(row.object_type, []).append(row)
        return found

    known: dict[str, list[ApprovalRule]] = ctx.remembered("approval rules", read)
    return known.get(object_name(model), [])


def in_use(ctx: Ctx) -> bool:
    """Are there any rules?"""
    found: bool = ctx.remembered("approvals in use", lambda: ctx.as_system("the rules of approval").find(
        ApprovalRule).exists())
    return found


def gate(ctx: Ctx, action: Action, record: Record, values: dict[str, Any]) -> ApprovalRequest | None:
    """Stand between an actor and an action: ask, refuse while a request is pending, or let pass."""
    if ctx.system or ctx.user_id is None or not (rules := rules_of(ctx, type(record))):
        return None
    if covers(ctx.granted, action, record):
        return None
    check_pending(ctx, action, record)
    mine = [rule for rule in rules if rule.active and rule.action == action.verb]
    if not mine:
        return None
    found = fitting(ctx, mine, action, record, values)
    return ask(ctx, found, action, record, keep(action, record, values)) if found else None


def covers(granted: Any, action: Action, record: Record) -> bool:
    """Is this what was approved?"""
    return isinstance(granted, ApprovalRequest) and (granted.object_type, granted.object_id, granted.action) == (
        object_name(record), record.pk, action.verb)


# pending -----------------------------------------------------------------------------------------


def requests_of(ctx: Ctx, record: Record) -> Any:
    """Every request about a record, the newest first, for somebody who has the record in hand."""
    return ctx.as_system("the approvals of a record").find(ApprovalRequest).filter(
        object_type=object_name(record), object_id=record.pk).order_by("-pk")


def check_pending(ctx: Ctx, action: Action, record: Record) -> None:
    """A record about which others are deciding stays as it is, and nobody asks twice."""
    if reason := locks(ctx, record)(action):
        raise Refused(reason, record=record)


def locks(ctx: Ctx, record: Record) -> Callable[[Action], str]:
    """What is being decided about a record, asked for once: the function tells why an action has to wait, or nothing."""
    if ctx.system or not rules_of(ctx, type(record)):
        return lambda action: ""
    pending = list(requests_of(ctx, record).filter(state=ApprovalRequest.State.PENDING).select_related("rule", "requester"))

    def why(action: Action) -> str:
        moves = action.derived or bool(action.when) or action.verb in ("assign", "merge")
        one = next((one for one in pending if one.action == action.verb or (moves and one.rule.locks)), None)
        return "" if one is None else _(
            "“%(record)s” is locked: %(person)s has asked for approval of “%(what)s”. Wait for the decision, or let the "
            "request be withdrawn first.") % {"record": record, "person": one.requester, "what": one.verb.label}
    return why


# which rule --------------------------------------------------------------------------------------


def fitting(ctx: Ctx, rules: list[ApprovalRule], action: Action, record: Record, values: dict[str, Any]) -> Found | None:
    """The first rule that fits the record as it is or, for a change, as it would be."""
    parts: list[Any] = [part for rule in rules for part in (rule, *rule.steps)]
    trees = {part.condition: part.filter for part in parts}
    true = {key for key, tree in trees.items() if holds(ctx, record, tree)}
    changes: dict[str, Any] = {}
    if action.derived and action.verb == "update":
        with tried(ctx, action, record, values) as changes:
            true |= {key for key, tree in trees.items() if key not in true and holds(ctx, record, tree)}
        if not changes:
            return None
    for rule in rules:
        if rule.condition in true:
            steps = [step for step in rule.steps if step.condition in true]
            return Found(rule, steps, changes) if steps else None
    return None


def holds(ctx: Ctx, record: Record, tree: Any) -> bool:
    """Does a record meet a condition, whoever asks?"""
    if not tree:
        return True
    system = ctx.as_system("the condition of a rule of approval")
    return finding.select(system, type(record), tree=tree).filter(pk=record.pk).exists()


@contextmanager
def tried(ctx: Ctx, action: Action, record: Record, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Within, the database holds the record as it would be after a change; then everything is as before."""
    unit, mark = ctx.unit, ctx.unit.mark()
    copy = ctx.get(type(record), record.pk)
    try:
        with transaction.atomic():
            action.function(ctx, type(record), copy, dict(values), None)
            name = object_name(record)
            yield {key: pair for entry in unit.entries[mark[0]:]
                   if (entry.object_type, entry.object_id) == (name, record.pk) for key, pair in entry.changes.items()}
            transaction.set_rollback(True)
    finally:
        unit.back_to(mark)


# asking ------------------------------------------------------------------------------------------


def keep(action: Action, record: Record, values: dict[str, Any]) -> dict[str, Any]:
    """The inputs as they are kept until the action runs. Refused for what cannot be kept."""
    if action.derived:
        try:
            return {key: job_values.encode(value, key) for key, value in values.items()}
        except TypeError as error:
            raise Refused(_("This cannot wait for approval: %(reason)s") % {"reason": error}, record=record) from error
    for view in action.inputs:
        if (view.secret or isinstance(view.source, f.File)) and values.get(view.key):
            raise Refused(_("“%(field)s” cannot wait for approval: leave it empty, and give it afterwards.") % {
                "field": view.label}, field=view.key, record=record)
    return {key: value for key, value in actions.cover(action, values).items() if value is not None}


def given(ctx: Ctx, request: ApprovalRequest) -> dict[str, Any]:
    """The inputs kept, as the action takes them."""
    inputs: dict[str, Any] = request.inputs
    return job_values.decode(ctx, inputs) if request.verb.derived else dict(inputs)


def ask(ctx: Ctx, found: Found, action: Action, record: Record, inputs: dict[str, Any],
        former: ApprovalRequest | None = None) -> ApprovalRequest | None:
    """Write the request and ask its first step; None where nobody is to be asked after all."""
    tasks = rounds.planned(ctx, found.rule, found.steps, record)
    parts: list[Any] = [found.rule, *found.steps]
    names = frozenset[str]().union(*(content.names_in(part.filter) for part in parts))
    held = content.of(ctx, record, names)
    request = ApprovalRequest(
        rule=found.rule, requester=ctx.user, owner=ctx.user, object_type=object_name(record), object_id=record.pk,
        title=str(record)[:300], action=action.verb, inputs=inputs, changes=found.changes, former=former,
        record_version=record.version, content=held, fingerprint=content.fingerprint(held))
    request.tasks = tasks
    if not rounds.open_step(ctx, request):
        return None
    ctx.save(request)
    rounds.tell_asked(ctx, request)
    return request
