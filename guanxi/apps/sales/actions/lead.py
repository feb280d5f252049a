"""What one can do with a lead, and how pools give leads out: one winner, and limits that hold."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.org.models import User
from guanxi.apps.sales import rules
from guanxi.apps.sales.models import CloseReason, Lead, Pool, PoolMove
from guanxi.apps.sales.models.pool import pools_of
from guanxi.kernel.api import Answer, Ctx, Denied, Refused, action

S = Lead.Status
ALIVE = (S.NEW, S.CONTACTED, S.QUALIFIED)


@action(_("Contacted"), when=S.NEW, icon="phone-check")
def contact_lead(ctx: Ctx, lead: Lead) -> None:
    """Note that somebody has spoken with the lead."""
    lead.status = S.CONTACTED
    ctx.save(lead)


@action(_("Qualify"), when=(S.NEW, S.CONTACTED), icon="check")
def qualify_lead(ctx: Ctx, lead: Lead) -> None:
    """Note that the lead has a need that we can meet."""
    lead.status = S.QUALIFIED
    ctx.save(lead)


@action(_("Give up"), when=ALIVE, icon="x", danger=True,
        inputs={"reason": _("Reason"), "note": _("Note")})
def disqualify_lead(ctx: Ctx, lead: Lead, *, reason: CloseReason, note: str = "") -> None:
    """Give the lead up, and say why."""
    if reason.kind != CloseReason.Kind.LEAD:
        raise Refused(_("“%(reason)s” is no reason for giving up a lead.") % {"reason": reason}, field="reason")
    lead.status, lead.lost_reason = S.DISQUALIFIED, reason
    lead.note = "\n".join(filter(None, (lead.note, note)))
    ctx.save(lead)


@action(pgettext_lazy("verb", "Reopen"), when=S.DISQUALIFIED, icon="rotate")
def reopen_lead(ctx: Ctx, lead: Lead) -> None:
    """Take a lead up again that was given up."""
    lead.status, lead.lost_reason = S.CONTACTED, None
    ctx.save(lead)


def waits(lead: Lead) -> Answer:
    """Does the lead wait in a pool?"""
    return Answer(lead.in_pool, "" if lead.in_pool else _("The lead does not wait in a pool."))


def held(lead: Lead) -> Answer:
    """Has the lead an owner?"""
    return Answer(lead.owner_id is not None, "" if lead.owner_id else _("The lead has no owner."))


@action(_("Claim"), when=ALIVE, where=waits, right="view", icon="hand-grab")
def claim_lead(ctx: Ctx, lead: Lead) -> None:
    """Take the lead out of the pool for yourself."""
    pool = ctx.as_system("the limits of the pool").get(Pool, lead.pool_id)
    if ctx.user_id is None or pool.pk not in pools_of(ctx, "may_claim"):
        raise Denied(_("You may not claim from the pool “%(pool)s”.") % {"pool": pool}, record=lead)
    if not (answer := ctx.may("update", Lead)):
        raise Denied(_("You may not work on leads: %(reason)s") % {"reason": answer.reason}, record=lead)
    _check_limits(ctx, pool, lead, ctx.user_id)
    _give(ctx, lead, pool, ctx.user_id, PoolMove.Kind.CLAIM)


def _check_limits(ctx: Ctx, pool: Pool, lead: Lead, me: int) -> None:
    """What a person may still take. The person's own claims wait for one another, so parallel ones are counted."""
    system = ctx.as_system("the limits of the pool")
    list(system.find(User).select_for_update(no_key=True).filter(pk=me).values_list("pk", flat=True))
    today = timezone.make_aware(datetime.datetime.combine(ctx.today, datetime.time.min))
    claimed = system.find(PoolMove).filter(
        pool=pool, user_id=me, kind=PoolMove.Kind.CLAIM, created_at__gte=today).count()
    if rules.claims_left(pool.daily_claims, claimed) == 0:
        raise Refused(_("You have claimed %(count)s leads from “%(pool)s” today: no more are allowed a day.") % {
            "count": claimed, "pool": pool}, record=lead)
    holding = system.find(Lead).filter(pool=pool, owner_id=me, status__in=ALIVE).count()
    if rules.claims_left(pool.holding_limit, holding) == 0:
        raise Refused(_("You hold %(count)s open leads from “%(pool)s”: convert, give up or return one first.") % {
            "count": holding, "pool": pool}, record=lead)
    free = rules.free_again(lead.pool_since, pool.cooldown_days) if lead.former_owner_id == me else None
    if free is not None and free > ctx.now:
        raise Refused(_("“%(lead)s” was yours before: you may claim it again from %(moment)s on.") % {
            "lead": lead, "moment": timezone.localtime(free).strftime("%Y-%m-%d %H:%M")}, record=lead)


def _give(ctx: Ctx, lead: Lead, pool: Pool, user_id: int, kind: str) -> None:
    lead.owner_id, lead.pool_since = user_id, None
    ctx.save(lead)
    ctx.save(PoolMove(lead=lead, pool=pool, kind=kind, user_id=user_id, owner_id=user_id))


@action(_("Hand out"), when=ALIVE, where=waits, right="view", icon="user-share", inputs={"to": _("Person")})
def hand_out_lead(ctx: Ctx, lead: Lead, *, to: User) -> None:
    """Give the lead out of the pool to a person; for those who look after the pool."""
    pool = ctx.as_system("the limits of the pool").get(Pool, lead.pool_id)
    if pool.pk not in pools_of(ctx, "manages") and not ctx.rights.administrator:
        raise Denied(_("You do not look after the pool “%(pool)s”.") % {"pool": pool}, record=lead)
    if not to.is_active:
        raise Refused(_("%(person)s is deactivated.") % {"person": to}, field="to")
    _give(ctx, lead, pool, to.pk, PoolMove.Kind.HANDED)


@action(_("Return to a pool"), when=ALIVE, where=held, right="update", icon="ripple", undo=True,
        inputs={"pool": _("Pool"), "reason": _("Reason")})
def return_lead(ctx: Ctx, lead: Lead, *, pool: Pool, reason: str) -> None:
    """Give the lead back to a pool, and say why; its state stays as it is."""
    former = lead.owner_id or 0
    lead.former_owner_id, lead.owner_id = former, None
    lead.pool, lead.pool_since, lead.next_contact_at = pool, ctx.now, None
    ctx.save(lead)
    ctx.save(PoolMove(lead=lead, pool=pool, kind=PoolMove.Kind.RETURN, user_id=former, owner_id=former, reason=reason))
