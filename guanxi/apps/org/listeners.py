"""What the organisation never allows: a company without an administrator, rings of superiors or of departments."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.org.models import Company, Department, User
from guanxi.apps.org.tree import Organisation, below
from guanxi.kernel.api import Ctx, Record, Refused, after, policy

policy.use_directory(Organisation())


def one_at_a_time(ctx: Ctx) -> Ctx:
    """Changes of the organisation's order wait for one another here; returns the right to look at all of it."""
    system = ctx.as_system("the rules of the organisation")
    list(system.find(Company).select_for_update(no_key=True).values_list("pk", flat=True))
    return system


def administrators(system: Ctx) -> set[int]:
    """Ids of those who hold a role of an administrator and may sign in."""
    roles = system.find(policy.Role).filter(administrator=True)
    holders = system.find(policy.Holding).filter(role__in=roles).values("user_id")
    return set(system.find(User).filter(pk__in=holders, is_active=True).values_list("pk", flat=True))


def changed(ctx: Ctx, record: Record, *names: str) -> bool:
    """Has this transaction changed one of these fields of the record?"""
    return any(entry.object_id == record.pk and any(name in entry.changes for name in names)
               for entry in ctx.unit.entries if entry.object_type == policy.object_name(record))


def keep_an_administrator(ctx: Ctx, record: Record | None, _value: Any = None) -> None:
    """After every change that could take the last administrator away: somebody must be left who can put things right."""
    if isinstance(record, policy.Role) and not changed(ctx, record, "administrator", "deleted_at"):
        return
    if not administrators(one_at_a_time(ctx)):
        raise Refused(_("Nobody would be left who may administer the system. Make somebody else an administrator first."),
                      record=record)


for _verb in ("update", "delete"):
    after(policy.Role, _verb)(keep_an_administrator)
    after(policy.Holding, _verb)(keep_an_administrator)
for _verb in ("delete", "deactivate", "revoke"):
    after(User, _verb)(keep_an_administrator)


@after(User, "update")
def no_ring_of_superiors(ctx: Ctx, user: User, _value: Any = None) -> None:
    """Nobody is their own superior, not even through others."""
    if user.superior_id is None or not changed(ctx, user, "superior"):
        return
    system = one_at_a_time(ctx)
    if user.superior_id in below([user.pk], system.find(User).exclude(superior=None).values_list("pk", "superior_id")):
        raise Refused(_("“%(person)s” would be their own superior.") % {"person": user}, field="superior", record=user)


@after(Department, "update")
def no_ring_of_departments(ctx: Ctx, department: Department, _value: Any = None) -> None:
    """No department stands below itself."""
    if department.parent_id is None or not changed(ctx, department, "parent"):
        return
    system = one_at_a_time(ctx)
    if department.parent_id in below([department.pk], system.find(Department).values_list("pk", "parent_id")):
        raise Refused(_("“%(department)s” would stand below itself.") % {"department": department}, field="parent",
                      record=department)
