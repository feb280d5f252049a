"""Taking the stock of the sample company away: movements that the database never changes, and the balances they make."""

from collections.abc import Collection

from guanxi.apps.inventory.models import StockBalance, StockDocument, StockMovement
from guanxi.kernel.api import Ctx
from guanxi.kernel.records import object_name
from guanxi.site.demo.crowd import tables


def clear(system: Ctx, warehouses: Collection[int], last_entry: int) -> int:
    """Delete what moved in these warehouses, for good; how many rows went.

    Where goods were moved since the entry ``last_entry``, or a minimum was set, a warehouse keeps all its movements, and
    so does every warehouse that exchanged goods with it: a balance is always the sum of its movements.
    """
    going = sorted(set(warehouses) - _in_use(system, set(warehouses), last_entry))
    if not going:
        return 0
    wanted, gone = ", ".join(map(str, going)), 0
    for model in (StockMovement, StockBalance):
        table = model._meta.db_table
        with tables.unguarded(table):
            gone += tables.tell(f'DELETE FROM "{table}" WHERE warehouse_id IN ({wanted})')
    return gone


def _in_use(system: Ctx, warehouses: set[int], last_entry: int) -> set[int]:
    """Those with whose stock somebody has done something, and those that goods came from or went to."""
    found = {place for (place,) in tables.ask(
        f'SELECT DISTINCT b.warehouse_id FROM "{StockBalance._meta.db_table}" AS b JOIN kernel_entry AS e '
        "ON e.object_type = %s AND e.object_id = b.id WHERE e.id > %s AND e.changes <> '{}'",
        object_name(StockBalance), last_entry)} & warehouses
    moves = [set(pair) for pair in system.find(StockDocument).exclude(to_warehouse=None).values_list(
        "warehouse", "to_warehouse").distinct()]
    while fresh := {place for pair in moves if pair & found for place in pair} - found:
        found |= fresh
    return found
