"""The arithmetic of quotes: exact values, and sums that always hold."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.apps.sales.rules import quotes
from guanxi.apps.sales.rules.quotes import Line

D = Decimal
THIRD = Line(D(1), D(100), discount=D("33.33"), tax_rate=D(13))


@pytest.mark.covers("MON-01")
@pytest.mark.parametrize(("decimals", "included", "line", "total"), [
    (2, False, ("66.67", "8.67", "75.34"), ("200.01", "26.01", "226.02")),
    (2, True, ("59.00", "7.67", "66.67"), ("177.00", "23.01", "200.01")),
    (0, False, ("67", "9", "76"), ("201", "27", "228")),
    (0, True, ("59", "8", "67"), ("177", "24", "201"))])
def test_three_lines_of_a_third_off_with_tax(
        decimals: int, included: bool, line: tuple[str, ...], total: tuple[str, ...]) -> None:
    found = quotes.totals([THIRD] * 3, decimals, tax_included=included)
    assert [(str(one.net), str(one.tax), str(one.gross)) for one in found.lines] == [line] * 3
    assert (str(found.net), str(found.tax), str(found.gross)) == total


@pytest.mark.covers("MON-01", "MON-02")
@pytest.mark.parametrize(("prices", "percent", "reduction", "shares"), [
    (("100", "100", "100"), "10", "0", ("10.00", "10.00", "10.00")),
    (("100", "100", "100"), "0", "100", ("33.33", "33.33", "33.34")),
    (("33.33", "33.33", "33.33"), "33.33", "0", ("11.11", "11.11", "11.11")),
    (("0.01",) * 5, "50", "0", ("0.01", "0.01", "0.01", "0.00", "0.00")),
    (("99.99", "0", "0.01"), "5", "0.5", ("5.50", "0", "0.00")),
    (("10", "20"), "100", "0", ("10.00", "20.00"))])
def test_a_discount_on_the_whole_is_shared_out(
        prices: tuple[str, ...], percent: str, reduction: str, shares: tuple[str, ...]) -> None:
    lines = [Line(D(1), D(price), tax_rate=D(13)) for price in prices]
    found = quotes.totals(lines, 2, tax_included=False, percent=D(percent), reduction=D(reduction))
    assert [one.share for one in found.lines] == [D(share) for share in shares]
    assert found.net == sum(D(price) for price in prices) - sum(D(share) for share in shares)


def test_a_discount_larger_than_the_whole_is_no_discount() -> None:
    with pytest.raises(ValueError, match="larger"):
        quotes.totals([THIRD], 2, tax_included=False, percent=D(50), reduction=D("33.35"))
    with pytest.raises(ValueError, match="larger"):
        quotes.totals([], 2, tax_included=False, reduction=D("0.01"))


MEASURED = [
    ("as listed", [Line(D(2), D(100), list_price=D(100))], "0", ("200.00", "0.00", "0.00", False)),
    ("by its own discount", [Line(D(2), D(100), D(10), list_price=D(100))], "0", ("200.00", "20.00", "10.00", True)),
    ("by a lower price", [Line(D(2), D(90), list_price=D(100))], "0", ("200.00", "20.00", "10.00", True)),
    ("by a discount on the whole", [Line(D(2), D(100), list_price=D(100))], "12.5", ("200.00", "25.00", "12.50", True)),
    ("dearer than listed", [Line(D(1), D(120), list_price=D(100))], "0", ("100.00", "0.00", "0.00", False)),
    ("one dearer, one cheaper", [Line(D(1), D(120), list_price=D(100)), Line(D(1), D(90), list_price=D(100))], "0",
     ("200.00", "0.00", "0.00", True)),
    ("free text is measured by itself", [Line(D(1), D(50), D(20))], "0", ("50.00", "10.00", "20.00", False)),
    ("nothing", [], "0", ("0", "0", "0", False))]


@pytest.mark.covers("QUO-01")
@pytest.mark.parametrize(("_case", "lines", "percent", "found"), MEASURED, ids=[case[0] for case in MEASURED])
def test_how_far_a_quote_is_below_its_list_prices(
        _case: str, lines: list[Line], percent: str, found: tuple[str, str, str, bool]) -> None:
    made = quotes.totals(lines, 2, tax_included=True, percent=D(percent))
    assert (made.listed, made.deducted, made.discount_percent, made.below_list) == (*map(D, found[:3]), found[3])


@pytest.mark.parametrize(("costs", "margin", "percent"), [
    (("60", "30"), "110.00", "55.00"), (("60", None), None, None), (("0", "0"), "200.00", "100.00"),
    (("300", "0"), "-100.00", "-50.00"), (("9999999", "0"), "-9999799.00", None)])
def test_the_margin_is_known_when_every_cost_is(
        costs: tuple[str | None, str | None], margin: str | None, percent: str | None) -> None:
    lines = [Line(D(1), D(113), tax_rate=D(13), cost=None if cost is None else D(cost)) for cost in costs]
    found = quotes.totals(lines, 2, tax_included=True)
    assert [None if one is None else str(one) for one in (found.margin, found.margin_percent)] == [margin, percent or None]


LINES = st.builds(
    Line, quantity=st.decimals(0, 10**6, places=4), price=st.decimals(0, 10**6, places=4), discount=st.decimals(0, 100, places=2),
    tax_rate=st.sampled_from([D(0), D(3), D(6), D(9), D(13), D("16.25")]),
    list_price=st.none() | st.decimals(0, 10**6, places=4), cost=st.none() | st.decimals(0, 10**6, places=4))


@pytest.mark.covers("MON-01", "MON-02")
@given(st.lists(LINES, max_size=25), st.sampled_from([0, 2]), st.booleans(), st.decimals(0, 100, places=2))
def test_totals_are_the_sums_of_what_the_lines_show(
        lines: list[Line], decimals: int, included: bool, percent: Decimal) -> None:
    found = quotes.totals(lines, decimals, tax_included=included, percent=percent)
    amounts = [quotes.line_amount(line, decimals) for line in lines]
    off = quotes.whole_discount(amounts, percent, D(0), decimals)
    assert sum(one.net for one in found.lines) == found.net
    assert sum(one.tax for one in found.lines) == found.tax
    assert sum(one.gross for one in found.lines) == found.gross == found.net + found.tax
    assert sum(one.share for one in found.lines) == off
    assert sum(amounts) - off == (found.gross if included else found.net)
    assert all(one.net >= 0 and one.tax >= 0 and one.share >= 0 for one in found.lines)
    assert all(value == quotes.rounded(value, decimals) for one in found.lines for value in (one.net, one.tax, one.gross))
    assert 0 <= found.discount_percent <= 100
