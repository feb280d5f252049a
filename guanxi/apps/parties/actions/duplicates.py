"""The one duplicate check: the same answer while typing, on import, over the API and on the page of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from guanxi.apps.org.models import Membership
from guanxi.apps.parties.models import Contact, Identity, Recognised
from guanxi.apps.parties.reasons import REASONS
from guanxi.apps.parties.rules.identity import LIKELY, SAME, Match, block_keys, same_score
from guanxi.common import searching
from guanxi.kernel.api import Ctx, Record, registry

#: Records compared for one question; those that share most keys are compared first.
COMPARED = 200


@dataclass(frozen=True)
class Hit:
    """A record that may be the same, as far as the asker may know it: no contact data of records out of reach."""

    object: str
    pk: int
    score: float
    reasons: tuple[Any, ...]
    visible: bool
    title: str
    standing: Any
    owner: str
    department: str
    last_active: str
    kind: str
    owned: bool
    record: Any = None

    @property
    def same(self) -> bool:
        return self.score >= SAME

    @property
    def why(self) -> str:
        return " · ".join(str(reason) for reason in self.reasons)


def recognised() -> list[type[Record]]:
    """Every object that takes part, of this app and of those above."""
    return [model for model in registry.objects() if issubclass(model, Recognised)]


def find_duplicates(ctx: Ctx, asked: Sequence[Identity] | Identity, models: Iterable[type[Record]] = (), *,
                    without: Record | None = None, customer_id: int | None = None, limit: int = 10,
                    least: float = LIKELY) -> list[Hit]:
    """Records that may be the same company or person with at least some certainty, best first, whoever owns them."""
    identities = [asked] if isinstance(asked, Identity) else list(asked)
    keys = set().union(*map(block_keys, identities)) if identities else set()
    at_customer: set[str] = set()
    if customer_id:
        at_customer = {key for one in identities if one.person
                       for key in Contact(name=one.name, customer_id=customer_id).colleague_keys()}
    wanted = {model._meta.label_lower: model for model in (models or recognised())}
    if not (keys or at_customer):
        return []
    found: list[tuple[Match, Any]] = []
    near = searching.sharing(keys | at_customer, wanted, COMPARED)
    for name, ids in near.items():
        for row in ctx.as_system("duplicate check").find(wanted[name]).filter(pk__in=ids):
            if without is None or (row.pk, type(row)) != (without.pk, type(without)):
                match = best_match(identities, row, at_customer)
                if match.score >= least:
                    found.append((match, row))
    found.sort(key=lambda pair: (-pair[0].score, -pair[1].pk))
    return _shown(ctx, found[:limit])


def colleague_keys(row: Any) -> set[str]:
    """The key of a contact that a namesake at the same customer has too."""
    return row.colleague_keys() if isinstance(row, Contact) else set()


def best_match(identities: Sequence[Identity], row: Any, at_customer: set[str]) -> Match:
    """The best fit of any of the names asked for with any of the names the record goes by."""
    pairs = [(mine, its) for mine in identities for its in (row.identity, *row.aliases)]
    found = [same_score(mine, its) for mine, its in pairs]
    if at_customer & colleague_keys(row):
        found.append(Match(0.9, ("name", "company")))
    return max(found, key=lambda one: one.score)


def _shown(ctx: Ctx, found: list[tuple[Match, Any]]) -> list[Hit]:
    """What the asker may know: two queries per object at most, however many hits there are."""
    by_model: dict[type[Record], set[int]] = {}
    for _fit, row in found:
        by_model.setdefault(type(row), set()).add(row.pk)
    mine = {(model, pk) for model, ids in by_model.items()
            for pk in ctx.find(model).filter(pk__in=ids).values_list("pk", flat=True)}
    owners, departments = _people(ctx, {row.owner_id for _fit, row in found if row.owner_id})
    hits = []
    for match, row in found:
        visible = (type(row), row.pk) in mine
        last = getattr(row, "last_follow_up_at", None) or row.updated_at
        hits.append(Hit(
            object=row._meta.label_lower, pk=row.pk, score=match.score, visible=visible, title=str(row),
            reasons=tuple(REASONS[one] for one in match.reasons), standing=row.standing,
            owner=owners.get(row.owner_id, "") if visible else "", department=departments.get(row.owner_id, ""),
            last_active=last.strftime("%Y-%m"), kind=str(row.about.one), owned=row.owner_id is not None,
            record=row if visible else None))
    return hits


def _people(ctx: Ctx, ids: set[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Names and main departments of owners, in one query."""
    rows = ctx.as_system("duplicate check").find(Membership).filter(user_id__in=ids).order_by("main", "pk")
    names: dict[int, str] = {}
    departments: dict[int, str] = {}
    for user, name, department in rows.values_list("user_id", "user__name", "department__name"):
        names[user], departments[user] = name, department
    return names, departments
