"""Pipelines and their stages: the way of an opportunity, defined by the company."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.sales.models.master import Master, once
from guanxi.kernel.api import About, Ctx, Q, f

GUIDANCE = 1000


class Pipeline(Master):
    """A way of selling with stages of its own; a company may have several."""

    default = f.Flag(_("Used unless another is chosen"))

    about = About(one=_("pipeline"), many=_("pipelines"), icon="timeline", title="name", columns=("name", default),
                  search=("name",), form=(("name", "position"), (default,)), scope="everyone", order="position",
                  match=("name",), side=("history",))

    class Meta(Master.Meta):
        constraints = [once("sales_pipeline_name"), models.UniqueConstraint(
            fields=("default",), condition=Q(deleted_at=None, default=True), name="sales_pipeline_default",
            violation_error_message=_("Another pipeline is the default already."))]


class Stage(Master):
    """A step on the way of an opportunity, with the probability that it will be won."""

    class Phase(f.Options):
        FOUNDING = "founding", _("Opportunity established")
        PROPOSAL = "proposal", _("Solution offered")
        EVALUATION = "evaluation", _("Solution under evaluation")
        NEGOTIATION = "negotiation", _("Commercial negotiation")
        SIGNING = "signing", _("Contract signing")

    class Kind(f.Options):
        OPEN = "open", pgettext_lazy("state", "Open")
        WON = "won", pgettext_lazy("state", "Won")
        LOST = "lost", pgettext_lazy("state", "Lost")

    pipeline = f.Link(Pipeline, _("Pipeline"))
    probability = f.Percent(_("Probability"))
    phase = f.Choice(Phase, _("Phase"), blank=True)
    kind = f.Choice(Kind, _("Kind"), colors={"open": "blue", "won": "green", "lost": "red"})
    dwell_days = f.Integer(_("Days it may stay here"), null=True)
    guidance = f.Text(_("Guidance"), help_text=_("What helps to get on from here; at most 1,000 characters."),
                      max_length=GUIDANCE)

    about = About(one=_("stage"), many=_("stages"), icon="stairs", title="name", subtitle=pipeline,
                  columns=("name", pipeline, "position", probability, phase, kind, dwell_days), search=("name",),
                  filters=(pipeline, phase, kind), scope="everyone", order="position", match=("name",),
                  form=(("name", pipeline), ("position", probability), (phase, kind), (dwell_days,), (guidance,)),
                  side=("history",))

    class Meta(Master.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=("pipeline", "name"), condition=Q(deleted_at=None), name="sales_stage_name",
                violation_error_message=_("The pipeline has a stage of this name already.")),
            models.UniqueConstraint(
                fields=("pipeline", "kind"), condition=Q(deleted_at=None) & ~Q(kind="open"), name="sales_stage_closing",
                violation_error_message=_("The pipeline has a stage for this outcome already.")),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=100), name="sales_stage_probability",
                violation_error_message=_("A probability lies between 0 and 100 percent.")),
            models.CheckConstraint(
                condition=Q(dwell_days=None) | Q(dwell_days__gt=0), name="sales_stage_dwell",
                violation_error_message=_("The days a deal may stay are at least one."))]


def stages_now() -> dict[int, Stage]:
    """Every stage by its id, in order: kept in memory until a shared list changes. To be read only."""
    ctx = Ctx(system=True, reason="the stages")

    def load() -> dict[int, Stage]:
        rows = ctx.find(Stage).order_by("-pipeline__default", "pipeline__position", "pipeline_id", "position", "pk")
        return {one.pk: one for one in rows}

    stages: dict[int, Stage] = ctx.remembered("sales stages", load)
    return stages


def first_stage() -> int | None:
    """The stage in which an opportunity begins unless another is chosen."""
    return next((pk for pk, one in stages_now().items() if one.kind == Stage.Kind.OPEN), None)
