"""A small firm that sells to leads: people with superiors, rules of approval, and leads of a certain worth."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from guanxi.kernel import registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.policy import Role
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalRule
from guanxi.surfaces.web.tests.people import Somebody, add, spelled

ALL = dict.fromkeys(("view", "create", "update", "delete", "assign", "contact", "qualify", "disqualify"), "own")
SHARED = ("org.user", "sales.closereason", "parties.source")
RIGHTS = {"sales.lead": ALL, "automation.approvalrequest": {"view": "own"},
          "automation.delegation": {"view": "own", "create": "own", "update": "own"},
          **{name: {"view": "everyone"} for name in SHARED}}


#: For two requests at the same moment: SQLite lets one writer in at a time, so there is nothing to race.
AT_ONCE = pytest.mark.skipif(not os.environ.get("GUANXI_TEST_POSTGRES"), reason="needs PostgreSQL: SQLite has one writer")


@pytest.fixture
def system(db: None) -> Ctx:
    return Ctx(system=True, via="command", reason="test")


@pytest.fixture
def person(system: Ctx) -> Callable[..., Somebody]:
    """``person("anna", superior=bert)``: somebody who sells; ``role`` is that of a known name, shared by its holders."""
    def make(name: str, superior: Any = None, administrator: bool = False, role: str = "seller",
             grants: Any = None) -> Somebody:
        rights = RIGHTS if grants is None else grants
        known = system.find(Role).filter(name=role).first()
        return add(system, name, known or Role(name=role, administrator=administrator, grants=spelled(rights)), superior)
    return make


@pytest.fixture
def chief(person: Any) -> Somebody:
    """The superior's superior."""
    return person("chief")


@pytest.fixture
def boss(person: Any, chief: Somebody) -> Somebody:
    return person("boss", superior=chief)


@pytest.fixture
def anna(person: Any, boss: Somebody) -> Somebody:
    """Who asks."""
    return person("anna", superior=boss)


@pytest.fixture
def bert(person: Any) -> Somebody:
    """A colleague who has nothing to do with it."""
    return person("bert")


@pytest.fixture
def admin(person: Any) -> Somebody:
    return person("admin", administrator=True, role="administrator")


@pytest.fixture
def lead() -> Callable[..., Any]:
    """``lead(anna, 5000)``: a lead of hers that is worth so much."""
    def make(who: Somebody, amount: Any = 5000, **values: Any) -> Any:
        return who().create(registry.model_of("sales.lead"), **{"company": f"Firm {amount}", "amount": amount, **values})
    return make


@pytest.fixture
def rule(system: Ctx) -> Callable[..., ApprovalRule]:
    """``rule({"kind": "superior"}, …, action="contact")``: leads above 1,000 need approval."""
    def make(*steps: dict[str, Any], **values: Any) -> ApprovalRule:
        given = {"name": f"Rule {system.find(ApprovalRule).count() + 1}", "object_type": "sales.lead", "action": "contact",
                 "condition": '["amount", "gt", 1000]', **values}
        return system.create(ApprovalRule, steps=list(steps), **given)
    return make


@pytest.fixture
def ask() -> Callable[..., ApprovalRequest]:
    """``ask(anna, lead)``: she tries to note the contact, and what is written is a request."""
    def make(who: Somebody, record: Any, verb: str = "contact", **inputs: Any) -> ApprovalRequest:
        outcome = who().run(f"sales.lead.{verb}", record, **inputs)
        assert outcome.done == []
        (request,) = outcome.asked
        return request
    return make


def status(record: Any) -> str:
    return str(type(record).objects.get(pk=record.pk).status)


def state(request: ApprovalRequest) -> str:
    return ApprovalRequest.objects.get(pk=request.pk).state


def asked(request: ApprovalRequest) -> list[str]:
    """Who is asked now, by name."""
    return [str(task.who) for task in ApprovalRequest.objects.get(pk=request.pk).open_tasks]
