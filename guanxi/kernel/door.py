"""The door: parse, allow, lock, run, listen, record, commit — the same for button, form, API, import and job."""

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import policy, registry
from guanxi.kernel.actions import Action, Outcome, allows, cover, parse, pick
from guanxi.kernel.meanwhile import Meanwhile
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Conflict, Denied, Missing, Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

T = TypeVar("T")
#: Rows locked and worked on at a time in bulk.
CHUNK = 500


class Once(models.Model):
    """The answer given to a request that carried an idempotency key; a repeat gets the same answer."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    action = models.CharField(max_length=120)
    asked = models.CharField(max_length=64)
    record_type = models.CharField(max_length=80, default="")
    record_id = models.BigIntegerField(null=True)
    answer = models.JSONField(default=dict)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("user", "key"), name="kernel_once_key")]


def run(ctx: "Ctx", action: Action, target: Any, given: dict[str, Any], *, key: str = "",
        version: int | None = None) -> Outcome:
    """Run an action on one record, or on none. Any refusal leaves the database unchanged."""
    allow(ctx, action)
    pk = target.pk if isinstance(target, models.Model) else target
    return twice(ctx, lambda: _run(ctx, action, pk, given, key, version))


def twice(ctx: "Ctx", attempt: Callable[[], T]) -> T:
    """Do it again where others came in between: now it is known what they did, and it may go well."""
    if ctx.open_unit is not None:
        return attempt()
    try:
        return attempt()
    except Meanwhile as first:
        try:
            return attempt()
        except Refused as second:
            raise (first if first.field else second) from second


def _run(ctx: "Ctx", action: Action, pk: Any, given: dict[str, Any], key: str, version: int | None) -> Outcome:
    with ctx.door(action.name) as unit:
        if key and (before := _claim(ctx, action, key, pk, given)) is not None:
            return before
        record = lock(ctx, action, pk) if action.takes != "none" else None
        values = _values(ctx, action, given)
        unit.inputs = cover(action, values)
        outcome = Outcome()
        if record is not None:
            _check_state(action, record)
            _check_version(action, record, version)
            outcome.asked = _ask(ctx, action, record, values)
        if not outcome.asked:  # otherwise the action runs when the last consent is given
            _perform(ctx, action, record, values, version, outcome)
        if key:
            _remember(ctx, key, outcome)
    return outcome


def _perform(ctx: "Ctx", action: Action, record: Record | None, values: dict[str, Any], version: int | None,
             outcome: Outcome) -> None:
    """Call the action, as an operation of its own where it can be undone, and everyone who listens."""
    if action.undo and ctx.operation_now is None:
        with ctx.operation(action.verb, f"{action.label}: {record}") as made:
            outcome.value = _call(ctx, action, record, values, version)
            outcome.operation_id = made.pk
    else:
        outcome.value = _call(ctx, action, record, values, version)
    outcome.done = [record] if record is not None else []
    listen(ctx, action, outcome.record, outcome.value)


def _ask(ctx: "Ctx", action: Action, record: Record, values: dict[str, Any]) -> list[Record]:
    """The request that must be granted before the action may run on the record; none where nobody has to be asked."""
    return [asked for gate in registry.gates() if (asked := gate(ctx, action, record, values)) is not None][:1]


def run_many(ctx: "Ctx", action: Action, targets: Any, given: dict[str, Any], *, key: str = "") -> Outcome:
    """Run an action on many records as one operation. Each record is done or refused on its own."""
    allow(ctx, action)
    ids = pick(targets)
    return twice(ctx, lambda: _run_many(ctx, action, ids, given, key))


def _run_many(ctx: "Ctx", action: Action, ids: list[int], given: dict[str, Any], key: str) -> Outcome:
    outcome = Outcome()
    with ctx.door(action.name) as unit:
        if key and (before := _claim(ctx, action, key, None, {**given, "ids": ids})) is not None:
            return before
        values = _values(ctx, action, given)
        unit.inputs = cover(action, values)
        with ctx.operation(action.verb, f"{action.label} ({len(ids)})") as made:
            for start in range(0, len(ids), CHUNK):
                _chunk(ctx, action, ids[start:start + CHUNK], values, outcome)
            made.figures = {"done": len(outcome.done), "refused": len(outcome.refused)}
            outcome.operation_id = made.pk
        if key:
            _remember(ctx, key, outcome)
    return outcome


def allow(ctx: "Ctx", action: Action) -> None:
    """Does the actor have the right at all, and the token the scope?"""
    if ctx.read_only:
        raise Denied(_("You are viewing as somebody else: nothing can be changed."))
    if ctx.scopes is not None and not ctx.scopes & {"write", "*", action.name, f"{action.object_name}.*"}:
        raise Denied(_("This token may only read."))
    if action.derived and not allows(action.model, action.verb):
        raise Denied(_("%(object)s has no action “%(verb)s”.") % {"object": action.model.about.one, "verb": action.verb})
    answer = policy.may(ctx, action.model, action.right)
    if not answer:
        raise Denied(_("You may not use “%(action)s” on %(object)s: %(reason)s") % {
            "action": action.label, "object": action.model.about.many, "reason": answer.reason})


def lock(ctx: "Ctx", action: Action, pk: Any) -> Record:
    """The record, read again under a lock. A row out of sight does not exist; one out of reach is denied."""
    seen = ctx.binned(action.model) if action.verb == "restore" else ctx.find(action.model)
    try:
        found = seen.select_for_update(of=("self",), no_key=action.verb != "delete").filter(pk=int(pk)).first()
    except (TypeError, ValueError, OverflowError):
        found = None
    if found is None:
        raise _gone(ctx, action, pk)
    if action.right not in ("view", "restore"):
        answer = policy.may(ctx, action.model, action.right, found)
        if not answer:
            raise Denied(answer.reason, record=found)
    return found


def _gone(ctx: "Ctx", action: Action, pk: Any) -> Refused:
    """Why a row is out of sight: it never was there, unless its object tells what became of it."""
    told = action.model.why_gone(ctx, int(pk)) if str(pk).isdecimal() and len(str(pk)) < 19 else None
    return told or Missing(_("There is no such %(object)s.") % {"object": action.model.about.one})


def _values(ctx: "Ctx", action: Action, given: dict[str, Any]) -> dict[str, Any]:
    """Derived verbs take the fields of the object and parse them by themselves."""
    return dict(given) if action.derived else parse(ctx, action, given)


def _check_state(action: Action, record: Record) -> None:
    answer = action.available(record)
    if not answer:
        raise Refused(answer.reason, record=record)


def _check_version(action: Action, record: Record, version: int | None) -> None:
    merges = action.derived and action.verb == "update"
    if version is not None and record.version != version and not merges:
        raise Conflict(_("“%(record)s” was changed by somebody else meanwhile. Look at it again.") % {"record": record},
                       record=record)


def _call(ctx: "Ctx", action: Action, record: Record | None, values: dict[str, Any], version: int | None) -> Any:
    if action.derived:
        return action.function(ctx, action.model, record, values, version)
    if action.takes == "none":
        return action.function(ctx, **values)
    if action.takes == "record":
        return action.function(ctx, record, **values)
    for _row, refusal in action.function(ctx, [record], **values) or ():
        if refusal is not None:
            raise refusal
    return None


def _chunk(ctx: "Ctx", action: Action, ids: list[int], values: dict[str, Any], outcome: Outcome) -> None:
    """One chunk of a bulk action: rows out of sight, out of reach or in a wrong state are refused one by one."""
    seen = ctx.binned(action.model) if action.verb == "restore" else ctx.find(action.model)
    locked = seen.select_for_update(of=("self",), no_key=action.verb != "delete")
    rows = {row.pk: row for row in locked.filter(pk__in=ids).order_by("pk")}
    within = policy.rows(ctx, action.model, action.right)
    reach = set(rows) if within.q is None else set(
        action.model._default_manager.filter(within.q, pk__in=list(rows)).values_list("pk", flat=True))
    good = []
    for pk in ids:
        refusal = _unfit(action, rows[pk], pk in reach, within) if pk in rows else _gone(ctx, action, pk)
        asked: list[Record] = []
        if refusal is None:
            try:
                asked = _ask(ctx, action, rows[pk], values)
            except Refused as found:
                refusal = found
        outcome.asked += asked
        if refusal is None and not asked:
            good.append(rows[pk])
        elif refusal is not None:
            ctx.keep_attempt(refusal)
            outcome.refused.append((pk, str(rows.get(pk, pk)), refusal))
    if action.takes == "list" or (action.derived and action.verb == "update"):
        _whole(ctx, action, good, values, outcome)
    else:
        for row in good:
            _each(ctx, action, row, values, outcome)


def _unfit(action: Action, row: Record, reached: bool, within: policy.Rows) -> Refused | None:
    if not reached:
        return Denied(_("Your rights (%(rights)s) do not reach this record.") % {"rights": within.reason}, record=row)
    answer = action.available(row)
    return None if answer else Refused(answer.reason, record=row)


def _whole(ctx: "Ctx", action: Action, rows: list[Record], values: dict[str, Any], outcome: Outcome) -> None:
    """A verb that takes a list is called once for the chunk; it may return refusals by record."""
    if not rows:
        return
    if action.derived:
        results = action.function(ctx, action.model, rows, values, None)
    else:
        results = action.function(ctx, rows, **values) or [(row, None) for row in rows]
    for row, refusal in results:
        if refusal is None:
            outcome.done.append(row)
            listen(ctx, action, row, None)
        else:
            outcome.refused.append((row.pk, str(row), refusal))


def _each(ctx: "Ctx", action: Action, row: Record, values: dict[str, Any], outcome: Outcome) -> None:
    mark = ctx.unit.mark()
    try:
        with transaction.atomic():
            value = _call(ctx, action, row, values, None)
            listen(ctx, action, value if isinstance(value, Record) else row, value)
        outcome.done.append(row)
    except Refused as refusal:
        ctx.unit.back_to(mark)
        ctx.keep_attempt(refusal)
        outcome.refused.append((row.pk, str(row), refusal))


def listen(ctx: "Ctx", action: Action, record: Any, value: Any) -> None:
    """Call everyone who listens to the action, in the same transaction."""
    for function in registry.listeners(action.name):
        function(ctx, record, value)


def _take(ctx: "Ctx", name: str, key: str, pk: Any, given: dict[str, Any]) -> Once | None:
    """Take the idempotency key, or find the answer it was given before. A key used for something else is refused."""
    asked = hashlib.sha256(json.dumps([name, pk, given], default=str, sort_keys=True).encode()).hexdigest()
    try:
        with transaction.atomic():
            Once.objects.create(user=ctx.user, key=key[:100], action=name, asked=asked, at=ctx.now)
        return None
    except IntegrityError:
        once = Once.objects.get(user=ctx.user, key=key[:100])
    if once.asked != asked:
        raise Refused(_("The idempotency key was used for another request."), field="Idempotency-Key")
    return once


def answered(ctx: "Ctx", name: str, key: str, given: dict[str, Any]) -> dict[str, Any] | None:
    """Take the key for work of several actions, inside a door; the answer it was given before, if there was one."""
    once = _take(ctx, name, key, None, given)
    return once.answer if once else None


def keep_answer(ctx: "Ctx", key: str, answer: dict[str, Any]) -> None:
    """What a repeat of this work gets."""
    Once.objects.filter(user=ctx.user, key=key[:100]).update(answer=answer)


def _claim(ctx: "Ctx", action: Action, key: str, pk: Any, given: dict[str, Any]) -> Outcome | None:
    """The outcome of an action that was asked for under this key before; None when the key is now taken."""
    once = _take(ctx, action.name, key, pk, given)
    if once is None:
        return None
    outcome = Outcome(repeated=True, operation_id=once.answer.get("operation"))
    for name, pk in once.answer.get("asked", ()):
        outcome.asked += registry.model_of(name)._default_manager.filter(pk=pk)
    refusals = {kind.code: kind for kind in (Refused, Denied, Missing, Conflict)}
    outcome.refused = [(pk, title, refusals[code](reason)) for pk, title, code, reason in once.answer["refused"]]
    if ids := once.answer["done"]:
        rows = action.model._default_manager.in_bulk(ids)
        outcome.done = [rows[pk] for pk in ids if pk in rows]
    elif once.record_id:
        outcome.value = registry.model_of(once.record_type)._default_manager.filter(pk=once.record_id).first()
        outcome.done = [outcome.value] if outcome.value else []
    return outcome


def _remember(ctx: "Ctx", key: str, outcome: Outcome) -> None:
    record = outcome.record
    several = outcome.value is None and (len(outcome.done) != 1 or bool(outcome.refused))
    Once.objects.filter(user=ctx.user, key=key[:100]).update(
        record_type=record._meta.label_lower if record is not None else "", record_id=record.pk if record else None,
        answer={"asked": [(one._meta.label_lower, one.pk) for one in outcome.asked],
                "operation": outcome.operation_id, "done": [row.pk for row in outcome.done] if several else [],
                "refused": [(pk, title, refusal.code, refusal.reason) for pk, title, refusal in outcome.refused]})
