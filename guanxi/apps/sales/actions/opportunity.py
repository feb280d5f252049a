"""What one can do with an opportunity: move it, win it, lose it, take it up again."""

import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.sales.models import CloseReason, Competitor, Opportunity, Stage, stages_now
from guanxi.kernel.api import Ctx, Refused, action, f

S = Opportunity.Status


@action(_("Move"), when=S.OPEN, right="update", icon="arrow-right", inputs={"stage": _("Stage")})
def move_opportunity(ctx: Ctx, opportunity: Opportunity, *, stage: Stage) -> None:
    """Move the opportunity to another stage, of its pipeline or of another one."""
    opportunity.stage = stage
    ctx.save(opportunity)


@action(_("Win"), when=S.OPEN, right="update", icon="trophy", inputs={
    "reason": _("Won because"), "closed_on": _("Won on"), "note": f.Text(_("Note"))})
def win_opportunity(ctx: Ctx, opportunity: Opportunity, *, reason: CloseReason, closed_on: datetime.date | None = None,
                    note: str = "") -> None:
    """Close the opportunity as won, and say why."""
    stage = closing_stage(opportunity, Stage.Kind.WON)
    if stage is None:
        raise Refused(_("The pipeline “%(pipeline)s” has no stage for won opportunities: add one.") % {
            "pipeline": opportunity.pipeline}, field="stage", record=opportunity)
    _close(ctx, opportunity, S.WON, stage, reason, closed_on, note)


@action(_("Lose"), when=S.OPEN, right="update", icon="mood-sad", danger=True, inputs={
    "reason": _("Lost because"), "competitor": _("Lost to"), "closed_on": _("Lost on"), "note": f.Text(_("Note"))})
def lose_opportunity(ctx: Ctx, opportunity: Opportunity, *, reason: CloseReason, competitor: Competitor | None = None,
                     closed_on: datetime.date | None = None, note: str = "") -> None:
    """Close the opportunity as lost, and say why and to whom."""
    opportunity.lost_to = competitor
    stage = closing_stage(opportunity, Stage.Kind.LOST) or opportunity.stage
    _close(ctx, opportunity, S.LOST, stage, reason, closed_on, note)


def closing_stage(opportunity: Opportunity, kind: str) -> Stage | None:
    """The stage of the opportunity's pipeline in which those won or lost stand."""
    return next((one for one in stages_now().values()
                 if one.pipeline_id == opportunity.pipeline_id and one.kind == kind), None)


def _close(ctx: Ctx, opportunity: Opportunity, status: str, stage: Stage, reason: CloseReason,
           closed_on: datetime.date | None, note: str) -> None:
    wanted = CloseReason.Kind.WIN if status == S.WON else CloseReason.Kind.LOSS
    if reason.kind != wanted:
        raise Refused(_("“%(reason)s” is a reason of another kind: choose one of “%(kind)s”.") % {
            "reason": reason, "kind": wanted.label}, field="reason", record=opportunity)
    if closed_on is not None and closed_on > ctx.today:
        raise Refused(_("The day %(day)s lies in the future.") % {"day": closed_on}, field="closed_on", record=opportunity)
    opportunity.closed_from_id, opportunity.stage_id, opportunity.status = opportunity.stage_id, stage.pk, status
    opportunity.close_reason, opportunity.close_note = reason, note
    opportunity.closed_on = closed_on or ctx.today
    opportunity.next_step, opportunity.next_contact_at = "", None
    ctx.save(opportunity)


@action(pgettext_lazy("verb", "Reopen"), when=(S.WON, S.LOST), right="update", icon="rotate")
def reopen_opportunity(ctx: Ctx, opportunity: Opportunity) -> None:
    """Take a closed opportunity up again in the stage it was closed from; what happened stays in its history."""
    stages = ctx.as_system("the stages of the pipeline").find(Stage).filter(
        pipeline_id=opportunity.pipeline_id, kind=Stage.Kind.OPEN)
    stage = stages.filter(pk=opportunity.closed_from_id or 0).first() or stages.order_by("position", "pk").last()
    if stage is None:
        raise Refused(_("The pipeline “%(pipeline)s” has no open stage.") % {"pipeline": opportunity.pipeline},
                      field="stage", record=opportunity)
    opportunity.stage, opportunity.status, opportunity.probability = stage, S.OPEN, None
    opportunity.close_reason = opportunity.closed_from = opportunity.lost_to = None
    opportunity.closed_on, opportunity.close_note = None, ""
    ctx.save(opportunity)


@action(_("Remove stage"), right="delete", icon="trash", danger=True, undo=True,
        inputs={"to": _("Its opportunities go to")})
def retire_stage(ctx: Ctx, stage: Stage, *, to: Stage) -> None:
    """Remove the stage; its opportunities go to another one of the same kind."""
    if to.pk == stage.pk or to.kind != stage.kind:
        raise Refused(_("Choose another stage that is “%(kind)s”.") % {"kind": Stage.Kind(stage.kind).label}, field="to",
                      record=stage)
    system = ctx.as_system("the stage is removed")
    rows = list(system.find(Opportunity).filter(stage=stage).select_for_update(of=("self",)).order_by("pk"))
    for row in rows:
        row.stage = to
    closed = list(system.find(Opportunity).filter(closed_from=stage).select_for_update(of=("self",)).order_by("pk"))
    for row in closed:
        row.closed_from = to
    for _row, refusal in (*ctx.save_all(rows), *ctx.save_all(closed)):
        if refusal is not None:
            raise refusal
    ctx.delete(stage)
