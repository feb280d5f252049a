"""A firm with two warehouses, three products and the people who keep its stock."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from guanxi.apps.catalog.models import Product, Unit
from guanxi.apps.conftest import Firm, Person
from guanxi.apps.inventory.models import Reservation, StockBalance, StockDocument, StockMovement, Warehouse
from guanxi.apps.inventory.seed import seed
from guanxi.kernel.api import Ctx

CONFIRM = "inventory.stockdocument.confirm"
CANCEL = "inventory.stockdocument.cancel"


def stocked(firm: Firm) -> SimpleNamespace:
    """Warehouses ``a`` and ``b``, whole ``pumps``, ``valves``, ``cable`` by the metre, and a service."""
    firm.roles.update(seed(firm.system))
    pieces = firm.system.create(Unit, name="piece of test")
    metres = firm.system.create(Unit, name="metre of test", decimals=2)

    def product(code: str, name: str, unit: Unit = pieces, **values: Any) -> Product:
        return firm.system.create(Product, code=code, name=name, unit=unit.pk, **values)
    return SimpleNamespace(
        a=firm.system.create(Warehouse, code="A", name="Shenzhen"),
        b=firm.system.create(Warehouse, code="B", name="Shanghai"),
        pump=product("P1", "Pump"), valve=product("P2", "Valve"), cable=product("P3", "Cable", metres),
        service=product("S1", "Installation", kind="service"), product=product)


@pytest.fixture
def stock(firm: Firm) -> SimpleNamespace:
    return stocked(firm)


@pytest.fixture
def keeper(firm: Firm, stock: SimpleNamespace) -> Person:
    """Works in the warehouse."""
    return firm.add("karl", "warehouse_keeper", department=firm.east)


@pytest.fixture
def head(firm: Firm, stock: SimpleNamespace) -> Person:
    """Runs the warehouses."""
    return firm.add("wang", "warehouse_manager", department=firm.east)


def line(product: Product, quantity: Any, unit_cost: Any = None, **more: Any) -> dict[str, Any]:
    return {"product": product.pk, "quantity": str(quantity), **({"unit_cost": unit_cost} if unit_cost else {}), **more}


def draft(ctx: Ctx, kind: str, warehouse: Warehouse, *lines: dict[str, Any], **more: Any) -> StockDocument:
    return ctx.create(StockDocument, kind=kind, warehouse=warehouse.pk, lines=list(lines), **more)


def moved(ctx: Ctx, kind: str, warehouse: Warehouse, *lines: dict[str, Any], **more: Any) -> StockDocument:
    """A document that has been confirmed."""
    made = draft(ctx, kind, warehouse, *lines, **more)
    ctx.run(CONFIRM, made)
    made.refresh_from_db()
    return made


@pytest.fixture
def filled(stock: SimpleNamespace, head: Person) -> Callable[..., StockDocument]:
    """Goods come into a warehouse: ``filled(10)`` pumps at 2.00 into A."""
    def make(quantity: Any = 10, cost: Any = "2", product: Product | None = None,
             warehouse: Warehouse | None = None) -> StockDocument:
        return moved(head(), "receipt", warehouse or stock.a, line(product or stock.pump, quantity, cost))
    return make


def balance(warehouse: Warehouse, product: Product) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """On hand, reserved, available, value."""
    row = StockBalance.objects.get(warehouse=warehouse, product=product)
    return row.on_hand, row.reserved, row.available, row.value


def dump() -> Any:
    """Everything that a refused write must not touch."""
    tables = (StockDocument, StockDocument.lines.model, StockMovement, StockBalance, Reservation)
    return [list(model._default_manager.order_by("pk").values()) for model in tables]
