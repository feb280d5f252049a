"""What comes of a request: it is carried out as its requester, rejected, void because the record changed, or failed."""

from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel import door, jobs, registry
from guanxi.kernel.api import Ctx, Record, Refused
from guanxi.kernel.records import object_name
from guanxi.surfaces.automation import asking, content, rounds
from guanxi.surfaces.automation.models import ApprovalRequest

State = ApprovalRequest.State


def go_on(ctx: Ctx, request: ApprovalRequest) -> None:
    """After a yes: the next step when this one is settled, the action itself after the last one."""
    if not rounds.settled(request):
        ctx.save(request)
        return
    rounds.close_step(request)
    request.step += 1
    if rounds.open_step(ctx, request):
        ctx.save(request)
        rounds.tell_asked(ctx, request)
    else:
        grant(ctx, request)


def end(ctx: Ctx, request: ApprovalRequest, state: str, reason: str = "") -> None:
    """Nobody decides any more."""
    rounds.close_all(request)
    request.state, request.reason, request.decided_at = state, reason, ctx.now
    ctx.save(request)


def give_up(ctx: Ctx, request: ApprovalRequest) -> None:
    """Tell those who listen to ``@after(ApprovalRequest, "given_up")``: nothing more comes of what was asked for."""
    for listener in registry.listeners(f"{object_name(request)}.given_up"):
        listener(ctx, request, None)


def grant(ctx: Ctx, request: ApprovalRequest) -> None:
    """Everybody has agreed: do it. What is refused now is told to all who took part."""
    end(ctx, request, State.GRANTED)
    try:
        carry_out(ctx, request)
    except Refused as refusal:
        end(ctx, request, State.FAILED, refusal.reason)
        give_up(ctx, request)
        rounds.tell(ctx, request, _("Approved, but it could not be done: %(reason)s") % {"reason": refusal.reason}, True)
    else:
        rounds.tell(ctx, request, _("Approved and done."))


def carry_out(ctx: Ctx, request: ApprovalRequest) -> None:
    """Run the action again through the door with the requester's rights of now."""
    again = as_requester(ctx, request)
    again.granted = request
    if not jobs.may_act(request.requester):
        raise Refused(jobs.DEACTIVATED % {"person": request.requester})
    door.run(again, request.verb, request.object_id, asking.given(again, request))
    ctx.unit.forget()


def as_requester(ctx: Ctx, request: ApprovalRequest) -> Ctx:
    """The requester acts, through a decision of the actor."""
    behind = ctx.user if ctx.user_id != request.requester_id else None
    return Ctx(user=request.requester, via="approval", real_user=behind, client=ctx.client, trace=ctx.trace,
               clock=ctx.clock, operation_now=ctx.operation_now)


# meanwhile ---------------------------------------------------------------------------------------


def record_of(ctx: Ctx, request: ApprovalRequest, lock: bool = False) -> Record | None:
    """The record as it is now, whoever asks; locked, nobody changes it between this look and what follows from it."""
    rows = ctx.as_system("the record to be approved").find(request.model).filter(pk=request.object_id)
    return (rows.select_for_update(of=("self",), no_key=True) if lock else rows).first()


def differences(ctx: Ctx, request: ApprovalRequest, record: Record) -> list[list[Any]]:
    """What the record holds now that it did not when approval was asked for."""
    names = frozenset(request.content)
    now = content.of(ctx, record, names)
    if content.fingerprint(now) == request.fingerprint:
        return []
    return content.differences(request.content, now)


def still_true(ctx: Ctx, request: ApprovalRequest) -> bool:
    """Is the record still what approval was asked for? If not, the request is void and a new round begins."""
    record = record_of(ctx, request, lock=True)
    if record is None:
        end(ctx, request, State.VOID, _("“%(record)s” was deleted meanwhile.") % {"record": request.title})
        give_up(ctx, request)
        rounds.tell(ctx, request, request.reason, True)
        return False
    request.differences = differences(ctx, request, record)
    if not request.differences:
        return True
    end(ctx, request, State.VOID, _("“%(record)s” was changed after approval had been asked for.") % {
        "record": request.title})
    new = ask_again(ctx, request)
    if new is None:
        give_up(ctx, request)
    rounds.tell(ctx, request, _("%(reason)s A new round has begun.") % {"reason": request.reason} if new else _(
        "%(reason)s Do it again.") % {"reason": request.reason}, True)
    return False


def ask_again(ctx: Ctx, request: ApprovalRequest) -> ApprovalRequest | None:
    """A new round about the record as it is now; None where the rules or the requester's rights ask for none."""
    again, action = as_requester(ctx, request), request.verb
    with again.door(action.name):
        record = again.find(request.model).filter(pk=request.object_id).first()
        if record is None or not jobs.may_act(request.requester) or not action.available(record):
            return None
        rules = [rule for rule in asking.rules_of(again, request.model) if rule.active and rule.action == action.verb]
        try:
            found = asking.fitting(again, rules, action, record, asking.given(again, request))
            return asking.ask(again, found, action, record, request.inputs, request) if found else None
        except Refused:
            return None
