"""The figures about products and prices: each is defined here once."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.models import PriceList, Product
from guanxi.common.measures import measure
from guanxi.kernel.api import Ctx

ACTIVE: Any = ["active", "is", True]

PRODUCTS = measure("catalog.products", _("Products on sale"), _("The products that are sold now; by category, how they are "
                   "spread."), Product, tree=ACTIVE)
NO_CATEGORY = measure("catalog.no_category", _("Products without a category"),
                      _("Products on sale that stand in no category."), Product,
                      tree={"all": [ACTIVE, ["category", "empty"]]})
NO_PRICE = measure("catalog.no_price", _("Products without a list price"),
                   _("Products on sale for which no list price is written down."), Product,
                   tree={"all": [ACTIVE, ["list_price", "empty"]]})


def _over(ctx: Ctx) -> Any:
    return {"all": [ACTIVE, ["valid_until", "before", ctx.today.isoformat()]]}


OVER = measure("catalog.lists_over", _("Price lists that have run out"),
               _("Price lists in use whose last day has passed."), PriceList, tree=_over)
