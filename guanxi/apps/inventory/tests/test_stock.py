"""Counting, opening, reserving, minimums; and balances that are compared with their movements every night."""

import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import F

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.inventory import figures
from guanxi.apps.inventory.actions import check_balances, expire_reservations
from guanxi.apps.inventory.models import OpeningStock, Reservation, StockBalance, StockDocument, StockMovement
from guanxi.apps.inventory.tests.conftest import CANCEL, CONFIRM, balance, draft, dump, line, moved
from guanxi.common import measures, undoing
from guanxi.common.talk import Notification
from guanxi.kernel.api import Denied, Entry, Refused

pytestmark = pytest.mark.django_db
D = Decimal
FILL = "inventory.stockdocument.fill"
POST = "inventory.openingstock.post"
RELEASE = "inventory.reservation.release"


def lines(document: StockDocument) -> list[tuple[str, Decimal, Decimal | None, Decimal | None]]:
    return [(row.product.name, row.quantity, row.book_quantity, row.difference)
            for row in StockDocument.objects.get(pk=document.pk).lines]


@pytest.mark.covers("INV-03")
def test_a_stocktake_posts_only_what_differs(stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10, "2")
    filled(5, "3", product=stock.valve)
    filled(7, "1", product=stock.cable)
    made = draft(keeper(), "count", stock.a)
    keeper().run(FILL, made)
    assert lines(made) == [("Cable", 7, 7, None), ("Pump", 10, 10, None), ("Valve", 5, 5, None)]
    cable, pump, valve = StockDocument.objects.get(pk=made.pk).lines
    keeper().update(keeper().get(StockDocument, made.pk), lines=[
        {"id": cable.pk}, {"id": pump.pk, "quantity": 8}, {"id": valve.pk, "quantity": 6}])
    moved(keeper(), "issue", stock.a, line(stock.pump, 1))
    keeper().run(CONFIRM, made)
    assert lines(made) == [("Cable", 7, 7, 0), ("Pump", 8, 10, -2), ("Valve", 6, 5, 1)]
    assert balance(stock.a, stock.pump) == (7, 0, 7, 14)
    assert balance(stock.a, stock.valve) == (6, 0, 6, 18)
    kinds = StockMovement.objects.filter(document=made).order_by("pk").values_list("kind", "quantity")
    assert list(kinds) == [("count", -2), ("count", 1)]


def test_a_count_typed_by_hand_is_compared_with_the_books_of_the_moment(
        stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10, "2")
    made = moved(keeper(), "count", stock.a, line(stock.pump, 4), line(stock.valve, 3, "5"))
    assert lines(made) == [("Pump", 4, 10, -6), ("Valve", 3, 0, 3)]
    assert (balance(stock.a, stock.pump), balance(stock.a, stock.valve)) == ((4, 0, 4, 8), (3, 0, 3, 15))


def test_a_count_tells_what_is_there_even_if_more_was_promised(
        stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10)
    keeper().create(Reservation, product=stock.pump.pk, warehouse=stock.a.pk, quantity=8, purpose="Order 1")
    moved(keeper(), "count", stock.a, line(stock.pump, 6))
    assert balance(stock.a, stock.pump) == (6, 8, -2, 12)


def test_only_counts_are_filled_from_the_books(stock: SimpleNamespace, keeper: Person) -> None:
    made = draft(keeper(), "receipt", stock.a)
    with pytest.raises(Refused, match="Only a stocktake"):
        keeper().run(FILL, made)


@pytest.mark.covers("INV-05")
def test_opening_stock_is_posted_once_for_each_warehouse(stock: SimpleNamespace, head: Person, filled: Any) -> None:
    filled(1, product=stock.cable)
    rows = [head().create(OpeningStock, product=product.pk, warehouse=place.pk, quantity=quantity, unit_cost=cost)
            for product, place, quantity, cost in (
                (stock.pump, stock.a, 10, "2.5"), (stock.valve, stock.a, 4, None), (stock.pump, stock.b, 3, "2"),
                (stock.cable, stock.a, 9, "1"), (stock.service, stock.b, 1, None))]
    outcome = head().run_many(POST, rows)
    assert [row.pk for row in outcome.done] == [row.pk for row in rows[:3]]
    assert [str(refusal) for *_rest, refusal in outcome.refused] == [
        "“Cable” has stock in “Shenzhen” already: count it instead.",
        "Line 1: “Installation” is not kept in stock."]
    made = StockDocument.objects.filter(kind="opening").order_by("warehouse__code")
    assert [(one.warehouse.code, one.status, one.value, len(one.lines)) for one in made] == [
        ("A", "confirmed", 25, 2), ("B", "confirmed", 6, 1)]
    assert balance(stock.a, stock.pump) == (10, 0, 10, 25)
    before = dump()
    again = head().run_many(POST, rows)
    assert (again.done, len(again.refused), dump() == before) == ([], 5, True)
    with pytest.raises(Refused, match="It has been posted"):
        head().update(head().get(OpeningStock, rows[0].pk), quantity=11)
    with pytest.raises(Refused, match="is there already"):
        head().create(OpeningStock, product=stock.pump.pk, warehouse=stock.a.pk, quantity=1)
    undone = undoing.undo(head(), outcome.operation_id)
    assert (undone.restored, dump() == before) == (0, True)


