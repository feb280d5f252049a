"""Taking somebody off a deal: whoever may change the entry may take it away; it waits in the recycle bin."""

from django.utils.translation import gettext_lazy as _

from guanxi.apps.sales.models import OpportunityCompetitor, OpportunityContact, OpportunityMember
from guanxi.kernel.api import Ctx, action


@action(_("Take off the deal"), verb="remove", right="update", icon="user-minus", undo=True)
def remove_contact(ctx: Ctx, contact: OpportunityContact) -> None:
    """Take the contact off the opportunity; the contact itself stays."""
    ctx.delete(contact)


@action(_("Take off the deal"), verb="remove", right="update", icon="user-minus", undo=True)
def remove_member(ctx: Ctx, member: OpportunityMember) -> None:
    """Take the colleague off the team."""
    ctx.delete(member)


@action(_("Take off the deal"), verb="remove", right="update", icon="circle-minus", undo=True)
def remove_competitor(ctx: Ctx, competitor: OpportunityCompetitor) -> None:
    """Take the competitor off the opportunity; the competitor itself stays."""
    ctx.delete(competitor)
