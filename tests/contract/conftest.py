"""The firm of the apps' tests, for tests about all objects at once."""

import pytest

from guanxi.apps.conftest import (
    administrator,
    anonymous,
    colleague,
    firm,
    founded,
    manager,
    other_salesperson,
    person,
    salesperson,
    standing,
)
from guanxi.kernel import custom
from tests.contract.factory import OWN_KEYS

__all__ = [
    "administrator", "anonymous", "colleague", "firm", "founded", "manager", "other_salesperson", "person", "salesperson",
    "standing"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database of the tests, with the indexes that custom fields would make."""
    with django_db_blocker.unblock():
        for key in OWN_KEYS:
            custom.make_index(custom.CustomField(object_type="parties.customer", key=key, field_kind="name"))
