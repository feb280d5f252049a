"""Fixtures for the tests of every app: a small firm, people with the ready roles, and browsers signed in as them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from guanxi.apps.org.tests.firm import PASSWORD, PEOPLE, Firm, Person, found
from guanxi.apps.org.tests.standing import again, of_standing, standing
from guanxi.surfaces.web.tests.people import at_once

__all__ = ["PASSWORD", "Firm", "Person", "at_once", "founded", "standing"]


@pytest.fixture(scope="module", autouse=True)
def founded(request: pytest.FixtureRequest) -> SimpleNamespace | None:
    """The firm that all tests of a file stand on, made before the first of them; none where writes stay."""
    tests = [item for item in request.session.items if item.getparent(pytest.Module) is request.node]
    asked = any({"firm", "standing"} & set(getattr(item, "fixturenames", ())) for item in tests)
    stays = any(mark.kwargs.get("transaction") for item in tests for mark in item.iter_markers("django_db"))
    return request.getfixturevalue("standing") if asked and not stays else None


@pytest.fixture
def firm(founded: SimpleNamespace | None, db: None) -> Firm:
    """The firm without its people, in objects that a test may change."""
    return of_standing(founded) if founded else found()


def _of(name: str) -> Any:
    @pytest.fixture(name=name)
    def somebody(founded: SimpleNamespace | None, firm: Firm, request: pytest.FixtureRequest) -> Person:
        if founded:
            return again(founded, name)
        *_facts, above = PEOPLE[name]
        return firm.hire(name, request.getfixturevalue(above) if above else None)
    return somebody


#: M: the manager of the department in which A1 and A2 work.
manager = _of("manager")
#: A1: sees their own.
salesperson = _of("salesperson")
#: A2: in the same department as A1.
colleague = _of("colleague")
#: B1: in another department.
other_salesperson = _of("other_salesperson")
#: Sets up the system and may do everything.
administrator = _of("administrator")


@pytest.fixture
def anonymous() -> Client:
    """A browser in which nobody has signed in."""
    return Client()


@pytest.fixture
def person(firm: Firm) -> Callable[..., Person]:
    """Somebody further: ``person("carl", "auditor", department=firm.south)``."""
    return firm.add
