"""Many people move the same goods at the same moment: sums are right, nothing goes below zero, nobody waits forever."""

import sqlite3
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Sum

from guanxi.apps.conftest import Person, at_once
from guanxi.apps.inventory.actions import check_balances
from guanxi.apps.inventory.models import Reservation, StockBalance, StockDocument, StockMovement
from guanxi.apps.inventory.tests.conftest import CONFIRM, draft, line, moved, stocked
from guanxi.apps.org.tests.firm import found
from guanxi.kernel.api import Refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.covers("CONC-06", "P22")]
D = Decimal


@pytest.fixture
def shop(transactional_db: None, tmp_path: Path) -> Iterator[SimpleNamespace]:
    """The stock of a firm in a database that threads reach like processes do: with SQLite, a file of its own."""
    if connection.vendor == "postgresql":
        yield _open()
        return
    memory, place = connections["default"], connections.settings["default"]
    name = place["NAME"]
    memory.ensure_connection()
    with sqlite3.connect(tmp_path / "stock.sqlite3") as file:
        memory.connection.backup(file)
    file.close()
    place["NAME"] = tmp_path / "stock.sqlite3"
    try:
        connections["default"] = connections.create_connection("default")
        yield _open()
    finally:
        connections["default"].close()
        place["NAME"] = name
        connections["default"] = memory


def _open() -> SimpleNamespace:
    firm = found()
    stock = stocked(firm)
    keeper: Person = firm.add("karl", "warehouse_keeper", department=firm.east)
    return SimpleNamespace(firm=firm, keeper=keeper, **vars(stock))


def confirming(shop: SimpleNamespace, documents: list[StockDocument]) -> list[Callable[[], Any]]:
    return [lambda pk=one.pk: shop.keeper().run(CONFIRM, pk).done[0].status for one in documents]


def on_hand(shop: SimpleNamespace, place: Any, product: Any) -> Decimal:
    """By the balance, after asking whether every balance is the sum of its movements."""
    assert check_balances(shop.firm.system) == []
    return StockBalance.objects.get(warehouse=place, product=product).on_hand


def told(results: list[Any]) -> dict[str, int]:
    words = [str(one) for one in results]
    return {one: words.count(one) for one in words}


def test_fifty_issues_of_thirty_goods(shop: SimpleNamespace) -> None:
    moved(shop.keeper(), "receipt", shop.a, line(shop.pump, 30, "2"))
    some = [draft(shop.keeper(), "issue", shop.a, line(shop.pump, 1)) for _ in range(50)]
    results = at_once(confirming(shop, some))
    assert told(results) == {
        "confirmed": 30, "“Pump” in “Shenzhen”: 1 needed, 0 available (0 on hand, 0 reserved).": 20}
    assert (on_hand(shop, shop.a, shop.pump), StockMovement.objects.filter(kind="issue").count()) == (0, 30)
    assert StockDocument.objects.filter(status="confirmed", kind="issue").count() == 30


def test_two_want_the_last_one(shop: SimpleNamespace) -> None:
    moved(shop.keeper(), "receipt", shop.a, line(shop.pump, 1, "2"))
    some = [draft(shop.keeper(), "issue", shop.a, line(shop.pump, 1)) for _ in range(2)]
    results = at_once(confirming(shop, some))
    (refusal,) = [one for one in results if isinstance(one, Refused)]
    assert str(refusal) == "“Pump” in “Shenzhen”: 1 needed, 0 available (0 on hand, 0 reserved)."
    assert (results.count("confirmed"), on_hand(shop, shop.a, shop.pump)) == (1, 0)


def test_receipts_and_issues_of_goods_that_were_never_there(shop: SimpleNamespace) -> None:
    shop.firm.system.update(shop.a, may_go_negative=True)
    some = [draft(shop.keeper(), "receipt" if number % 2 else "issue", shop.a, line(shop.pump, number + 1))
            for number in range(50)]
    assert told(at_once(confirming(shop, some))) == {"confirmed": 50}
    assert on_hand(shop, shop.a, shop.pump) == sum(number + 1 if number % 2 else -number - 1 for number in range(50)) == 25


def test_transfers_both_ways_in_either_order_of_lines(shop: SimpleNamespace) -> None:
    for place in (shop.a, shop.b):
        moved(shop.keeper(), "receipt", place, line(shop.pump, 100, "2"), line(shop.valve, 100, "3"))
    some = []
    for number in range(30):
        lines = [line(shop.pump, 1), line(shop.valve, 2)]
        here, there = (shop.a, shop.b) if number % 2 else (shop.b, shop.a)
        some.append(draft(shop.keeper(), "transfer", here, *(lines if number % 3 else lines[::-1]), to_warehouse=there.pk))
    assert told(at_once(confirming(shop, some))) == {"confirmed": 30}
    assert [on_hand(shop, place, product) for place in (shop.a, shop.b) for product in (shop.pump, shop.valve)] == [100] * 4
    assert StockMovement.objects.aggregate(quantity=Sum("quantity"), value=Sum("value")) == {
        "quantity": 400, "value": 1000}


def test_bulk_confirmations_that_cross(shop: SimpleNamespace) -> None:
    moved(shop.keeper(), "receipt", shop.a, line(shop.pump, 100, "2"), line(shop.valve, 100, "3"))
    goods = (shop.pump, shop.valve)
    groups = [[draft(shop.keeper(), "issue", shop.a, line(goods[(number + place) % 2], 1)).pk for place in range(6)]
              for number in range(6)]
    results = at_once([lambda some=some: len(shop.keeper().run_many(CONFIRM, some).done) for some in groups])
    assert results == [6] * 6
    assert (on_hand(shop, shop.a, shop.pump), on_hand(shop, shop.a, shop.valve)) == (82, 82)


def test_one_document_confirmed_by_ten(shop: SimpleNamespace) -> None:
    made = draft(shop.keeper(), "receipt", shop.a, line(shop.pump, 5, "2"))
    results = at_once(confirming(shop, [made] * 10))
    assert told(results) == {"confirmed": 1, "Only possible while “Status” is: Draft.": 9}
    assert (on_hand(shop, shop.a, shop.pump), StockMovement.objects.count()) == (5, 1)


def test_twenty_reserve_while_twenty_release_and_issue(shop: SimpleNamespace) -> None:
    keeper, values = shop.keeper, {"product": shop.pump.pk, "warehouse": shop.a.pk, "quantity": 1}
    moved(keeper(), "receipt", shop.a, line(shop.pump, 20, "2"))
    held = [keeper().create(Reservation, purpose=f"Order {number}", **values) for number in range(20)]
    used = [draft(keeper(), "issue", shop.a, line(shop.pump, 1, reservation=one.pk)) for one in held[:10]]
    letting: list[Callable[[], Any]] = [
        lambda pk=one.pk: str(keeper().run("inventory.reservation.release", pk).done[0].status) for one in held[10:]]
    taking: list[Callable[[], Any]] = [
        lambda number=number: str(keeper().create(Reservation, purpose=f"Later {number}", **values).status)
        for number in range(10)]
    results = told(at_once([*confirming(shop, used), *letting, *taking]))
    taken = results.pop("active", 0)
    assert {key: count for key, count in results.items() if "needed" not in key} == {"confirmed": 10, "released": 10}
    assert sum(results.values()) + taken == 30
    assert on_hand(shop, shop.a, shop.pump) == 10
    assert StockBalance.objects.get().reserved == taken
