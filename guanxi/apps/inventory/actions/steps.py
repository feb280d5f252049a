"""What the lines of a document move: checked as far as that needs no stock, then step by step."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.models import Product, company_currency
from guanxi.apps.inventory import rules
from guanxi.apps.inventory.actions.ledger import REASON, Key, Ledger, Step
from guanxi.apps.inventory.models import Reservation, StockDocument, StockLine, StockMovement, Warehouse
from guanxi.kernel.api import Ctx, Refused

K, M = StockDocument.Kind, StockMovement.Kind


@dataclass
class Facts:
    """What the lines of some documents name, read at once; reservations are locked, before any balance is."""

    warehouses: Mapping[int, Warehouse] = field(default_factory=dict)
    products: Mapping[int, Product] = field(default_factory=dict)
    reservations: Mapping[int, Reservation] = field(default_factory=dict)

    @classmethod
    def of(cls, ctx: Ctx, documents: list[StockDocument]) -> "Facts":
        """The facts of documents whose lines are read along."""
        StockDocument.lines.load(documents)
        system, lines = ctx.as_system(REASON), [line for one in documents for line in one.lines]
        places = {pk for one in documents for pk in (one.warehouse_id, one.to_warehouse_id) if pk}
        products = system.find(Product).filter(pk__in={line.product_id for line in lines}).select_related("unit")
        wanted = {line.reservation_id for line in lines if line.reservation_id}
        held = system.find(Reservation).filter(pk__in=wanted).select_for_update(of=("self",), no_key=True)
        return cls({one.pk: one for one in system.find(Warehouse).filter(pk__in=places)},
                   {one.pk: one for one in products},
                   {one.pk: one for one in held.order_by("pk")} if wanted else {})


def keys_of(document: StockDocument) -> Iterator[Key]:
    """The balances that a document needs."""
    for line in document.lines:
        yield document.warehouse_id, line.product_id
        if document.to_warehouse_id:
            yield document.to_warehouse_id, line.product_id


def check(document: StockDocument, facts: Facts) -> None:
    """Everything that is wrong with a document whatever the stock. Raises Refused with each fault at its line."""
    if not document.lines:
        raise Refused(_("“%(document)s” has no lines: add what it moves.") % {"document": document}, field="lines",
                      record=document)
    for pk in (document.warehouse_id, document.to_warehouse_id):
        if pk and (pk not in facts.warehouses or not facts.warehouses[pk].active):
            raise Refused(_("The warehouse “%(warehouse)s” is not in use.") % {"warehouse": facts.warehouses.get(pk, pk)},
                          field="warehouse", record=document)
    errors: dict[str, list[str]] = {}
    seen: set[int] = set()
    for line in document.lines:
        for name, reason in _faults(document, line, facts, seen):
            words = _("Line %(number)s: %(reason)s") % {"number": line.position, "reason": reason}
            errors.setdefault(f"lines.{line.position}.{name}", []).append(str(words))
        seen.add(line.product_id)
    if errors:
        raise Refused(errors=errors, record=document)


def _faults(document: StockDocument, line: StockLine, facts: Facts, seen: set[int]) -> Iterator[tuple[str, Any]]:
    product = facts.products.get(line.product_id)
    if product is None:
        yield "product", _("The product is not there any more.")
        return
    if reason := not_kept(product, line.quantity):
        yield reason
    if line.quantity == 0 and document.kind != K.COUNT:
        yield "quantity", _("A quantity is more than nothing.")
    if document.kind in (K.COUNT, K.OPENING) and line.product_id in seen:
        yield "product", _("“%(product)s” stands in another line already.") % {"product": product}
    if line.reservation_id:
        yield from _reservation_faults(document, line, facts.reservations.get(line.reservation_id))


def not_kept(product: Product, quantity: Decimal) -> tuple[str, Any] | None:
    """Why a quantity of a product cannot be stock, and at which field; None where it can."""
    if product.kind != Product.Kind.GOODS or not product.stocked:
        return "product", _("“%(product)s” is not kept in stock.") % {"product": product}
    if round(quantity, product.unit.decimals) != quantity:
        return "quantity", _("“%(product)s” is counted in “%(unit)s” with %(decimals)s decimals.") % {
            "product": product, "unit": product.unit, "decimals": product.unit.decimals}
    return None


def _reservation_faults(document: StockDocument, line: StockLine,
                        held: Reservation | None) -> Iterator[tuple[str, Any]]:
    if document.kind != K.ISSUE:
        yield "reservation", _("Only an issue uses up what was set aside.")
    elif held is None or held.status != Reservation.Status.ACTIVE:
        yield "reservation", _("It is not set aside any more.")
    elif (held.warehouse_id, held.product_id) != (document.warehouse_id, line.product_id):
        yield "reservation", _("Something else was set aside: another product, or in another warehouse.")


def steps_of(document: StockDocument, facts: Facts, ledger: Ledger) -> list[Step]:
    """What a checked document moves, in the order of its lines."""
    return [step for line in document.lines for step in _MOVES[document.kind](document, line, facts, ledger)]


def _in(document: StockDocument, line: StockLine, facts: Facts, ledger: Ledger) -> Iterable[Step]:
    key = document.warehouse_id, line.product_id
    cost = own_cost(line.unit_cost, facts.products[line.product_id], ledger.stocks[key])
    kind = M.OPENING if document.kind == K.OPENING else M.RECEIPT
    if kind == M.OPENING and ledger.stocks[key].on_hand:
        raise Refused(_("“%(product)s” has stock in “%(warehouse)s” already: count it instead.") % {
            "product": facts.products[line.product_id], "warehouse": facts.warehouses[key[0]]},
            field=f"lines.{line.position}.product", record=document)
    return (Step(line, key, kind, line.quantity, line.quantity * cost),)


def own_cost(given: Decimal | None, product: Product, stock: rules.Stock) -> Decimal:
    """What one unit costs that comes in: as given, as so far, or as the product says in the company's currency."""
    if given is not None:
        return given
    if stock.unit_cost or product.cost is None or product.currency != company_currency():
        return stock.unit_cost
    return Decimal(product.cost)


