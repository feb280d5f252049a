"""Fixtures for the tests of every app: a small firm, people with the ready roles, and browsers signed in as them."""

from collections.abc import Callable

import pytest
from django.test import Client

from guanxi.apps.org.tests.firm import PASSWORD, Firm, Person, found
from guanxi.surfaces.web.tests.people import at_once

__all__ = ["PASSWORD", "Firm", "Person", "at_once"]


@pytest.fixture
def firm(db: None) -> Firm:
    """The firm without its people."""
    return found()


@pytest.fixture
def manager(firm: Firm) -> Person:
    """M: the manager of the department in which A1 and A2 work."""
    return firm.hire("manager")


@pytest.fixture
def salesperson(firm: Firm, manager: Person) -> Person:
    """A1: sees their own."""
    return firm.hire("salesperson", manager)


@pytest.fixture
def colleague(firm: Firm, manager: Person) -> Person:
    """A2: in the same department as A1."""
    return firm.hire("colleague", manager)


@pytest.fixture
def other_salesperson(firm: Firm) -> Person:
    """B1: in another department."""
    return firm.hire("other_salesperson")


@pytest.fixture
def administrator(firm: Firm) -> Person:
    """Sets up the system and may do everything."""
    return firm.hire("administrator")


@pytest.fixture
def anonymous() -> Client:
    """A browser in which nobody has signed in."""
    return Client()


@pytest.fixture
def person(firm: Firm) -> Callable[..., Person]:
    """Somebody further: ``person("carl", "auditor", department=firm.south)``."""
    return firm.add
