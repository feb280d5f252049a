"""What follows in sales: the team may open its deal, and the coach flag is kept."""

from typing import Any

from guanxi.apps.sales.actions.people import remove_contact, remove_member
from guanxi.apps.sales.models import Opportunity, OpportunityContact, OpportunityMember
from guanxi.apps.sales.models.influence import Influence
from guanxi.kernel.api import Ctx, after, policy

NAME = "sales.opportunity"


@after(OpportunityContact, "create")
@after(OpportunityContact, "update")
@after(OpportunityContact, "delete")
@after(remove_contact)
@after(OpportunityContact, "restore")
def keep_coach_flag(ctx: Ctx, contact: OpportunityContact, _value: Any) -> None:
    """An opportunity knows whether one of its contacts is a coach."""
    system = ctx.as_system("the coach flag")
    rows = system.find(OpportunityContact).filter(opportunity_id=contact.opportunity_id)
    has_coach = any(Influence.COACH in roles for roles in rows.values_list("roles", flat=True))
    opportunity = system.find(Opportunity).filter(pk=contact.opportunity_id).first()
    if opportunity is not None and opportunity.has_coach != has_coach:
        opportunity.has_coach = has_coach
        ctx.save(opportunity)


@after(OpportunityMember, "create")
@after(OpportunityMember, "restore")
def let_in(ctx: Ctx, member: OpportunityMember, _value: Any) -> None:
    """A colleague of the team may see and change the opportunity."""
    if not _shares(ctx, member).exists():
        ctx.save(policy.Share(object_type=NAME, object_id=member.opportunity_id, user_id=member.user_id,
                              level=policy.Share.Level.WRITE))


@after(OpportunityMember, "delete")
@after(remove_member)
def let_out(ctx: Ctx, member: OpportunityMember, _value: Any) -> None:
    """Who leaves the team has no more right by it."""
    for share in _shares(ctx, member):
        ctx.delete(share)


def _shares(ctx: Ctx, member: OpportunityMember) -> Any:
    return ctx.as_system("the team").find(policy.Share).filter(
        object_type=NAME, object_id=member.opportunity_id, user_id=member.user_id)
