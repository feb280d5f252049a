"""What one can do with a request: decide, send back, pass on, bring in others, take it back."""

import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.common import talk
from guanxi.kernel.actions import verb_of
from guanxi.kernel.api import Ctx, Denied, Refused, action, f
from guanxi.surfaces.automation import outcome, people, rounds
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalStep, ApprovalTask

if TYPE_CHECKING:
    Person = Any
else:
    Person = get_user_model()

State = ApprovalTask.State
HOUR = datetime.timedelta(hours=1)


class Place(f.Options):
    """When somebody who is brought in decides."""

    BEFORE = "before", _("before me")
    BESIDE = "beside", _("together with me")
    AFTER = "after", _("after me")


def refuse(request: ApprovalRequest, reason: Any, kind: type[Refused] = Denied) -> Refused:
    """A refusal that stays in the account as an attempt."""
    refusal = kind(reason, record=request)
    refusal.attempt = request
    return refusal


def must_wait(request: ApprovalRequest) -> None:
    if not request.pending:
        raise refuse(request, gettext("“%(what)s” is no longer to be decided: it is “%(state)s”.") % {
            "what": request, "state": ApprovalRequest.State(request.state).label}, Refused)


def own_task(ctx: Ctx, request: ApprovalRequest) -> ApprovalTask:
    """The task by which the actor is asked now. Denied for everybody else, and that they tried is kept."""
    must_wait(request)
    mine = [task for task in request.tasks if task.who_id == ctx.user_id]
    task: ApprovalTask | None = next((one for one in mine if one.state == State.OPEN), None)
    if task is not None and (request.rule.own or ctx.user_id != request.requester_id):
        return task
    if ctx.user_id == request.requester_id:
        raise refuse(request, gettext("You asked for this yourself: somebody else must decide."))
    if any(one.state == State.WAITING for one in mine):
        raise refuse(request, gettext("It is not your turn yet: “%(what)s” waits for somebody before you.") % {
            "what": request})
    raise refuse(request, gettext("You are not asked for “%(what)s”.") % {"what": request})


def decide(ctx: Ctx, task: ApprovalTask, state: str, comment: str) -> None:
    task.state, task.decided_at, task.comment = state, ctx.now, comment


@action(_("Approve"), verb="approve", right="view", icon="check", inputs={"comment": f.Text(_("Comment"))})
def approve(ctx: Ctx, request: ApprovalRequest, *, comment: str = "") -> ApprovalRequest:
    """Agree. After the last yes the action runs; a record that was changed meanwhile starts a new round."""
    task = own_task(ctx, request)
    if outcome.still_true(ctx, request):
        decide(ctx, task, State.GRANTED, comment)
        outcome.go_on(ctx, request)
    return request


@action(_("Reject"), verb="reject", right="view", icon="x", danger=True, inputs={
    "comment": f.Text(_("Reason"), blank=False),
    "to": f.Integer(_("Back to step"), null=True, help_text=_("Empty: back to the requester."))})
def reject(ctx: Ctx, request: ApprovalRequest, *, comment: str, to: int | None = None) -> ApprovalRequest:
    """Disagree and say why: back to the requester, or to an earlier step, which decides again."""
    task = own_task(ctx, request)
    if not to:
        decide(ctx, task, State.REFUSED, comment)
        outcome.end(ctx, request, ApprovalRequest.State.REFUSED, comment)
        outcome.give_up(ctx, request)
        rounds.tell(ctx, request, gettext("Rejected: %(reason)s") % {"reason": comment})
        return request
    if not 1 <= to < request.step:
        raise Refused(gettext("There is no earlier step %(number)s: give a number below %(now)s, or none.") % {
            "number": to, "now": request.step}, field="to", record=request)
    decide(ctx, task, State.REFUSED, comment)
    again = [one for one in request.tasks if one.step >= to and one.counts and one.state != State.SKIPPED]
    fresh = [ApprovalTask(step=one.step, mode=one.mode, source_id=one.source_id, who_id=one.stands_for_id or one.who_id,
                          added_by_id=one.added_by_id) for one in again]
    rounds.close_all(request)
    for one in request.tasks:
        if one.step >= to and one.counts:
            one.state = State.RETURNED
    rounds.add(request, fresh)
    request.step = to
    rounds.open_step(ctx, request)
    ctx.save(request)
    rounds.tell_asked(ctx, request)
    return request


@action(_("Withdraw"), verb="withdraw", right="view", icon="arrow-back-up", danger=True,
        inputs={"comment": f.Text(_("Reason"))})
def withdraw(ctx: Ctx, request: ApprovalRequest, *, comment: str = "") -> ApprovalRequest:
    """Take the request back; the record is free again."""
    must_wait(request)
    if ctx.user_id != request.requester_id and not ctx.rights.administrator:
        raise refuse(request, gettext("Only %(person)s, who asked, may withdraw this.") % {"person": request.requester})
    asked = [task.who_id for task in request.open_tasks]
    outcome.end(ctx, request, ApprovalRequest.State.WITHDRAWN, comment)
    outcome.give_up(ctx, request)
    talk.notify(ctx, [*asked, request.requester_id], talk.Notification.Kind.CHANGED, request, gettext("Withdrawn."))
    return request


