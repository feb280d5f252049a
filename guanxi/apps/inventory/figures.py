"""The figures of stock: what it is worth, what must be ordered, what waits to be confirmed."""

from django.utils.translation import gettext_lazy as _

from guanxi.apps.inventory.models import Reservation, StockBalance, StockDocument
from guanxi.common.measures import measure

stock_value = measure(
    "inventory.stock_value", _("Stock value"), _("What the goods in all warehouses have cost, at average cost."),
    StockBalance, "sum:value", None, "money")
below_minimum = measure(
    "inventory.below_minimum", _("Products below their minimum"),
    _("Balances of which less is available than the minimum set for them."),
    StockBalance, "count", ["short", "is", True])
differing = measure(
    "inventory.differing", _("Balances that differ"),
    _("Balances that the nightly check found not to be the sum of their movements."),
    StockBalance, "count", ["differs", "is", True])
unconfirmed = measure(
    "inventory.unconfirmed", _("Unconfirmed stock documents"), _("Stock documents that are still drafts."),
    StockDocument, "count", ["status", "in", ["draft"]])
set_aside = measure(
    "inventory.set_aside", _("Active reservations"), _("Reservations that are neither used up nor released."),
    Reservation, "count", ["status", "in", ["active"]])
