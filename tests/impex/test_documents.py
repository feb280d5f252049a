"""Documents come in and go out with their lines: one row is one line, and a document goes in whole or not at all."""

from decimal import Decimal

import pytest
from django.utils import translation

from guanxi.apps.catalog.models import Product
from guanxi.apps.inventory.models import StockDocument
from guanxi.apps.inventory.tests.conftest import dump, stocked
from guanxi.apps.parties.models import Customer
from guanxi.apps.sales.models import Quote, QuoteLine
from guanxi.apps.sales.tests.conftest import goods, quote, sales  # noqa: F401  fixtures of selling
from guanxi.kernel.api import Entry, Refused
from guanxi.surfaces.impex import exporting, matching, runs, tables, values
from guanxi.surfaces.impex.models import ImportRun

pytestmark = pytest.mark.django_db

TABLE = ("Quote no.,Customer,Subject,Lines: Product,Lines: Quantity,Lines: Price\n"
         "A1,小鹏,Pumps,P-100,2,\n"
         ",,,离心泵,3,100\n"
         "A1,小鹏,,S-1,1.5,\n"
         "A2,小鹏,Advice,S-1,4,500\n")


def said(quote) -> list[tuple]:  # noqa: F811
    return [(line.position, line.product.code, line.quantity, line.price, line.gross) for line in quote.lines]


def made(ctx, subject: str) -> Quote:
    return ctx.find(Quote).get(subject=subject)


def reasons(ctx, run) -> list[tuple[int, str]]:
    return [(number, reason) for number, (_kind, reason) in tables.rejects_of(ctx, run).items()]


def test_rows_become_quotes_with_their_lines(administrator, goods, bring):  # noqa: F811
    ctx = administrator.ctx
    run = bring(ctx, TABLE, model=Quote)

    assert run.mapping["columns"] == {
        "Quote no.": ["number"], "Customer": ["customer"], "Subject": ["subject"], "Lines: Product": ["lines.product"],
        "Lines: Quantity": ["lines.quantity"], "Lines: Price": ["lines.price"]}
    assert (run.state, run.options["match"]) == (ImportRun.State.DONE, ["number"])
    assert {key: value for key, value in run.figures.items() if value} == {"read": 4, "created": 4, "documents": 2}
    first, second = made(ctx, "Pumps"), made(ctx, "Advice")
    assert said(first) == [(1, "P-100", 2, 113, 226), (2, "P-100", 3, 100, 300), (3, "S-1", Decimal("1.5"), 530, 795)]
    assert (first.gross, second.gross, first.status) == (1321, 2000, "draft")
    assert first.number.startswith("Q-")
    entry = Entry.objects.get(object_type="sales.quote", object_id=first.pk)
    assert (entry.via, entry.operation_id, len(entry.changes["lines"][1])) == ("import", run.operation, 3)


def test_a_trial_tells_the_same_and_leaves_nothing(administrator, goods, bring):  # noqa: F811
    ctx = administrator.ctx
    run = bring(ctx, TABLE.replace("S-1,4", "S-9,4"), model=Quote, launch=False)
    runs.trial(ctx, run)

    assert run.tried["figures"] == {"read": 4, "created": 3, "updated": 0, "skipped": 0, "failed": 1, "notes": 0, "documents": 2}
    assert (ctx.find(Quote).count(), QuoteLine.objects.count()) == (0, 0)
    runs.launch(ctx, run)
    assert runs.find(ctx, run.pk).figures == run.tried["figures"]


def test_one_bad_line_keeps_its_document_out_and_no_other(administrator, goods, bring):  # noqa: F811
    ctx = administrator.ctx
    table = TABLE + "A3,小鹏,Third,P-100,-1,\n,,,P-100,1.5,\nA4,Nobody,Fourth,P-100,1,\nA5,小鹏,Fifth,P-100,zwei,\n"
    run = bring(ctx, table.replace("离心泵,3", "Kettle,3"), model=Quote)

    assert [one.subject for one in ctx.find(Quote)] == ["Advice"]
    assert QuoteLine.objects.count() == 1
    assert reasons(ctx, run) == [
        (2, "Left out with its document: see row 3."), (3, "Product: Unknown product “Kettle”."),
        (4, "Left out with its document: see row 3."),
        (6, "Quantity: Line 1: The quantity is above zero."), (7, "Left out with its document: see row 6."),
        (8, "Customer: Unknown customer “Nobody”."), (9, "Quantity: “zwei” is not a number. Write it like 1234.56.")]
    assert {key: value for key, value in run.figures.items() if value} == {
        "read": 8, "created": 1, "failed": 7, "documents": 5}
    mended = tables.reject_file(ctx, run, "csv").decode("utf-8-sig").replace("Kettle", "P-100")
    again = bring(ctx, "\n".join(mended.splitlines()[:4]), model=Quote)
    assert (again.figures["created"], made(ctx, "Pumps").gross) == (3, 226 + 300 + 795)


