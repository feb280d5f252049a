"""The cards of the catalog: how products are spread over categories, a product's picture and prices."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from guanxi.apps.catalog.actions import distribution
from guanxi.apps.catalog.models import Product, ProductCategory
from guanxi.common import talk
from guanxi.kernel.api import Ctx
from guanxi.surfaces.web import addresses
from guanxi.surfaces.web.panels import panel
from guanxi.surfaces.web.question import written

Made = dict[str, Any] | None


def _products_url(keys: list[int] | tuple[int, ...]) -> str:
    return addresses.list_url(Product, f=written({"all": [["category", "in", list(keys)], ["active", "is", True]]}))


@panel("products in the category", on=ProductCategory, place="side", order=5)
def spread(ctx: Ctx, record: ProductCategory, request: Any) -> Made:
    """How many products stand in the category and in each one below it; every number opens its products."""
    total, shares = distribution(ctx, record)
    if not total and not shares:
        return None
    keys = sorted({record.pk, *(key for share in shares for key in share.keys)})
    rows = [{"title": str(share.category), "url": addresses.record_url(ProductCategory, share.category.pk),
             "subtitle": f"{Decimal(100 * share.count) / total:.0f} %" if total else "", "amount": share.count}
            for share in shares]
    return {"title": _("Products on sale"), "icon": "category", "rows": rows, "count": total,
            "all_url": _products_url(keys)}


@panel("picture of the product", on=Product, place="side", order=4, template="catalog/product/_picture.html")
def picture(ctx: Ctx, record: Product, request: Any) -> Made:
    """The newest picture among the files of the product."""
    found = next((one for one in talk.attachments(ctx, record) if one.is_image), None)
    return {"title": _("Picture"), "image": f"/files/{found.pk}/thumb", "name": found.name} if found else None
