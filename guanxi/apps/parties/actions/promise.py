"""What becomes of a promise: kept, kept late, broken — and an alarm when it is overdue."""

import datetime

from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.models import Promise
from guanxi.common import talk
from guanxi.kernel.api import Ctx, Refused, action, every, f

_S = Promise.State


@action(_("Kept"), verb="keep", when=_S.OPEN, icon="check", right="update",
        inputs={"on": f.Day(_("Kept on"), null=True), "outcome": f.Text(_("What came of it"))})
def keep_promise(ctx: Ctx, promise: Promise, *, on: datetime.date | None = None, outcome: str = "") -> None:
    """The promise was kept; after the day it was due it counts as kept late."""
    day = on or ctx.today
    if day > ctx.today:
        raise Refused(_("A promise cannot be kept in the future."), field="on", record=promise)
    promise.state = _S.LATE if promise.due_on and day > promise.due_on else _S.KEPT
    promise.closed_on, promise.outcome = day, outcome
    ctx.save(promise)


@action(_("Broken"), verb="break", when=_S.OPEN, icon="x", danger=True, right="update",
        inputs={"outcome": f.Text(_("Why, and what was said"), blank=False)})
def break_promise(ctx: Ctx, promise: Promise, *, outcome: str) -> None:
    """The promise was not kept, and will not be: say why."""
    promise.state, promise.closed_on, promise.outcome = _S.BROKEN, ctx.today, outcome
    ctx.save(promise)


@action(_("Open again"), verb="reopen", when=(_S.KEPT, _S.LATE, _S.BROKEN), icon="rotate", right="update")
def reopen_promise(ctx: Ctx, promise: Promise) -> None:
    """The promise was closed by mistake: it is open again."""
    promise.state, promise.closed_on, promise.outcome = _S.OPEN, None, ""
    ctx.save(promise)


@every(cron="10 0 * * *", name="parties.overdue_promises")
def alarm_overdue_promises(ctx: Ctx) -> None:
    """Tell the owners of promises that were due yesterday, and of the customers they were given to."""
    due = ctx.find(Promise).filter(state=_S.OPEN, due_on=ctx.today - datetime.timedelta(days=1))
    for promise in due.order_by("pk").iterator(chunk_size=500):
        note = _("This promise is overdue: it was due on %(day)s.") % {"day": promise.due_on}
        talk.notify(ctx, [promise.owner_id, promise.upper_owner_id], talk.Notification.Kind.REMINDER, promise, str(note))
