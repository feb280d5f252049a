"""The customers of the sample company: who they are, who works there, and how they belong together."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from guanxi.apps.parties.models import (
    BankAccount,
    BusinessYear,
    Contact,
    Customer,
    Employment,
    Relation,
    Shareholder,
    SocialRelation,
)
from guanxi.kernel.api import Ctx
from guanxi.site.demo.company import SELLERS
from guanxi.site.demo.lists import Lists
from guanxi.site.demo.play import Play
from guanxi.site.demo.words import BANKS, CITIES, LIKINGS, POSTS, TRADES, credit_code, latin

COMPANIES, PRIVATE = 54, 6
#: name, short name, city
GROUP = (("澜海集团股份有限公司", "澜海集团", "上海市"), ("澜海（上海）国际贸易有限公司", "澜海国贸", "上海市"),
         ("澜海精密制造（苏州）有限公司", "澜海精密", "苏州市"), ("澜海智能装备（苏州）有限公司", "澜海智装", "苏州市"))
_TAGS = ("展会结识", "老板直谈", "重点跟进", "付款准时", "价格敏感", "需要培训", "长期合作")


@dataclass
class Person:
    """A contact, and what part the person takes in deals."""

    values: dict[str, Any]
    roles: tuple[str, ...]
    pk: int = 0


@dataclass
class Firm:
    """A customer of the script; ``born`` says how many days ago it came in."""

    values: dict[str, Any]
    owner: str
    born: int
    buys: str = "machine"
    people: list[Person] = field(default_factory=list)
    pk: int = 0

    @property
    def short(self) -> str:
        return str(self.values.get("short_name") or self.values["name"])


def cast(play: Play, lists: Lists, count: int = COMPANIES + PRIVATE) -> list[Firm]:
    """Everybody the firm deals with, not yet written down."""
    firms = [_company(play, lists, number) for number in range(count - PRIVATE)]
    for firm, (name, short, city) in zip(firms, GROUP, strict=False):
        firm.values |= _place(play, next(row for row in CITIES if row[1] == city))
        firm.values |= {"name": name, "short_name": short, "party": "customer"}
        firm.owner, firm.born, firm.buys = "east1", max(firm.born, 250), "machine"
    firms[0].values |= {"listed": True, "exchange": "上海证券交易所", "stock_code": "603000",
                        "listed_on": datetime.date(2017, 6, 16), "life_stage": "loyal"}
    return firms + [_private(play, lists) for _number in range(PRIVATE)]


def _company(play: Play, lists: Lists, number: int) -> Firm:
    rng, brand = play.rng, play.names.brands.pop()
    owner = rng.choice(sorted(SELLERS))
    city = rng.choice([row for row in CITIES if row[1] in SELLERS[owner]])
    trade, brief, industry, buys = TRADES[number % len(TRADES)] if number % 3 else rng.choice(TRADES)
    form = "股份有限公司" if rng.random() < 0.08 else "有限公司"
    host = latin(brand)
    values = _place(play, city) | _register(play, city) | {
        "name": f"{city[1].removesuffix('市')}{brand}{trade}{form}", "short_name": f"{brand}{brief}",
        "kind": "company", "party": "distributor" if number % 11 == 5 else "partner" if number % 17 == 9 else "customer",
        "industry": lists.industry(industry), "source": rng.choice(lists.sources) if lists.sources else None,
        "level": _level(play, lists),
        "life_stage": rng.choices(("future", "potential", "actual", "loyal"), (1, 5, 5, 2))[0],
        "phone": play.names.landline(city[2]), "email": f"info@{host}.example", "website": f"https://www.{host}.example",
        "target_type": "business", "tags": rng.sample(_TAGS, rng.randint(0, 2)),
        "business_scope": f"{trade}的研发、生产与销售；货物及技术进出口。" if number % 2 else "",
    }
    firm = Firm(values, owner, rng.randint(18, 320), buys)
    firm.people = [_contact(play, city, host) for _number in range(rng.choices((1, 2, 3, 4), (8, 14, 8, 2))[0])]
    return firm


def _place(play: Play, city: tuple[Any, ...]) -> dict[str, Any]:
    district, number = play.rng.choice(city[5]), play.rng.randint(8, 1688)
    where = play.rng.choice(("", f" {play.rng.randint(1, 9)} 号楼 {play.rng.randint(2, 18)}0{play.rng.randint(1, 8)} 室"))
    region = city[0] if city[0] != city[1] else ""
    return {"province": city[0], "city": city[1], "district": district, "postcode": city[4],
            "address": f"{region}{city[1]}{district}{play.rng.choice(city[6])} {number} 号{where}"}


def _register(play: Play, city: tuple[Any, ...]) -> dict[str, Any]:
    """What stands on the business licence, and the credit given."""
    rng = play.rng
    legal, _gender = play.names.person()
    founded = datetime.date(rng.randint(1998, 2021), rng.randint(1, 12), rng.randint(1, 28))
    found = {"credit_code": credit_code(rng, city[3]), "legal_person": legal, "founded_on": founded,
             "registered_capital": rng.choice((200, 500, 800, 1000, 2000, 5000)) * 10_000, "registration": "active",
             "staff": rng.choice((18, 35, 60, 85, 120, 260, 430, 900))}
    if rng.random() < 0.6:
        found |= {"credit_rating": rng.choice(("aa", "a", "a", "b")),
                  "credit_limit": rng.choice((20, 50, 80, 150)) * 10_000,
                  "payment_days": rng.choice((0, 30, 60)),
                  "payment_terms": rng.choice(("款到发货", "月结 30 天", "3-6-1 分期"))}
    return found


def _level(play: Play, lists: Lists) -> int | None:
    return play.rng.choices(lists.levels,
                            [2 + 2 * place for place in range(len(lists.levels))])[0] if lists.levels else None


def _private(play: Play, lists: Lists) -> Firm:
    rng, (name, gender) = play.rng, play.names.person()
    owner = rng.choice(sorted(SELLERS))
    city = rng.choice([row for row in CITIES if row[1] in SELLERS[owner]])
    values = _place(play, city) | {
        "name": name, "kind": "person", "party": "customer", "life_stage": rng.choice(("potential", "actual")),
        "mobile": play.names.mobile(), "wechat": f"wx_{latin(name)}", "target_type": "consumer",
        "level": _level(play, lists),
        "birthday": datetime.date(rng.randint(1966, 1994), rng.randint(1, 12), rng.randint(1, 28)),
        "source": rng.choice(lists.sources) if lists.sources else None,
        "note": "收藏葡萄酒，为私人酒窖订货。" if gender == "male" else ""}
    return Firm(values, owner, rng.randint(20, 250), "food")


def _contact(play: Play, city: tuple[Any, ...], host: str) -> Person:
    rng, (name, gender) = play.rng, play.names.person()
    post, department, roles = rng.choice(POSTS)
    values = {"name": name, "gender": gender, "position": post, "department": department, "mobile": play.names.mobile(),
              "email": f"{latin(name)}@{host}.example", "decides": "economic" in roles}
    if rng.random() < 0.6:
        values["wechat"] = f"{latin(name)}{rng.randint(1, 99):02d}"
    if rng.random() < 0.45:
        values["birthday"] = datetime.date(rng.randint(1968, 1998), rng.randint(1, 12), rng.randint(1, 28))
    if rng.random() < 0.35:
        values["likings"] = rng.choice(LIKINGS)
    if rng.random() < 0.25:
        values["phone"] = play.names.landline(city[2])
    return Person(values, roles)


def enter(play: Play, firms: list[Firm]) -> None:
    """Write them into the script: each comes in on its day, through its owner."""
    for place, firm in enumerate(firms):
        def bring(ctx: Ctx, firm: Firm = firm, place: int = place) -> None:
            values = {key: value for key, value in firm.values.items() if value not in (None, "", [])}
            firm.pk = ctx.create(Customer, **values).pk
            for person in firm.people:
                person.pk = _employ(ctx, play, firm, person)
            if firm.values["kind"] == "company" and place % 3 == 0:
                _profile(ctx, play, firm)
        play.at(play.some_time(firm.born), firm.owner, bring)
    play.at(play.moment(240, 15), "director", lambda ctx: _group(ctx, firms))
    _second_jobs(play, firms[:-PRIVATE])


def _employ(ctx: Ctx, play: Play, firm: Firm, person: Person) -> int:
    made = ctx.create(Contact, customer=firm.pk, **person.values)
    ctx.create(Employment, contact=made.pk, customer=firm.pk, position=person.values["position"],
               department=person.values["department"], main=True,
               starts_on=play.day(firm.born + play.rng.randint(200, 3000)))
    return made.pk


def _profile(ctx: Ctx, play: Play, firm: Firm) -> None:
    """Shareholders, a bank account and the last three years of a company."""
    rng, revenue = play.rng, play.rng.randint(18, 260) * 1_000_000
    big = rng.choice((51, 60, 70, 80))
    second, _gender = play.names.person()
    for name, share in ((firm.values["legal_person"], big), (second, 100 - big)):
        ctx.create(Shareholder, customer=firm.pk, name=name, share=share, since=firm.values["founded_on"],
                   capital=firm.values["registered_capital"] * share // 100)
    bank, code = rng.choice(BANKS)
    ctx.create(BankAccount, customer=firm.pk, bank=f"{bank}{firm.values['city'].removesuffix('市')}分行", main=True,
               account_name=firm.values["name"], number=f"6222{rng.randrange(10**15):015d}", bank_code=code)
    for year in range(play.today.year - 3, play.today.year):
        revenue = revenue * rng.randint(94, 121) // 100
        ctx.create(BusinessYear, customer=firm.pk, year=year, revenue=revenue, profit=revenue * rng.randint(3, 11) // 100,
                   assets=revenue * 8 // 10, liabilities=revenue * 4 // 10, staff=firm.values["staff"])


def _group(ctx: Ctx, firms: list[Firm]) -> None:
    """A group of three floors: the head, two companies under it, and one under the second."""
    for below, above in ((1, 0), (2, 0), (3, 2)):
        ctx.update(ctx.get(Customer, firms[below].pk), parent_company=firms[above].pk)


def _second_jobs(play: Play, firms: list[Firm]) -> None:
    """Some people work for two customers, and some have moved from one to another."""
    for place, firm in enumerate(firms[4::5]):
        peers = [one for one in firms if one.owner == firm.owner and one is not firm]
        if firm.people and peers:
            other, person = play.rng.choice(peers), firm.people[0]

            def also(ctx: Ctx, person: Person = person, other: Firm = other, place: int = place) -> None:
                post = "技术顾问" if place % 2 else "监事"
                ctx.create(Employment, contact=person.pk, customer=other.pk, position=post, role="兼职",
                           starts_on=play.day(60))
            play.at(play.some_time(min(12, firm.born - 2, other.born - 2)), firm.owner, also)


def tie(play: Play, lists: Lists, firms: list[Firm]) -> None:
    """Relations between customers, and who knows whom."""
    kinds = ("supplies", "distributes for", "invested in", "recommended", "competes with", "works together with")
    known = [pk for pk in (lists.relation(kind) for kind in kinds) if pk is not None]
    pairs = [(one, other) for place, one in enumerate(firms[:-PRIVATE:3]) for other in firms[place + 7:place + 8]]
    for place, (one, other) in enumerate(pairs if known else ()):
        if one is not other:
            values = {"kind": known[place % len(known)], "since": play.day(play.rng.randint(300, 1500))}
            play.at(play.some_time(13), "director", lambda ctx, one=one, other=other, values=values: ctx.create(
                Relation, customer=one.pk, other=other.pk, **values))
    for place, firm in enumerate([one for one in firms if len(one.people) > 1][:12]):
        kind, words = (("classmate", "浙江大学 EMBA 同学"), ("hometown", "温州同乡"), ("official", "开发区商务局领导"),
                       ("colleague", "原单位同事"))[place % 4]
        play.at(play.some_time(11), firm.owner, lambda ctx, firm=firm, kind=kind, words=words: ctx.create(
            SocialRelation, customer=firm.pk, contact=firm.people[0].pk, kind=kind, closeness="good", other=words))
