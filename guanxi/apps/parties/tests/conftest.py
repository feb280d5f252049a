"""Customers and contacts of the firm's people."""

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.apps.parties.models import Contact, Customer

GOOD_CODE = "91350100M000100Y43"
OTHER_CODE = "911101085923662400"


@pytest.fixture
def anna(salesperson: Any) -> Any:
    return salesperson()


@pytest.fixture
def bert(other_salesperson: Any) -> Any:
    return other_salesperson()


@pytest.fixture
def boss(administrator: Any) -> Any:
    return administrator()


@pytest.fixture
def acme(anna: Any) -> Customer:
    return anna.create(Customer, name="深圳市小鹏航天科技有限公司", phone="0755-26712345", credit_code=GOOD_CODE)


@pytest.fixture
def lin(anna: Any, acme: Customer) -> Contact:
    return anna.create(Contact, name="林小鹏", customer=acme.pk, mobile="13800138000", position="采购经理")


@pytest.fixture
def make(anna: Any) -> Callable[..., Customer]:
    """Further customers of Anna's, by name."""
    return lambda name, **values: anna.create(Customer, name=name, **values)
