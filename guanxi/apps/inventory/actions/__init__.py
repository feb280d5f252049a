"""What one can do with stock; other apps take the verbs they run or listen to from here."""

from guanxi.apps.inventory.actions.balance import (
    check_balances,
    plan_stock_balance,
    repair_stock_balance,
    set_minimum_stock_balance,
)
from guanxi.apps.inventory.actions.document import cancel_stock_documents, confirm_stock_documents, fill_stock_document
from guanxi.apps.inventory.actions.opening import post_opening_stock
from guanxi.apps.inventory.actions.reservation import expire_reservations, release_reservations

__all__ = ["cancel_stock_documents", "check_balances", "confirm_stock_documents", "expire_reservations",
           "fill_stock_document", "plan_stock_balance", "post_opening_stock", "release_reservations",
           "repair_stock_balance", "set_minimum_stock_balance"]
