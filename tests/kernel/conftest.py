"""People of the fake shop, each with the rights the tests are about."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.test import TestCase  # noqa: F401

from guanxi.kernel import policy
from guanxi.kernel.api import Ctx
from guanxi.kernel.entries import Entry
from guanxi.kernel.policy import Holding, Role
from tests.fake_shop.models import Customer, Order, Person


@pytest.fixture
def system(db: None) -> Ctx:
    return Ctx(system=True, via="command", reason="test")


@pytest.fixture
def person(system: Ctx) -> Callable[..., Person]:
    """A person with roles given as ``{"fake_shop.order": {"view": "own", …}}``."""
    def make(name: str, grants: dict[str, dict[str, str]] | None = None, masks: Iterable[dict[str, str]] = (),
             administrator: bool = False, boss: Person | None = None) -> Person:
        made = Person(username=name, name=name, boss=boss)
        with system.door("test"):
            system.save(made)
            if grants is not None or administrator:
                role = Role(name=f"role of {name}", administrator=administrator, masks=list(masks), grants=[
                    {"object": thing, "verb": verb, "scope": scope}
                    for thing, verbs in (grants or {}).items() for verb, scope in verbs.items()])
                system.save(role)
                system.save(Holding(role=role, user=made))
        return made
    return make


ALL_OWN = {"*": {"*": "own"}}


@pytest.fixture
def anna(person: Any) -> Ctx:
    """A salesperson with every right on her own records, who sees the shared lists."""
    return Ctx(user=person("anna", ALL_OWN))


@pytest.fixture
def bert(person: Any) -> Ctx:
    return Ctx(user=person("bert", ALL_OWN))


@pytest.fixture
def boss(person: Any) -> Ctx:
    return Ctx(user=person("boss", administrator=True))


@pytest.fixture
def customer(anna: Ctx) -> Customer:
    return anna.create(Customer, name="深圳市小鹏科技有限公司", phone="13800138000")


@pytest.fixture
def order(anna: Ctx, customer: Customer) -> Order:
    return anna.create(Order, customer=customer.pk, amount="100")


@pytest.fixture
def unchanged(db: None) -> Callable[[], Any]:
    """A dump of everything that a refused write must not touch."""
    def dump() -> Any:
        tables = (Customer, Order, Person, Role, Holding, Entry)
        return [list(model._default_manager.order_by("pk").values()) for model in tables]
    return dump


class Bosses:
    """A directory made of the fake shop's superiors."""

    def subordinates(self, user_id: int) -> frozenset[int]:
        found: set[int] = set()
        level = {user_id}
        while level:
            level = set(Person.objects.filter(boss_id__in=level).values_list("pk", flat=True)) - found
            found |= level
        return frozenset(found)

    def colleagues(self, user_id: int, below: bool) -> frozenset[int]:
        return frozenset({user_id})

    def members(self, unit_ids: Iterable[int]) -> frozenset[int]:
        return frozenset()


@pytest.fixture(autouse=True)
def _directory() -> Any:
    policy.use_directory(Bosses())
