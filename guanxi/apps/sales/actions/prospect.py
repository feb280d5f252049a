"""What one can do with raw data: make a lead of a row, or discard it."""

from django.utils.translation import gettext_lazy as _

from guanxi.apps.sales.models import Lead, Pool, Prospect
from guanxi.common import talk
from guanxi.kernel.api import Ctx, Denied, action, facts

S = Prospect.Status
#: What a prospect and a lead both have.
SHARED = ("company", "person", "job_title", "phone", "email", "website", "industry_id", "address", "requirement",
          "source_id", "note")


@action(_("Make a lead"), when=S.RAW, right="update", icon="user-search", undo=True,
        inputs={"pool": _("Into the pool (empty: it is yours)")})
def qualify_prospect(ctx: Ctx, prospect: Prospect, *, pool: Pool | None = None) -> None:
    """Make a lead of the row: your own, or one that waits in a pool. Comments and files go with it."""
    if not (answer := ctx.may("create", Lead)):
        raise Denied(_("You may not create leads: %(reason)s") % {"reason": answer.reason}, record=prospect)
    lead = Lead(pool=pool, owner_id=None if pool else ctx.user_id)
    for name in SHARED:
        setattr(lead, name, getattr(prospect, name))
    system = ctx.as_system("every field of the row")
    known = {view.key for view in facts.fields(Lead, system) if view.custom}
    lead.extra = {key: value for key, value in prospect.extra.items() if key in known}
    lost = [f"{view.label}: {view.text(view.raw(prospect))}" for view in facts.fields(Prospect, system)
            if view.custom and view.key not in known and view.raw(prospect) not in (None, "", [])]
    lead.note = "\n".join(filter(None, (lead.note, *lost)))
    ctx.save(lead)
    talk.carry(ctx, prospect, lead)
    prospect.status, prospect.lead = S.QUALIFIED, lead
    ctx.save(prospect)


@action(_("Discard"), when=S.RAW, right="update", icon="trash-x", danger=True, inputs={"reason": _("Reason")})
def discard_prospect(ctx: Ctx, prospect: Prospect, *, reason: str) -> None:
    """Say that nothing will come of the row, and why."""
    prospect.status, prospect.discard_note = S.DISCARDED, reason
    ctx.save(prospect)


@action(_("Take up again"), when=S.DISCARDED, right="update", icon="rotate")
def restart_prospect(ctx: Ctx, prospect: Prospect) -> None:
    """Take a discarded row up again."""
    prospect.status, prospect.discard_note = S.RAW, ""
    ctx.save(prospect)
