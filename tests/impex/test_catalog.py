"""Products and prices come in from tables, and a second table finds them again."""

import pytest

from guanxi.apps.catalog.models import PriceList, PriceListItem, Product, ProductCategory, Unit

pytestmark = pytest.mark.django_db


@pytest.mark.covers("P03", "PRD-01", "PRD-02")
def test_products_and_prices_are_brought_in_and_found_again(manager, bring, figures):
    ctx = manager.ctx
    ctx.create(Unit, name="台")
    ctx.create(ProductCategory, name="水泵")
    run = bring(ctx, "产品编码,名称,产品分类,计量单位,标准价,税率\nP-1,离心泵,水泵,台,\"1,130.00\",13%\nP-2,螺杆泵,水泵,台,¥2260,\n"
                "P-3,阀门,水泵,斤,1,\nP-1,离心泵二,水泵,台,1,\n", model=Product,
                columns={"产品编码": ["code"], "名称": ["name"], "产品分类": ["category"], "计量单位": ["unit"],
                         "标准价": ["list_price"], "税率": ["tax_rate"]}, match=[])
    assert figures(run) == {"created": 2, "failed": 2}
    rows = Product.objects.order_by("code").values_list("code", "name", "list_price", "tax_rate", "category__name")
    assert [tuple(map(str, row)) for row in rows] == [
        ("P-1", "离心泵", "1130.0000", "13.00", "水泵"), ("P-2", "螺杆泵", "2260.0000", "13.00", "水泵")]
    again = bring(ctx, "code,list_price\nP-1,1200\nP-2,2300\n", model=Product, mode="update", match=["code"])
    assert figures(again) == {"updated": 2}
    assert [str(row.list_price) for row in Product.objects.order_by("code")] == ["1200.0000", "2300.0000"]

    ctx.create(PriceList, name="2026")
    table = "price_list,product,min_quantity,price\n2026,P-1,1,1100\n2026,P-1,10,{}\n"
    assert figures(bring(ctx, table.format(1000), model=PriceListItem, match=[])) == {"created": 2}
    match = ["price_list", "product", "min_quantity"]
    assert figures(bring(ctx, table.format(950), model=PriceListItem, mode="both", match=match)) == {"updated": 1, "skipped": 1}
    assert [(str(row.min_quantity), str(row.price)) for row in PriceListItem.objects.order_by("min_quantity")] == [
        ("1.0000", "1100.0000"), ("10.0000", "950.0000")]
