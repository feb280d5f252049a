"""The arithmetic of selling, as tables."""

import datetime
from decimal import Decimal

import pytest

from guanxi.apps.sales import rules

DAY = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


def at(days: float) -> datetime.datetime:
    return DAY + datetime.timedelta(days=days)


@pytest.mark.covers("SAL-10", "SAL-11")
@pytest.mark.parametrize(("amount", "probability", "expected"), [
    (Decimal("1000.00"), Decimal(5), "50.00"), (Decimal("0.10"), Decimal("5.00"), "0.01"),
    (Decimal("0.09"), Decimal("5.00"), "0.00"), (Decimal("99.99"), Decimal(100), "99.99"), (Decimal(0), Decimal(80), "0.00")])
def test_weighted(amount: Decimal, probability: Decimal, expected: str) -> None:
    assert str(rules.weighted(amount, probability)) == expected


def test_nothing_is_weighted_without_an_amount() -> None:
    assert rules.weighted(None, Decimal(50)) is None
    assert rules.weighted(Decimal(50), None) is None


@pytest.mark.covers("STG-03")
@pytest.mark.parametrize(("_case", "changes", "end", "expected"), [
    ("none", [], 3, []),
    ("one", [("a", at(5))], 8, [("a", 8.0, 1, True)]),
    ("brought in later counts from its start", [("a", at(90))], 100, [("a", 100.0, 1, True)]),
    ("two", [("a", at(0)), ("b", at(2.5))], 10, [("a", 2.5, 1, False), ("b", 7.5, 1, True)]),
    ("back again", [("a", at(0)), ("b", at(1)), ("a", at(3))], 7, [("a", 5.0, 2, True), ("b", 2.0, 1, False)]),
    ("closed on the day it moved", [("a", at(0)), ("b", at(4))], 3, [("a", 4.0, 1, False), ("b", 0.0, 1, True)])])
def test_stays(_case: str, changes: list[tuple[str, datetime.datetime]], end: float, expected: list[object]) -> None:
    assert [(one.stage, one.days, one.visits, one.now) for one in rules.stays(changes, DAY, at(end))] == expected


@pytest.mark.covers("CUT-05")
def test_missing_influences() -> None:
    assert rules.missing_influences([["user"], ["user", "economic"]], ["coach", "user", "technical", "economic"]) == [
        "coach", "technical"]
    assert rules.missing_influences([], ["coach"]) == ["coach"]
    assert rules.missing_influences([["coach"]], ["coach"]) == []


@pytest.mark.covers("T21")
def test_limits_of_a_pool() -> None:
    assert [rules.claims_left(limit, used) for limit, used in ((None, 9), (3, 0), (3, 3), (3, 5), (0, 0))] == [
        None, 3, 0, 0, 0]
    assert rules.free_again(DAY, 7) == at(7)
    assert rules.free_again(DAY, 0) is None
    assert rules.free_again(None, 7) is None


def test_what_is_closed_is_certain() -> None:
    assert (rules.closed_probability("won"), rules.closed_probability("lost")) == (Decimal(100), Decimal(0))
