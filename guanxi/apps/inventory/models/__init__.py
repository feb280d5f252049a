"""The objects of inventory; other apps take them from here."""

from guanxi.apps.inventory.models.document import StockDocument, StockLine
from guanxi.apps.inventory.models.opening import OpeningStock
from guanxi.apps.inventory.models.stock import Reservation, StockBalance, StockMovement
from guanxi.apps.inventory.models.warehouse import Warehouse

__all__ = ["OpeningStock", "Reservation", "StockBalance", "StockDocument", "StockLine", "StockMovement", "Warehouse"]
