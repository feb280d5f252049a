"""Puts the gate up, and looks after requests that wait: reminders, people who have left, people who are away."""

import datetime

from django.utils.translation import gettext as _

from guanxi.common import talk
from guanxi.kernel import registry
from guanxi.kernel.api import Ctx, Refused, every
from guanxi.surfaces.automation import asking, people, rounds
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalTask

#: Requests looked after in one run.
MOST = 1000
State = ApprovalTask.State

registry.add_gate(asking.gate)


@every(cron="10 * * * *", name="automation.approvals")
def look_after(ctx: Ctx) -> None:
    """Every hour: remind those who have been asked for long, and ask others where somebody is gone or away."""
    with ctx.door("automation.look_after"):
        rows = list(ctx.find(ApprovalRequest).filter(state=ApprovalRequest.State.PENDING).select_for_update(
            of=("self",)).order_by("pk")[:MOST])
        ApprovalRequest.tasks.load(rows)
        for request in rows:
            _find_others(ctx, request)
            _remind(ctx, request)
            ctx.save(request)
            rounds.tell_asked(ctx, request)


def _find_others(ctx: Ctx, request: ApprovalRequest) -> None:
    for task in [one for one in request.tasks if one.state == State.OPEN]:
        before = task.state, task.who_id
        try:
            if not people.able(ctx, [task.who_id]):
                rounds.replace(ctx, request, task)
            else:
                rounds.stand_in(ctx, request, task)
        except Refused:
            task.state, task.who_id = before  # stays with who has left until an administrator names somebody


def _remind(ctx: Ctx, request: ApprovalRequest) -> None:
    late = [task for task in request.tasks if task.state == State.OPEN and task.source is not None
            and task.source.remind_days and (task.reminded_at or task.opened_at) <= ctx.now - datetime.timedelta(
                days=task.source.remind_days)]
    for task in late:
        task.reminded_at = ctx.now
    talk.remind(ctx, [(task.who_id, request, _("Your approval is needed."), True) for task in late])