def test_all_or_nothing(administrator, goods, bring):  # noqa: F811
    ctx = administrator.ctx
    run = bring(ctx, TABLE.replace("S-1,4", "S-9,4"), model=Quote, whole=True)
    assert (run.state, run.figures["failed"], run.figures["skipped"]) == (ImportRun.State.FAILED, 1, 3)
    assert (ctx.find(Quote).count(), QuoteLine.objects.count()) == (0, 0)


def test_rows_without_a_number_belong_to_the_document_above(administrator, goods, bring):  # noqa: F811
    ctx = administrator.ctx
    table = ("customer,subject,lines.product,lines.quantity\n小鹏,One,P-100,1\n,,S-1,2\n小鹏,One,P-100,3\n"
             "小鹏,Two,S-1,4\n小鹏,Three,,\n")
    run = bring(ctx, table, model=Quote)
    assert (run.figures["documents"], run.figures["created"]) == (3, 5)
    assert {one.subject: [int(line.quantity) for line in one.lines] for one in ctx.find(Quote)} == {
        "One": [1, 2, 3], "Two": [4], "Three": []}


def test_rows_of_a_document_agree_and_stand_together(administrator, goods, bring):  # noqa: F811
    ctx = administrator.ctx
    table = ("Quote no.,Customer,Subject,Lines: Product\nA1,小鹏,One,P-100\nA1,小鹏,Other,P-100\nA2,小鹏,Two,P-100\n"
             "A1,小鹏,One,S-1\n")
    run = bring(ctx, table, model=Quote)
    assert [one.subject for one in ctx.find(Quote)] == ["Two"]
    assert reasons(ctx, run) == [
        (2, "Left out with its document: see row 3."),
        (3, "Subject: “Other” here, but “One” further up in the same document."),
        (5, "The rows of one document must follow one another: “A1” began in row 2.")]


def test_no_document_is_cut_between_two_chunks(administrator, goods, bring, monkeypatch):  # noqa: F811
    monkeypatch.setattr(runs, "CHUNK", 2)
    monkeypatch.setattr(runs, "TRIED", 3)
    ctx = administrator.ctx
    run = bring(ctx, TABLE, model=Quote, launch=False)
    runs.trial(ctx, run)
    assert (run.tried["figures"]["read"], run.tried["figures"]["documents"], run.tried["whole"]) == (3, 1, False)
    runs.launch(ctx, run)
    assert [len(one.lines) for one in ctx.find(Quote).order_by("pk")] == [3, 1]
    engine = runs.engine_of(ctx, run)
    assert [[row.number for row in chunk] for chunk in engine.chunks(tables.rows_of(run), 2, after=4)] == [[5]]


def test_what_came_in_is_found_again_by_its_number(administrator, goods, bring):  # noqa: F811
    ctx = administrator.ctx
    bring(ctx, TABLE, model=Quote)
    before = [line.pk for line in made(ctx, "Pumps").lines]
    entries = Entry.objects.count()
    assert bring(ctx, TABLE, model=Quote).figures["skipped"] == 4
    assert Entry.objects.filter(object_type="sales.quote").count() == 2 and Entry.objects.count() >= entries
    assert [line.pk for line in made(ctx, "Pumps").lines] == before

    number = made(ctx, "Pumps").number
    table = f"Quote no.,Lines: Product,Lines: Quantity\n{number},S-1,2\n{number},P-100,7\n"
    run = bring(ctx, table, model=Quote)
    changed = made(ctx, "Pumps")
    assert (run.figures["updated"], run.figures["documents"], changed.number) == (2, 1, number)
    assert said(changed) == [(1, "S-1", 2, 530, 1060), (2, "P-100", 7, 113, 791)]
    assert [line.pk for line in changed.lines] == [before[2], before[0]]
    bring(ctx, f"Quote no.,Subject\n{number},Renamed\n", model=Quote)
    assert len(made(ctx, "Renamed").lines) == 2


