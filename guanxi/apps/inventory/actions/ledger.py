"""The ledger: balances locked in one order for all, and movements posted on them, all of a document or none."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from guanxi.apps.inventory import rules
from guanxi.apps.inventory.models import Reservation, StockBalance, StockDocument, StockLine, StockMovement
from guanxi.kernel.api import Ctx, Refused

#: A warehouse and a product. Whoever locks balances locks them in this order, so that nobody waits in a circle.
Key = tuple[int, int]
#: Why the ledger reads with the system's rights: stock is one, whoever may see how much of it.
REASON = "the stock behind a document"


@dataclass(frozen=True)
class Step:
    """One movement to be: ``carried`` ones come in at what the step before took out."""

    line: StockLine
    key: Key
    kind: str
    quantity: Decimal
    cost: Decimal | None = None
    carried: bool = False
    counted: bool = False
    reservation: Reservation | None = None
    reverses: StockMovement | None = None


class Ledger:
    """The balances of some keys, locked for the rest of the transaction, made where there were none."""

    def __init__(self, ctx: Ctx, keys: Iterable[Key]) -> None:
        self.ctx, self.system = ctx, ctx.as_system(REASON)
        with for_good(ctx):
            self.balances = self._locked(sorted(set(keys)))
        self.stocks = {key: balance.stock for key, balance in self.balances.items()}

    def _locked(self, keys: Sequence[Key]) -> dict[Key, StockBalance]:
        found = self._known(keys)
        for key in keys:
            if key not in found:
                try:
                    self.ctx.save(StockBalance(warehouse_id=key[0], product_id=key[1]))
                except Refused:  # somebody else's transaction has just made it
                    continue
        return self._known(keys, lock=True)

    def _known(self, keys: Sequence[Key], lock: bool = False) -> dict[Key, StockBalance]:
        by_warehouse: dict[int, list[int]] = {}
        for warehouse, product in keys:
            by_warehouse.setdefault(warehouse, []).append(product)
        found: dict[Key, StockBalance] = {}
        for warehouse, products in by_warehouse.items():
            rows = self.system.find(StockBalance).filter(warehouse_id=warehouse, product_id__in=products)
            rows = rows.select_related("warehouse", "product").order_by("product_id")
            rows = rows.select_for_update(of=("self",), no_key=True) if lock else rows
            found |= {(row.warehouse_id, row.product_id): row for row in rows}
        return found

    def post(self, document: StockDocument, steps: Sequence[Step]) -> Decimal:
        """Write the movements of a document, all of them or none; what they were worth altogether."""
        stocks, rows, short = dict(self.stocks), list[StockMovement](), dict[str, list[str]]()
        for step in steps:
            stock = stocks[step.key].holding(-step.reservation.quantity) if step.reservation else stocks[step.key]
            after, worth = stock.moved(step.quantity, -rows[-1].value if step.carried else step.cost)
            may = self.balances[step.key].warehouse.may_go_negative
            if step.quantity < 0 and not may and rules.is_short(after, step.counted):
                short.setdefault(f"lines.{step.line.position}.quantity", []).append(
                    self._shortage(step.key, stock, -step.quantity))
            stocks[step.key] = after
            rows.append(self._movement(document, step, worth))
        if short:
            raise Refused(next(iter(short.values()))[0], errors=short, record=document)
        self.stocks = stocks
        with for_good(self.ctx):
            _all_written(self.ctx.save_all(rows))
        return sum((abs(row.value) for row in rows if not (row.reverses_id or row.kind == row.Kind.TRANSFER_IN)),
                   start=rules.ZERO)

    def _movement(self, document: StockDocument, step: Step, worth: Decimal) -> StockMovement:
        balance = self.balances[step.key]
        return StockMovement(
            document=document, line=step.line, warehouse=balance.warehouse, product=balance.product, kind=step.kind,
            quantity=step.quantity, value=worth, unit_cost=rules.each(worth, step.quantity), moment=self.ctx.now,
            reverses=step.reverses)

    def _shortage(self, key: Key, stock: rules.Stock, needed: Decimal) -> str:
        balance = self.balances[key]
        return str(_("“%(product)s” in “%(warehouse)s”: %(needed)s needed, %(available)s available "
                     "(%(on_hand)s on hand, %(reserved)s reserved).") % {
            "product": balance.product, "warehouse": balance.warehouse, "needed": rules.amount(needed),
            "available": rules.amount(stock.available), "on_hand": rules.amount(stock.on_hand),
            "reserved": rules.amount(stock.reserved)})

    def reserve(self, reservation: Reservation) -> None:
        """Set goods aside. Refused where there are not so many."""
        key = (reservation.warehouse_id, reservation.product_id)
        stock = self.stocks[key].holding(reservation.quantity)
        if stock.available < 0 and not self.balances[key].warehouse.may_go_negative:
            raise Refused(self._shortage(key, self.stocks[key], reservation.quantity), field="quantity",
                          record=reservation)
        self.stocks[key] = stock

    def release(self, reservation: Reservation) -> None:
        """Let goods be free again that were set aside."""
        key = (reservation.warehouse_id, reservation.product_id)
        self.stocks[key] = self.stocks[key].holding(-reservation.quantity)

    def keep(self) -> None:
        """Write what the balances have become. Called once, at the end."""
        changed = []
        for key, balance in self.balances.items():
            if balance.stock != self.stocks[key]:
                balance.take(self.stocks[key])
                changed.append(balance)
        with for_good(self.ctx):
            _all_written(self.ctx.save_all(changed))


@contextmanager
def for_good(ctx: Ctx) -> Iterator[None]:
    """What is posted is no part of an operation that can be undone: it is cancelled, never taken back."""
    outer, ctx.operation_now = ctx.operation_now, None
    try:
        yield
    finally:
        ctx.operation_now = outer


def _all_written(results: Iterable[tuple[object, Refused | None]]) -> None:
    for _row, refusal in results:
        if refusal is not None:
            raise refusal
