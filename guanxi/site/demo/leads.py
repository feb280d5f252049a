"""Where the business of the sample company comes from: raw data, leads, and the pool that nobody owns."""

from typing import Any

from guanxi.apps.sales.models import Lead, Prospect
from guanxi.kernel.api import Ctx
from guanxi.site.demo import talk_of
from guanxi.site.demo.company import SELLERS
from guanxi.site.demo.lists import Lists
from guanxi.site.demo.play import Play
from guanxi.site.demo.words import CITIES, POSTS, PRODUCTS, TRADES, latin

#: what becomes of the leads, and how many there are of each kind
FATES = (("new", 8), ("contacted", 8), ("qualified", 6), ("converted", 4), ("given_up", 4), ("returned", 3), ("pool", 9))
RAW, DISCARDED, QUALIFIED = 15, 4, 5
RETURNED = ("连续三次未接通", "暂无预算，放回公海", "不在我的区域")
DISCARDS = ("号码为空号", "公司已注销", "重复数据", "非目标行业")
BATCHES = ("2026 进博会名录", "行业协会会员名单", "海关数据导出")


def enter(play: Play, lists: Lists) -> None:
    """Write leads and raw data into the script."""
    sellers, place = sorted(SELLERS), 0
    for fate, count in FATES:
        for _number in range(count):
            place += 1
            owner = "marketing1" if fate == "pool" else sellers[place % len(sellers)]
            _lead(play, lists, fate, owner, place)
    for number in range(RAW + DISCARDED + QUALIFIED):
        _prospect(play, lists, number)


def _source(play: Play, lists: Lists) -> dict[str, Any]:
    """A company that might buy, with somebody to ask for."""
    rng, city = play.rng, play.rng.choice(CITIES)
    trade, _brief, industry, buys = rng.choice(TRADES)
    (name, _gender), brand = play.names.person(), play.names.brands[rng.randrange(len(play.names.brands))]
    play.names.brands.remove(brand)
    what = rng.choice(PRODUCTS[buys])
    found = {"company": f"{city[1].removesuffix('市')}{brand}{trade}有限公司", "person": name,
             "job_title": rng.choice(POSTS)[0],
             "phone": play.names.landline(city[2]), "email": f"{latin(name)}@{latin(brand)}.example",
             "industry": lists.industry(industry), "requirement": rng.choice(talk_of.NEEDS).format(what=what[0]),
             "source": rng.choice(lists.sources) if lists.sources else None, "address": f"{city[1]}{rng.choice(city[5])}"}
    return {key: value for key, value in found.items() if value is not None}


def _lead(play: Play, lists: Lists, fate: str, owner: str, place: int) -> None:
    born = play.rng.randint(12, 45) if fate != "new" else play.rng.randint(1, 9)
    values = _source(play, lists) | {"mobile": play.names.mobile()}
    values["amount"] = play.rng.randint(8, 160) * 5000
    if fate == "pool":
        values["pool"] = lists.pool
    made: dict[str, int] = {}

    def begin(ctx: Ctx) -> None:
        given = {"owner": None} if fate == "pool" else {}
        made["pk"] = ctx.create(Lead, **{**values, **given}).pk

    play.at(play.some_time(born), owner, begin)
    if fate not in ("new", "pool"):
        play.at(play.some_time(born - 4), owner, lambda ctx: _speak(ctx, play, lists, made["pk"], values, fate, place))
    if fate in ("qualified", "converted"):
        play.at(play.some_time(born - 7), owner, lambda ctx: ctx.run("sales.lead.qualify", made["pk"]))
    if fate == "converted":
        play.at(play.some_time(1), owner, lambda ctx: ctx.run(
            "sales.lead.convert", made["pk"], subject=f"{values['company']}采购咨询"))


def _speak(ctx: Ctx, play: Play, lists: Lists, pk: int, values: dict[str, Any], fate: str, place: int) -> None:
    """The first call, and what followed from it at once."""
    if "call_outbound" in lists.types:
        words = f"首次电话联系{values['person']}：{values['requirement']}。"
        ahead: dict[str, Any] = {"next_at": play.moment(-(place % 6), 15)} if fate in ("contacted", "qualified") else {}
        ctx.run("sales.lead.log_follow_up", pk, text=words, type=lists.types["call_outbound"], **ahead)
    ctx.run("sales.lead.contact", pk)
    reasons = sorted(key for key in lists.reasons if key.startswith("lead_"))
    if fate == "given_up" and reasons:
        ctx.run("sales.lead.disqualify", pk, reason=lists.reasons[reasons[place % len(reasons)]], note="电话沟通后确认。")
    if fate == "returned" and lists.pool:
        ctx.run("sales.lead.return", pk, pool=lists.pool, reason=RETURNED[place % len(RETURNED)])


def _prospect(play: Play, lists: Lists, number: int) -> None:
    values, made = _source(play, lists) | {"batch": BATCHES[number % len(BATCHES)], "library": lists.library}, {"pk": 0}
    born = play.rng.randint(14, 60)

    def begin(ctx: Ctx) -> None:
        made["pk"] = ctx.create(Prospect, **{key: value for key, value in values.items() if value is not None}).pk

    play.at(play.some_time(born), "assistant", begin)
    if number < DISCARDED:
        play.at(play.some_time(born - 6), "assistant", lambda ctx: ctx.run(
            "sales.prospect.discard", made["pk"], reason=DISCARDS[number % len(DISCARDS)]))
    elif number < DISCARDED + QUALIFIED and lists.pool:
        play.at(play.some_time(born - 6), "assistant", lambda ctx: ctx.run(
            "sales.prospect.qualify", made["pk"], pool=lists.pool))
