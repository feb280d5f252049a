"""The firm and its people, made once for all tests of a file; ``guanxi/apps/conftest.py`` hands them to each test.

What a test changes is rolled back; tests whose writes stay cannot stand on it. A file that asks for people only while a test
runs names ``standing`` among the fixtures it uses, so that the firm is there before the test's own transaction.
"""

import copy
import dataclasses
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from guanxi.apps.org.models import User
from guanxi.apps.org.tests.firm import PEOPLE, Firm, Person, found
from guanxi.kernel.api import Ctx

__all__ = ["again", "alone", "of_standing", "standing"]


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    """The firm, and its people by the name of their fixture."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert not connection.savepoint_ids, "ask for `standing` beforehand: it would be rolled back with this test"
        firm, people = found(), dict[str, Person]()
        for name, (*_facts, above) in PEOPLE.items():
            people[name] = firm.hire(name, people.get(above))
        yield SimpleNamespace(firm=firm, people=people)
        transaction.set_rollback(True)


@pytest.fixture(scope="module", name="founded")
def alone() -> None:
    """For files that count people, or begin with nobody: each test makes the firm for itself."""


def of_standing(standing: SimpleNamespace) -> Firm:
    """The firm, in objects that a test may change."""
    parts = {one.name: getattr(standing.firm, one.name) for one in dataclasses.fields(Firm) if one.name not in ("system", "roles")}
    fresh = {name: copy.copy(part) for name, part in parts.items()}
    roles = {key: copy.copy(role) for key, role in standing.firm.roles.items()}
    return Firm(Ctx(system=True, via="command", reason="test"), **fresh, roles=roles)


def again(standing: SimpleNamespace, name: str) -> Person:
    """One of its people, in objects that a test may change."""
    known: Person = standing.people[name]
    user = User.objects.get(pk=known.id)
    person = Person(user, Ctx(user=user, via="page", client="192.0.2.7"))
    person.client.cookies["sessionid"] = known.client.cookies["sessionid"].value
    return person
