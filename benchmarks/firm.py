"""A firm, the same every time: people, customers, contacts, deals and activities, whole as the product writes them."""

import datetime
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from guanxi.apps.org.models import Company, Department, Membership, User
from guanxi.apps.parties.models import Contact, Customer, Industry
from guanxi.apps.sales.models import Opportunity, Stage
from guanxi.apps.work.models import Activity, ActivityType
from guanxi.kernel import entries, match_keys, search_index, writing
from guanxi.kernel.api import Ctx, policy
from guanxi.kernel.entries import Entry, StateChange
from guanxi.kernel.records import Record
from guanxi.site.seed import seed_all

DEPARTMENTS, PEOPLE = 8, 40
CONTACTS, ACTIVITIES = 2, 5
#: Customers written in one transaction.
CHUNK = 500

PLACES = ["北京", "上海", "广州", "深圳", "杭州", "苏州", "南京", "武汉", "成都", "重庆",
          "西安", "青岛", "厦门", "宁波", "长沙", "郑州", "合肥", "天津", "昆明", "大连"]
FIRST, SECOND = "云华瑞恒远博智鼎盛嘉锦明泰安联新宏图凯立", "岭信达丰创源成科通海川峰林江阳辉诚业和宁"
TRADES = ["精密机械", "电子科技", "信息技术", "生物医药", "国际贸易", "建筑工程", "物流", "新材料", "食品", "环保设备"]
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚"
POSTS = ["总经理", "采购经理", "技术总监", "财务主管", "工程师", "行政主任"]
TALKS = ("电话沟通了需求，对方希望下周看方案。", "上门拜访，演示了主要功能。", "发送报价，等待回复。",
         "对方询问交付时间和付款方式。", "回访使用情况，反馈良好。", "邀请参加产品说明会。")
GOODS = ["标准版", "专业版", "企业版", "实施服务", "年度维护"]


@dataclass
class Firm:
    """What the measurements need of the loaded firm."""

    system: Ctx
    administrator: User
    salesperson: User
    people: list[User]


def found() -> Firm:
    """The firm with its departments, people and lists; nobody outside yet."""
    system = Ctx(system=True, via="command", reason="benchmark")
    with system.door("benchmark"):
        system.save(Company(name="基准科技有限公司", language="zh-hans"))
    seed_all(system)
    with system.door("benchmark"):
        head = system.save(Department(name="总部"))
        units = [system.save(Department(name=f"销售{place}部", parent=head)) for place in range(1, DEPARTMENTS + 1)]
        role = system.save(policy.Role(name="Department", grants=[
            {"object": "*", "kind": "owned", "verb": "*", "scope": policy.Scope.UNIT},
            {"object": "*", "kind": "shared", "verb": "view", "scope": policy.Scope.EVERYONE}]))
        ready = system.find(policy.Role).get(key="administrator")
        people = [_person(system, f"{SURNAMES[n % 20]}{GIVEN[n // 2]}", n, units[n % DEPARTMENTS], role)
                  for n in range(PEOPLE)]
        administrator = _person(system, "管理员", PEOPLE, head, ready)
    return Firm(system, administrator, people[0], people)


def _person(system: Ctx, name: str, place: int, unit: Department, role: policy.Role) -> User:
    user = User(name=name, email=f"p{place}@example.com", language="en")
    user.set_unusable_password()
    system.save(user)
    system.save(Membership(user=user, department=unit, main=True))
    system.save(policy.Holding(user=user, role=role))
    return user


