"""Whom a saved view is shown to: its owner, everyone, one role, or a group that an app knows, such as a department.

Sharing shows a way of looking at a list, never rows: everybody sees through it what their own rights give.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel import policy
from guanxi.kernel.api import Ctx
from guanxi.kernel.policy import Role
from guanxi.kernel.records import Record, object_name

ME, EVERYONE = "me", "everyone"
Named = Iterable[tuple[int, str]]


@dataclass(frozen=True)
class Group:
    """A kind of group: all there are, by id and name, and the ids of those the actor belongs to."""

    kind: str
    label: Any
    every: Callable[[Ctx], Named]
    mine: Callable[[Ctx], Iterable[int]]


_groups: dict[str, Group] = {}


def group(kind: str, label: Any, every: Callable[[Ctx], Named], mine: Callable[[Ctx], Iterable[int]]) -> None:
    """Called once at start by an app: views can be shown to groups of this kind; ``mine`` must be cheap."""
    _groups[kind] = Group(kind, label, every, mine)


group("role", gettext_lazy("Role"),
      lambda ctx: ((role.pk, role.name) for role in ctx.as_system("roles to choose from").find(Role).order_by("sort_key")),
      lambda ctx: (role.pk for role in ctx.rights.roles))


def reached(ctx: Ctx) -> list[str]:
    """Every audience the actor is part of."""
    return [EVERYONE, *(f"{one.kind}:{pk}" for one in _groups.values() for pk in one.mine(ctx))]


def choices(ctx: Ctx, model: type[Record]) -> list[tuple[str, str, str]]:
    """Whom the actor may show a view of a list to. Administrators all; others, where they see more than their own
    rows, the groups they belong to."""
    found = [(ME, _("only me"), "")]
    if ctx.rights.administrator:
        found.append((EVERYONE, _("everyone"), ""))
    elif not _sees_others(ctx, model):
        return found
    for one in _groups.values():
        own = set(one.mine(ctx))
        found += [(f"{one.kind}:{pk}", f"{one.label}: {name}", "") for pk, name in one.every(ctx)
                  if ctx.rights.administrator or pk in own]
    return found


def _sees_others(ctx: Ctx, model: type[Record]) -> bool:
    reach = ctx.rights.reach(ctx.rights.grants(object_name(model), "view"))
    return reach is None or bool(reach - {ctx.user_id}) or policy.rows(ctx, model).q is None