@action(_("Choose who is asked"), verb="choose", right="view", icon="user-question", inputs={"who": _("People")})
def choose(ctx: Ctx, request: ApprovalRequest, *, who: list[Person]) -> ApprovalRequest:
    """Say whom this step asks."""
    must_wait(request)
    task = next((one for one in request.open_tasks if one.state == State.CHOOSING and one.who_id == ctx.user_id), None)
    if task is None:
        raise refuse(request, gettext("There is nobody for you to choose in “%(what)s”.") % {"what": request})
    new = [_asked(ctx, request, one, task, "who") for one in who]
    if not new:
        raise Refused(gettext("Choose at least one person."), field="who", record=request)
    task.state = State.PASSED
    return _widen(ctx, request, new)


@action(_("Bring in somebody"), verb="add_signer", right="view", icon="user-plus", inputs={
    "who": _("Person"), "place": f.Choice(Place, _("When")),
    "comment": f.Text(_("Comment"))})
def add_signer(ctx: Ctx, request: ApprovalRequest, *, who: Person, place: Place = Place.BEFORE,
               comment: str = "") -> ApprovalRequest:
    """Let somebody else decide too: before, together with or after yourself."""
    task = own_task(ctx, request)
    new = _asked(ctx, request, who, task, "who")
    new.comment = comment
    if place != Place.BESIDE:
        new.mode = ApprovalStep.Mode.ALL
        for one in request.tasks:
            one.step += int(one.step >= request.step + int(place == Place.AFTER) and one.counts)
        new.step = request.step + int(place == Place.AFTER)
    if place == Place.BEFORE:
        for one in request.tasks:
            if one.state == State.OPEN:
                one.state = State.WAITING
    return _widen(ctx, request, [new])


@action(_("Pass on"), verb="delegate", right="view", icon="user-share", inputs={
    "to": pgettext_lazy("person", "To"), "comment": f.Text(_("Comment"))})
def delegate(ctx: Ctx, request: ApprovalRequest, *, to: Person, comment: str = "") -> ApprovalRequest:
    """Let somebody else decide in your place."""
    task = own_task(ctx, request)
    return _hand_over(ctx, request, task, to, comment)


@action(_("Remind"), verb="remind", right="view", icon="bell")
def remind(ctx: Ctx, request: ApprovalRequest) -> int:
    """Call the request to the mind of those who are asked; at most once an hour."""
    must_wait(request)
    if ctx.user_id != request.requester_id and not ctx.rights.administrator:
        raise refuse(request, gettext("Only %(person)s, who asked, may remind.") % {"person": request.requester})
    rows = [(task.who_id, request, gettext("Your approval is needed."), False) for task in request.open_tasks]
    told: int = talk.remind(ctx, rows, ctx.now - HOUR)
    return told


@action(_("Let somebody else decide"), verb="transfer", right="view", icon="transfer", inputs={
    "person": _("Who was asked"), "to": pgettext_lazy("person", "To"),
    "comment": f.Text(_("Comment"))})
def transfer(ctx: Ctx, request: ApprovalRequest, *, person: Person, to: Person, comment: str = "") -> ApprovalRequest:
    """Administrators: ask somebody else in place of a person who has left or does not answer."""
    must_wait(request)
    if not ctx.rights.administrator:
        raise refuse(request, gettext("Only administrators may do this."))
    theirs = [one for one in request.tasks if one.who_id == person.pk and one.state in (State.OPEN, State.WAITING)]
    task = next(iter(theirs), None)
    if task is None:
        raise Refused(gettext("%(person)s is not asked here.") % {"person": person}, field="person", record=request)
    return _hand_over(ctx, request, task, to, comment)


#: The verbs of a request by name.
VERBS = {verb: verb_of(ApprovalRequest, verb) for verb in (
    "approve", "reject", "withdraw", "choose", "add_signer", "delegate", "remind", "transfer")}


def _hand_over(ctx: Ctx, request: ApprovalRequest, task: ApprovalTask, to: Any, comment: str) -> ApprovalRequest:
    new = _asked(ctx, request, to, task, "to")
    new.stands_for_id = task.stands_for_id or task.who_id
    new.source_id = task.source_id
    task.state, task.decided_at, task.comment = State.PASSED, ctx.now, comment
    return _widen(ctx, request, [new])


def _asked(ctx: Ctx, request: ApprovalRequest, who: Any, task: ApprovalTask, field: str) -> ApprovalTask:
    """A further person at the step of a task, if that person may decide at all."""
    if who.pk == rounds.barred(request.rule, request.requester_id):
        raise Refused(gettext("%(person)s asked for this and may not decide: choose somebody else.") % {"person": who},
                      field=field, record=request)
    if not people.able(ctx, [who.pk]):
        raise Refused(gettext("%(person)s has left or may not see approvals: choose somebody else.") % {"person": who},
                      field=field, record=request)
    if any(one.who_id == who.pk and one.step == task.step and one.state in (State.OPEN, State.WAITING)
           for one in request.tasks):
        raise Refused(gettext("%(person)s is asked already.") % {"person": who}, field=field, record=request)
    return ApprovalTask(step=task.step, mode=task.mode, who=who, added_by=ctx.user)


def _widen(ctx: Ctx, request: ApprovalRequest, new: list[ApprovalTask]) -> ApprovalRequest:
    """Write the request with more people, and ask those whose turn it is."""
    rounds.add(request, new)
    rounds.open_step(ctx, request)
    ctx.save(request)
    rounds.tell_asked(ctx, request)
    return request
