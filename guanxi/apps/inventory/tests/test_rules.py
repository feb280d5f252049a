"""The arithmetic of stock: quantity, value, shortage; and what always holds."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.apps.inventory import rules
from guanxi.apps.inventory.rules import Stock

D = Decimal


@pytest.mark.parametrize(("_case", "stock", "quantity", "cost", "after", "worth"), [
    ("first in", Stock(), "10", "25", ("10", "25", "2.5"), "25"),
    ("second in", Stock(D(10), D(0), D(25), D("2.5")), "5", "20", ("15", "45", "3"), "20"),
    ("in at the average", Stock(D(10), D(0), D(25), D("2.5")), "2", None, ("12", "30", "2.5"), "5"),
    ("out", Stock(D(15), D(0), D(45), D(3)), "-4", None, ("11", "33", "3"), "-12"),
    ("out in thirds", Stock(D(3), D(0), D(10), D("3.3333")), "-1", None, ("2", "6.67", "3.335"), "-3.33"),
    ("the last takes the cents", Stock(D(1), D(0), D("3.34"), D("3.335")), "-1", None, ("0", "0", "3.335"), "-3.34"),
    ("out of nothing", Stock(unit_cost=D(4)), "-2", None, ("-2", "-8", "4"), "-8"),
    ("below nothing", Stock(D(2), D(0), D(6), D(3)), "-5", None, ("-3", "-9", "3"), "-15"),
    ("filling a part of the gap", Stock(D(-3), D(0), D(-9), D(3)), "2", "100", ("-1", "-3", "3"), "6"),
    ("filling the gap", Stock(D(-3), D(0), D(-9), D(3)), "3", "100", ("0", "0", "3"), "9"),
    ("filling more than the gap", Stock(D(-3), D(0), D(-9), D(3)), "5", "20", ("2", "8", "4"), "17"),
])
def test_a_movement_moves_quantity_and_value(
        _case: str, stock: Stock, quantity: str, cost: str | None, after: tuple[str, str, str], worth: str) -> None:
    found, value = stock.moved(D(quantity), None if cost is None else D(cost))
    assert (found.on_hand, found.value, found.unit_cost) == tuple(map(D, after))
    assert value == D(worth)


@pytest.mark.parametrize(("on_hand", "reserved", "counted", "short"), [
    (0, 0, False, False), (-1, 0, False, True), (5, 5, False, False), (5, 6, False, True), (5, 6, True, False),
    (-1, 0, True, True)])
def test_when_stock_is_short(on_hand: int, reserved: int, counted: bool, short: bool) -> None:
    assert rules.is_short(Stock(D(on_hand), D(reserved)), counted) is short


@pytest.mark.parametrize(("minimum", "available", "below"), [
    (None, -1, False), (5, 5, False), (5, 4, True), (0, -1, True), (0, 0, False)])
def test_when_it_is_time_to_order(minimum: int | None, available: int, below: bool) -> None:
    assert rules.below(None if minimum is None else D(minimum), D(available)) is below


@pytest.mark.parametrize(("value", "text"), [
    ("0.0000", "0"), ("100.0000", "100"), ("2.5000", "2.5"), ("-0.2000", "-0.2"), ("12000", "12000")])
def test_quantities_are_written_without_empty_zeros(value: str, text: str) -> None:
    assert rules.amount(D(value)) == text


def test_the_total_of_lines() -> None:
    assert rules.total([(D("2.5"), D("0.3333")), (D(3), None), (D(1), D("0.005"))]) == D("0.84")
    assert rules.total([(D(3), None)]) is None
    assert rules.each(D("10"), D("3")) == D("3.3333")
    assert rules.counted_difference(D(8), D(10)) == -2


amounts = st.integers(1, 10**10 - 1).map(lambda number: D(number).scaleb(-4))
costs = st.one_of(st.none(), st.integers(0, 10**8 - 1).map(lambda number: D(number).scaleb(-2)))
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault


@calm
@given(st.lists(st.tuples(st.booleans(), amounts, costs), max_size=30))
def test_value_follows_quantity_whatever_happens(moves: list[tuple[bool, Decimal, Decimal | None]]) -> None:
    stock, quantity, value = Stock(), D(0), D(0)
    for comes, amount, cost in moves:
        amount = amount if comes else -amount
        stock, worth = stock.moved(amount, cost if comes else None)
        quantity, value = quantity + amount, value + worth
        assert (stock.on_hand, stock.value) == (quantity, value)
        assert stock.value == round(stock.value, 2)
        assert stock.unit_cost >= 0
        if not stock.on_hand:
            assert stock.value == 0


@calm
@given(st.lists(st.tuples(st.booleans(), amounts, costs), max_size=30))
def test_nothing_is_worth_less_than_nothing_while_there_is_some(
        moves: list[tuple[bool, Decimal, Decimal | None]]) -> None:
    stock = Stock()
    for comes, amount, cost in moves:
        amount = amount if comes else -min(amount, stock.on_hand)
        if amount:
            stock, _worth = stock.moved(amount, cost if comes else None)
        assert stock.on_hand >= 0
        assert stock.value >= 0
