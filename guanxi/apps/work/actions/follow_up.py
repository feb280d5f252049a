"""Logging a follow-up, and planning an activity, with any record that activities belong to."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org.models import User
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.work import subjects, types
from guanxi.apps.work.actions.handing import give
from guanxi.apps.work.models import Activity, ActivityType
from guanxi.apps.work.models.choices import Before, NextContact
from guanxi.apps.work.rules import times
from guanxi.apps.work.touching import followed_up
from guanxi.common import talk
from guanxi.kernel.api import Ctx, Denied, Record, Refused, action, f

#: Files that go with one follow-up.
MOST_FILES = 9


def may_log(ctx: Ctx) -> None:
    """Whoever sees a record may log what they did with it, if activities are theirs to write at all."""
    answer = ctx.may("create", Activity)
    if not answer:
        raise Denied(_("You may not log follow-ups: %(reason)s") % {"reason": answer.reason})


def log(ctx: Ctx, record: Record, *, text: str, type: ActivityType | None = None,
        next_contact: str = "", next_at: datetime.datetime | None = None, files: Any = None) -> Activity:
    """Keep what was said or done with the record, and when to get in touch again."""
    may_log(ctx)
    if not text.strip():
        raise Refused(_("Write what was said or done."), field="text", record=record)
    uploads = [one for one in (files if isinstance(files, list | tuple) else [files]) if one]
    if len(uploads) > MOST_FILES:
        raise Refused(_("At most %(count)s files go with one follow-up.") % {"count": MOST_FILES}, field="files")
    wanted = next_time(ctx, next_contact, next_at)
    done = Activity(type=type or first_type(ctx), description=text, status=Activity.Status.DONE,
                    actual_end=ctx.now, owner_id=ctx.user_id)
    ctx.save(subjects.hang(done, record))
    for upload in uploads:
        talk.attach(ctx, done, upload)
    if not followed_up(ctx, done, record, wanted) and wanted is not None:
        ahead = Activity(type=done.type, planned_start=wanted, owner_id=ctx.user_id, previous=done, remind=Before.AT_ONCE)
        ctx.save(subjects.hang(ahead, record))
    return done


def first_type(ctx: Ctx) -> ActivityType:
    """The type that is meant where none is named."""
    offered = types.quick(ctx)
    if not offered:
        raise Refused(_("There is no activity type yet: an administrator adds one."), field="type")
    return offered[0]


def next_time(ctx: Ctx, preset: str, exact: datetime.datetime | None) -> datetime.datetime | None:
    """The next contact: the exact moment, or nine in the morning so many days from now. Refused where it has passed."""
    if exact is None and preset:
        exact = times.in_days(ctx.now, int(preset), timezone.get_current_timezone_name())
    if exact is not None and exact < ctx.now:
        raise Refused(_("The next contact lies in the past."), field="next_at")
    return exact


def plan(ctx: Ctx, record: Record, *, at: datetime.datetime, type: ActivityType | None = None,
         text: str = "", remind: str = "", person: Any = None) -> Activity:
    """Plan a call, a visit or anything else with the record."""
    may_log(ctx)
    kind = type or first_type(ctx)
    made = Activity(type=kind, description=text or kind.words, planned_start=at, remind=remind or kind.remind,
                    planned_end=at + datetime.timedelta(minutes=kind.minutes),
                    owner_id=kind.person_id if person is None and kind.person_id else ctx.user_id)
    subjects.hang(made, record)
    return give(ctx, made, person)


def subject(model: type[Record], *, customer: Callable[[Any], int | None] | None = None,
            contact: Callable[[Any], int | None] | None = None,
            also: Callable[[Any], Iterable[Record]] | None = None) -> None:
    """Let follow-ups be logged and activities be planned with an object: adds the two actions to it.

    ``customer`` and ``contact`` give the ids for the activities of a record; ``also`` gives records whose activities
    are shown with it: the lead that an opportunity came from.
    """
    given = {"customer": customer, "contact": contact, "also": also}
    subjects.add(model, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]

    def log_follow_up(ctx: Ctx, record: Any, *, text: str, type: ActivityType | None = None,
                      next_contact: str = "", next_at: datetime.datetime | None = None,
                      files: list[Any] | None = None) -> Activity:
        """Keep what was said or done with the record, and when to get in touch again."""
        return log(ctx, record, text=text, type=type, next_contact=next_contact, next_at=next_at, files=files)

    def plan_activity(ctx: Ctx, record: Any, *, at: datetime.datetime, type: ActivityType | None = None,
                      text: str = "", remind: str = "", person: User | None = None) -> Activity:
        """Plan a call, a visit or anything else with the record."""
        return plan(ctx, record, at=at, type=type, text=text, remind=remind, person=person)

    for function in (log_follow_up, plan_activity):
        function.__annotations__["record"] = model
    action(_("Log a follow-up"), verb="log_follow_up", right="view", icon="message-plus", inputs={
        "text": f.Text(_("What was said or done"), blank=False), "type": _("Follow-up method"),
        "next_contact": f.Choice(NextContact, _("Next contact"), blank=True),
        "next_at": _("Next contact at"), "files": f.File(_("Pictures and files"), blank=True)})(log_follow_up)
    action(_("Plan an activity"), verb="plan_activity", right="view", icon="calendar-plus", inputs={
        "at": _("When"), "type": _("Type"), "text": f.Text(_("Description")),
        "remind": f.Choice(Before, _("Remind"), blank=True), "person": _("Done by")})(plan_activity)


subject(Customer, customer=lambda record: record.pk)
subject(Contact, customer=lambda record: record.customer_id, contact=lambda record: record.pk)


def kinds(ctx: Ctx) -> list[tuple[str, Any, str]]:
    """The ways of following up that a page offers: value, label and icon."""
    return [(str(one.pk), one.name, one.icon) for one in types.quick(ctx)] if ctx.may("create", Activity) else []


def keep(ctx: Ctx, record: Record, *, kind: Any = None, text: str, next_on: Any = "", files: Any = None,
         key: str = "") -> Activity:
    """Log a follow-up as a page sends it: the kind's id, the words, a day for the next contact."""
    day = f.Day().parse(next_on)
    clock = times.at(day, times.MORNING, timezone.get_current_timezone_name()) if day else None
    if clock is not None and day == ctx.today:
        clock = max(clock, ctx.now + datetime.timedelta(minutes=1))
    found = ctx.run(f"{record._meta.label_lower}.log_follow_up", record, key=key, text=text, type=kind or None,
                    next_at=clock, **({"files": files} if files else {}))
    made: Activity = found.record
    return made
