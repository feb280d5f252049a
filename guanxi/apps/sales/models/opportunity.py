"""Opportunities: a customer may buy something, for so much, by then, as likely as that."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.parties.models import Source
from guanxi.apps.sales import rules
from guanxi.apps.sales.models.competitor import Competitor
from guanxi.apps.sales.models.master import CloseReason
from guanxi.apps.sales.models.pipeline import Pipeline, Stage, first_stage, stages_now
from guanxi.kernel.api import About, Q, Record, Section, f


class Opportunity(Record):
    """A deal on its way through a pipeline, until it is won or lost."""

    class Status(f.States):
        OPEN = "open", pgettext_lazy("state", "Open")
        WON = "won", pgettext_lazy("state", "Won")
        LOST = "lost", pgettext_lazy("state", "Lost")

    class Method(f.Options):
        DIRECT = "direct", _("Direct sale")
        PARTNER = "partner", _("Through a partner")
        TENDER = "tender", _("Tender")
        PHONE = "phone", _("By telephone")
        ONLINE = "online", _("Online")

    name = f.Name(_("Subject"))
    description = f.Text(_("Description"))
    customer = f.Link("parties.Customer", _("Customer"), null=True)
    stage = f.Link(Stage, _("Stage"), tracked=True, default=first_stage)
    pipeline = f.Link(Pipeline, _("Pipeline"), computed=True)
    status = f.State(Status, _("Status"), importable=True, colors={"open": "blue", "won": "green", "lost": "red"})
    probability = f.Percent(_("Probability"), null=True, help_text=_("Empty: the probability of the stage."))
    amount = f.Money(_("Expected amount"), null=True)
    weighted = f.Money(_("Weighted amount"), null=True, computed=True)
    expected_close = f.Day(_("Expected close"), null=True)
    started_on = f.Day(_("Started"), null=True)
    source = f.Link(Source, _("Source"), null=True)
    method = f.Choice(Method, _("Sales method"), blank=True)
    product = f.Name(_("Product"), blank=True)
    series = f.Name(_("Product series"), blank=True)
    next_step = f.Name(_("Next step"), blank=True)
    next_contact_at = f.Moment(_("Next contact"), null=True)
    last_follow_up_at = f.Moment(_("Last follow-up"), null=True, computed=True, importable=True)
    has_coach = f.Flag(_("Has a coach"), computed=True)
    stage_since = f.Moment(_("In this stage since"), null=True, computed=True)
    stage_until = f.Moment(_("May stay until"), null=True, computed=True)
    close_reason = f.Link(CloseReason, _("Won or lost because"), null=True, computed=True, importable=True)
    close_note = f.Text(_("How it ended"), computed=True, importable=True)
    closed_on = f.Day(_("Closed on"), null=True, computed=True, importable=True)
    closed_from = f.Link(Stage, _("Closed out of stage"), null=True, computed=True)
    lost_to = f.Link(Competitor, _("Lost to"), null=True, computed=True, importable=True)
    lead = f.Link("sales.Lead", _("Lead"), null=True, computed=True)

    about = About(
        one=_("opportunity"), many=_("opportunities"), icon="target-arrow", area="sales", title=name,
        subtitle=customer, parent=customer, board=stage, amount=amount, calendar=expected_close, order="-id",
        columns=(name, customer, stage, amount, probability, expected_close, next_contact_at, "owner", status),
        search=(name, product), match=(name,),
        filters=(status, stage, pipeline, "owner", customer, source, method, amount, expected_close, next_contact_at,
                 last_follow_up_at, closed_on, close_reason, has_coach, stage_until, product, series),
        form=((name,), (customer, stage), (amount, probability), (expected_close, source), (next_step, next_contact_at),
              Section(_("More"), ((method, started_on), (product, series), (description,)))))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("name",), name="sales_opportunity_name"),
                   models.Index(fields=("stage", "status", "-id"), name="sales_opportunity_board"),
                   models.Index(fields=("owner", "status", "next_contact_at"), name="sales_opportunity_next"),
                   models.Index(fields=("status", "closed_on"), name="sales_opportunity_closed"),
                   models.Index(fields=("stage", "deleted_at", "owner", "upper_owner", "amount"),
                                name="sales_opportunity_sums")]
        constraints = [
            models.CheckConstraint(
                name="sales_opportunity_closed_on", condition=Q(status="open") | Q(closed_on__isnull=False),
                violation_error_message=_("A closed opportunity needs the day on which it was closed.")),
            models.CheckConstraint(
                name="sales_opportunity_amount", condition=Q(amount=None) | Q(amount__gte=0),
                violation_error_message=_("An amount is never negative.")),
            models.CheckConstraint(
                name="sales_opportunity_probability",
                condition=Q(probability=None) | Q(probability__gte=0, probability__lte=100),
                violation_error_message=_("A probability lies between 0 and 100 percent."))]

    def was(self, name: str) -> Any:
        """What a column held when the row was read; None on a new one."""
        return None if self._state.adding else self.loaded.get(name)

    def prepare(self) -> None:
        if self.stage_id is None:
            return
        # What is taken back brings the moment since which it has stood there, and its probability.
        moved = self.was("stage_id") != self.stage_id and self.stage_since == self.was("stage_since")
        if moved:
            self._enter(self._stage())
        if self.status != self.Status.OPEN:
            self.probability = rules.closed_probability(self.status)
        elif self.probability is None or (moved and self.probability == self.was("probability")):
            self.probability = self._stage().probability
        self.weighted = rules.weighted(self.amount, self.probability)

    def _stage(self) -> Stage:
        return stages_now().get(self.stage_id or 0) or self.stage

    def _enter(self, stage: Stage) -> None:
        """What follows from standing in another stage."""
        self.pipeline_id = stage.pipeline_id
        if self._state.adding and self.closed_on is not None and stage.kind != Stage.Kind.OPEN:
            self.status = stage.kind
        self.stage_since = self.created_at if self._state.adding else self.updated_at
        self.stage_until = (stage.dwell_days and self.stage_since + datetime.timedelta(days=stage.dwell_days)) or None

    def clean(self) -> None:
        if self.stage_id is None or (self.was("stage_id"), self.was("status")) == (self.stage_id, self.status):
            return
        kind, status = self._stage().kind, self.status
        if status == self.Status.OPEN and kind != Stage.Kind.OPEN:
            raise ValidationError({"stage": _("“%(stage)s” closes the opportunity: use “Win” or “Lose”, which ask for "
                                              "the reason.") % {"stage": self.stage}})
        if kind not in (Stage.Kind.OPEN, status) or (status == self.Status.WON and kind != Stage.Kind.WON):
            words = {"stage": self.stage, "status": self.Status(status).label}
            raise ValidationError({
                "stage": _("The stage “%(stage)s” does not fit: the opportunity is “%(status)s”.") % words})

    @property
    def overdue(self) -> bool:
        """Has it stayed in its stage longer than the company wants?"""
        return self.status == self.Status.OPEN and self.stage_until is not None and self.stage_until < timezone.now()
