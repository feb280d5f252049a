"""Amounts are rounded by one rule, and shared out without a cent too many or too few."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.language import money

D = Decimal


@pytest.mark.covers("MON-01")
@pytest.mark.parametrize(("value", "decimals", "shown"), [
    ("0.005", 2, "0.01"), ("0.0049999", 2, "0.00"), ("2.675", 2, "2.68"), ("1234.5", 0, "1235"), ("-0.005", 2, "-0.01")])
def test_halves_go_away_from_zero(value, decimals, shown):
    assert str(money.rounded(D(value), decimals)) == shown


@pytest.mark.parametrize(("currency", "places"), [("CNY", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("VND", 0), ("TWD", 2)])
def test_decimals_of_a_currency(currency, places):
    assert money.places(currency) == places


SHARES = [
    ("three thirds", "100", ["33.33", "33.33", "33.33"], 2, False, ["33.33", "33.33", "33.34"]),
    ("three thirds of yen", "100", ["1", "1", "1"], 0, False, ["33", "33", "34"]),
    ("a half goes up", "3", ["1", "5"], 0, False, ["1", "2"]),
    ("by weight", "10", ["1", "2", "1"], 2, False, ["2.50", "5.00", "2.50"]),
    ("the last that counts", "10", ["1", "1", "0"], 2, False, ["5.00", "5.00", "0"]),
    ("nothing", "0", ["1", "1"], 2, False, ["0.00", "0.00"]),
    ("no weights", "7", ["0", "0"], 2, False, ["0", "7"]),
    ("nobody", "7", [], 2, False, []),
    ("cents rounded up run out", "0.05", ["0.01"] * 10, 2, True, ["0.01"] * 5 + ["0.00"] * 5),
    ("cents rounded down come back", "0.04", ["0.01"] * 10, 2, True, ["0.00"] * 6 + ["0.01"] * 4),
    ("everything", "0.03", ["0.01", "0.02"], 2, True, ["0.01", "0.02"]),
]


@pytest.mark.covers("MON-02")
@pytest.mark.parametrize(("_case", "total", "weights", "decimals", "within", "shares"), SHARES, ids=[row[0] for row in SHARES])
def test_a_total_is_shared_out(_case, total, weights, decimals, within, shares):
    found = money.spread(D(total), [D(one) for one in weights], decimals, within=within)
    assert found == [D(one) for one in shares]


AMOUNTS = st.lists(st.decimals(0, 10**9, places=2), min_size=1, max_size=30)


@pytest.mark.covers("MON-02")
@given(AMOUNTS, st.decimals(0, 10**9, places=2))
def test_shares_always_add_up(weights, total):
    shares = money.spread(total, weights, 2)
    assert sum(shares) == total
    assert all(share >= 0 and share == money.rounded(share, 2) for share in shares)


@pytest.mark.covers("MON-01")
@given(AMOUNTS, st.integers(0, 1000))
def test_a_discount_is_never_larger_than_what_it_is_on(amounts, thousandths):
    total = money.rounded(sum(amounts) * thousandths / 1000, 2)
    shares = money.spread(total, amounts, 2, within=True)
    assert sum(shares) == total
    assert all(0 <= share <= amount for share, amount in zip(shares, amounts, strict=True))


@given(st.decimals(0, 10**14, places=4), st.decimals(0, 10**14, places=4))
def test_no_digit_is_lost(one, other):
    assert int(money.times(one, other).scaleb(8, context=money.EXACT)) == int(one.scaleb(4)) * int(other.scaleb(4))
