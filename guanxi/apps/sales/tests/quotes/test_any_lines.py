"""Whatever is typed into a quote in whatever order: it comes to what its lines come to, also when it is taken back."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from guanxi.apps.catalog.models import ExchangeRate
from guanxi.apps.conftest import Person
from guanxi.apps.sales.models import Quote, QuoteLine
from guanxi.common import undoing
from guanxi.kernel.api import Ctx, Refused

pytestmark = pytest.mark.django_db
#: Examples of a long run; see docs/reliability.md.
SOAK = int(os.environ.get("GUANXI_TEST_SOAK", "0"))
EXAMPLES = settings(max_examples=SOAK or 6, derandomize=not SOAK, database=None, deadline=None, phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck))
RATES = {"USD": "7.1", "JPY": "0.047", "VND": "0.00028"}
WHOLE = ("JPY", "VND")
#: Every write leaves these behind; they say nothing of what a quote says.
MOVING = {"version", "updated_at", "updated_by_id"}
HUNDRED = Fraction(100)


def number(most: str, places: int, *usual: str) -> st.SearchStrategy[Decimal]:
    """Often one of those that round badly, else any."""
    return st.one_of(st.sampled_from([Decimal(one) for one in usual]), st.decimals(0, most, places=places))


percent = number("100", 2, "0", "0", "33.33", "100")
said = {"quantity": number("9999", 2, "1", "3", "0.07").filter(bool), "price": number("99999", 4, "0", "100", "0.0050", "33.33"),
        "discount": percent, "tax_rate": number("100", 2, "0", "6", "13"), "cost": st.none() | number("9999", 4, "60")}
one_line = st.fixed_dictionaries({**said, "product": st.sampled_from((None, "S-1"))})
place = st.integers(0, 6)
one_step = st.one_of(
    st.tuples(st.just("add"), place, one_line), st.tuples(st.just("add"), place, one_line),
    st.tuples(st.just("change"), place, st.fixed_dictionaries({}, optional=said)),
    st.tuples(st.just("remove"), place, st.none()), st.tuples(st.just("order"), place, st.booleans()),
    st.tuples(st.just("whole"), place, st.fixed_dictionaries({"discount": percent, "reduction": number("50", 2, "0", "10")})),
    st.tuples(st.just("terms"), place, st.fixed_dictionaries({}, optional={
        "currency": st.sampled_from(("CNY", *RATES)), "tax_included": st.booleans()})),
    st.tuples(st.just("undo"), place, st.none()))


# what it must come to ------------------------------------------------------------------------------

def half_up(value: Fraction, places: int) -> Fraction:
    """To so many decimals, halves away from nothing; in whole numbers, so that no digit can be lost."""
    whole = floor(abs(value) * 10 ** places + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10 ** places)


def amount(line: Any, places: int) -> Fraction:
    return half_up(Fraction(line.quantity) * Fraction(line.price) * (HUNDRED - Fraction(line.discount)) / HUNDRED, places)


def whole_discount(amounts: Sequence[Fraction], quote: Any, places: int) -> Fraction:
    return half_up(sum(amounts) * Fraction(quote.discount) / HUNDRED, places) + Fraction(quote.reduction)


def shared_out(off: Fraction, amounts: Sequence[Fraction], shares: Sequence[Fraction], places: int) -> None:
    """Each part of the discount is in proportion and rounded; the last line takes the rest, none more than it has."""
    assert sum(shares) == off
    assert all(0 <= share <= has for share, has in zip(shares, amounts, strict=True))
    exact = [off * has / sum(amounts) if off else Fraction(0) for has in amounts]
    usual = [half_up(one, places) for one in exact]
    last = max((at for at, has in enumerate(amounts) if has), default=-1)
    rest = off - sum(one for at, one in enumerate(usual) if at != last)
    if last >= 0 and 0 <= rest <= amounts[last]:
        usual[last] = rest
        assert list(shares) == usual
    else:  # rounding leaves less than nothing, or more than the last one has: those beside it take that
        least = Fraction(len(shares), 10 ** places)
        assert all(abs(share - one) <= least for share, one in zip(shares, exact, strict=True))


def adds_up(quote: Quote) -> None:
    """Everything the stored quote says follows from what its stored lines say."""
    lines = list(QuoteLine.objects.filter(quote=quote, deleted_at=None).order_by("position"))
    assert [line.position for line in lines] == list(range(1, len(lines) + 1))
    places = 0 if quote.currency in WHOLE else 2
    amounts = [amount(line, places) for line in lines]
    off = whole_discount(amounts, quote, places)
    shared_out(off, amounts, [Fraction(line.share) for line in lines], places)
    listed = below = Fraction(0)
    for line, before in zip(lines, amounts, strict=True):
        left, rate = before - Fraction(line.share), Fraction(line.tax_rate)
        net = half_up(left * HUNDRED / (HUNDRED + rate), places) if quote.tax_included else left
        tax = left - net if quote.tax_included else half_up(left * rate / HUNDRED, places)
        assert (line.net, line.tax, line.gross) == (net, tax, net + tax), line.position
        at_list = Fraction(line.quantity) * Fraction(line.price if line.list_price is None else line.list_price)
        listed += half_up(at_list, places)
        below += line.list_price is not None and left < half_up(at_list, places)
    for name in ("net", "tax", "gross"):
        assert getattr(quote, name) == sum(Fraction(getattr(line, name)) for line in lines), name
    deducted = max(listed - (sum(amounts) - off), Fraction(0))
    assert (quote.listed, quote.deducted, quote.below_list) == (listed, deducted, bool(below))
    assert quote.discount_percent == (half_up(deducted * HUNDRED / listed, 2) if listed else 0)
    assert quote.gross_company == half_up(Fraction(quote.gross) * Fraction(quote.rate), 2)
    profits(quote, lines, places)


def profits(quote: Quote, lines: Sequence[QuoteLine], places: int) -> None:
    """The margin is known where every cost is."""
    if not lines or any(line.cost is None for line in lines):
        assert (quote.margin, quote.margin_percent) == (None, None)
        return
    margin = Fraction(quote.net) - sum(half_up(Fraction(line.quantity) * Fraction(line.cost), places) for line in lines)
    tells = quote.net and abs(margin) <= 10000 * Fraction(quote.net)
    assert quote.margin == margin
    assert quote.margin_percent == (half_up(margin * HUNDRED / Fraction(quote.net), 2) if tells else None)


# what is done --------------------------------------------------------------------------------------

def picture() -> dict[tuple[str, int], dict[str, Any]]:
    """Every living row with what it says."""
    return {(model.__name__, row["id"]): {name: row[name] for name in row if name not in MOVING}
            for model in (Quote, QuoteLine) for row in model.objects.filter(deleted_at=None).values()}


@dataclass
class Done:
    """An operation with what there was before and after it."""

    operation: int
    before: Any
    after: Any


class Desk:
    """A draft that somebody types into."""

    def __init__(self, who: Person, quote: Quote) -> None:
        self.who, self.pk = who, quote.pk
        self.done: list[Done] = []
        self.conflicts = 0

    def quote(self) -> Quote:
        return Quote.objects.get(pk=self.pk)

    def play(self, kind: str, at: int, given: Any) -> None:
        """One thing that somebody does; what is refused changes nothing, and is refused with reason."""
        if kind == "undo":
            if self.done:
                self.undo(self.done.pop(-1 - at % len(self.done)))
            return
        before, ctx = picture(), self.who()
        values = self.values(kind, at, given)
        try:
            with ctx.door("test"), ctx.operation("test", kind) as made:
                ctx.update(self.quote(), **values)
        except Refused as refusal:
            assert picture() == before
            self.refused(refusal, values)
        else:
            self.done.append(Done(made.pk, before, picture()))
            self.typed(values)
        adds_up(self.quote())

    def values(self, kind: str, at: int, given: Any) -> dict[str, Any]:
        if kind in ("whole", "terms"):
            return dict(given)
        stored = QuoteLine.objects.filter(quote=self.pk, deleted_at=None).order_by("position")
        rows: list[dict[str, Any]] = [{"id": pk} for pk in stored.values_list("pk", flat=True)]
        at %= len(rows) + (kind == "add") or 1
        if kind == "add":
            rows.insert(at, {"text": "Pumps", **given})
        elif kind == "order":
            rows = (rows[at:] + rows[:at])[::-1 if given else 1]
        elif rows:
            rows[at:at + 1] = [{**rows[at], **given}] if kind == "change" else []
        return {"lines": rows}

    def typed(self, values: dict[str, Any]) -> None:
        """What was typed stands there, in its order."""
        quote = self.quote()
        assert all(getattr(quote, name) == value for name, value in values.items() if name != "lines")
        lines = QuoteLine.objects.filter(quote=quote, deleted_at=None).order_by("position")
        for line, raw in zip(lines, values.get("lines", lines), strict=True):
            if isinstance(raw, dict):
                assert raw.get("id", line.pk) == line.pk
                # what is left empty is taken from the product
                assert all(getattr(line, name) == raw[name] for name in raw.keys() & said.keys() if raw[name] is not None)

    def refused(self, refusal: Refused, values: dict[str, Any]) -> None:
        """More off than there is, or an amount that the currency does not have; prices in another currency are its own."""
        (name,) = refusal.errors
        assert name == "reduction"
        quote = self.quote()
        for key in values.keys() - {"lines"}:
            setattr(quote, key, values[key])
        stored = {line.pk: line for line in QuoteLine.objects.filter(quote=quote)}
        lines = [SimpleNamespace(**{one: raw.get(one, getattr(stored.get(raw.get("id")), one, None))
                                    for one in ("quantity", "price", "discount")})
                 for raw in values.get("lines", [{"id": pk} for pk, line in stored.items() if not line.deleted_at])]
        places = 0 if quote.currency in WHOLE else 2
        odd = Fraction(quote.reduction) != half_up(Fraction(quote.reduction), places)
        amounts = [amount(line, places) for line in lines]
        assert odd or "currency" in values or whole_discount(amounts, quote, places) > sum(amounts)

    def undo(self, one: Done) -> None:
        """What nobody has touched since is as it was, to the letter; else it is listed, or what is left adds up."""
        current, ctx = picture(), self.who()
        result = undoing.undo(ctx, one.operation)
        self.conflicts += len(result.conflicts)
        if current == one.after:
            assert result.conflicts == []
            assert picture() == one.before
        elif result.conflicts:
            assert picture() == current
        adds_up(self.quote())


@pytest.mark.covers("MON-01", "QUO-01", "F2")
def test_a_quote_comes_to_what_its_lines_come_to(
        goods: SimpleNamespace, administrator: Person, quote: Any) -> None:
    ctx: Ctx = administrator()
    for currency, rate in RATES.items():
        ctx.create(ExchangeRate, currency=currency, day="2020-01-01", rate=rate)

    @EXAMPLES
    @given(st.lists(one_step, min_size=3, max_size=9))
    def example(steps: list[tuple[str, int, Any]]) -> None:
        with transaction.atomic():
            desk = Desk(administrator, quote(administrator(), lines=[{"product": "S-1"}, {"product": "S-1", "quantity": "2"}]))
            adds_up(desk.quote())
            start = picture()
            for step in steps:
                note(str(step))
                desk.play(*step)
            while desk.done:
                desk.undo(desk.done.pop())
            if not desk.conflicts:
                assert picture() == start
            transaction.set_rollback(True)

    example()
