"""The rounds of a request: who is planned at which step, opening the next step, and whether a step is settled."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from guanxi.common import talk
from guanxi.kernel.api import Ctx, Record, Refused
from guanxi.surfaces.automation import people
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalRule, ApprovalStep, ApprovalTask

State = ApprovalTask.State
KIND = talk.Notification.Kind


def barred(rule: ApprovalRule, requester_id: int | None) -> int | None:
    """Who may not decide: the requester, unless the rule says otherwise."""
    return None if rule.own else requester_id


def planned(ctx: Ctx, rule: ApprovalRule, steps: Iterable[ApprovalStep], record: Record) -> list[ApprovalTask]:
    """Everybody who will be asked, step by step. Refused where nobody can be found who must be."""
    tasks: list[ApprovalTask] = []
    number = 0
    for step in steps:
        if step.kind == ApprovalStep.Kind.CHOSEN:
            number += 1
            tasks.append(ApprovalTask(step=number, mode=step.mode, source_id=step.pk, who=ctx.user))
            continue
        for ids in people.rounds(ctx, step, ctx.user_id):
            found = people.fit(ctx, step, ids, barred(rule, ctx.user_id))
            if not found and step.nobody == ApprovalStep.Nobody.ASK:
                raise Refused(_("“%(record)s” needs approval by the rule “%(rule)s”, but nobody can be asked at the step "
                                "“%(step)s”: tell an administrator to name somebody.") % {
                    "record": record, "rule": rule, "step": ApprovalStep.Kind(step.kind).label}, record=record)
            number += bool(found)
            tasks += [ApprovalTask(step=number, mode=step.mode, source_id=step.pk, who=one) for one in found]
    return tasks


def open_step(ctx: Ctx, request: ApprovalRequest) -> bool:
    """Ask the people of the next step that has somebody to ask; false when every step is settled."""
    while any(task.step >= request.step for task in request.tasks):
        for task in request.round:
            if task.state == State.WAITING:
                _open(ctx, request, task)
        if not settled(request):
            return True
        close_step(request)
        request.step += 1
    return False


def _open(ctx: Ctx, request: ApprovalRequest, task: ApprovalTask) -> None:
    """Ask one person, or whoever stands in; somebody who has agreed already does so once."""
    if chooses(task):
        task.state, task.opened_at = State.CHOOSING, ctx.now
        return
    if not people.able(ctx, [task.who_id]):
        replace(ctx, request, task)
        return
    task.state, task.opened_at = State.OPEN, ctx.now
    stand_in(ctx, request, task)
    agreed = {one.who_id for one in request.tasks if one.agreed and one.step <= task.step}
    beside = {one.who_id for one in request.round if one is not task and one.state == State.OPEN}
    if task.who_id in agreed:
        task.state, task.decided_at = State.SIGNED, ctx.now
    elif task.who_id in beside:
        task.state = State.SKIPPED


def stand_in(ctx: Ctx, request: ApprovalRequest, task: ApprovalTask) -> None:
    """Ask whoever stands in today for somebody who is away."""
    who, absent = people.instead(ctx, task.who_id, barred(request.rule, request.requester_id))
    if absent is not None:
        task.who_id, task.stands_for_id, task.opened_at = who, absent, ctx.now


def chooses(task: ApprovalTask) -> bool:
    """Is this the requester who has yet to say whom to ask?"""
    return task.source is not None and task.source.kind == ApprovalStep.Kind.CHOSEN and task.added_by_id is None


def replace(ctx: Ctx, request: ApprovalRequest, task: ApprovalTask) -> None:
    """Ask the fallback in place of somebody who has left; nobody where one of the others is enough."""
    others = [one for one in request.round if one is not task]
    task.state = State.PASSED
    if task.mode == ApprovalStep.Mode.ANY and any(one.state in (State.WAITING, State.OPEN) for one in others):
        return
    never = barred(request.rule, request.requester_id)
    found = people.fit(ctx, task.source, [], never)
    if not found and task.source is not None and task.source.nobody == ApprovalStep.Nobody.PASS:
        task.state = State.SKIPPED
        return
    if not found:
        raise Refused(_("%(person)s has left, and nobody else can be asked for “%(what)s”: an administrator must say who "
                        "decides instead.") % {"person": task.who, "what": request}, record=request)
    beside = {one.who_id for one in others if one.state == State.OPEN}
    add(request, [ApprovalTask(step=task.step, mode=task.mode, source_id=task.source_id, who=one, state=State.OPEN,
                               opened_at=ctx.now, stands_for_id=task.who_id) for one in found if one.pk not in beside])


def add(request: ApprovalRequest, tasks: Iterable[ApprovalTask]) -> None:
    """More people, each at the end of their step."""
    request.tasks = sorted([*request.tasks, *tasks], key=lambda task: task.step)


def settled(request: ApprovalRequest) -> bool:
    """Has the present step all the consent it needs?"""
    waiting = [task for task in request.round if task.state in (State.WAITING, State.OPEN, State.CHOOSING)]
    agreed = [task for task in request.round if task.agreed]
    one_is_enough = any(task.mode == ApprovalStep.Mode.ANY for task in request.round)
    return bool(agreed and one_is_enough) or not waiting


def close_step(request: ApprovalRequest) -> None:
    """Nobody of the present step needs to decide any more."""
    for task in request.round:
        if task.state in (State.WAITING, State.OPEN, State.CHOOSING):
            task.state = State.SKIPPED


def close_all(request: ApprovalRequest) -> None:
    """Nobody needs to decide any more."""
    for task in request.tasks:
        if task.state in (State.WAITING, State.OPEN, State.CHOOSING):
            task.state = State.SKIPPED


def tell_asked(ctx: Ctx, request: ApprovalRequest) -> None:
    """Tell everybody who is asked from this moment on."""
    fresh = [task for task in request.open_tasks if task.opened_at == ctx.now]
    talk.notify(ctx, [task.who_id for task in fresh if task.state == State.OPEN], KIND.ASSIGNED, request,
                _("Your approval is needed."))


def tell(ctx: Ctx, request: ApprovalRequest, note: Any, everybody: bool = False) -> None:
    """Tell the requester what came of it, and with ``everybody`` those who were asked too."""
    asked = [task.who_id for task in request.tasks if task.opened_at] if everybody else []
    wanted: list[Any] = [pk for pk in (request.requester_id, *asked) if pk != ctx.user_id]
    talk.notify(ctx, wanted, KIND.DONE, request, str(note))
