"""The firm and its goods, made once for all tests of a file; what a test changes is rolled back."""

import copy
from types import SimpleNamespace
from typing import Any

import pytest

from guanxi.apps.sales.tests.conftest import first_day, stock_up


@pytest.fixture(scope="module")
def standing_goods(standing: SimpleNamespace, django_db_blocker: Any) -> SimpleNamespace:
    """What a quote is made of, after the first day of selling."""
    with django_db_blocker.unblock():
        first_day(standing.firm)
        return stock_up(standing.people["manager"](), standing.people["salesperson"]())


@pytest.fixture
def goods(standing_goods: SimpleNamespace, sales: SimpleNamespace) -> SimpleNamespace:
    """The goods, in objects that a test may change."""
    return copy.deepcopy(standing_goods)
