"""The lines of a document in its form: shown, worked out while typing, saved with it, refused with their place."""

import pytest

from guanxi.common import showing
from guanxi.kernel import registry
from guanxi.kernel.entries import Entry

#: Queries of what follows from lines, whatever their number is.
WORKED_OUT = 9


@pytest.fixture
def stock(person, system):
    """A clerk, two products and a warehouse."""
    names = ("inventory.stockdocument", "inventory.warehouse", "inventory.stockmovement", "inventory.reservation",
             "catalog.product", "catalog.unit")
    clerk = person("clerk", {name: {"view": "everyone", "create": "everyone", "update": "everyone"} for name in names},
                   masks=showing.opened())
    unit = system.create(registry.model_of("catalog.unit"), name="piece", decimals=0)
    product = registry.model_of("catalog.product")
    made = [system.create(product, code=code, name=name, unit=unit.pk, list_price="10")
            for code, name in (("A1", "Ink"), ("B2", "Paper"))]
    clerk.house = system.create(registry.model_of("inventory.warehouse"), code="W1", name="Main")
    clerk.products = made
    return clerk


def head(stock, **more):
    return {"kind": "receipt", "warehouse": stock.house.pk, "once": "a", "lines.count": "2", **more}


def lines(stock, second="2"):
    ink, paper = stock.products
    return {"lines.1.product": ink.pk, "lines.1.quantity": "3", "lines.1.unit_cost": "1.5",
            "lines.4.product": paper.pk, "lines.4.quantity": second, "lines.4.unit_cost": "10", "lines.5.note": ""}


def documents(stock):
    return stock().find(registry.model_of("inventory.stockdocument"))


def test_the_form_has_a_table_and_a_line_to_copy(stock):
    page = stock.client.get("/stock-documents/new").content.decode()
    assert 'data-lines="lines"' in page
    assert 'name="lines.new.product"' in page
    assert 'aria-label="Quantity"' in page


@pytest.mark.covers("P18")
def test_a_document_is_saved_with_its_lines(stock):
    answer = stock.client.post("/stock-documents/new", {**head(stock), **lines(stock)})
    assert answer.status_code == 302
    made = documents(stock).get()
    assert [(row.product_id, str(row.quantity), row.position) for row in made.lines] == [
        (stock.products[0].pk, "3.0000", 1), (stock.products[1].pk, "2.0000", 2)]
    assert str(made.value) == "24.50"


def test_a_wrong_line_is_shown_where_it_stands_and_nothing_is_saved(stock):
    count = Entry.objects.count()
    answer = stock.client.post("/stock-documents/new", {**head(stock), **lines(stock, second="many")})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_lines.2.quantity"' in page
    assert 'value="many"' in page
    assert (documents(stock).count(), Entry.objects.count()) == (0, count)


def test_an_untouched_form_writes_nothing_and_a_changed_line_is_written(stock):
    stock.client.post("/stock-documents/new", {**head(stock), **lines(stock)})
    made = documents(stock).get()
    first, second = made.lines
    same = {**head(stock, once="b"), "version": 1, "date": made.date.isoformat(),
            "lines.1.id": first.pk, "lines.1.product": first.product_id, "lines.1.quantity": "3", "lines.1.unit_cost": "1.5",
            "lines.1.note": "", "lines.2.id": second.pk, "lines.2.product": second.product_id, "lines.2.quantity": "2",
            "lines.2.unit_cost": "10", "lines.2.note": ""}
    assert stock.client.post(f"/stock-documents/{made.pk}/edit", same).status_code == 302
    assert documents(stock).get().version == 1
    changed = {**same, "once": "c", "lines.2.quantity": "5"}
    assert stock.client.post(f"/stock-documents/{made.pk}/edit", changed).status_code == 302
    fresh = documents(stock).get()
    assert (fresh.version, str(fresh.value)) == (2, "54.50")
    assert [row.pk for row in fresh.lines] == [first.pk, second.pk]


def test_what_follows_is_worked_out_while_typing(stock):
    answer = stock.client.post("/stock-documents/lines?record=", {**head(stock), **lines(stock, second="x")}).json()["lines"]
    assert answer["totals"]["value"] == "4.50"
    assert list(answer["errors"]) == ["lines.2.quantity"]
    assert documents(stock).count() == 0


def test_a_pasted_name_becomes_the_record_it_names(stock):
    typed = {**head(stock), "lines.1.product": "Paper", "lines.1.quantity": "１２"}
    answer = stock.client.post("/stock-documents/lines?record=", typed).json()["lines"]
    assert answer["rows"][0]["product"] == {"value": str(stock.products[1].pk), "text": "Paper"}
    assert answer["rows"][0]["quantity"]["value"] == "12"


def test_who_may_not_write_is_told_nothing(stock, person):
    other = person("reader", {"inventory.stockdocument": {"view": "own"}})
    assert other.client.post("/stock-documents/lines?record=", head(stock)).status_code == 403
    stock.client.post("/stock-documents/new", {**head(stock), **lines(stock)})
    assert other.client.post(f"/stock-documents/lines?record={documents(stock).get().pk}", head(stock)).status_code == 404


def test_the_questions_do_not_grow_with_the_lines(stock, django_assert_max_num_queries):
    ink = stock.products[0].pk
    many = {f"lines.{n}.{key}": value for n in range(1, 101) for key, value in (
        ("product", ink), ("quantity", str(n)), ("unit_cost", "1"))}
    with django_assert_max_num_queries(WORKED_OUT):
        answer = stock.client.post("/stock-documents/lines?record=", {**head(stock), **many}).json()["lines"]
    assert answer["totals"]["value"] == "5,050.00"
