"""The cards of an opportunity's page: who decides, who sells against us, how long it stood where."""

from typing import Any

from django.utils.translation import gettext as _

from guanxi.apps.parties.models import Contact
from guanxi.apps.sales.actions import missing_influences, stage_days
from guanxi.apps.sales.figures import no_next_step
from guanxi.apps.sales.models import Opportunity, OpportunityCompetitor, OpportunityContact, Stage
from guanxi.kernel.api import Ctx, facts, finding
from guanxi.surfaces.web import addresses
from guanxi.surfaces.web.panels import block, feature, panel
from guanxi.surfaces.web.question import written
from guanxi.surfaces.web.templatetags.web import day_words

Made = dict[str, Any] | None
#: Rows that a card shows.
MOST = 12
#: Deals on the home page.
DEALS = 6
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


feature("sales.pipeline", "sales.forecast", "sales.won_month_amount", "sales.won_month_count", "sales.open",
        "sales.too_long")


@block("deals to move", order=20, areas=("sales",))
def deals(ctx: Ctx, request: Any) -> Made:
    """One's own open deals for which nothing is arranged or whose next contact is overdue, the largest first."""
    if not ctx.may("view", Opportunity):
        return None
    tree = {"all": [["owner", "in", ["me"]], no_next_step.tree]}
    found = finding.select(ctx, Opportunity, tree=tree)
    rows = list(found.order_by("-amount", "-id")[:DEALS + 1])
    if not rows:
        return None
    amount = Opportunity._meta.get_field("amount")
    seen = {view.key for view in facts.fields(Opportunity, ctx) if not view.masked}
    return {"title": _("Deals that need a step"), "icon": "target-arrow", "empty": "", "rows": [{
        "title": str(row), "url": addresses.record_url(Opportunity, row.pk),
        "log_url": addresses.log_url(Opportunity, row.pk),
        "amount": amount.text(row.amount) if row.amount is not None and "amount" in seen else "",
        "subtitle": row.next_step or _("Nothing is arranged."), "late": row.next_contact_at is not None,
        "when_text": day_words(row.next_contact_at) if row.next_contact_at else ""} for row in rows[:DEALS]],
        "all_url": addresses.list_url(Opportunity, view="all", f=written(tree)) if len(rows) > DEALS else ""}
