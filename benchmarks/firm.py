"""The firm that is measured: the sample company at the wanted size, one custom field, and two people who ask."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from guanxi.apps.org.models import Department, Membership, User
from guanxi.apps.parties.models import Customer
from guanxi.kernel.api import Ctx, policy
from guanxi.kernel.custom import CustomField
from guanxi.kernel.entries import Operation
from guanxi.site.demo import company, load

#: A custom field of customers, and its values, the common ones first.
FIELD, VALUES = "delivery", ("sea", "road", "rail", "air")
PASSWORD = "only-for-benchmarks-7"
SALES, ADMIN = "bench.sales@example.com", "bench.admin@example.com"
TODAY = datetime.date(2026, 11, 20)


@dataclass
class Firm:
    """What the measurements need of the loaded firm."""

    system: Ctx
    administrator: User
    salesperson: User
    rows: int
    seconds: float
    sizes: dict[str, int] = field(default_factory=dict)


def there() -> bool:
    """Has a firm been loaded into this database before?"""
    return Ctx(system=True, reason="benchmark").find(User).filter(email=ADMIN).exists()


def found(customers: int, seed: int) -> None:
    """Load everything; the same for the same seed."""
    system = Ctx(system=True, via="command", reason="benchmark")
    company.found_company(system)
    with system.door("benchmark"):
        system.save(CustomField(object_type=Customer._meta.label_lower, key=FIELD, label="运输方式", field_kind="choice",
                                options=[{"value": value, "label": value} for value in VALUES]))
    load.load(PASSWORD, seed=seed, today=TODAY, customers=customers, custom={FIELD: VALUES})
    system = Ctx(system=True, via="command", reason="benchmark")
    with system.door("benchmark"):
        role = system.save(policy.Role(name="Benchmark: department", grants=[
            {"object": "*", "kind": "owned", "verb": "*", "scope": policy.Scope.BRANCH},
            {"object": "*", "kind": "shared", "verb": "view", "scope": policy.Scope.EVERYONE}]))
        region = system.find(Department).filter(code="REGION-YANGTZE").first() or system.find(Department).get(code="EAST")
        head = system.find(Department).filter(parent=None).order_by("pk")[0]
        _person(system, "销售甲", SALES, region, role)
        _person(system, "管理员甲", ADMIN, head, system.find(policy.Role).get(key="administrator"))


def _person(system: Ctx, name: str, email: str, unit: Department, role: policy.Role) -> None:
    user = User(name=name, email=email, language="zh-hans", joined_at=system.now)
    user.set_password(PASSWORD)
    system.save(user)
    system.save(Membership(user=user, department=unit, main=True))
    system.save(policy.Holding(user=user, role=role))


def open_firm() -> Firm:
    """The firm of this database."""
    system = Ctx(system=True, via="command", reason="benchmark")
    figures: dict[str, Any] = Operation.objects.filter(kind=load.KIND).latest("pk").figures
    sizes = {name: high - low + 1 for name, (low, high) in figures.get("ranges", {}).items()}
    return Firm(system, system.find(User).get(email=ADMIN), system.find(User).get(email=SALES), sum(sizes.values()),
                figures.get("seconds", 0.0), sizes)
