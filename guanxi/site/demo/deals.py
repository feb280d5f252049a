"""The deals of the sample company: each walks its way through the stages, as far as it has come."""

import datetime
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from guanxi.apps.sales.models import Competitor, Opportunity, OpportunityCompetitor, OpportunityContact, OpportunityMember
from guanxi.common import talk
from guanxi.kernel.api import Ctx
from guanxi.site.demo import talk_of
from guanxi.site.demo.customers import Firm
from guanxi.site.demo.lists import Lists
from guanxi.site.demo.play import Play
from guanxi.site.demo.words import DEALS, PRODUCTS

STAGES = ("first_contact", "interest", "decision_maker", "needs", "solution", "demonstration", "evaluation", "verbal",
          "negotiation")
#: how many open deals stand in each stage, then those won and lost
OPEN, WON, LOST = (7, 6, 6, 6, 5, 5, 4, 4, 3), 14, 10
COMPETITORS = (
    ("鼎盛源国际贸易", "工业零部件、检测仪器", "价格低，账期长", "售后无本地团队", "我们交期快两周，备件有现货"),
    ("华东联采供应链", "化工原料、金属材料", "库存大，关系广", "单证常出错", "单证团队专业，报关零差错"),
    ("远帆进出口", "食品、酒水", "品牌多", "冷链靠外包", "自有冷链监控"),
    ("北岸机电", "机床、机器人", "原厂一级代理", "价格高，合同死板", "付款方式灵活"),
    ("恒通医疗贸易", "医用材料、实验设备", "注册证齐全", "响应慢", "24 小时响应"),
    ("日昇精工代理", "轴承、刀具", "日系资源强", "只做大客户", "中小批量也供货"))


@dataclass
class Deal:
    """An opportunity of the script: the days ago on which it reached each of its stages."""

    firm: Firm
    what: str
    series: str
    name: str
    amount: int
    path: list[int]
    end: str = ""
    ended: int = 0
    pk: int = 0
    begun: datetime.datetime | None = None
    rivals: list[int] = field(default_factory=list)

    @property
    def owner(self) -> str:
        return self.firm.owner

    def later(self, moment: datetime.datetime) -> datetime.datetime:
        """Not before the deal is there."""
        return max(moment, self.begun + datetime.timedelta(minutes=10)) if self.begun else moment


def cast(play: Play, firms: list[Firm]) -> list[Deal]:
    """Every deal of the last ten months, not yet written down."""
    wanted = [(stage, "") for stage, count in enumerate(OPEN) for _one in range(count)]
    wanted += [(8, "won")] * WON + [(play.rng.randint(1, 8), "lost") for _one in range(LOST)]
    play.rng.shuffle(wanted)
    old = sorted((firm for firm in firms if firm.people or firm.values["kind"] == "person"), key=lambda one: -one.born)
    deals = []
    for place, (stage, end) in enumerate(wanted):
        ended = play.rng.randint(3, 150) if end else play.rng.randint(2, 26) if place % 6 else play.rng.randint(34, 60)
        path = [ended + (play.rng.randint(4, 14) if end else 0)]
        for _step in range(stage):
            path.insert(0, path[0] + play.rng.randint(4, 19))
        fitting = [firm for firm in old if firm.born > path[0] + 4]
        deals.append(_deal(play, fitting[place % len(fitting)] if fitting else old[0], path, end, ended))
    return deals


