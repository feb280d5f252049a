"""What the crowd is offered: a quote for each deal that came as far as a solution, by the product's own rules."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from guanxi.apps.sales.rules.quotes import Line, Totals, line_amount, totals
from guanxi.site.demo.crowd.almanac import Calendar
from guanxi.site.demo.crowd.story import Row, Story

#: The stage, counted from nought, from which on a customer has an offer in hand.
QUOTED = 4
#: So many days an offer holds.
HOLDS = 45
#: Percent off the goods, the usual ones more often.
OFF = (0, 0, 0, 2, 2, 3, 5, 8)
#: What makes an offer up to the amount of the deal, from how much on.
BESIDE = ((20_000, "配套附件与备件"), (0, "运费与装卸"))
TERMS = ("款到发货", "月结 30 天", "30% 预付，70% 见提单", "3-6-1 分期")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Good:
    """A product as a line of a quote takes it; ``many`` is its list price from ten on."""

    pk: int
    name: str
    unit: int
    price: Decimal
    many: Decimal
    cost: Decimal
    tax_rate: Decimal

    def listed(self, quantity: int) -> Decimal:
        return self.many if quantity >= 10 else self.price


@dataclass
class Wares:
    """What can be sold, where it lies by region, and who keeps it. Without goods nobody is offered anything."""

    goods: dict[str, Good] = field(default_factory=dict)
    warehouses: dict[str, int] = field(default_factory=dict)
    keeper: int | None = None


@dataclass
class Offer:
    """A quote with its lines; ``delivered`` is the moment at which the goods left, if they have."""

    quote: Row
    lines: list[Row]
    moves: list[tuple[str, str, str, str]]
    good: Good
    quantity: int
    region: str
    delivered: str = ""


class Writer:
    """Writes offers down, one after the other; the same for the same seed."""

    def __init__(self, wares: Wares, calendar: Calendar, stages: list[int], regions: dict[int, str], seed: int) -> None:
        self.wares, self.days, self.regions = wares, calendar, regions
        self.late = {str(pk) for pk in stages[QUOTED:]}
        self.dice = Random(f"offers {seed}")  # noqa: S311 - invented data, no secret
        self.today = calendar.day(0)

    def offers(self, stories: list[Story]) -> Iterator[Offer]:
        """What the customers of some stories were offered."""
        for story in stories:
            at = next((at for what, _old, new, at in story.moves if what == "stage" and new in self.late), None)
            good = self.wares.goods.get(story.deal["product"])
            if at is not None and good is not None:
                yield self._offer(story, at, good)

    def _offer(self, story: Story, at: str, good: Good) -> Offer:
        deal, dice = story.deal, self.dice
        quantity, lines = self._lines(good, Decimal(deal["amount"]), OFF[int(dice.random() * len(OFF))])
        found = totals([self._rule(one) for one in lines], 2, tax_included=True)
        status, moves = self._course(deal, at, dice.random())
        last = moves[-1][3]
        sent = "" if status == "draft" else at
        lost = deal["close_reason"] if status == "lost" else None
        quote = {
            "id": 0, "owner": deal["owner"], "upper_owner": deal["owner"], "created_by": deal["owner"],
            "updated_by": deal["owner"], "created_at": at, "updated_at": last, "number": "", "subject": deal["name"],
            "parts": deal["parts"], "customer": deal["customer"], "contact": story.contacts[0]["id"],
            "opportunity": deal["id"], "status": status, "rate": "1.00000000",
            "rate_on": self._local(last if status == "draft" else at),
            "valid_until": self._valid(at) if status != "draft" else self.days.day(-HOLDS),
            "payment_terms": TERMS[quantity % len(TERMS)], "sent_on": self._local(sent) if sent else None,
            "signed_on": deal["closed_on"] if status == "accepted" else None,
            "po_number": f"PO{deal['id']:07}" if status == "accepted" else "", "lost_reason": lost,
            "hit": {"accepted": "100.00", "lost": "0.00", "expired": "0.00"}.get(status),
            "discount": "0.00", "reduction": "0.00", **_sums(found)}
        for row, amounts in zip(lines, found.lines, strict=True):
            row |= {"share": f"{amounts.share:.2f}", "net": f"{amounts.net:.2f}", "tax": f"{amounts.tax:.2f}",
                    "gross": f"{amounts.gross:.2f}", "created_at": at, "updated_at": at,
                    **dict.fromkeys(("owner", "upper_owner", "created_by", "updated_by"), deal["owner"])}
        one = Offer(quote, lines, moves, good, quantity, self.regions[deal["owner"]])
        if status == "accepted" and (left := self.days.later(last, 7))[:10] < self.today:
            one.delivered = left
        return one

    def _lines(self, good: Good, amount: Decimal, off: int) -> tuple[int, list[Row]]:
        """So many of the goods as the amount buys, and what makes it up to the amount: the sum is that of the deal."""
        quantity = max(1, int(amount / good.price))
        quantity = quantity // 10 * 10 if quantity > 100 else quantity
        price = good.listed(quantity)
        main = line_amount(Line(Decimal(quantity), price, Decimal(off)), 2)
        rows = [self._line(1, good.name, quantity, price, good, off)]
        if (rest := amount - main) > 0:
            words = next(words for least, words in BESIDE if rest >= least)
            rows.append(self._line(2, words, 1, rest, None, 0))
        return quantity, rows

    @staticmethod
    def _line(position: int, words: str, quantity: int, price: Decimal, good: Good | None, off: int) -> Row:
        return {"id": 0, "quote": 0, "position": position, "product": good.pk if good else None, "text": words,
                "quantity": f"{quantity}.0000", "unit": good.unit if good else None, "price": f"{price:.4f}",
                "list_price": f"{price:.4f}" if good else None, "discount": f"{off}.00",
                "tax_rate": f"{good.tax_rate:.2f}" if good else "13.00",
                "cost": f"{good.cost:.4f}" if good else f"{price * Decimal('0.75'):.4f}"}

    @staticmethod
    def _rule(row: Row) -> Line:
        return Line(Decimal(row["quantity"]), Decimal(row["price"]), Decimal(row["discount"]), Decimal(row["tax_rate"]),
                    Decimal(row["list_price"]) if row["list_price"] else None, Decimal(row["cost"]))

    def _course(self, deal: Row, at: str, chance: float) -> tuple[str, list[tuple[str, str, str, str]]]:
        """The end of a quote follows that of its deal; an open one is a draft, or out as long as it holds."""
        moves = [("status", "", "draft", at)]
        if deal["status"] == "open" and chance < 0.15:
            return "draft", moves
        moves.append(("status", "draft", "sent", at))
        end = {"won": "accepted", "lost": "lost" if deal["close_reason"] else "sent"}.get(deal["status"], "sent")
        if end == "sent":
            if (until := self._valid(at)) >= self.today:
                return "sent", moves
            end, last = "expired", self.days.later(f"{until}{at[10:]}", 1)
        else:
            last = max(at, deal["stage_since"])
        return end, [*moves, ("status", "sent", end, last)]

    def _valid(self, at: str) -> str:
        return self.days.later(at, HOLDS)[:10]

    def _local(self, at: str) -> str:
        """The day of a working moment where the firm is."""
        return self.days.local_day(at)


def _sums(found: Totals) -> dict[str, Any]:
    """The totals as columns hold them."""
    margin, percent = found.margin, found.margin_percent
    return {"listed": f"{found.listed:.2f}", "deducted": f"{found.deducted:.2f}", "below_list": found.below_list,
            "discount_percent": f"{found.discount_percent:.2f}", "net": f"{found.net:.2f}", "tax": f"{found.tax:.2f}",
            "gross": f"{found.gross:.2f}", "gross_company": f"{found.gross:.2f}",
            "margin": None if margin is None else f"{margin:.2f}",
            "margin_percent": None if percent is None else f"{percent:.2f}"}


def month_of(at: str) -> str:
    return at[:7]


def first_of(month: str) -> str:
    """Early on the first day of a month, before anybody fetches goods."""
    return f"{datetime.date.fromisoformat(month + '-01').isoformat()}T00:30:00+00:00"
