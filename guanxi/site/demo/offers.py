"""The quotes of the sample company: for deals that have come as far as a solution, in every state a quote can be in."""

import datetime
from decimal import Decimal
from random import Random
from typing import Any

from guanxi.apps.sales.actions.quote import expire_quotes
from guanxi.apps.sales.models import Quote
from guanxi.kernel.api import Ctx
from guanxi.site.demo import goods as stock
from guanxi.site.demo.deals import STAGES, Deal
from guanxi.site.demo.goods import Goods
from guanxi.site.demo.lists import Lists
from guanxi.site.demo.play import Play
from guanxi.surfaces.automation.models import ApprovalRequest

#: From this stage on a customer has an offer in hand.
QUOTED = STAGES.index("solution")
TERMS = ("款到发货", "月结 30 天", "30% 预付，70% 见提单", "3-6-1 分期")
SHIPPING = ("CIF 上海", "送货到厂，含保险", "合同生效后六周交货")
#: What becomes of the offers of open deals, in turn.
COURSE = ("draft", "asked", "sent", "revised", "refused", "sent", "old", "granted")
#: Offers that give so much away that the superior is asked first.
GENEROUS = ("asked", "refused", "granted")


def enter(play: Play, lists: Lists, deals: list[Deal], goods: Goods) -> None:
    """Write the offers into the script."""
    dice = Random(f"offers {play.seed}")  # noqa: S311 - invented data, no secret
    quoted = [deal for deal in deals if len(deal.path) > QUOTED]
    turns = {"": 0, "won": 0, "lost": 0}
    for deal in quoted:
        turn, turns[deal.end] = turns[deal.end], turns[deal.end] + 1
        course = deal.end or COURSE[turn % len(COURSE)]
        _offer(play, lists, deal, goods, Offer(deal, course, turn, dice))
    play.at(play.moment(1, 17, 30), "", expire_quotes)


class Offer:
    """What is offered for a deal: chosen when the script is written, so that it is the same every time."""

    def __init__(self, deal: Deal, course: str, turn: int, dice: Random) -> None:
        self.deal, self.course, self.turn, self.pk = deal, course, turn, 0
        price = Decimal(stock.GOODS[deal.what][2])
        self.quantity = max(1, int(deal.amount / price))
        if self.quantity > 100:
            self.quantity = self.quantity // 10 * 10
        self.discount = dice.choice((0, 0, 2, 3, 5)) if course not in GENEROUS else dice.choice((12, 15, 18))
        self.services = [] if deal.firm.buys == "food" else [(dice.randrange(3), dice.randint(1, 4))][:dice.randint(0, 1)]
        self.terms, self.shipping = dice.choice(TERMS), dice.choice(SHIPPING)
        self.off = dice.choice((0, 0, 0, 1))

    def lines(self, goods: Goods) -> list[dict[str, Any]]:
        main = {"product": goods.products[self.deal.what], "quantity": self.quantity, "discount": self.discount}
        return [main, *({"product": goods.services[place], "quantity": many} for place, many in self.services)]


def _offer(play: Play, lists: Lists, deal: Deal, goods: Goods, one: Offer) -> None:
    begun = max(deal.later(play.moment(deal.path[QUOTED], 10, 20)), play.moment(300)) + datetime.timedelta(minutes=40)
    until = play.day(deal.path[QUOTED] - 14 if one.course == "old" else min(-12, deal.path[QUOTED] - 45))
    play.at(begun, deal.owner, lambda ctx: _write(ctx, goods, one, until))
    if one.course == "draft":
        return
    sent = begun + datetime.timedelta(hours=3)
    play.at(sent, deal.owner, lambda ctx: ctx.run("sales.quote.send", one.pk))
    if one.course in ("refused", "granted"):
        _decide(play, one, sent)
    if one.course == "revised" or (one.course == "won" and one.turn % 3 == 0):
        play.at(sent + datetime.timedelta(days=1), deal.owner, lambda ctx: _again(ctx, one))
    if one.course in ("won", "lost"):
        end = max(play.moment(deal.ended, 8, 40), sent + datetime.timedelta(days=1, hours=1))
        play.at(end, deal.owner, lambda ctx: _close(ctx, lists, one))
        if one.course == "won":
            where = "yt" if deal.owner.startswith("south") else "wgq"
            stock.deliver(play, goods, deal.what, one.quantity, end, f"{deal.firm.short} {deal.what}"[:60], where)


def _write(ctx: Ctx, goods: Goods, one: Offer, until: datetime.date) -> None:
    deal = one.deal
    given: dict[str, Any] = {"contact": deal.firm.people[0].pk} if deal.firm.people else {}
    if one.course == "sent" and one.turn % 7 == 5:
        given["currency"] = "USD"
    one.pk = ctx.create(
        Quote, customer=deal.firm.pk, opportunity=deal.pk, subject=deal.name, valid_until=max(until, ctx.today),
        payment_terms=one.terms, delivery_terms=one.shipping, discount=one.off, lines=one.lines(goods), **given).pk


def _decide(play: Play, one: Offer, sent: datetime.datetime) -> None:
    """The superior says yes, and the offer goes out; or no, and it goes out with less off."""
    boss = {"east": "director", "south": "director"}.get(one.deal.owner, one.deal.owner.rstrip("0123456789"))

    verb, comment = ("reject", "折扣过大，毛利不足，先按九五折报。") if one.course == "refused" else (
        "approve", "老客户、批量大，同意按此折扣报价。")

    def say(ctx: Ctx) -> None:
        for request in ctx.find(ApprovalRequest).filter(object_type="sales.quote", object_id=one.pk, state="pending"):
            ctx.run(f"automation.approvalrequest.{verb}", request, comment=comment)

    def less(ctx: Ctx) -> None:
        quote = ctx.get(Quote, one.pk)
        ctx.update(quote, lines=[{"id": line.pk, "discount": 5 if place == 0 else line.discount}
                                 for place, line in enumerate(quote.lines)])
        ctx.run("sales.quote.send", one.pk)
    play.at(sent + datetime.timedelta(hours=1), boss, say)
    if one.course == "refused":
        play.at(sent + datetime.timedelta(hours=2), one.deal.owner, less)


def _again(ctx: Ctx, one: Offer) -> None:
    """The customer wants a better price: the next version replaces what was sent."""
    made: Any = ctx.run("sales.quote.revise", one.pk).value
    quote = ctx.get(Quote, made.pk)
    ctx.update(quote, lines=[{"id": line.pk, "discount": min(9, int(line.discount) + 3) if place == 0 else line.discount}
                             for place, line in enumerate(quote.lines)])
    ctx.run("sales.quote.send", made.pk)
    one.pk = made.pk


def _close(ctx: Ctx, lists: Lists, one: Offer) -> None:
    if one.course == "won":
        ctx.run("sales.quote.accept", one.pk, po_number=f"PO-{one.deal.pk:05d}")
        return
    reasons = sorted(key for key in lists.reasons if key.startswith("loss_"))
    if reasons:
        ctx.run("sales.quote.lose", one.pk, reason=lists.reasons[reasons[one.turn % len(reasons)]],
                note="对方已选其他供应商。" if one.turn % 2 else "价格高于对方预算。")
