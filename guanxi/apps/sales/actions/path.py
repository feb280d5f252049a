"""Where a deal has been and who is missing: days per stage, buying influences nobody covers."""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from guanxi.apps.sales import rules
from guanxi.apps.sales.models import Opportunity, OpportunityContact, Stage
from guanxi.apps.sales.models.influence import Influence
from guanxi.common import past
from guanxi.kernel.api import Ctx


@dataclass(frozen=True)
class StageStay:
    """One stage on the path of a deal. ``over`` says that the deal has stayed too long altogether."""

    stage: Stage
    days: float
    visits: int
    now: bool
    over: bool


def stage_days(ctx: Ctx, opportunity: Opportunity) -> list[StageStay]:
    """How long the opportunity stood in each stage, in the order in which it came there."""
    changes = [(change.new, change.at) for change in past.states_of(opportunity, "stage") if change.new]
    found = rules.stays(changes, opportunity.created_at, _end(ctx, opportunity))
    wanted = [int(stay.stage) for stay in found]
    stages = {str(one.pk): one for one in ctx.as_system("the names of stages").find(Stage).filter(pk__in=wanted)}
    return [StageStay(stages[stay.stage], stay.days, stay.visits, stay.now,
                      over=bool(stages[stay.stage].dwell_days) and stay.days > (stages[stay.stage].dwell_days or 0))
            for stay in found if stay.stage in stages]


def _end(ctx: Ctx, opportunity: Opportunity) -> datetime.datetime:
    """Until when days count: now, or the moment of closing; of what was brought in closed only the day is known."""
    if opportunity.status == Opportunity.Status.OPEN or opportunity.closed_on is None:
        return ctx.now
    closings = [change.at for change in past.states_of(opportunity, "status") if change.old and change.new != "open"]
    return closings[-1] if closings else timezone.make_aware(
        datetime.datetime.combine(opportunity.closed_on, datetime.time.min))


def missing_influences(ctx: Ctx, opportunity: Opportunity) -> list[str]:
    """The buying influences that none of the opportunity's contacts has, by their names."""
    rows = ctx.find(OpportunityContact).filter(opportunity=opportunity).values_list("roles", flat=True)
    return [str(Influence(role).label) for role in rules.missing_influences(rows, Influence.values)]
