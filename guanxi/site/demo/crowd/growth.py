"""The organisation that a larger sample company needs: sales regions, teams and people, more of them for more customers."""

from typing import Any

from guanxi.apps.catalog.models import PriceListItem, Product
from guanxi.apps.inventory.models import Warehouse
from guanxi.apps.org.models import Department, Membership, User
from guanxi.apps.sales.models import CloseReason, Pipeline, Stage
from guanxi.kernel.api import Ctx, Q, policy
from guanxi.site.demo import company
from guanxi.site.demo.crowd import vocabulary
from guanxi.site.demo.crowd.offers import Good, Wares
from guanxi.site.demo.crowd.story import SOURCES, Known, Seller
from guanxi.site.demo.goods import GOODS
from guanxi.site.demo.lists import Lists
from guanxi.site.demo.play import Play
from guanxi.site.demo.words import TRADES

#: How many sell in one team.
TEAM = 10
#: People of the crowd sign in by these addresses.
ADDRESS = "s{number:04}@" + company.DOMAIN


def sellers_for(customers: int) -> int:
    """More customers need more people, and each looks after more: 17 for 200, 80 for 10,000, 500 for 1,000,000."""
    return max(8, round(2 * customers ** 0.4))


def grow(play: Play, customers: int) -> list[Seller]:
    """Open regions with teams below the sales centre, and fill them with people. Goes through the door."""
    count = sellers_for(customers)
    regions = vocabulary.REGIONS[:max(2, min(len(vocabulary.REGIONS), count // TEAM))]
    system, roles = play.system, {role.key: role for role in play.system.find(policy.Role)}
    director = play.people["director"]
    with system.door("demo"):
        centre = system.find(Department).filter(code="SALES").order_by("-pk").first()
        units = _all(system, [Department(name=name, code=f"REGION-{key.upper()}", parent=centre, place=10 + place)
                              for place, (key, name, _cities) in enumerate(regions)])
        teams = _teams(system, units, count)
        names = vocabulary.people(play.rng, count + len(units))
        heads = _people(system, names[:len(units)], units, director, director.password, 0)
        staff = _people(system, names[len(units):], teams, None, director.password, len(units))
        _all(system, [policy.Holding(user=head, role=roles["sales_manager"]) for head in heads])
        _all(system, [policy.Holding(user=one, role=roles["salesperson"]) for one in staff])
        managers = {unit.pk: head for unit, head in zip(units, heads, strict=True)}
        for unit in units:
            unit.manager = managers[unit.pk]
        for place, one in enumerate(staff):
            one.superior = managers[teams[place % len(teams)].parent_id]
        _all(system, units)
        _all(system, staff)
    where = {unit.pk: region for unit, region in zip(units, regions, strict=True)}
    found = [(one, where[teams[place % len(teams)].parent_id]) for place, one in enumerate(staff)]
    return [Seller(one.pk, key, cities) for one, (key, _name, cities) in found]


def wares(system: Ctx, sellers: list[Seller], keeper: int) -> Wares:
    """What can be sold, and a warehouse for each region that sells it. Goes through the door."""
    many = dict(system.find(PriceListItem).filter(min_quantity=10, price_list__restricted=False).values_list(
        "product", "price"))
    goods = {one.name: Good(one.pk, one.name, one.unit_id, one.list_price, many.get(one.pk, one.list_price), one.cost,
                            one.tax_rate)
             for one in system.find(Product).filter(name__in=GOODS, code__startswith="HX-").order_by("-pk")
             if one.list_price and one.cost}
    names = {key: name for key, name, _cities in vocabulary.REGIONS}
    with system.door("demo"):
        places = {region: _place(system, f"HX-{region.upper()}", f"{names[region]}中转仓", keeper)
                  for region in sorted({one.region for one in sellers})}
    return Wares(goods, places, keeper)


def _place(system: Ctx, code: str, name: str, keeper: int) -> int:
    """A warehouse nobody has used; one that stayed with its stock when the sample company was removed keeps its name."""
    if system.find(Warehouse).filter(Q(code=code) | Q(name=name)).exists():
        number = 2 + system.find(Warehouse).filter(code__startswith=f"{code}-").count()
        code, name = f"{code}-{number}", f"{name} {number}"
    return system.save(Warehouse(code=code, name=name, manager_id=keeper)).pk


def _teams(system: Ctx, units: list[Any], count: int) -> list[Any]:
    """Equally many for each region, at least one."""
    each = max(1, round(count / TEAM / len(units)))
    return _all(system, [
        Department(name=f"{unit.name[:-2]}{number}组", code=f"{unit.code}-{number}", parent=unit, place=number)
        for unit in units for number in range(1, each + 1)])


def _people(system: Ctx, names: list[str], units: list[Any], superior: Any, password: str, after: int) -> list[Any]:
    """In turn for each department."""
    made = []
    for place, name in enumerate(names):
        number = after + place + 1
        address = ADDRESS.format(number=number)
        user = system.find(User).filter(email=address).first() or User(email=address)
        user.name, user.phone, user.job_number = name, f"+861981{number:07}", f"HXS{number:04}"
        user.title, user.superior, user.is_active = "区域总监" if superior else "客户经理", superior, True
        user.joined_at, user.password = system.now, password
        made.append(user)
    _all(system, made)
    _all(system, [Membership(user=one, department=units[place % len(units)], main=True) for place, one in enumerate(made)])
    return made


def _all(system: Ctx, records: list[Any]) -> list[Any]:
    """Write many of one object; the first refusal stops everything."""
    fresh = [one for one in records if one.pk is None]
    known = [one for one in records if one.pk is not None]
    for group in (fresh, known):
        for _record, refusal in system.save_all(group) if group else ():
            if refusal is not None:
                raise refusal
    return records


def known(system: Ctx, lists: Lists, sellers: list[Seller]) -> Known:
    """The lists as they are now, which the company may have changed."""
    pipeline = system.find(Pipeline).order_by("-default", "position", "pk")[0]
    stages = list(system.find(Stage).filter(pipeline=pipeline).order_by("position", "pk"))
    closing = {one.kind: one.pk for one in stages if one.kind != Stage.Kind.OPEN}
    reasons = {status: list(system.find(CloseReason).filter(kind=kind).order_by("pk").values_list("pk", flat=True))
               for status, kind in (("won", CloseReason.Kind.WIN), ("lost", CloseReason.Kind.LOSS))}
    return Known(
        sellers=sellers, sources={english: lists.source(english) for english, _weight, _rate in SOURCES},
        industries={english: lists.industry(english) for english in sorted({row[2] for row in TRADES})},
        levels=list(lists.levels) or [None], types=lists.types,
        stages=[(one.pk, int(one.probability), one.dwell_days or 0) for one in stages if one.kind == Stage.Kind.OPEN],
        won=closing[Stage.Kind.WON], lost=closing.get(Stage.Kind.LOST), pipeline=pipeline.pk, reasons=reasons)
