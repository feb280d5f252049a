"""An activity: what somebody does, or did, with a customer — plan, log and to-do in one."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.apps.work.models.choices import Before, Period, Priority
from guanxi.apps.work.models.series import Series, explain
from guanxi.apps.work.models.type import ActivityType
from guanxi.apps.work.rules import recurrence, times
from guanxi.kernel.api import About, Ctx, Q, Record, Section, f

#: What may still change on a follow-up whose editing time is over: who holds it, what it hangs on, and what it cost.
LOOSE = frozenset({"owner_id", "upper_owner_id", "subject_owner_id", "customer_id", "contact_id", "subject_type", "cost",
                   "subject_id", "evaluation", "version", "updated_at", "updated_by_id", "sort_key", "deleted_at",
                   "remind_at", "reminded_at", "asked_by_id"})


class Activity(Record):
    """What somebody does with a customer or for themselves: planned, under way, done or cancelled."""

    class Status(f.States):
        PLANNED = "planned", _("Planned")
        IN_PROGRESS = "in_progress", _("In progress")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    name = f.Name(_("What it is about"), blank=True, help_text=_("Empty: the first words of the description."))
    type = f.Link(ActivityType, _("Type"))
    priority = f.Choice(Priority, _("Priority"), colors={"high": "red", "normal": "gray", "low": "gray"})
    status = f.State(Status, _("Status"), importable=True, colors={
        "planned": "blue", "in_progress": "cyan", "done": "green", "cancelled": "gray"})
    description = f.Text(_("Description"))
    customer = f.Link("parties.Customer", _("Customer"), null=True)
    contact = f.Link("parties.Contact", _("Contact"), null=True)
    subject_type = f.Name(_("Object it belongs to"), max_length=80, blank=True, computed=True)
    subject_id = f.Integer(_("Record it belongs to"), null=True, computed=True)
    subject_owner = f.Link(settings.AUTH_USER_MODEL, _("Owner of what it belongs to"), null=True, computed=True)
    planned_start = f.Moment(_("Planned start"), null=True)
    planned_end = f.Moment(_("Planned end"), null=True)
    due_at = f.Moment(_("Due"), null=True, computed=True)
    actual_start = f.Moment(_("Actual start"), null=True)
    actual_end = f.Moment(_("Actual end"), null=True)
    period = f.Choice(Period, _("Comes back"), blank=True)
    rule = f.Name(_("Rule of its own"), blank=True, help_text=_("As in calendars: FREQ=WEEKLY;BYDAY=MO"))
    period_until = f.Day(_("Comes back until"), null=True)
    series = f.Link(Series, _("Series"), null=True, computed=True)
    remind = f.Choice(Before, _("Remind"), blank=True)
    remind_at = f.Moment(_("Reminder at"), null=True, computed=True)
    reminded_at = f.Moment(_("Reminded"), null=True, computed=True)
    cost = f.Money(_("Cost"), null=True)
    result = f.Text(_("Result"))
    evaluation = f.Text(_("Evaluation"))
    cancel_reason = f.Name(_("Cancelled because"), blank=True, computed=True)
    asked_by = f.Link(settings.AUTH_USER_MODEL, _("Asked for by"), null=True, computed=True)
    previous = f.Link("work.Activity", _("Follows from"), null=True, computed=True)
    logged_at = f.Moment(_("Logged"), null=True, computed=True, importable=True)

    about = About(
        one=_("activity"), many=_("activities"), icon="calendar-event", area="work", title=name, subtitle=customer,
        parent=customer, board=status, amount=cost, calendar=planned_start, order="-id",
        columns=(name, type, customer, planned_start, due_at, priority, status, "owner"),
        search=(name, description, result), side=("files", "history"),
        filters=("owner", status, type, due_at, planned_start, actual_end, customer, contact, priority, asked_by,
                 "created_by", cost, series),
        form=((name,), (type, priority), (customer, contact), (planned_start, planned_end), (remind, period),
              (description,),
              Section(_("More"), ((rule, period_until), (cost, "owner"), (actual_start, actual_end), (result,),
                                  (evaluation,)))))

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=("remind_at",), name="work_activity_remind", condition=Q(remind_at__isnull=False)),
            models.Index(fields=("owner", "status", "due_at"), name="work_activity_list"),
            models.Index(fields=("subject_type", "subject_id", "id"), name="work_activity_subject"),
            models.Index(fields=("planned_start", "id"), name="work_activity_calendar"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(planned_end=None) | Q(planned_start=None) | Q(planned_end__gte=models.F("planned_start")),
                name="work_activity_planned", violation_error_message=_("The planned end is before the planned start.")),
            models.CheckConstraint(
                condition=Q(actual_end=None) | Q(actual_start=None) | Q(actual_end__gte=models.F("actual_start")),
                name="work_activity_actual", violation_error_message=_("The actual end is before the actual start.")),
            models.CheckConstraint(condition=Q(cost=None) | Q(cost__gte=0), name="work_activity_cost",
                                   violation_error_message=_("A cost is never negative."))]

    @classmethod
    def open_rows(cls, ctx: Ctx) -> Q | None:
        """Whoever owns the lead or deal it belongs to sees it; collaborators of these and of the contact too; and
        whoever asked for a to-do that belongs to no record."""
        rights = ctx.rights
        owners = rights.reach(rights.grants("work.activity", "view"))
        if owners is None:
            return None
        found = Q(subject_owner_id__in=sorted(owners)) | Q(
            asked_by_id__in=sorted(owners), customer_id=None, subject_id=None)
        if contacts := rights.shared("parties.contact", write=False):
            found |= Q(contact_id__in=contacts)
        for name, level in sorted(rights.shares or {}):
            if level == "read" and not name.startswith("parties."):
                found |= Q(subject_type=name, subject_id__in=rights.shared(name, write=False))
        return found

    def was(self, name: str) -> Any:
        """What a column held when the row was read; None on a new one."""
        return None if self._state.adding else self.loaded.get(name)

    @property
    def open(self) -> bool:
        return self.status in (self.Status.PLANNED, self.Status.IN_PROGRESS)

    @property
    def overdue(self) -> bool:
        """Was it due before today, where the reader is, and is it not done?"""
        return self.open and times.overdue(self.due_at, timezone.now(), timezone.get_current_timezone_name())

    @property
    def recurs(self) -> str:
        """The rule by which it comes back, or nothing."""
        return self.rule or self.period

    def prepare(self) -> None:
        moved = self.planned_start != self.was("planned_start")
        if moved and self.planned_end is not None and self.planned_end == self.was("planned_end"):
            self.planned_end = times.moved_end(self.was("planned_start"), self.planned_end, self.planned_start)
        self.due_at = times.due(self.planned_start, self.planned_end)
        if not self.name:
            words = (self.description or self.result).strip().splitlines()
            self.name = words[0][:100] if words else (str(self.type) if self.type_id else "")
        if self.status != self.was("status"):
            self._enter()
        if not self.open:
            self.remind_at = None
        elif moved or self.remind != self.was("remind") or self.was("status") not in (None, *OPEN):
            self.remind_at = times.remind_at(self.planned_start or self.due_at, self.remind, self.updated_at)

    def _enter(self) -> None:
        """What follows from standing in another state."""
        if self.status == self.Status.DONE:
            self.logged_at = self.logged_at or self.updated_at
            self.actual_end = self.actual_end or self.updated_at
            if self.actual_start is None or self.actual_start > self.actual_end:
                self.actual_start = self.actual_end
        elif self.status == self.Status.IN_PROGRESS:
            self.actual_start = self.actual_start or self.updated_at
        elif self.status == self.Status.PLANNED and not self._state.adding:
            self.actual_start = self.actual_end = self.logged_at = None

    def clean(self) -> None:
        if self.rule and self.rule != self.was("rule"):
            try:
                recurrence.check(self.rule)
                self.rule = recurrence.normal(self.rule)
            except ValueError as error:
                raise ValidationError({"rule": explain(error)}) from error
        if self.recurs and self.planned_start is None:
            raise ValidationError({"planned_start": _("What comes back needs a planned start.")})
        if self.was("status") == self.Status.DONE and times.locked(self.was("logged_at"), self.updated_at):
            changed = [name for name, old in self.loaded.items() if name not in LOOSE and getattr(self, name) != old]
            if changed:
                source: Any = next(one for one in self._meta.concrete_fields if one.attname == changed[0])
                raise ValidationError({source.name: _(
                    "What was done more than 24 hours ago stays as it was written. Add a comment, or log another "
                    "follow-up.")})


OPEN = (Activity.Status.PLANNED, Activity.Status.IN_PROGRESS)
