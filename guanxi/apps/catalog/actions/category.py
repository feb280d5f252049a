"""The tree of categories: never a ring; what stands below, and how many products are where."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.figures import PRODUCTS
from guanxi.apps.catalog.models import ProductCategory
from guanxi.apps.catalog.rules import tree
from guanxi.common import measures
from guanxi.kernel.api import Ctx, Refused, after
from guanxi.language import trees


def parents(ctx: Ctx) -> dict[int, int | None]:
    """What each category stands within."""
    return dict(ctx.as_system("the tree of categories").find(ProductCategory).values_list("pk", "parent_id"))


@after(ProductCategory, "update")
@after(ProductCategory, "restore")
def no_ring_of_categories(ctx: Ctx, category: ProductCategory, _value: Any) -> None:
    """Checked after every change, in the same transaction."""
    if category.parent_id and trees.in_ring(category.pk, parents(ctx)):
        raise Refused(_("“%(category)s” would stand within itself, through “%(parent)s”: choose another category.") % {
            "category": category, "parent": category.parent}, field="parent", record=category)


@dataclass(frozen=True)
class Share:
    """A category right below another one, and how many products it and everything below it hold."""

    category: ProductCategory
    count: int
    keys: tuple[int, ...]


def distribution(ctx: Ctx, category: ProductCategory) -> tuple[int, list[Share]]:
    """How the products are spread over what stands right below a category, and how many it holds altogether."""
    known = parents(ctx)
    whole = tree.below(category.pk, known)
    counts = Counter(measures.grouped(ctx, PRODUCTS, "category_id", ["category", "in", whole]))
    rows = ctx.find(ProductCategory).filter(parent=category).order_by("sort_key", "pk")
    found = []
    for row in rows:
        keys = tree.below(row.pk, known)
        found.append(Share(row, sum(counts[key] for key in keys), tuple(keys)))
    return sum(counts[key] for key in whole), found