def _out(document: StockDocument, line: StockLine, facts: Facts, ledger: Ledger) -> Iterable[Step]:
    held = facts.reservations.get(line.reservation_id or 0)
    return (Step(line, (document.warehouse_id, line.product_id), M.ISSUE, -line.quantity, reservation=held),)


def _across(document: StockDocument, line: StockLine, facts: Facts, ledger: Ledger) -> Iterable[Step]:
    there = document.to_warehouse_id
    assert there is not None
    return (Step(line, (document.warehouse_id, line.product_id), M.TRANSFER_OUT, -line.quantity),
            Step(line, (there, line.product_id), M.TRANSFER_IN, line.quantity, carried=True))


def _counted(document: StockDocument, line: StockLine, facts: Facts, ledger: Ledger) -> Iterable[Step]:
    """The books are those of the moment when the count began, where that was kept: what moved since stays moved."""
    key = document.warehouse_id, line.product_id
    stock = ledger.stocks[key]
    if line.book_quantity is None:
        line.book_quantity = stock.on_hand
    line.difference = rules.counted_difference(line.quantity, line.book_quantity)
    if not line.difference:
        return ()
    cost = own_cost(line.unit_cost, facts.products[line.product_id], stock) * line.difference
    return (Step(line, key, M.COUNT, line.difference, max(cost, rules.ZERO), counted=True),)


_MOVES: dict[str, Callable[[StockDocument, StockLine, Facts, Ledger], Iterable[Step]]] = {
    K.RECEIPT: _in, K.OPENING: _in, K.ISSUE: _out, K.TRANSFER: _across, K.COUNT: _counted}
