"""Who is asked: superiors, roles, heads of departments — without those who have left, and with those who stand in."""

from collections.abc import Iterable
from typing import Any, Protocol

from django.contrib.auth import get_user_model

from guanxi.kernel.api import Ctx, policy
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalStep, Delegation

#: So far a line of superiors or of stand-ins is followed.
FARTHEST = 20


class Ladder(Protocol):
    """What approvals must know about the organisation; the product tells it at start."""

    def superior(self, user_id: int) -> int | None:
        """The person's superior."""

    def head(self, user_id: int) -> int | None:
        """The head of the person's department, or of the one above where the person is the head."""


class _Flat:
    """Without an organisation nobody stands above anybody."""

    def superior(self, user_id: int) -> int | None:
        return None

    def head(self, user_id: int) -> int | None:
        return None


_ladder: list[Ladder] = [_Flat()]


def use_ladder(ladder: Ladder) -> None:
    """Called once at start by whoever knows superiors and departments."""
    _ladder[0] = ladder


def system(ctx: Ctx) -> Ctx:
    """Who is asked does not depend on whom the requester may see."""
    return ctx.as_system("who is asked for approval")


def superiors(user_id: int, up_to: int = FARTHEST) -> list[int]:
    """The line of superiors, the nearest first. A ring ends it."""
    found: list[int] = []
    above = _ladder[0].superior(user_id)
    while above is not None and above not in (*found, user_id) and len(found) < up_to:
        found.append(above)
        above = _ladder[0].superior(above)
    return found


def able(ctx: Ctx, ids: Iterable[int | None]) -> list[Any]:
    """Those of the people who are still here and may look at requests, in the order given, each once."""
    wanted = list(dict.fromkeys(pk for pk in ids if pk))
    rows = {row.pk: row for row in system(ctx).find(get_user_model()).filter(pk__in=wanted, is_active=True)}
    return [rows[pk] for pk in wanted if pk in rows and policy.may(Ctx(user=rows[pk]), ApprovalRequest, "view")]


def holders(ctx: Ctx, role_id: int | None) -> list[int]:
    """Everybody with a role."""
    rows = system(ctx).find(policy.Holding).filter(role_id=role_id or 0, role__deleted_at=None)
    return list(rows.order_by("user_id").values_list("user_id", flat=True))


def administrators(ctx: Ctx) -> list[int]:
    rows = system(ctx).find(policy.Holding).filter(role__administrator=True, role__deleted_at=None)
    return list(rows.order_by("user_id").values_list("user_id", flat=True))


def rounds(ctx: Ctx, step: ApprovalStep, requester_id: int) -> list[list[int]]:
    """The people of a step; a chain of superiors is one round for each of them."""
    kinds = ApprovalStep.Kind
    match step.kind:
        case kinds.PEOPLE:
            return [[*filter(None, [step.person_id]), *map(int, step.people)]]
        case kinds.SUPERIOR:
            line = superiors(requester_id, step.level)
            return [line[step.level - 1:]]
        case kinds.CHAIN:
            return [[one] for one in superiors(requester_id, step.level)] or [[]]
        case kinds.ROLE:
            return [holders(ctx, step.role_id)]
        case kinds.HEAD:
            head = _ladder[0].head(requester_id)
            return [[head] if head else []]
    return [[]]


def instead(ctx: Ctx, user_id: int, barred: int | None) -> tuple[int, int | None]:
    """Who is asked today in place of a person, and in whose place; a ring of stand-ins leads to the person."""
    now, seen = user_id, {user_id}
    while len(seen) < FARTHEST:
        row = system(ctx).find(Delegation).filter(
            owner_id=now, since__lte=ctx.today, until__gte=ctx.today).order_by("-since", "-pk").first()
        if row is None or row.to_id in seen or row.to_id == barred or not able(ctx, [row.to_id]):
            break
        now = row.to_id
        seen.add(now)
    return now, user_id if now != user_id else None


def fit(ctx: Ctx, step: ApprovalStep | None, ids: Iterable[int | None], barred: int | None) -> list[Any]:
    """Those who can be asked, without the one who may not decide; failing these the fallback, then administrators."""
    choices: list[Any] = [lambda: ids]
    if step is not None:
        choices += [lambda: [step.fallback_person_id], lambda: holders(ctx, step.fallback_role_id)]
    if step is None or step.nobody == ApprovalStep.Nobody.ASK:
        choices.append(lambda: administrators(ctx))
    for choice in choices:
        if found := [row for row in able(ctx, choice()) if row.pk != barred]:
            return found
    return []