def _deal(play: Play, firm: Firm, path: list[int], end: str, ended: int) -> Deal:
    what, series, low, high = play.rng.choice(PRODUCTS[firm.buys])
    latest = firm.born - 4
    if path[0] > latest:
        path, ended = [day * latest // path[0] or 1 for day in path], ended * latest // path[0] or 1
    amount = play.rng.randint(low * 2, high * 2) * 5000
    return Deal(firm, what, series, f"{firm.short}{what}{play.rng.choice(DEALS[firm.buys])}", amount, path, end,
                ended)


def competitors(play: Play) -> list[int]:
    """The master list, kept by the sales director's right hand: the system."""
    with play.system.door("demo"):
        return [play.system.save(Competitor(name=name, products=products, strengths=strong, weaknesses=weak,
                                            advantages=ours)).pk
                for name, products, strong, weak, ours in COMPETITORS]


def enter(play: Play, lists: Lists, deals: list[Deal], rivals: list[int]) -> None:
    """Write the deals into the script, stage by stage."""
    for place, deal in enumerate(deals):
        start = deal.begun = play.some_time(deal.path[0])
        play.at(start, deal.owner, lambda ctx, deal=deal, place=place: _begin(ctx, play, lists, deal, place))
        moment = start
        for step, day in enumerate(deal.path):
            moment = max(play.some_time(day), moment + datetime.timedelta(minutes=20))
            if step:
                play.at(moment, deal.owner, lambda ctx, deal=deal, step=step: ctx.run(
                    "sales.opportunity.move", deal.pk, stage=lists.stages[STAGES[step]]))
            _talks(play, lists, deal, step, moment)
        if place % 2 == 0 and len(deal.path) > 3:
            _rivals(play, deal, rivals, place)
        if deal.end:
            late = max(play.some_time(deal.ended), moment + datetime.timedelta(hours=1))
            play.at(late, deal.owner, lambda ctx, deal=deal, place=place: _close(ctx, play, lists, deal, place))
        _around(play, deal, place)


def _begin(ctx: Ctx, play: Play, lists: Lists, deal: Deal, place: int) -> None:
    closing = play.day(deal.ended) if deal.end else play.day(-play.rng.randint(-4 if place % 5 == 0 else 5, 75))
    deal.pk = ctx.create(
        Opportunity, name=deal.name, customer=deal.firm.pk, stage=lists.stages[STAGES[0]], amount=deal.amount,
        expected_close=closing, started_on=play.day(deal.path[0]), product=deal.what, series=deal.series,
        method=("direct", "direct", "tender", "partner", "phone")[place % 5],
        source=lists.sources[place % len(lists.sources)] if lists.sources else None,
        next_step="" if deal.end else talk_of.NEXT_STEPS[place % len(talk_of.NEXT_STEPS)]).pk
    for number, person in enumerate(deal.firm.people[:1 + place % 4]):
        ctx.create(OpportunityContact, opportunity=deal.pk, contact=person.pk, roles=list(person.roles),
                   attitude=play.rng.choice(("2", "1", "1", "0", "0", "-1", "-2" if place % 9 == 0 else "0")),
                   influence=("high", "medium", "low")[number % 3])


def _talks(play: Play, lists: Lists, deal: Deal, step: int, moment: datetime.datetime) -> None:
    """Most stages see a follow-up, some two; the last one of an open deal says when to go on."""
    last = step == len(deal.path) - 1 and not deal.end
    for number in range(1 if last else play.rng.choices((0, 1, 2), (35, 58, 7))[0]):
        later = moment + datetime.timedelta(minutes=play.rng.randint(5, 90), days=number)
        kind, words = play.rng.choice(talk_of.BY_STAGE[STAGES[step]])
        if later >= play.moment(0) or kind not in lists.types:
            continue
        ahead = play.moment(-play.rng.choice((-1, 0, 0, 1, 2, 3, 5, 8, 13)), 10) if last else None
        play.at(later, deal.owner, lambda ctx, deal=deal, kind=kind, words=words, ahead=ahead: _log(
            ctx, lists, deal, kind, words, ahead))


def _log(ctx: Ctx, lists: Lists, deal: Deal, kind: str, words: str, ahead: datetime.datetime | None) -> None:
    who = deal.firm.people[0].values["name"] if deal.firm.people else deal.firm.values["name"]
    given: dict[str, Any] = {"next_at": ahead} if ahead and ahead > ctx.now else {}
    ctx.run("sales.opportunity.log_follow_up", deal.pk, text=words.format(who=who, what=deal.what), type=lists.types[kind],
            **given)


def _close(ctx: Ctx, play: Play, lists: Lists, deal: Deal, place: int) -> None:
    if deal.end == "won":
        reasons, notes = [key for key in lists.reasons if key.startswith("win_")], talk_of.WON_NOTES
    else:
        reasons, notes = [key for key in lists.reasons if key.startswith("loss_")], talk_of.LOST_NOTES
    given: dict[str, Any] = {"reason": lists.reasons[sorted(reasons)[place % len(reasons)]],
                             "note": notes[place % len(notes)]}
    if deal.end == "lost" and deal.rivals:
        given["competitor"] = deal.rivals[0]
    ctx.run(f"sales.opportunity.{'win' if deal.end == 'won' else 'lose'}", deal.pk, **given)


def _rivals(play: Play, deal: Deal, rivals: list[int], place: int) -> None:
    deal.rivals = play.rng.sample(rivals, 1 + place % 2)
    for number, rival in enumerate(deal.rivals):
        position = ("level", "behind", "ahead", "unknown")[(place + number) % 4]
        moment = deal.later(play.some_time(deal.path[2]))
        play.at(moment, deal.owner, lambda ctx, rival=rival, position=position: ctx.create(
            OpportunityCompetitor, opportunity=deal.pk, competitor=rival, position=position,
            holds=["technical"] if position == "ahead" else []))


def _around(play: Play, deal: Deal, place: int) -> None:
    """Comments, files and colleagues of some deals."""
    day = min(deal.path[-1], deal.path[len(deal.path) // 2])
    boss = "east" if deal.owner.startswith("east") else "south"
    boss = "director" if deal.owner == boss else boss
    moment = deal.later(play.some_time(max(day, 1)) + datetime.timedelta(hours=2))
    if place % 4 == 0:
        words = talk_of.COMMENTS[place // 4 % len(talk_of.COMMENTS)].format(id=play.people[deal.owner].pk)
        play.at(moment, boss, lambda ctx: talk.comment(ctx, ctx.get(Opportunity, deal.pk), words))
    elif place % 7 == 0:
        words = talk_of.REMARKS[place // 7 % len(talk_of.REMARKS)]
        play.at(moment, deal.owner, lambda ctx: talk.comment(ctx, ctx.get(Opportunity, deal.pk), words))
    if len(deal.path) > 4 and place % 3 == 0:
        play.at(moment, deal.owner, lambda ctx: _attach(ctx, deal, place))
    if len(deal.path) > 5 and place % 4 == 1:
        play.at(moment, deal.owner, lambda ctx: ctx.create(
            OpportunityMember, opportunity=deal.pk, user=play.people["assistant"].pk, role="sales"))


def _attach(ctx: Ctx, deal: Deal, place: int) -> None:
    """A quotation as a text, or a photograph of the sample."""
    if place % 2:
        words = "\n".join(("报价单", f"客户：{deal.firm.values['name']}", f"货物：{deal.what}",
                           f"金额：{deal.amount} 元（含税到岸价）", "有效期：30 天", ""))
        upload = SimpleUploadedFile(f"报价单-{deal.what}.txt", words.encode(), "text/plain")
    else:
        upload = SimpleUploadedFile(f"样品照片-{deal.what}.png", _picture(place), "image/png")
    talk.attach(ctx, ctx.get(Opportunity, deal.pk), upload)


def _picture(place: int) -> bytes:
    """A plain drawing of a crate; small, and the same every time."""
    image = Image.new("RGB", (320, 240), (236, 240, 244))
    pen, shade = ImageDraw.Draw(image), 90 + place * 7 % 120
    pen.rectangle((60, 60, 260, 200), fill=(shade, 130, 90), outline=(60, 60, 60), width=4)
    for line in range(60, 261, 40):
        pen.line((line, 60, line, 200), fill=(60, 60, 60), width=2)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
