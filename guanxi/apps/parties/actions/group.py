"""Company groups: everything above and below a customer, whatever the depth, in one query each."""

from dataclasses import dataclass
from typing import Any

from django.db.models.expressions import RawSQL

from guanxi.apps.parties.models import Customer
from guanxi.apps.parties.rules import tree
from guanxi.kernel.api import Ctx

#: Companies of a group that a page shows.
SHOWN = 300


def _up(pk: int) -> RawSQL:
    """The companies above one. UNION drops what was there, so a ring ends."""
    return RawSQL("""WITH RECURSIVE up(id, above) AS (
        SELECT id, parent_company_id FROM parties_customer WHERE id = %s
        UNION SELECT c.id, c.parent_company_id FROM parties_customer c JOIN up ON c.id = up.above)
        SELECT above FROM up WHERE above IS NOT NULL""", [pk])


def _down(pk: int) -> RawSQL:
    """A company and those below it. With IN rather than =, SQLite asks the index and does not read the whole table."""
    return RawSQL("""WITH RECURSIVE down(id) AS (
        SELECT id FROM parties_customer WHERE id = %s
        UNION SELECT c.id FROM parties_customer c JOIN down ON c.parent_company_id IN (down.id)
        WHERE c.deleted_at IS NULL) SELECT id FROM down""", [pk])


@dataclass(frozen=True)
class Line:
    """A company of a group as a page shows it; one out of sight has no title."""

    pk: int
    depth: int
    title: str
    here: bool
    owner_id: int | None = None
    record: Any = None


def above(ctx: Ctx, customer: Customer) -> set[int]:
    """Ids of every company above a customer; in a ring also its own."""
    rows = ctx.as_system("company group").find(Customer).filter(pk__in=_up(customer.pk))
    return set(rows.values_list("pk", flat=True))


def top_of(ctx: Ctx, customer: Customer) -> int:
    """The company at the top of the group."""
    if customer.parent_company_id is None:
        return customer.pk
    ids = above(ctx, customer)
    pairs = dict(ctx.as_system("company group").find(Customer).filter(pk__in=ids | {customer.pk}).values_list(
        "pk", "parent_company_id"))
    chain = tree.chain(customer.pk, {key: value for key, value in pairs.items() if value in pairs})
    return chain[-1] if chain else customer.pk


def members(ctx: Ctx, top: int) -> Any:
    """The companies of the group below and including one that the actor may see: what figures of a group add up over."""
    return ctx.find(Customer).filter(pk__in=_down(top))


def lines(ctx: Ctx, customer: Customer) -> list[Line]:
    """The whole group of a customer from the top down, in four queries; in one for a company that stands alone."""
    top = top_of(ctx, customer)
    group = ctx.as_system("company group").find(Customer).filter(pk__in=_down(top)).order_by("sort_key", "pk")
    rows = list(group.values_list("pk", "parent_company_id")[:SHOWN])
    if len(rows) < 2:
        return [Line(customer.pk, 0, str(customer), True, customer.owner_id, customer)]
    seen = {row.pk: row for row in ctx.find(Customer).filter(pk__in=[pk for pk, _above in rows])}
    return [Line(pk, depth, str(seen[pk]) if pk in seen else "", pk == customer.pk,
                 seen[pk].owner_id if pk in seen else None, seen.get(pk))
            for pk, depth in tree.flat(tree.grown(top, rows))]
