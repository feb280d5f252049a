"""Which price holds, prices with tax and without, trees: tables of exact values."""

import datetime
from decimal import Decimal

import pytest

from guanxi.apps.catalog.rules import money, prices, tree
from guanxi.apps.catalog.rules.prices import Offer
from guanxi.language import trees

D = Decimal
TODAY = datetime.date(2026, 5, 10)
BEFORE, AFTER = datetime.date(2026, 5, 9), datetime.date(2026, 5, 11)


def offer(key: int, price: str, **more: object) -> Offer:
    return Offer(key, D(price), **{"currency": "CNY", **more})  # type: ignore[arg-type]


HOLDS = [
    ("no list has it", [], "1", None),
    ("one general list", [offer(1, "90")], "1", 1),
    ("the customer's own before a cheaper general one", [offer(1, "80"), offer(2, "90", own=True)], "1", 2),
    ("its own of another currency does not count", [offer(1, "80"), offer(2, "9", own=True, currency="USD")], "1", 1),
    ("its own from a quantity not reached", [offer(1, "80"), offer(2, "70", own=True, least=D(10))], "9", 1),
    ("reached exactly", [offer(1, "80"), offer(2, "70", own=True, least=D(10))], "10", 2),
    ("the largest quantity reached", [offer(1, "80"), offer(2, "85", least=D(5)), offer(3, "60", least=D(50))], "7", 2),
    ("less than the first step", [offer(1, "80")], "0.5", None),
    ("not yet", [offer(1, "80", starts=AFTER)], "1", None),
    ("no longer", [offer(1, "80", ends=BEFORE)], "1", None),
    ("on its first and last day", [offer(1, "80", starts=TODAY, ends=TODAY)], "1", 1),
    ("began later, though dearer", [offer(1, "80", starts=BEFORE), offer(2, "85", starts=TODAY)], "1", 2),
    ("dated before undated", [offer(1, "80"), offer(2, "85", starts=BEFORE)], "1", 2),
    ("the lower price", [offer(1, "80"), offer(2, "79.99")], "1", 2),
    ("the lower price before tax", [offer(1, "112", tax_included=True), offer(2, "100", tax_included=False)], "1", 1),
    ("written down first", [offer(2, "80"), offer(1, "80")], "1", 1),
]


@pytest.mark.covers("PRD-02")
@pytest.mark.parametrize(("_case", "offers", "quantity", "key"), HOLDS, ids=[case[0] for case in HOLDS])
def test_which_price_holds(_case: str, offers: list[Offer], quantity: str, key: int | None) -> None:
    for order in (offers, offers[::-1]):
        found = prices.best(order, D(quantity), "CNY", TODAY, D(13))
        assert (found.key if found else None) == key


@pytest.mark.parametrize(("price", "rate", "included", "wanted", "found"), [
    ("113", "13", True, False, "100.0000"), ("100", "13", False, True, "113.0000"), ("99", "13", True, False, "87.6106"),
    ("99", "13", True, True, "99"), ("99", "0", True, False, "99.0000")])
def test_a_price_with_and_without_tax(price: str, rate: str, included: bool, wanted: bool, found: str) -> None:
    assert str(money.as_wanted(D(price), D(rate), included, wanted)) == found


@pytest.mark.parametrize(("price", "percent", "decimals", "found"), [
    ("100", "5", 2, "105.00"), ("99.99", "-10", 2, "89.99"), ("0.0125", "10", 4, "0.0138"), ("980", "3.3", 0, "1012"),
    ("100", "-100", 2, "0.00")])
def test_a_price_raised_or_lowered(price: str, percent: str, decimals: int, found: str) -> None:
    assert str(prices.changed(D(price), D(percent), decimals)) == found


def test_a_price_in_another_currency() -> None:
    assert str(prices.in_currency(D("710"), D(1), D("7.1"))) == "100.0000"
    assert str(prices.in_currency(D("100"), D("7.1"), D("0.047"))) == "15106.3830"


PARENTS = {1: None, 2: 1, 3: 2, 4: 1, 5: None, 7: 8, 8: 7}


@pytest.mark.covers("PRD-03")
def test_trees() -> None:
    assert [trees.in_ring(key, PARENTS) for key in (1, 3, 7, 8)] == [False, False, True, True]
    assert [sorted(tree.below(key, PARENTS)) for key in (1, 2, 5, 7)] == [[1, 2, 3, 4], [2, 3], [5], [7, 8]]
    deep = {key: key - 1 or None for key in range(1, 5001)}
    assert len(tree.below(1, deep)) == 5000
