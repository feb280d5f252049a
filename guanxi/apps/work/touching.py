"""What an activity leaves on the records it belongs to: when they were last followed up, when to get in touch again."""

import datetime
from typing import Any

from django.utils import timezone

from guanxi.apps.work import subjects
from guanxi.apps.work.models import Activity
from guanxi.apps.work.rules import times
from guanxi.kernel.api import Ctx, Record

LAST, NEXT = "last_follow_up_at", "next_contact_at"


def has(record: Record, name: str) -> bool:
    """Does an object keep this?"""
    return any(source.name == name for source in record._meta.concrete_fields)


def followed_up(ctx: Ctx, activity: Activity, target: Record | None = None,
                next_at: datetime.datetime | None = None) -> bool:
    """Note the follow-up on every record it belongs to; returns whether the next contact could be kept on the target.

    A next contact that has come is done with; one that lies ahead stays, unless a new one is given.
    """
    zone, kept = timezone.get_current_timezone_name(), False
    for record in subjects.subject_of(ctx, activity, lock=True):
        mine: Any = record
        if has(record, LAST) and (mine.last_follow_up_at is None or mine.last_follow_up_at < activity.actual_end):
            mine.last_follow_up_at = activity.actual_end
        if has(record, NEXT):
            if next_at is not None and target is not None and (type(record), record.pk) == (type(target), target.pk):
                mine.next_contact_at, kept = next_at, True
            elif times.still_due(mine.next_contact_at, ctx.now, zone):
                mine.next_contact_at = None
        ctx.save(record)
    return kept