class Loader:
    """Writes rows by the hundred with everything that the door would leave: keys, entries, states, index."""

    def __init__(self, firm: Firm, seed: int = 2024) -> None:
        self.firm, self.dice = firm, random.Random(seed)
        self.ctx = firm.system
        self.industries = list(self.ctx.find(Industry).order_by("pk"))
        stages = list(self.ctx.find(Stage).order_by("position"))
        self.open = [one for one in stages if one.kind == Stage.Kind.OPEN]
        self.closed = [one for one in stages if one.kind != Stage.Kind.OPEN]
        self.types = list(self.ctx.find(ActivityType).filter(is_contact=True).order_by("place"))
        self.now = self.ctx.now

    def load(self, customers: int) -> int:
        """Write so many customers and all that belongs to them; returns how many rows."""
        rows = 0
        for start in range(0, customers, CHUNK):
            with transaction.atomic():
                rows += self._chunk(min(CHUNK, customers - start), start)
        return rows

    def _chunk(self, count: int, start: int) -> int:
        firms = self._write([self._customer(start + place) for place in range(count)])
        people = self._write([self._contact(one) for one in firms for _ in range(CONTACTS)])
        deals = self._write([self._deal(one) for one in firms])
        done = self._write([self._activity(one, place) for one in firms for place in range(ACTIVITIES)])
        return len(firms) + len(people) + len(deals) + len(done)

    def _write(self, rows: Sequence[Any]) -> Sequence[Any]:
        writing.set_upper_owner(rows)
        for row in rows:
            row.prepare()
            row.fill_sort_key()
        model = type(rows[0])
        model._default_manager.bulk_create(rows, batch_size=CHUNK)
        search_index.update(rows)
        match_keys.update(rows)
        told = [self._entry(row) for row in rows]
        entries.append(told)
        tracked = [one for one in model._meta.concrete_fields if getattr(one, "tracked", False)]
        StateChange.objects.bulk_create(
            [StateChange(object_type=one.object_type, object_id=one.object_id or 0, field=source.name, at=one.at,
                         actor_id=one.actor_id, new=str(one.changes[source.name][1]))
             for one in told for source in tracked if source.name in one.changes], batch_size=CHUNK)
        return rows

    def _entry(self, row: Record) -> Entry:
        name = row._meta.label_lower
        return Entry(at=row.created_at, actor_id=row.created_by_id, via="page", trace=secrets.token_hex(16),
                     verb=f"{name}.create", object_type=name, object_id=row.pk, title=str(row)[:300], version=1,
                     changes=entries.diff(row, True))

    def _begun(self, owner: Any, days: int) -> dict[str, Any]:
        moment = self.now - datetime.timedelta(days=days, seconds=self.dice.randrange(86400))
        return {"owner_id": owner, "created_by_id": owner, "updated_by_id": owner, "created_at": moment,
                "updated_at": moment}

    def _phone(self) -> str:
        return f"+861{self.dice.choice('35789')}{self.dice.randrange(10**9):09}"

    def _customer(self, place: int) -> Customer:
        dice = self.dice
        brand = dice.choice(FIRST) + dice.choice(SECOND) + dice.choice(FIRST)
        city = dice.choice(PLACES)
        return Customer(
            name=f"{city}{brand}{dice.choice(TRADES)}有限公司", short_name=f"{brand}{place % 1000}", city=city,
            industry=dice.choice(self.industries), phone=self._phone(), email=f"office{place}@example.com",
            life_stage=dice.choice(("potential", "potential", "actual", "loyal")), staff=dice.randrange(5, 5000),
            address=f"{city}市人民路{dice.randrange(1, 2000)}号",
            last_follow_up_at=self.now - datetime.timedelta(days=dice.randrange(90)),
            **self._begun(dice.choice(self.firm.people).pk, dice.randrange(100, 900)))

    def _contact(self, customer: Customer) -> Contact:
        dice = self.dice
        name = dice.choice(SURNAMES) + dice.choice(GIVEN) + dice.choice(GIVEN)
        return Contact(name=name, customer=customer, position=dice.choice(POSTS), mobile=self._phone(),
                       email=f"c{customer.pk}.{dice.randrange(10**6)}@example.com",
                       **self._begun(customer.owner_id, dice.randrange(60, 100)))

    def _deal(self, customer: Customer) -> Opportunity:
        dice = self.dice
        shut = dice.random() < 0.6
        stage = dice.choice(self.closed if shut else self.open)
        day = (self.now - datetime.timedelta(days=dice.randrange(1, 300))).date()
        return Opportunity(
            name=f"{customer.short_name} {dice.choice(GOODS)}", customer=customer, stage=stage,
            amount=dice.randrange(5, 2000) * 1000, product=dice.choice(GOODS),
            expected_close=self.now.date() + datetime.timedelta(days=dice.randrange(1, 120)),
            closed_on=day if shut else None, **self._begun(customer.owner_id, dice.randrange(10, 60)))

    def _activity(self, customer: Customer, place: int) -> Activity:
        dice = self.dice
        begun = self._begun(customer.owner_id, dice.randrange(1, 90))
        later = self.now + datetime.timedelta(days=dice.randrange(1, 20))
        done = place > 0
        return Activity(
            type=dice.choice(self.types), customer=customer, description=dice.choice(TALKS),
            status=Activity.Status.DONE if done else Activity.Status.PLANNED,
            planned_start=begun["created_at"] if done else later, **begun)