def test_one_row_of_opening_stock_says_why_not(stock: SimpleNamespace, head: Person) -> None:
    row = head().create(OpeningStock, product=stock.service.pk, warehouse=stock.a.pk, quantity=1)
    before = dump()
    with pytest.raises(Refused, match="is not kept in stock"):
        head().run(POST, row)
    assert (dump(), OpeningStock.objects.get().status) == (before, "draft")


@pytest.mark.covers("P22")
def test_what_is_reserved_is_not_available_to_others(stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10)
    one = keeper().create(Reservation, product=stock.pump.pk, warehouse=stock.a.pk, quantity=7, purpose="Order 1")
    assert balance(stock.a, stock.pump) == (10, 7, 3, 20)
    made = draft(keeper(), "issue", stock.a, line(stock.pump, 4))
    before = dump()
    with pytest.raises(Refused, match=r"4 needed, 3 available \(10 on hand, 7 reserved\)"):
        keeper().run(CONFIRM, made)
    with pytest.raises(Refused, match=r"4 needed, 3 available"):
        keeper().create(Reservation, product=stock.pump.pk, warehouse=stock.a.pk, quantity=4, purpose="Order 2")
    assert dump() == before
    used = moved(keeper(), "issue", stock.a, line(stock.pump, 7, reservation=one.pk))
    one.refresh_from_db()
    assert (one.status, balance(stock.a, stock.pump)) == ("consumed", (3, 0, 3, 6))
    with pytest.raises(Refused, match="It is not set aside any more"):
        moved(keeper(), "issue", stock.a, line(stock.pump, 1, reservation=one.pk))
    assert used.value == 14


def test_a_released_reservation_gives_the_goods_back(stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10)
    one = keeper().create(Reservation, product=stock.pump.pk, warehouse=stock.a.pk, quantity=7, purpose="Order 1")
    keeper().run(RELEASE, one)
    assert (Reservation.objects.get().status, balance(stock.a, stock.pump)[:3]) == ("released", (10, 0, 10))
    with pytest.raises(Refused, match="Only possible while"):
        keeper().run(RELEASE, one)


def test_what_is_set_aside_stands(stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10)
    one = keeper().create(Reservation, product=stock.pump.pk, warehouse=stock.a.pk, quantity=7, purpose="Order 1")
    before = dump()
    for values in ({"quantity": 8}, {"product": stock.valve.pk}, {"warehouse": stock.b.pk}):
        with pytest.raises(Refused, match="of a reservation stands: release it and set aside anew"):
            keeper().update(keeper().get(Reservation, one.pk), **values)
    assert dump() == before
    keeper().update(keeper().get(Reservation, one.pk), purpose="Order 2")


@pytest.mark.parametrize(("_case", "values", "reason"), [
    ("nothing", {"quantity": 0}, "more than nothing"), ("gone", {"until": "2020-01-01"}, "is over"),
    ("half", {"quantity": "0.5"}, "is counted in"), ("too many", {"quantity": 11}, "11 needed, 10 available")])
def test_what_cannot_be_set_aside(
        _case: str, values: dict[str, Any], reason: str, stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10)
    before = dump()
    with pytest.raises(Refused, match=reason):
        keeper().create(Reservation, **{
            "product": stock.pump.pk, "warehouse": stock.a.pk, "quantity": 1, "purpose": "Order", **values})
    assert dump() == before


@pytest.mark.parametrize(("_case", "kind", "name", "place", "reason"), [
    ("receipt", "receipt", "pump", "a", "Only an issue uses up"), ("product", "issue", "valve", "a", "another product"),
    ("warehouse", "issue", "pump", "b", "another product, or in another warehouse")])
def test_a_reservation_serves_what_it_was_made_for(
        _case: str, kind: str, name: str, place: str, reason: str, stock: SimpleNamespace, keeper: Person,
        filled: Any) -> None:
    filled(10)
    one = keeper().create(Reservation, product=stock.pump.pk, warehouse=stock.a.pk, quantity=2, purpose="Order 1")
    with pytest.raises(Refused, match=reason):
        moved(keeper(), kind, getattr(stock, place), line(getattr(stock, name), 2, reservation=one.pk))
    assert balance(stock.a, stock.pump)[:3] == (10, 2, 8)


def test_one_reservation_is_used_once(stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10)
    one = keeper().create(Reservation, product=stock.pump.pk, warehouse=stock.a.pk, quantity=2, purpose="Order 1")
    both = [draft(keeper(), "issue", stock.a, line(stock.pump, 2, reservation=one.pk)) for _ in range(2)]
    outcome = keeper().run_many(CONFIRM, both)
    assert ([row.pk for row in outcome.done], [str(why) for *_rest, why in outcome.refused]) == (
        [both[0].pk], ["A reservation is used up by one line only."])
    assert balance(stock.a, stock.pump)[:3] == (8, 0, 8)


