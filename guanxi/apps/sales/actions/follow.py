"""Leads and opportunities take part in daily work: follow-ups, planned activities, reminders of the next contact."""

from collections.abc import Iterable

from guanxi.apps.sales.models import Lead, Opportunity
from guanxi.apps.work.actions import remind_of_next_contact, subject
from guanxi.kernel.api import Ctx, Record


def came_from(opportunity: Opportunity) -> Iterable[Record]:
    """The leads that became this opportunity: what was done with them is shown with it."""
    return Ctx(system=True, reason="activities of the leads").find(Lead).filter(opportunity=opportunity).only("pk")


subject(Lead, customer=lambda lead: lead.customer_id, contact=lambda lead: lead.contact_id)
subject(Opportunity, customer=lambda deal: deal.customer_id, also=came_from)
remind_of_next_contact(Lead)
remind_of_next_contact(Opportunity)
