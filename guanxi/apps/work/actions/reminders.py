"""Reminders: every minute, what is due is called to mind — once, and marked late where the moment was missed."""

import datetime
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from guanxi.apps.org.models import Company, User
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.work import repeating, types
from guanxi.apps.work.models import Activity, ReminderChoice, Series
from guanxi.apps.work.rules import times
from guanxi.common import talk
from guanxi.kernel.api import Ctx, Record, covered, every

#: Reminders sent in one minute; more wait for the next.
MOST = 2000
Kind = ReminderChoice.Kind

_with_next_contact: list[type[Record]] = []


def remind_of_next_contact(model: type[Record]) -> None:
    """Remind the owners of an object's records when ``next_contact_at`` has come."""
    if model not in _with_next_contact:
        _with_next_contact.append(model)


remind_of_next_contact(Customer)
remind_of_next_contact(Contact)


@dataclass(frozen=True)
class Due:
    """Somebody is to be reminded of a record whose moment has come."""

    user_id: int
    record: Record
    kind: str
    wanted: datetime.datetime
    begins: datetime.datetime


@every(cron="* * * * *", name="work.remind")
def remind(ctx: Ctx) -> None:
    """Call to mind what has become due since the last run."""
    with ctx.door("work.remind"):
        since = covered(ctx) or ctx.now - times.LATE
        activities, contacts = _activities(ctx), _contacts(ctx, since)
        if not activities and not contacts:
            return
        words = Words(ctx, {one.user_id for one in (*activities, *contacts)})
        talk.remind(ctx, words.rows(activities))
        talk.remind(ctx, words.rows(contacts), since)
        ctx.find(Activity).filter(pk__in=[one.record.pk for one in activities]).update(
            remind_at=None, reminded_at=ctx.now)


def _activities(ctx: Ctx) -> list[Due]:
    """Activities whose reminder is due: one query on an index that holds nothing else."""
    found = ctx.find(Activity).filter(remind_at__lte=ctx.now).exclude(owner=None)
    rows: list[Any] = list(found.order_by("remind_at").select_for_update(of=("self",))[:MOST])
    if not rows:
        return []
    to_dos = {one.pk for one in types.in_use(ctx) if one.key == types.TO_DO}
    return [Due(row.owner_id, row, Kind.TO_DO if row.type_id in to_dos else Kind.ACTIVITY, row.remind_at,
                row.planned_start or row.due_at) for row in rows]


def _contacts(ctx: Ctx, since: datetime.datetime) -> list[Due]:
    """Records whose next contact has come since the last run: one query for each object."""
    found = []
    for model in _with_next_contact:
        seen: Any = ctx.find(model)
        rows = seen.filter(next_contact_at__gt=since, next_contact_at__lte=ctx.now).exclude(owner=None)
        found += [Due(row.owner_id, row, Kind.NEXT_CONTACT, row.next_contact_at, row.next_contact_at)
                  for row in rows.only("id", "owner", "next_contact_at")]
    return found


class Words:
    """What a reminder says, in each person's language and by the clock where they are."""

    def __init__(self, ctx: Ctx, user_ids: set[int]) -> None:
        self.now = ctx.now
        self.people = {user.pk: user for user in ctx.find(User).filter(pk__in=user_ids, is_active=True)}
        self.company: Any = ctx.find(Company).first()
        self.unwanted = set(ctx.find(ReminderChoice).filter(owner__in=user_ids, wanted=False).values_list(
            "owner_id", "kind"))

    def rows(self, due: list[Due]) -> list[tuple[int, Record, str, bool]]:
        """Those who are here and want to be reminded."""
        return [(one.user_id, one.record, self.note(one), times.late(one.wanted, self.now)) for one in due
                if one.user_id in self.people and (one.user_id, one.kind) not in self.unwanted]

    def note(self, one: Due) -> str:
        user = self.people[one.user_id]
        zone = user.time_zone or (self.company and self.company.time_zone) or timezone.get_current_timezone_name()
        shown = one.begins.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
        if one.kind != Kind.NEXT_CONTACT:
            return shown
        language = user.language or (self.company and self.company.language) or translation.get_language()
        with translation.override(language):
            return _("Next contact: %(when)s") % {"when": shown}


@every(cron="10 2 * * *", name="work.series")
def plan_series(ctx: Ctx) -> None:
    """Plan what comes back up to the horizon, one series after another."""
    edge = timezone.now() + repeating.HORIZON
    for pk in list(ctx.find(Series).filter(ended=False, planned_to__lt=edge).values_list("pk", flat=True)):
        with ctx.door("work.series"):
            series = ctx.find(Series).select_for_update(of=("self",)).filter(pk=pk, ended=False).first()
            if series is not None:
                repeating.extend(ctx, series)