def test_reservations_end_with_their_day(firm: Firm, stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10)
    today = keeper().today
    made = [keeper().create(Reservation, product=stock.pump.pk, warehouse=stock.a.pk, quantity=2, purpose="x", until=day)
            for day in (None, today, today + datetime.timedelta(days=1))]
    assert expire_reservations(firm.system) == 0
    Reservation.objects.filter(pk=made[1].pk).update(until=today - datetime.timedelta(days=1))
    assert expire_reservations(firm.system) == 1
    assert list(Reservation.objects.order_by("pk").values_list("status", flat=True)) == ["active", "released", "active"]
    assert balance(stock.a, stock.pump)[:3] == (10, 4, 6)


def test_below_the_minimum_it_is_time_to_order(
        stock: SimpleNamespace, keeper: Person, head: Person, filled: Any, salesperson: Person) -> None:
    filled(10)
    row = StockBalance.objects.get()
    keeper().run("inventory.stockbalance.set_minimum", row, minimum=8)
    keeper().run("inventory.stockbalance.plan", product=stock.valve.pk, warehouse=stock.b.pk, minimum=1)
    assert measures.value(head(), figures.below_minimum) == 1
    moved(keeper(), "issue", stock.a, line(stock.pump, 3))
    assert measures.value(head(), figures.below_minimum) == 2
    with pytest.raises(Refused, match="never negative"):
        keeper().run("inventory.stockbalance.set_minimum", row, minimum=-1)
    keeper().run("inventory.stockbalance.set_minimum", row)
    assert measures.value(head(), figures.below_minimum) == 1
    with pytest.raises(Denied):
        salesperson().run("inventory.stockbalance.set_minimum", row, minimum=8)


def test_the_figures_of_stock(stock: SimpleNamespace, head: Person, filled: Any, salesperson: Person) -> None:
    filled(10, "2.5")
    filled(4, "1", warehouse=stock.b)
    draft(head(), "issue", stock.a, line(stock.pump, 1))
    assert measures.value(head(), figures.stock_value) == 29
    assert measures.value(head(), figures.unconfirmed) == 1
    assert measures.value(salesperson(), figures.stock_value) == 0


@pytest.mark.covers("MON-07", "INV-04")
def test_the_nightly_check_reports_and_never_repairs(
        firm: Firm, stock: SimpleNamespace, keeper: Person, head: Person, administrator: Person, filled: Any) -> None:
    filled(10, "2")
    filled(5, "1", product=stock.valve)
    keeper().create(Reservation, product=stock.valve.pk, warehouse=stock.a.pk, quantity=2, purpose="Order 1")
    assert check_balances(firm.system) == []
    wrong = StockBalance.objects.get(product=stock.pump)
    StockBalance.objects.filter(pk=wrong.pk).update(on_hand=F("on_hand") + 3)
    assert check_balances(firm.system) == [wrong.pk]
    wrong.refresh_from_db()
    assert (wrong.on_hand, wrong.differs, measures.value(head(), figures.differing)) == (13, True, 1)
    told = Notification.objects.get()
    words = "“Pump” in “Shenzhen”: the balance says 13 (20.00, 0 reserved), its movements say 10 (20.00, 0 reserved)."
    assert (told.user_id, told.object_id, told.note) == (administrator.id, wrong.pk, words)
    assert Entry.objects.get(verb="inventory.stockbalance.differs").reason == words
    with pytest.raises(Denied):
        head().run("inventory.stockbalance.repair", wrong)
    administrator().run("inventory.stockbalance.repair", wrong)
    wrong.refresh_from_db()
    assert (balance(stock.a, stock.pump), wrong.differs) == ((10, 0, 10, 20), False)
    assert check_balances(firm.system) == []
    with pytest.raises(Refused, match="agrees with its movements"):
        administrator().run("inventory.stockbalance.repair", wrong)


@pytest.mark.parametrize(("_case", "values"), [("value", {"value": 1}), ("reserved", {"reserved": 1})])
def test_the_check_sees_value_and_reservations_too(
        _case: str, values: dict[str, Any], firm: Firm, stock: SimpleNamespace, filled: Any) -> None:
    filled(10, "2")
    StockBalance.objects.update(**values)
    assert check_balances(firm.system) == [StockBalance.objects.get().pk]


def test_a_balance_that_is_lost_is_noticed(firm: Firm, stock: SimpleNamespace, administrator: Person, filled: Any) -> None:
    filled(10)
    StockBalance.objects.all().delete()
    assert check_balances(firm.system) == []
    assert Notification.objects.get().note == "1 products moved in warehouses that have no balance of them."


def test_a_flag_goes_when_the_difference_is_gone(firm: Firm, stock: SimpleNamespace, filled: Any) -> None:
    filled(10)
    StockBalance.objects.update(differs=True)
    assert check_balances(firm.system) == []
    assert StockBalance.objects.get().differs is False


def test_cancelling_a_count_restores_the_books(stock: SimpleNamespace, head: Person, filled: Any) -> None:
    filled(10, "2")
    made = moved(head(), "count", stock.a, line(stock.pump, 7))
    head().run(CANCEL, made, reason="Counted wrongly")
    assert balance(stock.a, stock.pump) == (10, 0, 10, 20)
