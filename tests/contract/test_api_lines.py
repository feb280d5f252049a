"""The lines of a document towards programs: told, written, refused with their place, described."""

from typing import Any

import pytest

from guanxi.kernel import registry
from guanxi.kernel.api import Entry
from guanxi.surfaces.rest import limits
from tests.contract.test_api import JSON, program

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _full_buckets():
    limits.forget()


@pytest.fixture
def stock(administrator: Any) -> Any:
    """A warehouse and a product, and somebody who may do everything."""
    ctx = administrator()
    unit = ctx.create(registry.model_of("catalog.unit"), name="test piece", decimals=0)
    administrator.ink = ctx.create(registry.model_of("catalog.product"), code="T1", name="Ink", unit=unit.pk, list_price="10")
    administrator.house = ctx.create(registry.model_of("inventory.warehouse"), code="T9", name="Main")
    return administrator


def body(stock: Any, *lines: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "receipt", "warehouse": stock.house.pk, "lines": list(lines)}


def test_a_document_is_written_and_told_with_its_lines(stock):
    client, ink = program(stock), stock.ink.pk
    answer = client.post("/api/v1/stock-documents", body(stock, {"product": ink, "quantity": "3", "unit_cost": "1.5"}), **JSON)
    assert answer.status_code == 201
    made = answer.json()
    assert made["value"] == "4.50"
    (line,) = made["lines"]
    assert (line["product"], line["quantity"], line["unit_cost"]) == (ink, "3.0000", "1.5000")

    url = f"/api/v1/stock-documents/{made['id']}"
    changed = client.patch(url, {"lines": [{"product": ink, "quantity": 1}, {"id": line["id"], "quantity": 2}]},
                           headers={"If-Match": '"1"'}, **JSON)
    assert changed.status_code == 200
    assert [row["quantity"] for row in client.get(url).json()["lines"]] == ["1.0000", "2.0000"]
    assert "lines" not in client.get(f"{url}?fields=number").json()
    assert list(client.get(f"{url}?fields=number,lines").json()) == ["id", "version", "number", "lines"]


@pytest.mark.parametrize(("lines", "place"), [
    ("many", "lines"), ([3], "lines"), ([{"quantity": True}], "lines.1.quantity"), ([{"quantity": "2"}], "lines.1.product"),
    ([{"id": "x", "quantity": "2"}], "lines.1.id"), ([{"id": 987654, "quantity": "2"}], "lines.1.id"),
])
def test_a_wrong_line_is_named_and_nothing_is_written(stock, lines, place):
    client = program(stock)
    count = Entry.objects.count()
    answer = client.post("/api/v1/stock-documents", {**body(stock), "lines": lines}, **JSON)
    assert answer.status_code == 400
    assert place in {*answer.json()["error"]["errors"], answer.json()["error"]["field"]}
    assert Entry.objects.count() == count


def test_stale_lines_are_refused(stock):
    client, ink = program(stock), stock.ink.pk
    made = client.post("/api/v1/stock-documents", body(stock, {"product": ink, "quantity": "3"}), **JSON).json()
    url, old = f"/api/v1/stock-documents/{made['id']}", {"If-Match": '"1"'}
    line = made["lines"][0]["id"]
    assert client.patch(url, {"lines": [{"id": line, "quantity": "4"}]}, headers=old, **JSON).status_code == 200
    assert client.patch(url, {"lines": [{"id": line, "quantity": "5"}]}, headers=old, **JSON).status_code == 412
    assert client.get(url).json()["lines"][0]["quantity"] == "4.0000"


def test_lines_are_described(stock):
    schemas = program(stock).get("/api/v1/openapi.json").json()["components"]["schemas"]
    sent = schemas["inventory.stockdocument.new"]["properties"]["lines"]["items"]
    assert {"id", "product", "quantity"} <= sent["properties"].keys()
    assert not {"document", "position", "difference"} & sent["properties"].keys()
    assert "difference" in schemas["inventory.stockdocument"]["properties"]["lines"]["items"]["properties"]


def test_the_mark_of_a_line_tells_whether_it_has_changed(stock):
    client, ink = program(stock), stock.ink.pk
    made = client.post("/api/v1/stock-documents", body(stock, *({"product": ink, "quantity": n} for n in (1, 2))), **JSON).json()
    changed, same = (f"/api/v1/{registry.slug(registry.model_of('inventory.stockline'))}/{row['id']}" for row in made["lines"])
    marks = {url: client.get(url)["ETag"] for url in (changed, same)}
    client.patch(f"/api/v1/stock-documents/{made['id']}", {"lines": [
        {"id": made["lines"][0]["id"], "quantity": 5}, {"id": made["lines"][1]["id"]}]}, headers={"If-Match": '"1"'}, **JSON)
    assert client.get(changed)["ETag"] != marks[changed]
    assert client.get(changed, headers={"If-None-Match": marks[changed]}).status_code == 200
    assert client.get(same)["ETag"] == marks[same]
