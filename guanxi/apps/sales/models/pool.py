"""Pools: leads that nobody owns, and the rules by which people may take them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org.models import Department, Membership
from guanxi.apps.sales.models.master import Master, once
from guanxi.kernel.api import About, Ctx, Q, Record, f


class Pool(Master):
    """A public pool: its members see the leads in it and may claim them within its limits."""

    everybody = f.Flag(_("Everybody is a member"))
    daily_claims = f.Integer(_("Claims a day and person"), null=True, help_text=_("Empty: no limit."))
    holding_limit = f.Integer(_("Open leads a person may hold"), null=True, help_text=_("Empty: no limit."))
    cooldown_days = f.Integer(_("Days before the former owner may claim again"), default=0)
    default = f.Flag(_("Used unless another is chosen"))
    note = f.Text(_("Note"))

    about = About(one=_("pool"), many=_("pools"), icon="ripple", title="name",
                  columns=("name", everybody, daily_claims, holding_limit, cooldown_days, default), search=("name",),
                  form=(("name", "position"), (everybody, default), (daily_claims, holding_limit),
                        (cooldown_days,), (note,)),
                  scope="everyone", order="position", match=("name",), side=("history",))

    class Meta(Master.Meta):
        constraints = [
            once("sales_pool_name"),
            models.UniqueConstraint(
                fields=("default",), condition=Q(deleted_at=None, default=True), name="sales_pool_default",
                violation_error_message=_("Another pool is the default already.")),
            models.CheckConstraint(
                condition=(Q(daily_claims=None) | Q(daily_claims__gte=0))
                & (Q(holding_limit=None) | Q(holding_limit__gte=0)) & Q(cooldown_days__gte=0),
                name="sales_pool_limits", violation_error_message=_("A limit is never negative."))]


class PoolMember(Record):
    """A person or a department that sees a pool and may claim from it."""

    pool = f.Link(Pool, _("Pool"))
    user = f.Link(settings.AUTH_USER_MODEL, _("Person"), null=True)
    department = f.Link(Department, _("Department"), null=True)
    may_claim = f.Flag(_("May claim"), default=True)
    manages = f.Flag(_("Hands leads out"))

    renews = True
    about = About(area="", one=_("pool member"), many=_("pool members"), icon="users", title=pool, parent=pool,
                  columns=(pool, user, department, may_claim, manages), filters=(pool, user, department),
                  form=((pool,), (user, department), (may_claim, manages)), scope="everyone", side=("history",))

    class Meta(Record.Meta):
        constraints = [models.CheckConstraint(
            condition=Q(user=None, department__isnull=False) | Q(user__isnull=False, department=None),
            name="sales_poolmember_one", violation_error_message=_("Choose a person or a department, one of them."))]


class PoolMove(Record):
    """A lead was claimed from a pool or given back to it: who, when and why."""

    class Kind(f.Options):
        CLAIM = "claim", _("Claimed")
        HANDED = "handed", _("Handed out")
        RETURN = "return", _("Given back")

    lead = f.Link("sales.Lead", _("Lead"))
    pool = f.Link(Pool, _("Pool"))
    kind = f.Choice(Kind, _("Movement"))
    user = f.Link(settings.AUTH_USER_MODEL, _("Person"))
    reason = f.Name(_("Reason"), blank=True)

    about = About(one=_("pool movement"), many=_("pool movements"), icon="arrows-exchange", area="", title=lead,
                  parent=lead, columns=("created_at", lead, pool, kind, user, reason), filters=(pool, kind, user),
                  verbs=("view", "export"), side=())

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes,
                   models.Index(fields=("user", "kind", "created_at"), name="sales_poolmove_user")]


def pools_of(ctx: Ctx, right: str = "") -> frozenset[int]:
    """The pools of which the actor is a member; with ``right`` those in which the member may claim or hand out."""
    system = ctx.as_system("the members of pools")

    def work_out() -> frozenset[int]:
        units = set(system.find(Membership).filter(user=ctx.user).values_list("department_id", flat=True))
        above = dict(system.find(Department).values_list("pk", "parent_id"))
        waiting = list(units)
        while waiting:
            if (parent := above.get(waiting.pop())) is not None and parent not in units:
                units.add(parent)
                waiting.append(parent)
        members = system.find(PoolMember).filter(Q(user_id=ctx.user_id) | Q(department_id__in=units))
        found = set((members.filter(**{right: True}) if right else members).values_list("pool_id", flat=True))
        if right != "manages":
            found |= set(system.find(Pool).filter(everybody=True).values_list("pk", flat=True))
        return frozenset(found)

    pools: frozenset[int] = ctx.remembered(("sales pools", ctx.user_id, right), work_out)
    return pools
