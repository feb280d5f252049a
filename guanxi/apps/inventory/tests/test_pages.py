"""Stock over HTTP and by file: menu, the product's card, confirming, and opening stock that is imported and posted."""

import html
import re
from types import SimpleNamespace
from typing import Any

import pytest

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.inventory.models import OpeningStock, Reservation, StockBalance, StockDocument
from guanxi.apps.inventory.seed import seed
from guanxi.apps.inventory.tests.conftest import balance, draft, line
from guanxi.kernel.api import policy
from guanxi.surfaces.impex import exporting, runs
from guanxi.surfaces.impex.models import ImportRun

pytestmark = pytest.mark.django_db


def page(person: Person, url: str) -> str:
    answer = person.client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_who_keeps_stock_finds_each_kind_of_document_in_the_menu(
        stock: SimpleNamespace, keeper: Person, salesperson: Person) -> None:
    made = {kind: draft(keeper(), kind, stock.a, line(stock.pump, 1)).pk for kind in ("receipt", "issue", "count")}
    made["transfer"] = draft(keeper(), "transfer", stock.a, line(stock.pump, 1), to_warehouse=stock.b.pk).pk
    links = re.findall(r'href="(/stock-documents/\?f=[^"]+)"', page(keeper, "/stock-documents/"))
    seen = {link: {kind for kind, pk in made.items() if f'/stock-documents/{pk}"' in page(keeper, html.unescape(link))}
            for link in dict.fromkeys(links)}
    assert list(seen.values()) == [{"receipt"}, {"issue"}, {"transfer"}, {"count"}]
    assert "/stock-documents" not in page(salesperson, "/customers/")
    assert 'value="count" selected' in page(keeper, "/stock-documents/new?kind=count")


@pytest.mark.covers("INV-04")
def test_the_products_page_shows_its_stock_but_not_what_it_cost(
        stock: SimpleNamespace, keeper: Person, salesperson: Person, filled: Any) -> None:
    filled(12, "7.77")
    keeper().create(Reservation, product=stock.pump.pk, warehouse=stock.a.pk, quantity=5, purpose="Order 1")
    for person, opens in ((keeper, True), (salesperson, False)):
        found = page(person, f"/products/{stock.pump.pk}")
        assert "12 on hand, 5 reserved" in found
        assert "Shenzhen" in found
        assert ("93.24" in found + page(person, f"/products/{stock.pump.pk}/panels")) == opens
        assert "7.77" not in found
        assert ("/stock-balances/" in found) == opens
    assert "on hand" not in page(keeper, f"/products/{stock.valve.pk}")


def test_boards_and_calendars_of_what_nobody_types(stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10)
    for face in ("board", "table"):
        assert "Pump" in page(keeper, f"/stock-movements/?face={face}")
    assert "stock-movements" in page(keeper, "/stock-movements/?face=calendar")
    assert "Shenzhen" in page(keeper, "/stock-balances/?face=board")


def test_a_document_is_confirmed_by_its_button(stock: SimpleNamespace, keeper: Person) -> None:
    made = draft(keeper(), "receipt", stock.a, line(stock.pump, 10, "2"))
    assert "Pump" in page(keeper, f"/stock-documents/{made.pk}")
    answer = keeper.client.post(f"/stock-documents/{made.pk}/do/confirm", {"version": "1"})
    assert answer.status_code in (200, 204, 302)
    assert StockDocument.objects.get().status == "confirmed"
    assert balance(stock.a, stock.pump)[:1] == (10,)


@pytest.mark.covers("INV-05")
def test_opening_stock_comes_from_a_file(stock: SimpleNamespace, head: Person) -> None:
    table = "商品编码,仓库,数量,单位成本\nP1,Shenzhen,10,2.5\nP2,Shanghai,４,1\nP9,Shenzhen,1,1\nS1,Shenzhen,-3,1\n"
    run = runs.start(head.ctx, OpeningStock, table.encode(), "opening.csv")
    columns = {"商品编码": ["product"], "仓库": ["warehouse"], "数量": ["quantity"], "单位成本": ["unit_cost"]}
    runs.change(head.ctx, run, {**run.mapping, "columns": columns, "values": {}, "constants": {}}, run.options)
    runs.launch(head.ctx, run)
    run = runs.find(head.ctx, run.pk)
    assert (run.state, run.figures["created"], run.figures["failed"]) == (ImportRun.State.DONE, 2, 2)
    rows = list(head().find(OpeningStock))
    head().run_many("inventory.openingstock.post", rows)
    assert (balance(stock.a, stock.pump)[::3], balance(stock.b, stock.valve)[::3]) == ((10, 25), (4, 4))


def test_balances_go_out_as_a_file(stock: SimpleNamespace, head: Person, filled: Any) -> None:
    filled(10, "2")
    filled(3, "1.5", product=stock.valve)
    views = [view for view in exporting.columns_of(head.ctx, StockBalance) if view.key in (
        "product", "warehouse", "on_hand", "value")]
    rows = [[str(one) for one in row] for row in exporting.cells(head.ctx, StockBalance, views, {})]
    assert sorted(rows) == [["Pump", "Shenzhen", "10.0000", "20.00"], ["Valve", "Shenzhen", "3.0000", "4.50"]]


def test_the_roles_are_made_once_and_left_alone(firm: Firm, stock: SimpleNamespace, administrator: Person) -> None:
    roles = seed(firm.system)
    assert {key: role.name for key, role in roles.items()} == {
        "warehouse_keeper": "Warehouse keeper", "warehouse_manager": "Warehouse manager"}
    firm.system.update(roles["warehouse_keeper"], name="Storekeeper")
    firm.system.delete(roles["warehouse_manager"])
    seed(firm.system)
    assert policy.Role.objects.filter(key__startswith="warehouse").count() == 2
    assert policy.Role.objects.get(key="warehouse_keeper").name == "Storekeeper"
