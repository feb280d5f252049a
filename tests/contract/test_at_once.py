"""People and an import at the same moment: nothing is lost, nothing is there twice."""

from collections import Counter
from typing import Any

import pytest

from guanxi.apps.conftest import at_once
from guanxi.apps.parties.models import Customer
from guanxi.apps.parties.rules.identity import credit_code_valid
from guanxi.kernel.api import Refused
from tests.impex.conftest import bring, figures

__all__ = ["bring", "figures"]
pytestmark = pytest.mark.django_db(transaction=True)


def ended(results: list[Any]) -> list[str]:
    """Only refusals come back instead of a record."""
    assert not [one for one in results if isinstance(one, BaseException) and not isinstance(one, Refused)]
    return ["refused" if isinstance(one, Refused) else "done" for one in results]


@pytest.mark.covers("CONC-01")
def test_two_people_change_different_fields_of_one_record(firm, administrator):
    row = administrator().create(Customer, name="Acme")
    known = {"city": "深圳", "fax": "0755-26712345", "note": "Two", "website": "https://acme.example"}
    results = at_once([lambda key=key, value=value: administrator().update(row, version=1, **{key: value})
                       for key, value in known.items()])
    assert ended(results) == ["done"] * len(known)
    row.refresh_from_db()
    assert row.version == 1 + len(known)
    assert all(getattr(row, key) for key in known)


@pytest.mark.covers("CONC-12")
def test_customers_that_people_create_while_they_are_imported_are_there_once(firm, administrator, bring, figures):
    codes = [next(filter(credit_code_valid, (f"91440300MA5{n:06}{last}" for last in "0123456789ABCDEFGHJKLMNPQRTUWXY")))
             for n in range(30)]
    table = "name,credit_code\n" + "".join(f"公司{n},{code}\n" for n, code in enumerate(codes))
    typing = [lambda part=part: [attempt(administrator, f"公司{n}", codes[n]) for n in range(part, 30, 3)] for part in range(3)]
    *typed, run = at_once([*typing, lambda: bring(
        administrator(), table, columns={"name": ["name"], "credit_code": ["credit_code"]}, mode="create",
        match=["credit_code"])])
    assert not [one for one in (*typed, run) if isinstance(one, BaseException)]
    assert Counter(Customer.objects.filter(deleted_at=None).values_list("credit_code", flat=True)) == Counter(codes)
    made = figures(run)
    by_hand = sum(map(sum, typed))
    assert made.get("created", 0) + by_hand == 30
    assert sum(made.values()) == 30


def attempt(person: Any, name: str, code: str) -> int:
    """One customer typed in by hand; refused where it is there already."""
    try:
        person().create(Customer, name=name, credit_code=code)
    except Refused:
        return 0
    return 1
