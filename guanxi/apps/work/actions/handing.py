"""Who does it: giving an activity to somebody else, and to-dos for oneself and others."""

import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org.models import User
from guanxi.apps.parties.models import Customer
from guanxi.apps.work import types
from guanxi.apps.work.models import Activity
from guanxi.apps.work.models.activity import OPEN
from guanxi.apps.work.models.choices import Before, Priority
from guanxi.apps.work.rules import times
from guanxi.common import talk
from guanxi.kernel.api import Ctx, Refused, action, f


def give(ctx: Ctx, activity: Activity, to: Any, note: str = "") -> Activity:
    """Save an activity as somebody's; tell them if it is not one's own. Refused for who has left."""
    former = activity.owner_id
    if to is not None:
        if not to.is_active:
            raise Refused(_("%(person)s is deactivated: choose somebody else.") % {"person": to}, field="person")
        activity.owner_id = to.pk
    activity.owner_id = activity.owner_id or ctx.user_id
    if activity.owner_id != ctx.user_id and (activity._state.adding or activity.owner_id != former):
        activity.asked_by_id = ctx.user_id
    new = activity._state.adding or activity.owner_id != former
    ctx.save(activity)
    if new:
        talk.notify(ctx, [activity.owner_id], talk.Notification.Kind.ASSIGNED, activity, note=note)
    return activity


@action(_("Hand over"), when=OPEN, icon="user-share", inputs={"person": _("Hand over to"), "note": _("Note for them")})
def hand_over_activity(ctx: Ctx, activity: Activity, *, person: User, note: str = "") -> None:
    """Let somebody else do it."""
    give(ctx, activity, person, note)


@action(_("Add a to-do"), on=Activity, right="create", icon="checkbox", inputs={
    "text": _("What is to be done"), "due": _("Until"), "person": _("Done by"), "customer": _("Customer"),
    "priority": f.Choice(Priority, _("Priority"), blank=True), "remind": f.Choice(Before, _("Remind"), blank=True)})
def add_to_do(ctx: Ctx, *, text: str, due: datetime.date | None = None, person: User | None = None,
              customer: Customer | None = None, priority: str = "", remind: str = "") -> Activity:
    """Note something to be done, by oneself or by somebody else."""
    zone = timezone.get_current_timezone_name()
    made = Activity(type=types.of_key(ctx, types.TO_DO), name=text, priority=priority or Priority.NORMAL, remind=remind,
                    customer=customer, owner_id=ctx.user_id)
    if due is not None:
        made.planned_end = times.at(due, times.EVENING, zone)
    return give(ctx, made, person)
