"""The days of the sample company around today: to-dos, appointments, promises, events, and what was left lying."""

import datetime

from guanxi.apps.parties.models import Customer, CustomerEvent, Promise
from guanxi.apps.work.models import Activity
from guanxi.common import talk
from guanxi.kernel.api import Ctx
from guanxi.site.demo import talk_of
from guanxi.site.demo.company import SELLERS
from guanxi.site.demo.customers import Firm
from guanxi.site.demo.deals import Deal
from guanxi.site.demo.lists import Lists
from guanxi.site.demo.play import Play

EVENTS = (("move", "搬迁至新厂区"), ("management", "新任总经理到岗"), ("financing", "完成 B 轮融资"),
          ("contract_end", "现有供应合同到期"),
          ("tender", "年度设备招标开标"), ("anniversary", "公司成立周年庆"), ("merger", "收购同城配套厂"),
          ("other", "通过 ISO 复审"))


def enter(play: Play, lists: Lists, firms: list[Firm], deals: list[Deal]) -> None:
    """Write the present into the script."""
    ours = {key: [firm for firm in firms if firm.owner == key] for key in SELLERS}
    for place, key in enumerate(sorted(SELLERS)):
        _to_dos(play, lists, key, place, ours[key])
        _appointments(play, lists, key, [deal for deal in deals if deal.owner == key and not deal.end])
    _visits(play, lists, firms)
    _promises(play, firms)
    _events(play, firms)
    _meetings(play, lists)


def _to_dos(play: Play, lists: Lists, key: str, place: int, firms: list[Firm]) -> None:
    """For everybody who sells: something overdue, two things today, something ahead, and one asked for by the boss."""
    boss = "director" if key in ("east", "south") else key.rstrip("0123456789")
    for number, due in enumerate((2, 0, 0, -1, -4)):
        words = talk_of.TO_DOS[(place * 3 + number) % len(talk_of.TO_DOS)]
        firm = firms[number % len(firms)] if firms and number % 2 else None
        priority = "high" if number == 1 else "normal"
        play.at(play.some_time(4), key, lambda ctx, words=words, due=due, firm=firm, priority=priority: ctx.run(
            "work.activity.add_to_do", text=words, due=play.day(due), priority=priority, **_of(firm)))
    play.at(play.some_time(3), boss, lambda ctx: ctx.run(
        "work.activity.add_to_do", text="更新商机预计成交日期和金额", due=play.day(0), person=play.people[key].pk))
    done: list[int] = []
    play.at(play.some_time(6), key, lambda ctx: done.append(ctx.run(
        "work.activity.add_to_do", text="回复询价邮件", due=play.day(3)).value.pk))
    play.at(play.some_time(2), key, lambda ctx: ctx.run("work.activity.complete", done[0], result="已全部回复。"))


def _of(firm: Firm | None) -> dict[str, int]:
    """Customers have their ids only while the script is played."""
    return {"customer": firm.pk} if firm else {}


def _appointments(play: Play, lists: Lists, key: str, deals: list[Deal]) -> None:
    """What stands in the calendar: yesterday's that nobody closed, today's, and the next two weeks'."""
    for number, deal in enumerate(deals[:5]):
        kind, words = talk_of.PLANNED[(number + len(key)) % len(talk_of.PLANNED)]
        when = play.moment((2, 0, -2, -5, -9)[number], 9 + (number * 2 + len(key)) % 8, 30 if number % 2 else 0)
        if kind in lists.types:
            play.at(deal.later(play.some_time(3)), key, lambda ctx, deal=deal, kind=kind, words=words, when=when: _plan(
                ctx, play, lists, deal, kind, words, when))


def _plan(ctx: Ctx, play: Play, lists: Lists, deal: Deal, kind: str, words: str, when: datetime.datetime) -> None:
    made = ctx.run("sales.opportunity.plan_activity", deal.pk, at=when, type=lists.types[kind],
                   text=words.format(what=deal.what)).value
    if when < play.moment(0, 23):
        ctx.update(made, remind="")  # its reminder has been seen


