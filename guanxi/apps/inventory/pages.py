"""The stock of a product on its page, and the documents of each kind in the menu."""

import json
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.apps.catalog.models import Product
from guanxi.apps.inventory import rules
from guanxi.apps.inventory.models import StockBalance, StockDocument
from guanxi.kernel.api import Ctx
from guanxi.surfaces.web import addresses, menu
from guanxi.surfaces.web.panels import panel

#: Warehouses that a card shows.
MOST = 12


@panel("stock", on=Product, place="side", order=15, later=False)
def stock_of_product(ctx: Ctx, record: Product, request: Any) -> dict[str, Any] | None:
    """How many each warehouse has: for everybody who sees the product; what they cost is not said here."""
    system = ctx.as_system("how many there are is no secret to who sees the product")
    rows = list(system.find(StockBalance).filter(product=record).select_related("warehouse").order_by(
        "warehouse__sort_key", "pk")[:MOST])
    if not rows:
        return None
    opens = bool(ctx.may("view", StockBalance))
    return {"title": _("Stock"), "icon": "packages", "count": len(rows), "rows": [_row(one, opens) for one in rows]}


def _row(balance: StockBalance, opens: bool) -> dict[str, Any]:
    parts = {"on_hand": rules.amount(balance.on_hand), "reserved": rules.amount(balance.reserved)}
    return {"title": str(balance.warehouse), "url": addresses.record_url(StockBalance, balance.pk) if opens else "",
            "subtitle": _("%(on_hand)s on hand, %(reserved)s reserved") % parts, "amount": rules.amount(balance.available),
            "badge": {"text": _("below the minimum"), "tone": "red"} if balance.short else None}


def _may(ctx: Ctx) -> Any:
    return ctx.may("view", StockDocument)


def _link(kind: StockDocument.Kind, label: Any, icon: str, place: int) -> None:
    asked = json.dumps({"all": [["kind", "in", [kind.value]]]})
    menu.add_link("stock", label, addresses.with_query(addresses.list_url(StockDocument), f=asked), icon, _may, place)


_link(StockDocument.Kind.RECEIPT, gettext_lazy("Stock-in"), icon="package-import", place=-4)
_link(StockDocument.Kind.ISSUE, gettext_lazy("Stock-out"), icon="package-export", place=-3)
_link(StockDocument.Kind.TRANSFER, pgettext_lazy("stock", "Transfer"), icon="arrows-exchange", place=-2)
_link(StockDocument.Kind.COUNT, gettext_lazy("Stocktake"), icon="clipboard-check", place=-1)
