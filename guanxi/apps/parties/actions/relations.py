"""Relations of a customer, read from its own side, and where to draw them."""

import math
from dataclasses import dataclass
from typing import Any

from guanxi.apps.parties.models import Customer, Relation
from guanxi.kernel.api import Ctx, Q

#: Customers drawn around one.
AROUND = 16


@dataclass(frozen=True)
class Tie:
    """Another customer, how it belongs to this one, and nothing of its name where it is out of sight."""

    pk: int
    words: str
    title: str
    since: Any
    until: Any


@dataclass(frozen=True)
class Spot:
    """A place in the drawing, in its own units."""

    tie: Tie
    x: int
    y: int
    middle_x: int
    middle_y: int
    label: str


def neighbours(ctx: Ctx, customer: Customer) -> list[Tie]:
    """The customers that have to do with this one, in two queries; the words fit the side they are read from."""
    rows = list(ctx.as_system("relations read from both sides").find(Relation).filter(
        Q(customer=customer) | Q(other=customer)).select_related("kind").order_by("pk")[:AROUND])
    wanted = {row.other_id if row.customer_id == customer.pk else row.customer_id for row in rows}
    titles = {one.pk: str(one) for one in ctx.find(Customer).filter(pk__in=wanted)}
    ties = []
    for row in rows:
        mine = row.customer_id == customer.pk
        other = row.other_id if mine else row.customer_id
        ties.append(Tie(other, row.kind.name if mine else row.kind.reverse, titles.get(other, ""), row.since, row.until))
    return ties


def drawn(ties: list[Tie]) -> list[Spot]:
    """The others on an ellipse around the middle at 0, 0."""
    spots = []
    for place, tie in enumerate(ties):
        angle = 2 * math.pi * place / len(ties) - math.pi / 2
        x, y = round(120 * math.cos(angle)), round(85 * math.sin(angle))
        label = tie.title if len(tie.title) < 9 else f"{tie.title[:8]}…"
        spots.append(Spot(tie, x, y, round(x * 0.55), round(y * 0.55), label))
    return spots
