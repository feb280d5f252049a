"""The people of the sample company, their departments, positions and roles."""

from typing import Any

from django.contrib.auth.hashers import make_password

from guanxi.apps.org.models import Company, Department, Membership, Position, User
from guanxi.kernel.api import Ctx, policy
from guanxi.site.demo.play import Play
from guanxi.site.demo.words import latin

NAME, SHORT, DOMAIN = "华信进出口贸易有限公司", "华信进出口", "huaxin.example"
#: key, name, above
DEPARTMENTS = (
    ("office", "综合管理部", ""), ("sales", "销售中心", ""), ("east", "销售一部（华东）", "sales"),
    ("south", "销售二部（华南）", "sales"),
    ("marketing", "市场部", ""), ("service", "客户服务部", ""), ("stock", "仓储部", ""),
)
#: key, name, department, position, role, superior, years in the firm
PEOPLE = (
    ("gm", "沈国华", "office", "总经理", "management", "", 12),
    ("it", "陆子航", "office", "信息主管", "administrator", "gm", 5),
    ("finance", "孟丽华", "office", "财务经理", "finance", "gm", 6),
    ("audit", "方静", "office", "财务审计", "auditor", "gm", 7),
    ("deputy", "秦晓峰", "office", "副总经理", "management", "gm", 9),
    ("director", "周海涛", "sales", "销售总监", "sales_manager", "gm", 8),
    ("assistant", "许文静", "sales", "销售助理", "salesperson", "director", 2),
    ("east", "顾明轩", "east", "销售经理", "sales_manager", "director", 6),
    ("east1", "林雨桐", "east", "高级客户经理", "salesperson", "east", 4),
    ("east2", "何俊杰", "east", "客户经理", "salesperson", "east", 3),
    ("east3", "宋佳怡", "east", "客户经理", "salesperson", "east", 2),
    ("east4", "丁浩", "east", "客户经理", "salesperson", "east", 1),
    ("east5", "叶思琪", "east", "客户经理", "salesperson", "east", 3),
    ("south", "梁志远", "south", "销售经理", "sales_manager", "director", 7),
    ("south1", "陈嘉豪", "south", "高级客户经理", "salesperson", "south", 5),
    ("south2", "黄丽君", "south", "客户经理", "salesperson", "south", 3),
    ("south3", "罗伟明", "south", "客户经理", "salesperson", "south", 2),
    ("south4", "钟晓燕", "south", "客户经理", "salesperson", "south", 1),
    ("marketing", "苏婉清", "marketing", "市场经理", "marketer", "gm", 4),
    ("marketing1", "姚天宇", "marketing", "市场专员", "marketer", "marketing", 2),
    ("marketing2", "潘若曦", "marketing", "市场专员", "marketer", "marketing", 1),
    ("service", "唐慧敏", "service", "客服经理", "service_manager", "deputy", 6),
    ("service1", "袁磊", "service", "客服代表", "service_representative", "service", 3),
    ("service2", "夏雪梅", "service", "客服代表", "service_representative", "service", 2),
    ("agent", "石小芳", "service", "话务员", "agent", "service", 1),
    ("stock", "程国庆", "stock", "仓储经理", "warehouse_manager", "deputy", 6),
    ("stock1", "卢春燕", "stock", "仓库管理员", "warehouse_keeper", "stock", 3),
)
#: who sells, with the cities they look after
SELLERS = {
    "east1": ("杭州市", "宁波市", "上海市"), "east2": ("苏州市", "无锡市", "上海市"),
    "east3": ("南京市", "合肥市", "济南市"),
    "east4": ("青岛市", "大连市", "郑州市"), "east5": ("上海市", "杭州市", "武汉市"),
    "south1": ("深圳市", "广州市", "东莞市"),
    "south2": ("广州市", "佛山市", "成都市"), "south3": ("厦门市", "泉州市", "深圳市"),
    "south4": ("东莞市", "西安市", "武汉市"),
    "east": ("上海市", "苏州市"), "south": ("深圳市", "厦门市"),
}


def email(name: str) -> str:
    """The address with which somebody of the sample company signs in."""
    return f"{latin(name)}@{DOMAIN}"


def found_company(system: Ctx) -> Company:
    """The company of this installation; a new installation gets the sample company itself."""
    known = system.find(Company).first()
    if known is not None:
        return known
    with system.door("demo"):
        return system.save(Company(name=NAME, short_name=SHORT, language="zh-hans", begun=True))


def people(play: Play, password: str) -> None:
    """Everybody, at work since before the rehearsal begins. One password for all, so it is worked out once."""
    system, roles = play.system, {role.key: role for role in play.system.find(policy.Role)}
    units: dict[str, Department] = {}
    posts: dict[str, Position] = {}
    encoded = make_password(password)
    with system.door("demo"):
        top = system.find(Department).filter(parent=None).order_by("pk").first()
        if top is None:
            top = system.save(Department(name=_company_name(system)))
        for place, (key, name, above) in enumerate(DEPARTMENTS):
            units[key] = system.save(Department(name=_free(system, name, units.get(above) or top), place=place,
                                                code=key.upper(), parent=units.get(above) or top))
        for number, row in enumerate(PEOPLE, 1):
            user = _person(play, number, row, encoded)
            if not system.find(policy.Holding).filter(user=user, role=roles[row[4]]).exists():
                system.save(policy.Holding(user=user, role=roles[row[4]]))
            if row[3] not in posts:
                posts[row[3]] = _post(system, row[3])
            system.save(Membership(user=user, department=units[row[2]], position=posts[row[3]], main=True))
        for key, unit in units.items():
            unit.manager = play.people[{"office": "gm", "sales": "director"}.get(key, key)]
            system.save(unit)


def _company_name(system: Ctx) -> str:
    company = system.find(Company).first()
    return company.name if company else NAME


def _free(system: Ctx, name: str, parent: Department) -> str:
    """Somebody may have a department of this name already."""
    taken = system.find(Department).filter(parent=parent, name=name).exists()
    return f"{name} · {SHORT}" if taken else name


def _post(system: Ctx, name: str) -> Position:
    """A post of this name; one that lies in the bin holds its name and comes back."""
    gone = system.binned(Position).filter(name=name).first()
    if gone is not None:
        return system.run("org.position.restore", gone).done[0]  # type: ignore[return-value]
    return system.find(Position).filter(name=name).first() or system.save(Position(name=name))


def _person(play: Play, number: int, row: tuple[Any, ...], encoded: str) -> User:
    """A new person, or who stayed when the sample company was removed before."""
    key, name, _unit, post, _role, above, years = row
    there = play.system.find(User).filter(email=email(name)).first()
    user = there or User(name=name, email=email(name), joined_at=play.now)
    user.phone, user.job_number, user.title = f"+861980000{number:04d}", f"HX{number:03d}", post
    user.superior, user.hired_on = play.people.get(above), play.day(years * 365 + number * 7)
    user.password = encoded
    play.people[key] = play.system.save(user)
    return user
