"""Series at work: occurrences are planned ahead, and changed alone or together with those that follow."""

import datetime
from itertools import islice
from typing import Any

from django.utils import timezone

from guanxi.apps.work.models import Activity, Series
from guanxi.apps.work.models.activity import OPEN
from guanxi.apps.work.rules import recurrence
from guanxi.kernel.api import Ctx

#: How far ahead occurrences are planned, and how many at most in one go.
HORIZON = datetime.timedelta(days=35)
MOST = 60

_COPIED = ("name", "type_id", "priority", "description", "customer_id", "contact_id", "subject_type", "subject_id",
           "subject_owner_id", "owner_id", "period", "rule", "period_until", "remind", "cost", "asked_by_id", "series_id")


def begin(ctx: Ctx, activity: Activity) -> None:
    """An activity that comes back founds a series, by the clock where its planner is."""
    assert activity.planned_start is not None  # what comes back has a start: Activity.clean
    made = ctx.save(Series(
        name=activity.name, rule=recurrence.normal(activity.recurs), starts_at=activity.planned_start,
        time_zone=timezone.get_current_timezone_name(), until=activity.period_until,
        planned_to=activity.planned_start, owner_id=activity.owner_id))
    activity.series = made
    ctx.save(activity)
    extend(ctx, made, activity)


def extend(ctx: Ctx, series: Series, model: Activity | None = None) -> list[Activity]:
    """Plan the occurrences up to the horizon, and at least one that lies ahead; they are like the last one."""
    if series.ended:
        return []
    system = ctx.as_system("a series goes on")
    model = model or system.find(Activity).filter(series=series).order_by("-planned_start", "-id").first()
    if model is None:
        return []
    last = max(series.planned_to or series.starts_at, series.starts_at)
    moments = _moments(series, last, ctx.now)
    if not moments and (ahead := _next(series, max(last, ctx.now))) is not None and not _any_ahead(system, series):
        moments = [ahead]
    made = [_copy(model, moment) for moment in moments]
    for row, refusal in ctx.save_all(made):
        if refusal is not None:
            raise refusal
        row.series = series
    if moments:
        series.planned_to = moments[-1]
    elif _next(series, last) is None:
        series.ended = True
    ctx.save(series)
    return made


def _moments(series: Series, last: datetime.datetime, now: datetime.datetime) -> list[datetime.datetime]:
    """The moments of the rule that are not planned yet, up to the horizon."""
    found = recurrence.occurrences(series.rule, series.starts_at, series.time_zone, after=last, before=now + HORIZON,
                                   until=series.until)
    return list(islice(found, MOST))


def _any_ahead(system: Ctx, series: Series) -> bool:
    """Is an occurrence still open?"""
    return system.find(Activity).filter(series=series, status__in=OPEN, planned_start__gt=system.now).exists()


def _next(series: Series, after: datetime.datetime) -> datetime.datetime | None:
    return recurrence.following(series.rule, series.starts_at, series.time_zone, after, series.until)


def _copy(model: Activity, start: datetime.datetime) -> Activity:
    length = model.planned_end - model.planned_start if model.planned_end and model.planned_start else None
    values: dict[str, Any] = {name: getattr(model, name) for name in _COPIED}
    return Activity(**values, planned_start=start, planned_end=None if length is None else start + length)


def drop_following(ctx: Ctx, series: Series, after: datetime.datetime, kept: int | None = None) -> int:
    """Take away what is planned of a series after a moment and has not begun, and end the series."""
    rows = list(ctx.as_system("a series ends").find(Activity).filter(
        series=series, planned_start__gt=after, status=Activity.Status.PLANNED).exclude(
            pk__in=[] if kept is None else [kept]).order_by("pk"))
    for row in rows:
        ctx.delete(row)
    series.ended = True
    ctx.save(series)
    return len(rows)


def restart(ctx: Ctx, activity: Activity, before: datetime.datetime) -> None:
    """The old series ends with this occurrence, and a new one begins with it as it is now."""
    if activity.series_id is not None:
        old = ctx.as_system("a series changes").get(Series, activity.series_id)
        drop_following(ctx, old, before, activity.pk)
        activity.series = None
    if activity.recurs:
        begin(ctx, activity)
    else:
        ctx.save(activity)


def same_rule(one: str, other: str) -> bool:
    """Do two rules say the same?"""
    return recurrence.normal(one) == recurrence.normal(other)
