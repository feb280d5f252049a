"""Stock documents: confirming moves goods once, all of them or none; cancelling moves them back."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.inventory.actions import ledger
from guanxi.apps.inventory.models import StockBalance, StockDocument, StockMovement
from guanxi.apps.inventory.tests.conftest import CANCEL, CONFIRM, balance, draft, dump, line, moved
from guanxi.common import undoing
from guanxi.kernel.api import Denied, Entry, Missing, Refused

pytestmark = pytest.mark.django_db
D = Decimal


def movements(document: StockDocument) -> list[tuple[str, str, Decimal, Decimal]]:
    rows = StockMovement.objects.filter(document=document).order_by("pk").select_related("warehouse")
    return [(row.kind, row.warehouse.code, row.quantity, row.value) for row in rows]


@pytest.mark.covers("INV-01", "INV-04")
def test_a_receipt_brings_goods_and_what_they_cost(stock: SimpleNamespace, keeper: Person) -> None:
    made = draft(keeper(), "receipt", stock.a, line(stock.pump, 10, "2"), line(stock.cable, "2.5", "0.3333"))
    assert (made.status, made.value, StockMovement.objects.count()) == ("draft", D("20.83"), 0)
    assert made.number and made.number.startswith("ST-")
    keeper().run(CONFIRM, made)
    made.refresh_from_db()
    assert (made.status, made.confirmed_by_id, made.value) == ("confirmed", keeper.id, D("20.83"))
    assert movements(made) == [("receipt", "A", 10, 20), ("receipt", "A", D("2.5"), D("0.83"))]
    assert balance(stock.a, stock.pump) == (10, 0, 10, 20)
    assert balance(stock.a, stock.cable) == (D("2.5"), 0, D("2.5"), D("0.83"))
    moved(keeper(), "receipt", stock.a, line(stock.pump, 10, "4"))
    assert balance(stock.a, stock.pump) == (20, 0, 20, 60)
    assert StockBalance.objects.get(product=stock.pump).unit_cost == 3


@pytest.mark.covers("INV-02")
def test_an_issue_takes_them_out_at_the_average(stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10, "2")
    filled(20, "5")
    made = moved(keeper(), "issue", stock.a, line(stock.pump, 7))
    assert movements(made) == [("issue", "A", -7, -28)]
    assert made.value == 28
    assert balance(stock.a, stock.pump) == (23, 0, 23, 92)
    moved(keeper(), "issue", stock.a, line(stock.pump, 23))
    assert balance(stock.a, stock.pump) == (0, 0, 0, 0)


@pytest.mark.covers("P22")
def test_a_transfer_moves_goods_and_their_value(stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10, "2")
    made = moved(keeper(), "transfer", stock.a, line(stock.pump, 4), to_warehouse=stock.b.pk)
    assert movements(made) == [("transfer_out", "A", -4, -8), ("transfer_in", "B", 4, 8)]
    assert (balance(stock.a, stock.pump), balance(stock.b, stock.pump)) == ((6, 0, 6, 12), (4, 0, 4, 8))


@pytest.mark.covers("P22", "CONC-06")
def test_negative_stock_is_refused_with_names_and_figures(
        stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10)
    filled(3, product=stock.valve)
    made = draft(keeper(), "issue", stock.a, line(stock.valve, 3), line(stock.pump, 12), line(stock.cable, 1))
    before = dump()
    with pytest.raises(Refused) as refusal:
        keeper().run(CONFIRM, made)
    assert refusal.value.errors == {
        "lines.2.quantity": ["“Pump” in “Shenzhen”: 12 needed, 10 available (10 on hand, 0 reserved)."],
        "lines.3.quantity": ["“Cable” in “Shenzhen”: 1 needed, 0 available (0 on hand, 0 reserved)."]}
    assert dump() == before


def test_the_same_product_in_two_lines_is_added_up(stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10)
    made = draft(keeper(), "issue", stock.a, line(stock.pump, 6), line(stock.pump, 6))
    with pytest.raises(Refused, match="6 needed, 4 available"):
        keeper().run(CONFIRM, made)
    assert balance(stock.a, stock.pump)[0] == 10


def test_a_warehouse_may_allow_less_than_nothing(
        firm: Firm, stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    firm.system.update(stock.a, may_go_negative=True)
    filled(2, "3")
    moved(keeper(), "issue", stock.a, line(stock.pump, 5))
    assert balance(stock.a, stock.pump) == (-3, 0, -3, -9)
    filled(5, "4")
    assert balance(stock.a, stock.pump) == (2, 0, 2, 8)


@pytest.mark.covers("CONC-04")
def test_confirming_twice_posts_once(stock: SimpleNamespace, keeper: Person) -> None:
    made = draft(keeper(), "receipt", stock.a, line(stock.pump, 10, "2"))
    first = keeper().run(CONFIRM, made, key="once")
    again = keeper().run(CONFIRM, made, key="once")
    assert (first.repeated, again.repeated, again.record) == (False, True, made)
    before = dump()
    with pytest.raises(Refused, match="Only possible while “Status” is: Draft"):
        keeper().run(CONFIRM, made)
    assert dump() == before
    assert (StockMovement.objects.count(), balance(stock.a, stock.pump)[0]) == (1, 10)


def test_many_lines_take_no_more_queries_than_few(
        stock: SimpleNamespace, keeper: Person, django_assert_max_num_queries: Any) -> None:
    goods = [stock.product(f"M{number}", f"Many {number}") for number in range(30)]
    for _round in range(2):
        moved(keeper(), "receipt", stock.a, *(line(one, 5, "2") for one in goods))
    made = draft(keeper(), "transfer", stock.a, *(line(one, 1) for one in goods), to_warehouse=stock.b.pk)
    moved(keeper(), "transfer", stock.a, *(line(one, 1) for one in goods), to_warehouse=stock.b.pk)
    with django_assert_max_num_queries(45):
        keeper().run(CONFIRM, made)
    assert StockMovement.objects.filter(document=made).count() == 60


def test_the_database_knows_a_line_that_has_moved(stock: SimpleNamespace, filled: Any) -> None:
    row = StockMovement.objects.get(document=filled())
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.covers("P22")
def test_movements_are_never_changed_or_removed(stock: SimpleNamespace, filled: Any) -> None:
    made = filled()
    rows = StockMovement.objects.filter(document=made)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows.update(quantity=99)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows.delete()
    assert movements(made) == [("receipt", "A", 10, 20)]


@pytest.mark.covers("MON-05")
def test_cancelling_moves_goods_back_and_removes_nothing(
        stock: SimpleNamespace, head: Person, keeper: Person, filled: Any) -> None:
    filled(10, "2")
    made = moved(keeper(), "transfer", stock.a, line(stock.pump, 4), to_warehouse=stock.b.pk)
    with pytest.raises(Denied):
        keeper().run(CANCEL, made, reason="Wrong place")
    head().run(CANCEL, made, reason="Wrong place")
    made.refresh_from_db()
    assert (made.status, made.cancel_reason, made.cancelled_by_id) == ("cancelled", "Wrong place", head.id)
    assert movements(made) == [("transfer_out", "A", -4, -8), ("transfer_in", "B", 4, 8), ("reversal", "B", -4, -8),
                               ("reversal", "A", 4, 8)]
    assert (balance(stock.a, stock.pump), balance(stock.b, stock.pump)) == ((10, 0, 10, 20), (0, 0, 0, 0))
    with pytest.raises(Refused, match="Only possible while"):
        head().run(CANCEL, made, reason="Again")


def test_a_receipt_whose_goods_are_gone_cannot_be_cancelled(
        stock: SimpleNamespace, head: Person, filled: Any) -> None:
    made = filled(10)
    moved(head(), "issue", stock.a, line(stock.pump, 4))
    before = dump()
    with pytest.raises(Refused, match="10 needed, 6 available"):
        head().run(CANCEL, made, reason="Sent back")
    assert dump() == before


def test_what_is_confirmed_stands(stock: SimpleNamespace, head: Person, filled: Any) -> None:
    made = filled()
    own = made.lines[0]
    before = dump()
    for values in ({"kind": "issue"}, {"warehouse": stock.b.pk}, {"date": "2020-01-01"}, {"lines": []},
                   {"lines": [{"id": own.pk, "quantity": 9}]},
                   {"lines": [{"id": own.pk}, line(stock.valve, 1)]}):
        with pytest.raises(Refused, match="Cancel it and write a new one"):
            head().update(head().get(StockDocument, made.pk), **values)
    with pytest.raises(Refused, match="still used by"):
        head().delete(made)
    assert dump() == before
    head().update(head().get(StockDocument, made.pk), note="Came late")


@pytest.mark.parametrize(("_case", "kind", "lines", "reason"), [
    ("empty", "receipt", [], "has no lines"),
    ("service", "receipt", [("service", 1)], "Line 1: “Installation” is not kept in stock"),
    ("zero", "issue", [("pump", 0)], "Line 1: A quantity is more than nothing"),
    ("half a pump", "receipt", [("valve", 1), ("pump", "1.5")], "Line 2: “Pump” is counted in “piece of test” with 0"),
    ("counted twice", "count", [("pump", 1), ("pump", 2)], "Line 2: “Pump” stands in another line already")])
def test_what_cannot_be_stock_is_refused(
        _case: str, kind: str, lines: list[tuple[str, Any]], reason: str, stock: SimpleNamespace, keeper: Person) -> None:
    made = draft(keeper(), kind, stock.a, *(line(getattr(stock, name), quantity) for name, quantity in lines))
    before = dump()
    with pytest.raises(Refused, match=reason):
        keeper().run(CONFIRM, made)
    assert dump() == before


@pytest.mark.covers("MON-03")
@pytest.mark.parametrize("quantity", ["-1", "NaN", "1e400", "1.00001", "99999999999999999999", "many"])
def test_no_strange_number_is_kept(quantity: str, stock: SimpleNamespace, keeper: Person) -> None:
    with pytest.raises(Refused) as refusal:
        draft(keeper(), "receipt", stock.a, line(stock.cable, quantity))
    assert "lines.1" in "".join(refusal.value.errors)
    assert not StockDocument.objects.exists()


def test_a_warehouse_out_of_use_moves_nothing(firm: Firm, stock: SimpleNamespace, keeper: Person) -> None:
    made = draft(keeper(), "receipt", stock.a, line(stock.pump, 1))
    firm.system.update(stock.a, active=False)
    with pytest.raises(Refused, match="“Shenzhen” is not in use"):
        keeper().run(CONFIRM, made)
    assert not StockMovement.objects.exists()


def test_only_transfers_name_a_second_warehouse(stock: SimpleNamespace, keeper: Person) -> None:
    for values in ({"kind": "transfer"}, {"kind": "receipt", "to_warehouse": stock.b.pk}):
        with pytest.raises(Refused, match="A transfer names the warehouse it goes to"):
            keeper().create(StockDocument, warehouse=stock.a.pk, **values)
    with pytest.raises(Refused, match="to another warehouse than their own"):
        keeper().create(StockDocument, warehouse=stock.a.pk, kind="transfer", to_warehouse=stock.a.pk)


def test_many_are_confirmed_at_once_each_on_its_own(stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10)
    some = [draft(keeper(), "issue", stock.a, line(stock.pump, quantity)) for quantity in (4, 9, 5)]
    outcome = keeper().run_many(CONFIRM, some)
    assert [one.pk for one in outcome.done] == [some[0].pk, some[2].pk]
    assert [str(refusal) for _pk, _title, refusal in outcome.refused] == [
        "“Pump” in “Shenzhen”: 9 needed, 6 available (6 on hand, 0 reserved)."]
    assert balance(stock.a, stock.pump) == (1, 0, 1, 2)
    filled(8)
    again = keeper().run_many(CONFIRM, some)
    assert [one.pk for one in again.done] == [some[1].pk]
    assert (len(again.refused), balance(stock.a, stock.pump)[0]) == (2, 0)
    alone = keeper().run_many(CONFIRM, [draft(keeper(), "issue", stock.a, line(stock.pump, 1))])
    assert (alone.done, len(alone.refused)) == ([], 1)


@pytest.mark.covers("F2")
def test_what_was_posted_is_cancelled_not_undone(stock: SimpleNamespace, keeper: Person, filled: Any) -> None:
    filled(10)
    some = [draft(keeper(), "issue", stock.a, line(stock.pump, 1)) for _ in range(2)]
    outcome = keeper().run_many(CONFIRM, some)
    before = dump()
    undone = undoing.undo(keeper(), outcome.operation_id)
    assert (undone.restored, {reason for *_rest, reason in undone.conflicts}) == (
        0, {"It has been confirmed: cancel it instead."})
    assert dump() == before


@pytest.mark.parametrize("place", ["_movement", "keep"])
def test_a_crash_on_the_way_leaves_nothing(
        place: str, stock: SimpleNamespace, keeper: Person, filled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(10)
    made = draft(keeper(), "transfer", stock.a, line(stock.pump, 4), line(stock.pump, 1), to_warehouse=stock.b.pk)
    before, entries, calls = dump(), Entry.objects.count(), []
    real = getattr(ledger.Ledger, place)

    def crash(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == (3 if place == "_movement" else 1):
            raise RuntimeError("power cut")
        return real(*given)

    monkeypatch.setattr(ledger.Ledger, place, crash)
    with pytest.raises(RuntimeError), transaction.atomic():
        keeper().run(CONFIRM, made)
    assert (dump(), Entry.objects.count()) == (before, entries)
    monkeypatch.undo()
    keeper().run(CONFIRM, made)
    assert (balance(stock.a, stock.pump)[0], balance(stock.b, stock.pump)[0]) == (5, 5)


@pytest.mark.covers("PERM-01", "IDOR-01")
def test_documents_follow_their_writer_and_stock_is_one(
        firm: Firm, stock: SimpleNamespace, head: Person, keeper: Person, filled: Any, salesperson: Person) -> None:
    elsewhere = firm.add("kim", "warehouse_keeper", department=firm.south)
    filled(10)
    made = draft(keeper(), "issue", stock.a, line(stock.pump, 1))
    mate = firm.add("kai", "warehouse_keeper", department=firm.east)
    assert mate().get(StockDocument, made.pk) == made
    for person in (elsewhere, salesperson):
        with pytest.raises(Missing if person is elsewhere else Denied):
            person().run(CONFIRM, made)
        assert not person().find(StockDocument).exists()
    assert (elsewhere().find(StockBalance).count(), elsewhere().find(StockMovement).count()) == (1, 1)
    assert not salesperson().find(StockBalance).exists()
    row = StockMovement.objects.get()
    for ctx in (head(), firm.system):
        with pytest.raises(Denied, match="has no action “update”"):
            ctx.update(row, quantity=99)
    row.quantity += 89
    with pytest.raises(Refused, match="never changed: cancel the document"), firm.system.door("test"):
        firm.system.save(row)
    assert balance(stock.a, stock.pump)[0] == StockMovement.objects.get().quantity == 10
