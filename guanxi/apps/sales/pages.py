"""The cards of an opportunity's page: who decides, who sells against us, how long it stood where."""

from typing import Any

from django.utils.translation import gettext as _

from guanxi.apps.parties.models import Contact
from guanxi.apps.sales.actions import missing_influences, stage_days
from guanxi.apps.sales.models import Opportunity, OpportunityCompetitor, OpportunityContact, Stage
from guanxi.kernel.api import Ctx
from guanxi.surfaces.web import addresses
from guanxi.surfaces.web.panels import panel

Made = dict[str, Any] | None
#: Rows that a card shows.
MOST = 12
_TONES = {"-2": "red", "-1": "orange", "0": "grey", "1": "teal", "2": "green", "ahead": "red", "level": "orange",
          "behind": "green"}


@panel("buying influences", on=Opportunity, place="side", order=20)
def influences(ctx: Ctx, record: Opportunity, request: Any) -> Made:
    """The contacts of the deal with their roles and attitudes, and which influence nobody covers."""
    rows = list(ctx.find(OpportunityContact).filter(opportunity=record).select_related("contact").order_by("pk")[:MOST])
    seen = set(ctx.find(Contact).filter(pk__in=[row.contact_id for row in rows]).values_list("pk", flat=True))
    roles = OpportunityContact._meta.get_field("roles")
    cards: list[dict[str, Any]] = [{
        "title": str(row.contact) if row.contact_id in seen else _("(no access)"), "subtitle": roles.text(row.roles),
        "user": str(row.contact) if row.contact_id in seen else "",
        "url": addresses.record_url(OpportunityContact, row.pk),
        "badge": {"text": row.get_attitude_display(), "tone": _TONES[row.attitude]}} for row in rows]
    missing = missing_influences(ctx, record) if record.status == Opportunity.Status.OPEN else []
    if missing:
        cards.append({"title": _("Still missing"), "subtitle": ", ".join(missing), "url": "",
                      "badge": {"text": _("No coach yet"), "tone": "red"} if not record.has_coach else None})
    return {"title": _("Buying influences"), "icon": "affiliate", "rows": cards, "count": len(rows)} if cards else None


@panel("competitors", on=Opportunity, place="side", order=30)
def competitors(ctx: Ctx, record: Opportunity, request: Any) -> Made:
    """Who sells against us in this deal, how they stand, and which influences they hold."""
    found = ctx.find(OpportunityCompetitor).filter(opportunity=record).select_related("competitor").order_by("pk")
    holds = OpportunityCompetitor._meta.get_field("holds")
    cards = [{"title": str(row.competitor), "subtitle": holds.text(row.holds),
              "url": addresses.record_url(OpportunityCompetitor, row.pk),
              "badge": {"text": row.get_position_display(), "tone": _TONES.get(row.position, "grey")}}
             for row in found[:MOST]]
    return {"title": _("Competitors"), "icon": "swords", "rows": cards, "count": len(cards)} if cards else None


@panel("days per stage", on=Opportunity, place="side", order=60)
def stages(ctx: Ctx, record: Opportunity, request: Any) -> Made:
    """How long the deal stood in each stage, and where it stood too long."""
    cards = [{"title": str(stay.stage), "url": addresses.record_url(Stage, stay.stage.pk),
              "subtitle": _("%(count)s visits") % {"count": stay.visits} if stay.visits > 1 else "",
              "amount": _("%(count)s days") % {"count": int(stay.days)},
              "badge": {"text": _("too long"), "tone": "red"} if stay.over else None} for stay in stage_days(ctx, record)]
    return {"title": _("Days per stage"), "icon": "stairs", "rows": cards, "count": len(cards)} if cards else None