def _visits(play: Play, lists: Lists, firms: list[Firm]) -> None:
    """Customers without a deal are looked after too; some next contacts lie ahead, some have been missed."""
    for place, firm in enumerate(firms[::2]):
        who = firm.people[0].values["name"] if firm.people else firm.values["name"]
        kind = ("visit", "wechat", "call_outbound", "correspondence")[place % 4]
        words = (f"例行拜访{who}，了解下季度采购计划。", f"微信问候{who}，转发行业快讯。",
                 f"电话回访{who}，货已签收，质量满意。",
                 f"给{who}寄送新版产品目录。")[place % 4]
        ahead = play.moment(-(place % 9) + 2, 14)
        if kind in lists.types:
            play.at(play.some_time(3 + place % 9), firm.owner, lambda ctx, firm=firm, kind=kind, words=words,
                    ahead=ahead: ctx.run(
                "parties.customer.log_follow_up", firm.pk, text=words, type=lists.types[kind],
                **({"next_at": ahead} if ahead > ctx.now else {})))
    firm = firms[0]
    play.at(play.some_time(2), "director", lambda ctx: talk.comment(
        ctx, ctx.get(Customer, firm.pk), f"@[{play.people['east1'].pk}] 集团明年采购要统一招标，提前摸清各子公司的用量。"))


def _promises(play: Play, firms: list[Firm]) -> None:
    """Promises of both sides: kept, kept late, broken, open, and overdue."""
    fates = ("keep", "keep", "late", "break", "open", "open", "overdue", "overdue")
    for place, firm in enumerate([one for one in firms if one.people][:24]):
        side, words = talk_of.PROMISES[place % len(talk_of.PROMISES)]
        fate, made = fates[(place + place // 8) % len(fates)], {"pk": 0}
        due = {"open": -play.rng.randint(1, 20), "overdue": play.rng.randint(1, 4)}.get(fate, 7)

        def begin(ctx: Ctx, firm: Firm = firm, side: str = side, words: str = words, due: int = due,
                  made: dict[str, int] = made,
                  ) -> None:
            made["pk"] = ctx.create(Promise, customer=firm.pk, what=words, side=side, contact=firm.people[0].pk,
                                    promised_on=play.day(12), due_on=play.day(due)).pk

        play.at(play.some_time(12), firm.owner, begin)
        if fate == "break":
            play.at(play.some_time(5), firm.owner, lambda ctx, made=made: ctx.run(
                "parties.promise.break", made["pk"], outcome="工厂排产延误，已向客户道歉并补偿运费。"))
        elif fate in ("keep", "late"):
            play.at(play.some_time(9 if fate == "keep" else 2), firm.owner, lambda ctx, made=made: ctx.run(
                "parties.promise.keep", made["pk"], outcome="客户已确认。"))


def _events(play: Play, firms: list[Firm]) -> None:
    """Dated facts: moves, tenders, birthdays of people who decide."""
    for place, firm in enumerate(firms[1:49:3]):
        kind, title = EVENTS[place % len(EVENTS)]
        day = play.day(play.rng.randint(-40, 30))
        play.at(play.some_time(10), firm.owner, lambda ctx, firm=firm, kind=kind, title=title, day=day: ctx.create(
            CustomerEvent, customer=firm.pk, kind=kind, title=f"{firm.short}{title}", happens_on=day))
    born = [(firm, person) for firm in firms for person in firm.people if "birthday" in person.values]
    for place, (firm, person) in enumerate(born[:12]):
        day = play.day(-(place * 5) - 1)
        play.at(play.some_time(9), firm.owner, lambda ctx, firm=firm, person=person, day=day: ctx.create(
            CustomerEvent, customer=firm.pk, kind="birthday", title=f"{person.values['name']}生日", happens_on=day,
            contact=person.pk, every_year=True))


def _meetings(play: Play, lists: Lists) -> None:
    """The weekly meeting of the sales people, a fair, and the service's routine."""
    if "meeting" in lists.types:
        monday = play.moment(0, 9, 0) + datetime.timedelta(days=(0 - play.today.weekday()) % 7 or 7)
        play.at(play.some_time(14), "director", lambda ctx: ctx.create(
            Activity, name="销售周例会", type=lists.types["meeting"], planned_start=monday, period="FREQ=WEEKLY",
            planned_end=monday + datetime.timedelta(hours=1), description="过商机、对回款、定本周拜访计划。"))
    for key, kind, words, days in (("marketing", "event", "华东工业博览会参展筹备", -11),
                                   ("marketing1", "research", "整理竞品报价数据", -1),
                                   ("service", "meeting", "客诉复盘会", 0),
                                   ("service1", "call_outbound", "回访本周签收客户", 0),
                                   ("gm", "appointment", "拜访澜海集团董事长", -3),
                                   ("agent", "to_do", "核对来电登记表", 0)):
        if kind in lists.types:
            when = play.moment(days, 10)
            play.at(play.some_time(2), key, lambda ctx, kind=kind, words=words, when=when: ctx.create(
                Activity, name=words, type=lists.types[kind], planned_start=when,
                planned_end=when + datetime.timedelta(hours=2)))