def test_fill_leaves_lines_that_are_there(administrator, goods, bring):  # noqa: F811
    ctx = administrator.ctx
    bring(ctx, TABLE, model=Quote)
    bring(ctx, TABLE.replace("离心泵,3", "离心泵,9"), model=Quote, mode="fill")
    assert made(ctx, "Pumps").gross == 1321


def test_keys_of_another_system(administrator, goods, bring):  # noqa: F811
    ctx = administrator.ctx
    table = "id,customer,subject,lines.product,lines.price\n17,小鹏,One,P-100,100\n17,,,S-1,200\n18,小鹏,One,P-100,300\n"
    run = bring(ctx, table, model=Quote, source="erp")
    assert (run.options["match"], run.figures["documents"], ctx.find(Quote).count()) == (["#external"], 2, 2)
    again = bring(ctx, table.replace("300", "400"), model=Quote, source="erp")
    assert (again.figures["updated"], again.figures["skipped"]) == (1, 2)
    assert sorted(one.gross for one in ctx.find(Quote)) == [300, 400]


def test_a_sent_quote_stays_as_it_is(administrator, goods, bring):  # noqa: F811
    ctx = administrator.ctx
    bring(ctx, TABLE, model=Quote)
    ctx.run("sales.quote.send", made(ctx, "Advice"))
    run = bring(ctx, TABLE.replace("S-1,4", "S-1,5"), model=Quote)
    assert (run.figures["failed"], run.figures["skipped"], made(ctx, "Advice").gross) == (1, 3, 2000)
    assert "stays as it is" in reasons(ctx, run)[0][1]


def test_undo_takes_documents_and_lines_back(administrator, goods, bring):  # noqa: F811
    ctx = administrator.ctx
    bring(ctx, TABLE, model=Quote)
    changed = bring(ctx, TABLE.replace("离心泵,3,100", "S-1,3,100") + "A9,小鹏,Ninth,P-100,1,\n", model=Quote)
    assert [line[1] for line in said(made(ctx, "Pumps"))] == ["P-100", "S-1", "S-1"]
    runs.undo(ctx, changed)
    assert [line[1:4] for line in said(made(ctx, "Pumps"))] == [
        ("P-100", 2, 113), ("P-100", 3, 100), ("S-1", Decimal("1.5"), 530)]
    assert not ctx.find(Quote).filter(subject="Ninth").exists()
    assert QuoteLine.objects.filter(deleted_at=None).count() == 4


def test_values_of_lines_are_asked_and_fixed_values_fill_them(administrator, goods, bring):  # noqa: F811
    ctx = administrator.ctx
    table = "customer,subject,lines.product,Unit\n小鹏,One,P-100,Stck\n小鹏,Two,,\n"
    run = bring(ctx, table, model=Quote, launch=False)
    asked = {one.column: one for one in values.questions(ctx, run)}
    assert asked["Unit"].view.label == "Lines: Unit"
    assert [one.text for one in asked["Unit"].open] == ["Stck"]
    run = bring(ctx, table, model=Quote, values={"lines.unit": {"stck": f"id:{goods.piece.pk}"}},
                constants={"lines.tax_rate": "6"})
    (line,) = made(ctx, "One").lines
    assert (line.unit_id, line.tax_rate, made(ctx, "Two").lines) == (goods.piece.pk, 6, [])


