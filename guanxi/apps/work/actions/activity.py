"""What one does to an activity: start, finish with a result, plan the next, cancel, move, take up again."""

import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.work import repeating
from guanxi.apps.work.models import Activity, ActivityType, Series
from guanxi.apps.work.models.activity import OPEN
from guanxi.apps.work.models.choices import Chain, ChainFrom, Period
from guanxi.apps.work.rules import times
from guanxi.apps.work.touching import followed_up
from guanxi.kernel.api import Ctx, Refused, action, after, f

S = Activity.Status


@action(_("Start"), when=S.PLANNED, right="update", icon="player-play")
def start_activity(ctx: Ctx, activity: Activity) -> None:
    """Say that it is being done now."""
    activity.status = S.IN_PROGRESS
    ctx.save(activity)


@action(pgettext_lazy("verb", "Done"), when=OPEN, right="update", icon="check", inputs={
    "result": f.Text(_("Result")), "next_type": _("Next type"), "next_at": _("Next at"),
    "next_text": _("What comes next"), "cost": _("Cost"), "evaluation": f.Text(_("Evaluation"))})
def complete_activity(ctx: Ctx, activity: Activity, *, result: str = "", next_type: ActivityType | None = None,
                      next_at: datetime.datetime | None = None, next_text: str = "", cost: Decimal | None = None,
                      evaluation: str = "") -> None:
    """Write down the result and plan what comes next, in one step."""
    if next_at is not None and next_at < ctx.now:
        raise Refused(_("What comes next lies in the past."), field="next_at", record=activity)
    activity.status, activity.result = S.DONE, result or activity.result
    activity.evaluation = evaluation or activity.evaluation
    activity.cost = activity.cost if cost is None else cost
    ctx.save(activity)
    if activity.type.is_contact:
        followed_up(ctx, activity)
    if (ahead := _next_of(ctx, activity, next_type, next_at, next_text)) is not None:
        ctx.save(ahead)
    _keep_series_going(ctx, activity)


def suggested(activity: Activity, done: datetime.datetime) -> tuple[ActivityType, datetime.datetime] | None:
    """What usually follows an activity of this type, and when; None where nothing does."""
    kind = activity.type
    if kind.chain == Chain.NONE or kind.next_type is None:
        return None
    start = times.next_start(done, activity.due_at, kind.next_days, kind.next_from == ChainFrom.DUE,
                             timezone.get_current_timezone_name())
    return kind.next_type, start


def _next_of(ctx: Ctx, activity: Activity, kind: ActivityType | None, start: datetime.datetime | None,
             words: str) -> Activity | None:
    """The next activity: as asked for or, where nothing was said, as the type demands."""
    usual = suggested(activity, ctx.now)
    if kind is None and start is None and not words:
        if usual is None or activity.type.chain != Chain.CREATE:
            return None
        kind, start = usual
    kind = kind or activity.type
    if start is None:
        start = usual[1] if usual else times.in_days(ctx.now, 1, timezone.get_current_timezone_name())
    return Activity(
        type=kind, name=words, description="" if words else kind.words, planned_start=start, remind=kind.remind,
        planned_end=start + datetime.timedelta(minutes=kind.minutes), priority=activity.priority, previous=activity,
        owner_id=kind.person_id or activity.owner_id, customer_id=activity.customer_id, contact_id=activity.contact_id,
        subject_type=activity.subject_type, subject_id=activity.subject_id, subject_owner_id=activity.subject_owner_id)


def _keep_series_going(ctx: Ctx, activity: Activity) -> None:
    """A series always has an occurrence ahead."""
    if activity.series_id is not None:
        repeating.extend(ctx, ctx.as_system("a series goes on").get(Series, activity.series_id))


@action(_("Cancel"), when=OPEN, right="update", icon="ban", danger=True, inputs={"reason": _("Reason")})
def cancel_activity(ctx: Ctx, activity: Activity, *, reason: str = "") -> None:
    """It will not be done."""
    activity.status, activity.cancel_reason = S.CANCELLED, reason
    ctx.save(activity)
    _keep_series_going(ctx, activity)


def _may_be_taken_up(activity: Activity) -> bool | str:
    if activity.open:
        return str(_("It is still open."))
    if activity.status == S.DONE and times.locked(activity.logged_at, timezone.now()):
        return str(_("It was done more than 24 hours ago: plan another activity instead."))
    return True


@action(_("Reopen activity"), where=_may_be_taken_up, right="update", icon="arrow-back-up")
def reopen_activity(ctx: Ctx, activity: Activity) -> None:
    """It was not done after all, or shall be done now."""
    activity.status, activity.cancel_reason = S.PLANNED, ""
    ctx.save(activity)


@action(_("Reschedule"), when=OPEN, right="update", icon="calendar-time",
        inputs={"to": _("New start"), "reason": _("Reason")})
def reschedule_activity(ctx: Ctx, activity: Activity, *, to: datetime.datetime, reason: str = "") -> None:
    """Do it at another time; it takes as long as before."""
    if activity.planned_start is None and activity.planned_end is not None:
        activity.planned_end = to
    else:
        activity.planned_start = to
    ctx.save(activity)


def _has_series(activity: Activity) -> bool | str:
    return activity.series_id is not None or str(_("It does not come back."))


@action(_("Change this and the following"), where=_has_series, right="update", icon="repeat", inputs={
    "start": _("New start"), "minutes": _("Length in minutes"), "name": _("What it is about"),
    "description": f.Text(_("Description")), "period": f.Choice(Period, _("Comes back"), blank=True),
    "rule": _("Rule of its own"), "until": _("Comes back until")})
def change_following_activity(ctx: Ctx, activity: Activity, *, start: datetime.datetime | None = None,
                              minutes: int | None = None, name: str = "", description: str = "", period: str = "",
                              rule: str = "", until: datetime.date | None = None) -> None:
    """Change this one and all that come after it; what was before stays as it is."""
    before: Any = activity.planned_start
    begins = activity.planned_start = start or before
    if minutes is not None:
        activity.planned_end = begins + datetime.timedelta(minutes=minutes)
    activity.name, activity.description = name or activity.name, description or activity.description
    if period or rule:
        activity.period, activity.rule = ("", rule) if rule else (period, "")
    activity.period_until = until or activity.period_until
    ctx.save(activity)
    repeating.restart(ctx, activity, before)


@action(_("End the series here"), where=_has_series, right="update", icon="repeat-off", danger=True)
def end_series_activity(ctx: Ctx, activity: Activity) -> int:
    """Take away all that come after this one; this one stays."""
    series = ctx.as_system("a series ends").get(Series, activity.series_id)
    return repeating.drop_following(ctx, series, activity.planned_start)  # type: ignore[arg-type]


@after(Activity, "create")
@after(Activity, "update")
def found_series(ctx: Ctx, activity: Activity, _value: Any = None) -> None:
    """What is said to come back does; a new rule is for this one and those that follow."""
    if activity.series_id is None:
        if activity.recurs and activity.open:
            repeating.begin(ctx, activity)
        return
    series = ctx.as_system("a series changes").get(Series, activity.series_id)
    if (activity.recurs, activity.period_until) != (_written(series, activity), series.until):
        repeating.restart(ctx, activity, activity.planned_start)  # type: ignore[arg-type]


def _written(series: Series, activity: Activity) -> str:
    """The rule of the series as its activities carry it."""
    return activity.recurs if activity.recurs and repeating.same_rule(series.rule, activity.recurs) else series.rule
