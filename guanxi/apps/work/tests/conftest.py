"""The firm with its activity types, and a customer of each salesperson."""

import pytest

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Customer
from guanxi.apps.work.models import ActivityType
from guanxi.apps.work.seed import seed


@pytest.fixture
def types(firm: Firm) -> dict[str, ActivityType]:
    """The ready types by key."""
    return seed(firm.system)


@pytest.fixture
def customer(types: dict[str, ActivityType], salesperson: Person) -> Customer:
    """A customer of A1."""
    return salesperson.ctx.create(Customer, name="深圳市小鹏科技有限公司")