def test_who_may_not_see_costs_neither_takes_them_out_nor_brings_them(salesperson, administrator, goods, bring):  # noqa: F811
    def keys(person) -> set[str]:
        return {view.key for view in matching.targets(person.ctx, Quote)}
    assert "lines.cost" in keys(administrator)
    assert "lines.cost" not in keys(salesperson)
    assert "lines.cost" not in {view.key for view in exporting.columns_of(salesperson.ctx, Quote)}
    assert {"lines.owner", "lines.quote", "lines.position", "lines.net"}.isdisjoint(keys(administrator))
    with pytest.raises(Refused, match="Lines: Net amount"):
        bring(administrator.ctx, "customer,lines.product,Net\n小鹏,P-100,1\n", model=Quote, columns={"Net": ["lines.net"]})
    assert not administrator().find(Quote).exists()


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_what_goes_out_comes_in_again(administrator, goods, quote, bring, language):  # noqa: F811
    ctx = administrator.ctx
    first = quote(subject="=1+1", discount="5", tax_included=False, note="@note")
    second = quote(lines=[{"text": "+Freight", "price": "80.5", "quantity": "1.25", "discount": "10"}], reduction="0.63")
    empty = quote(lines=[], subject="Empty")
    figures = [(one.net, one.tax, one.gross, [(line.text, line.quantity, line.price, line.net, line.tax)
                                              for line in one.lines]) for one in (first, second, empty)]
    with translation.override(language):
        ctx.views.clear()
        views = [view for view in exporting.columns_of(ctx, Quote) if view.key.startswith("lines.") or view.key in (
            "number", "customer", "subject", "tax_included", "discount", "reduction", "note", "currency", "gross")]
        run = exporting.begin(ctx, Quote, [view.key for view in views], "csv", {})
        content = run.file.read()
        assert run.rows == 4
        assert b"'=1+1" in content and b"'@note" in content and b"'+Freight" in content
        ctx.run_many("sales.quote.delete", list(ctx.find(Quote)))
        done = bring(ctx, content, model=Quote, name="quotes.csv")
        assert [view.key for view in views if [view.key] not in done.mapping["columns"].values()] == [
            view.key for view in views if view.key not in {one.key for one in matching.targets(ctx, Quote)}]
    assert done.figures["created"] == 4, reasons(ctx, done)
    again = list(ctx.find(Quote).order_by("pk"))
    assert {(one.net, one.tax, one.gross, tuple((line.text, line.quantity, line.price, line.net, line.tax)
                                                for line in one.lines)) for one in again} == {
        (*one[:3], tuple(one[3])) for one in figures}
    assert {one.subject for one in again} == {"=1+1", "", "Empty"}


def test_flat_exports_of_documents_stay_one_row_each(administrator, goods, quote):  # noqa: F811
    quote()
    ctx = administrator.ctx
    views = [view for view in exporting.columns_of(ctx, Quote) if view.key in ("customer", "gross")]
    assert list(exporting.cells(ctx, Quote, views, {})) == [["小鹏", Decimal("1173.00")]]


@pytest.mark.covers("INV-05")
def test_stock_documents(administrator, firm, bring):
    stock, ctx = stocked(firm), administrator.ctx
    table = ("编号,类型,仓库,调入仓库,日期,明细：产品,明细：数量,明细：单位成本\n"
             "入1,入库单,Shenzhen,,2026-11-01,P1,10,2.5\n入1,,,,,P2,4,1\n调1,调拨单,Shenzhen,Shanghai,2026-11-02,P1,3,\n"
             "调2,调拨单,Shenzhen,,2026-11-02,P1,3,\n,,,,,P2,1,\n")
    with translation.override("zh-hans"):
        run = bring(ctx, table, model=StockDocument)
    assert run.mapping["columns"] == {
        "编号": ["number"], "类型": ["kind"], "仓库": ["warehouse"], "调入仓库": ["to_warehouse"], "日期": ["date"],
        "明细：产品": ["lines.product"], "明细：数量": ["lines.quantity"], "明细：单位成本": ["lines.unit_cost"]}
    assert {key: value for key, value in run.figures.items() if value} == {
        "read": 5, "created": 3, "failed": 2, "documents": 3}
    receipt, transfer = ctx.find(StockDocument).order_by("pk")
    assert (receipt.kind, receipt.value, [(line.product_id, line.quantity) for line in receipt.lines]) == (
        "receipt", 29, [(stock.pump.pk, 10), (stock.valve.pk, 4)])
    assert (transfer.kind, transfer.to_warehouse_id, transfer.status) == ("transfer", stock.b.pk, "draft")
    ctx.run_many("inventory.stockdocument.confirm", [receipt.pk, transfer.pk])
    before = dump()
    again = bring(ctx, f"number,lines.product,lines.quantity\n{receipt.number},P1,99\n", model=StockDocument)
    assert (again.figures["failed"], dump()) == (1, before)


def test_the_mapping_screen_and_the_template_offer_lines(administrator, goods):  # noqa: F811
    assert administrator.ctx.find(Product).count() == 2 and administrator.ctx.find(Customer).count() == 1
    browser = administrator.client
    answer = browser.post("/quotes/import", {"pasted": "Customer\tLines: Product\n小鹏\tP-100\n\tS-1\n"})
    page = browser.get(answer["Location"]).content.decode()
    assert '<option value="lines.product" selected>Lines: Product</option>' in page
    posted = browser.post(answer["Location"], {"c0": "customer", "c1": "lines.product"})
    check = browser.get(posted["Location"]).content.decode()
    assert "These rows are 1 document." in check
    browser.post(posted["Location"], {"go": "1", "mode": "create"})
    assert [len(one.lines) for one in administrator().find(Quote)] == [2]
    assert browser.get("/quotes/import/template").status_code == 200
