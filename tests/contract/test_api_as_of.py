"""What programs read as of a moment: records and lists as they stood, by the rights of today, never to be written back."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanxi.apps.parties.models import Customer
from guanxi.kernel.api import Ctx
from guanxi.surfaces.rest import limits, tokens

pytestmark = [pytest.mark.django_db, pytest.mark.covers("F3", "T55")]


@pytest.fixture(autouse=True)
def _full_buckets() -> None:
    limits.forget()


def program(someone: Any) -> Client:
    return Client(headers={"Authorization": f"Bearer {tokens.create(someone(), 'test', ['write'], 30)[1]}"})


def by(who: Any, day: int) -> Ctx:
    return Ctx(user=who.user, via="api", clock=lambda: datetime.datetime(2026, 3, day, 4, tzinfo=datetime.UTC))


@pytest.fixture
def acme(salesperson: Any) -> Customer:
    made = by(salesperson, 2).create(Customer, name="Acme", city="深圳")
    return by(salesperson, 10).update(made, name="Acme Ltd", city="上海")


@pytest.mark.covers("SAL-25")
def test_a_record_and_a_list_as_they_stood(salesperson: Any, acme: Customer) -> None:
    client, url = program(salesperson), f"/api/v1/customers/{acme.pk}"
    now, then = client.get(url), client.get(f"{url}?as_of=2026-03-05&titles=true")
    assert (now.json()["name"], then.json()["name"], then.json()["city"]) == ("Acme Ltd", "Acme", "深圳")
    assert (then.json()["version"], then.json()["updated_at"]) == (1, "2026-03-02T04:00:00+00:00")
    assert now.has_header("ETag")
    assert not then.has_header("ETag")
    listed = client.get("/api/v1/customers?city=深圳&as_of=2026-03-05&count=exact&fields=name,city").json()
    assert [(row["name"], row["city"]) for row in listed["rows"]] == [("Acme", "深圳")]
    assert listed["count"] == 1
    assert client.get("/api/v1/customers?city=深圳&as_of=2026-03-10T04:00:01Z").json()["rows"] == []


def test_what_cannot_be_answered_says_why(salesperson: Any, other_salesperson: Any, acme: Customer) -> None:
    client, url = program(salesperson), f"/api/v1/customers/{acme.pk}"
    early = client.get(f"{url}?as_of=2026-03-01")
    assert (early.status_code, early.json()["error"]["code"]) == (404, "missing")
    assert "was not there yet" in early.json()["error"]["message"]
    for wrong in ("2999-01-01", "someday"):
        for address in (url, "/api/v1/customers"):
            refused = client.get(f"{address}?as_of={wrong}")
            assert (refused.status_code, refused.json()["error"]["field"]) == (400, "as_of")
    other = program(other_salesperson)
    assert other.get(f"{url}?as_of=2026-03-05").status_code == 404
    assert other.get("/api/v1/customers?as_of=2026-03-05").json()["rows"] == []
    assert other.get(f"{url}?as_of=2026-03-05").json()["error"]["message"] == other.get(
        "/api/v1/customers/999999?as_of=2026-03-05").json()["error"]["message"]


@pytest.mark.covers("B02")
@pytest.mark.parametrize("count", [5, 60])
def test_the_past_takes_the_same_few_queries_at_any_size(salesperson: Any, count: int) -> None:
    ctx, client = by(salesperson, 2), program(salesperson)
    with ctx.door("test"):
        rows = [row for row, _fault in ctx.save_all([Customer(name=f"Firm {place}") for place in range(count)])]
    by(salesperson, 10).run_many("parties.customer.update", rows, city="上海")
    url = "/api/v1/customers?as_of=2026-03-05&limit=200"
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert len(client.get(url).json()["rows"]) == count
    assert len([one for one in queries if "SAVEPOINT" not in one["sql"]]) == 7


def test_what_has_changed_between_two_moments(salesperson: Any, other_salesperson: Any, acme: Customer) -> None:
    by(salesperson, 12).create(Customer, name="New", city="上海")
    client, url = program(salesperson), "/api/v1/customers/compare"
    told = client.get(f"{url}?as_of=2026-03-05&to=2026-03-20&city=上海").json()
    assert (told["from"], told["count"]) == ("2026-03-05T15:59:59.999999+00:00", 2)
    assert [(one["title"], one["kind"], one["there_before"], one["there_after"]) for one in told["rows"]] == [
        ("Acme Ltd", "came", True, True), ("New", "came", False, True)]
    assert told["rows"][0]["changes"] == {"name": ["Acme", "Acme Ltd"], "city": ["深圳", "上海"]}
    assert [one["kind"] for one in client.get(f"{url}?as_of=2026-03-05&city=深圳").json()["rows"]] == ["left"]
    assert [one["title"] for one in client.get(f"{url}?as_of=2026-03-05&limit=1&skip=1").json()["rows"]] == ["Acme Ltd"]
    assert program(other_salesperson).get(f"{url}?as_of=2026-03-05").json()["rows"] == []
    for query, field in (("", "as_of"), ("as_of=someday", "as_of"), ("as_of=2026-03-05&to=2026-03-05", "to"),
                         ("as_of=2026-03-05&to=2999-01-01", "to"), ("as_of=2026-03-05&filter=[", "filter")):
        refused = client.get(f"{url}?{query}")
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, field)
