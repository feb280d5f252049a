"""Requests: an action that waits, who is asked, in which order, and what each of them said."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import actions
from guanxi.kernel.api import About, Ctx, Missing, Q, Record, Refused, f, registry
from guanxi.surfaces.automation.models.rule import ApprovalRule, ApprovalStep


class ApprovalRequest(Record):
    """An action on a record that waits until everybody asked has agreed; then it runs by itself."""

    class State(f.States):
        PENDING = "pending", _("Waits for approval")
        GRANTED = "granted", _("Approved")
        REFUSED = "refused", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        VOID = "void", _("Void")
        FAILED = "failed", _("Approved, but could not be done")

    title = f.Name(_("Record title"), max_length=300, computed=True, blank=True)
    rule = f.Link(ApprovalRule, _("Rule"), computed=True)
    requester = f.Link(settings.AUTH_USER_MODEL, _("Asked by"), computed=True)
    state = f.State(State, _("State"), colors={"pending": "amber", "granted": "green", "refused": "red", "failed": "red"})
    object_type = f.Name(_("Object"), max_length=80, computed=True)
    object_id = f.Integer(_("Record"), computed=True)
    action = f.Name(_("Action"), max_length=60, computed=True)
    inputs = f.Json(_("Inputs"), computed=True)
    changes = f.Json(_("Changes asked for"), computed=True)
    record_version = f.Integer(_("Version of the record"), default=0, computed=True)
    content = f.Json(_("Content when asked"), computed=True, secret=True)
    fingerprint = f.Name(_("Fingerprint"), max_length=64, blank=True, computed=True)
    step = f.Integer(_("Step"), default=1, computed=True)
    reason = f.Text(_("Reason"), computed=True)
    differences = f.Json(_("Changed since"), default=list, computed=True)
    decided_at = f.Moment(_("Decided"), null=True, computed=True)
    former = f.Link("automation.ApprovalRequest", _("Round before"), null=True, computed=True)
    tasks = f.Lines("automation.ApprovalTask", _("People asked"))

    about = About(one=_("approval"), many=_("approvals"), icon="gavel", slug="approvals", area="work", title=title,
                  columns=(title, requester, state, "created_at", decided_at), order="-id",
                  filters=(state, requester, object_type, "created_at"), verbs=("view",), side=())

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes,
                   models.Index(fields=("object_type", "object_id", "-id"), name="automation_request_record"),
                   models.Index(fields=("requester", "state", "-id"), name="automation_request_mine")]

    @classmethod
    def open_rows(cls, ctx: Ctx) -> Q | None:
        """Whoever is or was asked sees the request."""
        if not ctx.user_id:
            return None
        asked = ctx.as_system("who is asked").find(ApprovalTask).filter(who_id=ctx.user_id)
        return Q(pk__in=asked.values("request_id")) | Q(requester_id=ctx.user_id)

    @classmethod
    def why_gone(cls, ctx: Ctx, pk: int) -> Refused | None:
        """For somebody who is not asked there is no such request; that they tried stays in the account."""
        found = ctx.as_system("somebody tried to decide").find(cls).filter(pk=pk).first()
        if found is None:
            return None
        refusal = Missing(gettext("There is no such %(object)s.") % {"object": cls.about.one})
        refusal.attempt = found
        return refusal

    def __str__(self) -> str:
        return f"{self.verb.label}: {super().__str__()}"

    @property
    def model(self) -> type[Record]:
        """The object of the record that is acted on."""
        return registry.model_of(self.object_type)

    @property
    def verb(self) -> actions.Action:
        """The action that waits."""
        return actions.verb_of(self.model, self.action)

    @property
    def pending(self) -> bool:
        return self.state == self.State.PENDING

    @property
    def round(self) -> list[Any]:
        """The people of the step that is now on, apart from those who have passed it on."""
        return [task for task in self.tasks if task.step == self.step and task.counts]

    @property
    def open_tasks(self) -> list[Any]:
        return [task for task in self.tasks if task.state in (ApprovalTask.State.OPEN, ApprovalTask.State.CHOOSING)]

    @property
    def announcement(self) -> str:
        """What the requester is told instead of “done”."""
        choosing = [task for task in self.open_tasks if task.state == ApprovalTask.State.CHOOSING]
        if choosing:
            return gettext("“%(what)s” needs approval: choose who is asked.") % {"what": self}
        people = gettext(", ").join(str(task.who) for task in self.open_tasks)
        return gettext("“%(what)s” was sent for approval to %(people)s.") % {"what": self, "people": people}


class ApprovalTask(Record):
    """One person who is asked at one step of a request, and what they said."""

    class State(f.States):
        WAITING = "waiting", _("Not asked yet")
        CHOOSING = "choosing", _("Chooses who is asked")
        OPEN = "open", _("Asked")
        GRANTED = "granted", _("Agreed")
        SIGNED = "signed", _("Agreed at an earlier step")
        REFUSED = "refused", _("Disagreed")
        RETURNED = "returned", _("Asked again later")
        PASSED = "passed", _("Passed on")
        SKIPPED = "skipped", _("No longer needed")

    request = f.Link(ApprovalRequest, _("Request"))
    position = f.Integer(_("Position"), computed=True, default=0)
    step = f.Integer(_("Step"), computed=True)
    mode = f.Choice(ApprovalStep.Mode, _("How many"), computed=True)
    source = f.Link(ApprovalStep, _("Step of the rule"), null=True, computed=True)
    who = f.Link(settings.AUTH_USER_MODEL, _("Person"), computed=True)
    state = f.State(State, _("State"))
    opened_at = f.Moment(_("Asked at"), null=True, computed=True)
    decided_at = f.Moment(_("Decided"), null=True, computed=True)
    reminded_at = f.Moment(_("Reminded at"), null=True, computed=True)
    comment = f.Text(_("Comment"), computed=True)
    stands_for = f.Link(settings.AUTH_USER_MODEL, _("Instead of"), null=True, computed=True)
    added_by = f.Link(settings.AUTH_USER_MODEL, _("Added by"), null=True, computed=True)

    about = About(one=_("person asked"), many=_("people asked"), icon="user-question", title=who, parent=request, area="",
                  columns=(step, who, state, decided_at, comment), order="position", verbs=("view", "export"), side=())

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("who", "state", "-id"), name="automation_task_mine")]

    #: What is said of a task that takes no part in its step any more.
    ASIDE = (State.RETURNED, State.PASSED)

    @property
    def counts(self) -> bool:
        return self.state not in self.ASIDE

    @property
    def agreed(self) -> bool:
        return self.state in (self.State.GRANTED, self.State.SIGNED)
