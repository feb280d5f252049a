"""People with browsers, and some rows of a real object to list."""

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.common import showing
from guanxi.kernel import registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.policy import Role
from guanxi.surfaces.web.tests.people import Somebody, add, spelled

OWN = {"view": "own", "create": "own", "update": "own", "delete": "own", "assign": "own", "export": "own", "import": "own"}


@pytest.fixture
def system(db: None) -> Ctx:
    return Ctx(system=True, via="command", reason="test")


@pytest.fixture
def person(system: Ctx) -> Callable[..., Somebody]:
    """``person("anna", {"parties.customer": OWN})``: somebody with one role that grants just this."""
    def make(name: str, grants: dict[str, dict[str, str]] | None = None, masks: Any = (), administrator: bool = False,
             superior: Any = None) -> Somebody:
        return add(system, name, Role(name=f"role of {name}", administrator=administrator, masks=list(masks),
                                      grants=spelled(grants or {})), superior)
    return make


@pytest.fixture
def customer() -> Any:
    return registry.model_of("parties.customer")


@pytest.fixture
def anna(person: Any) -> Somebody:
    """A salesperson who may do everything with her own customers and see the shared lists."""
    shared = {name: {"view": "everyone"} for name in ("org.user", "parties.customerlevel", "parties.industry")}
    return person("anna", {"parties.customer": OWN, **shared}, masks=showing.opened())


@pytest.fixture
def bert(person: Any) -> Somebody:
    return person("bert", {"parties.customer": OWN, "org.user": {"view": "everyone"}}, masks=showing.opened())


@pytest.fixture
def boss(person: Any) -> Somebody:
    return person("boss", administrator=True)


@pytest.fixture
def many(customer: Any) -> Callable[..., list[Any]]:
    """Customers of somebody, written through the bulk door."""
    def make(who: Somebody, count: int, **values: Any) -> list[Any]:
        ctx = who()
        with ctx.door("test"):
            done = ctx.save_all([customer(name=f"客户 {place:04}", **values) for place in range(count)])
        assert not [refusal for _row, refusal in done if refusal is not None]
        return [row for row, _refusal in done]
    return make
