"""Products, categories and units: their elements, on sale or not, how they are spread, who sees the cost."""

from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from guanxi.apps.catalog import figures
from guanxi.apps.catalog.actions import distribution
from guanxi.apps.catalog.models import Product, ProductCategory, Unit
from guanxi.apps.catalog.seed import seed
from guanxi.apps.conftest import Firm, Person
from guanxi.common import measures, talk
from guanxi.kernel.api import Denied, Refused, facts
from guanxi.kernel.entries import Entry

pytestmark = pytest.mark.django_db


@pytest.mark.covers("PRD-01")
def test_a_product_has_its_elements(catalog: SimpleNamespace, manager: Person) -> None:
    pump = catalog.pump
    assert (str(pump), pump.code, pump.kind, pump.unit, pump.category) == (
        "离心泵", "P-100", "goods", catalog.piece, catalog.pumps)
    assert (str(pump.list_price), pump.currency, str(pump.tax_rate), pump.tax_included) == ("113.0000", "CNY", "13", True)
    assert (pump.stocked, catalog.advice.stocked, pump.active, pump.owner_id) == (True, False, True, manager.id)
    views = {view.key: view for view in facts.fields(Product, manager())}
    assert [views[key].text(value) for key, value in (
        ("list_price", pump.list_price), ("cost", "0.0125"), ("list_price", None))] == ["113.00", "0.0125", ""]


@pytest.mark.covers("PRD-01")
@pytest.mark.parametrize(("values", "field", "reason"), [
    ({"code": "P-100"}, "code", "product of this code"), ({"list_price": "-1"}, "", "never negative"),
    ({"tax_rate": "101"}, "", "between 0 and 100"), ({"unit": "斤"}, "unit", "Unknown unit"),
    ({"list_price": "0.00001"}, "list_price", "At most 4 decimals"), ({"active": False}, "active", "cannot be changed")])
def test_what_is_no_product_is_refused(
        catalog: SimpleNamespace, manager: Person, values: dict[str, str], field: str, reason: str) -> None:
    before = list(Product.objects.values()), Entry.objects.count()
    with pytest.raises(Refused, match=reason) as caught:
        manager().create(Product, **{"code": "P-200", "name": "Pump", "unit": catalog.piece.pk, **values})
    assert not field or field in caught.value.errors
    assert (list(Product.objects.values()), Entry.objects.count()) == before


@pytest.mark.covers("PRD-01")
def test_a_product_is_taken_off_sale_and_sold_again(catalog: SimpleNamespace, manager: Person, salesperson: Person) -> None:
    manager().run("catalog.product.retire", catalog.pump)
    assert [row.code for row in measures.rows(manager(), figures.PRODUCTS)] == ["S-1"]
    with pytest.raises(Refused, match="Not possible"):
        manager().run("catalog.product.retire", catalog.pump)
    manager().run("catalog.product.resume", catalog.pump)
    assert measures.value(manager(), figures.PRODUCTS) == 2
    with pytest.raises(Denied):
        salesperson().run("catalog.product.retire", catalog.pump)
    assert Product.objects.get(pk=catalog.pump.pk).active is True


@pytest.mark.covers("PRD-01", "PERM-19")
def test_the_cost_is_for_those_who_answer_for_it(catalog: SimpleNamespace, manager: Person, salesperson: Person) -> None:
    seen = [person.client.get(f"/api/v1/products/{catalog.pump.pk}").json() for person in (manager, salesperson)]
    assert [one.get("cost") for one in seen] == ["60.0000", None]
    assert ["cost" in one for one in seen] == [True, False]
    assert "60.00" not in salesperson.client.get(f"/products/{catalog.pump.pk}").content.decode()
    assert salesperson.client.get("/api/v1/products?sort=cost").status_code == 400


@pytest.mark.covers("PRD-03")
def test_categories_stand_within_one_another_but_never_in_a_ring(catalog: SimpleNamespace, manager: Person) -> None:
    above = catalog.pumps
    for depth in range(60):
        above = manager().create(ProductCategory, name=f"Level {depth}", parent=above.pk)
    before = list(ProductCategory.objects.values())
    for parent in (above.pk, catalog.hardware.pk):
        with pytest.raises(Refused, match="within itself"):
            manager().update(catalog.hardware, parent=parent)
    with pytest.raises(Refused, match="of this name here"):
        manager().create(ProductCategory, name="水泵", parent=catalog.hardware.pk)
    with pytest.raises(Refused, match="of this name at the top"):
        manager().create(ProductCategory, name="硬件")
    assert list(ProductCategory.objects.values()) == before


@pytest.mark.covers("PRD-03", "F9")
def test_a_category_shows_how_products_are_spread(catalog: SimpleNamespace, manager: Person) -> None:
    ctx = manager()
    valves = ctx.create(ProductCategory, name="阀门", parent=catalog.hardware.pk)
    for number in range(3):
        ctx.create(Product, code=f"V-{number}", name=f"阀门 {number}", category=valves.pk, unit=catalog.piece.pk)
    total, shares = distribution(manager(), catalog.hardware)
    assert (total, [(share.category.name, share.count) for share in shares]) == (4, [("阀门", 3), ("水泵", 1)])
    page = manager.client.get(f"/product-categories/{catalog.hardware.pk}", headers={"hx-request": "true"})
    assert page.status_code == 200
    assert measures.grouped(manager(), figures.PRODUCTS, "category__name") == {"阀门": 3, "水泵": 1, None: 1}
    assert [measures.value(manager(), one) for one in (figures.NO_CATEGORY, figures.NO_PRICE)] == [1, 3]


@pytest.mark.covers("PRD-01")
def test_a_product_shows_its_picture(catalog: SimpleNamespace, manager: Person, tmp_path) -> None:
    Image.new("RGB", (4, 4), "red").save(tmp_path / "pump.png")
    kept = talk.attach(manager(), catalog.pump, SimpleUploadedFile("pump.png", (tmp_path / "pump.png").read_bytes()))
    answer = manager.client.get(f"/products/{catalog.pump.pk}/panels")
    assert (answer.status_code, f"/files/{kept.pk}/thumb" in answer.content.decode()) == (200, True)


@pytest.mark.covers("PRD-01")
def test_units_are_there_from_the_first_day_and_stay_as_they_are_left(firm: Firm, administrator: Person) -> None:
    seed(firm.system)
    assert [(row.name, row.decimals) for row in firm.system.find(Unit).order_by("pk")][:5] == [
        ("piece", 0), ("set", 0), ("box", 0), ("kilogram", 3), ("metre", 2)]
    for unit in firm.system.find(Unit):
        administrator().delete(unit)
    seed(firm.system)
    assert not firm.system.find(Unit).exists()
    with pytest.raises(Refused, match="0 to 4 decimals"):
        administrator().create(Unit, name="x", decimals=5)
