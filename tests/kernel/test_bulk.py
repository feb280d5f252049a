"""Bulk, bin, undo and merge: many changes are one operation, and one operation can be taken back."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from guanxi.common import merging, searching, talk, undoing
from guanxi.kernel import entries, external, writing
from guanxi.kernel.api import Ctx, Entry, Refused
from guanxi.kernel.entries import Operation
from guanxi.kernel.refusal import Denied, Missing
from tests.fake_shop.models import Customer, Delivery, Order, Reason

pytestmark = pytest.mark.django_db


def state(*models: Any) -> Any:
    """Everything people put into live rows; versions and times move on."""
    return {model: list(model.objects.filter(deleted_at=None).order_by("pk").values_list(
        "pk", "owner_id", "upper_owner_id", *(["name"] if model is Customer else ["customer_id", "amount"]))) for model in models}


def test_many_are_created_with_an_entry_each_and_bad_ones_come_back(anna: Ctx) -> None:
    rows = [Customer(name=f"Firm {n}", email="same@example.com" if n in (3, 7) else "") for n in range(10)]
    rows.append(Customer(name=""))
    with anna.door("test"):
        results = anna.save_all(rows)
    refused = [(row.name, refusal.reason) for row, refusal in results if refusal]
    assert ("", "This field cannot be blank.") in refused
    assert [reason for name, reason in refused if name] == ["This e-mail belongs to another customer. It is “Firm 3”."]
    assert Customer.objects.count() == 9
    assert Entry.objects.filter(verb="fake_shop.customer.create").count() == 9


def test_many_rows_are_written_over_where_they_are_there_already(anna: Ctx) -> None:
    rows = [Customer(name=f"Firm {n}", note="" if n else "first") for n in range(12)]
    with anna.door("test"):
        assert [refusal for _row, refusal in anna.save_all(rows) if refusal] == []
    assert [row.pk for row in rows] == list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    external.remember("erp", [(f"K{n}", row) for n, row in enumerate(rows)])
    external.remember("erp", [(f"K{n}", rows[0]) for n in range(6, 18)])
    keys = external.ids_of("erp", Customer, [f"K{n}" for n in range(18)])
    assert keys == {f"K{n}": rows[n if n < 6 else 0].pk for n in range(18)}
    for row in rows:
        row.name = row.name.replace("Firm", "House")
    with anna.door("test"):
        anna.save_all(rows)
    found = [searching.candidates(word, {"fake_shop.customer": None}, 50) for word in ("Firm", "House")]
    assert [len(docs) for docs in found] == [0, 12]
    assert {doc.object_id: doc.title for doc in found[1]} == {row.pk: row.name for row in rows}
    assert entries.broken_at() is None


def test_numbers_are_drawn_at_once_and_never_twice(anna: Ctx, customer: Customer) -> None:
    with anna.door("test"):
        anna.save_all([Order(customer=customer) for _ in range(5)])
    single = anna.create(Order, customer=customer.pk)
    numbers = list(Order.objects.order_by("pk").values_list("number", flat=True))
    assert len(set(numbers)) == 6 and numbers == sorted(numbers) and numbers[-1] == single.number


@pytest.mark.covers("F2", "T4")
def test_mass_edit_is_undone_but_for_what_was_changed_since(anna: Ctx) -> None:
    rows = [anna.create(Customer, name=f"Firm {n}", credit=n) for n in range(4)]
    outcome = anna.run_many("fake_shop.customer.update", rows, credit="77")
    assert len(outcome.done) == 4
    anna.update(anna.get(Customer, rows[2].pk), credit="5")
    undone = undoing.undo(anna, outcome.operation_id or 0)
    assert undone.restored == 3
    assert [(name, pk) for name, pk, _title, _reason in undone.conflicts] == [("fake_shop.customer", rows[2].pk)]
    assert [str(value) for value in Customer.objects.order_by("pk").values_list("credit", flat=True)] == [
        "0.00", "1.00", "5.00", "3.00"]
    with pytest.raises(Refused, match="not there to be undone"):
        undoing.undo(anna, outcome.operation_id or 0)


def test_only_the_actor_or_an_administrator_undoes(anna: Ctx, bert: Ctx) -> None:
    made = anna.create(Customer, name="X")
    outcome = anna.run_many("fake_shop.customer.update", [made], note="y")
    with pytest.raises(Refused, match="no such operation"):
        undoing.undo(bert, outcome.operation_id or 0)
    assert Customer.objects.get(pk=made.pk).note == "y"


@pytest.mark.covers("DEL-01")
def test_the_bin_takes_and_gives_back_everything_below(anna: Ctx, customer: Customer, order: Order) -> None:
    anna.run("fake_shop.order.send", order)
    before = state(Customer, Order)
    outcome = anna.run("fake_shop.customer.delete", customer)
    assert not anna.find(Order).exists() and not Delivery.objects.filter(deleted_at=None).exists()
    assert anna.binned(Customer).get().pk == customer.pk
    anna.run("fake_shop.customer.restore", customer.pk)
    assert state(Customer, Order) == before
    assert Delivery.objects.filter(deleted_at=None).count() == 1
    again = anna.run("fake_shop.customer.delete", customer.pk)
    assert undoing.undo(anna, again.operation_id or 0).conflicts == []
    assert state(Customer, Order) == before
    assert outcome.operation_id != again.operation_id


def test_what_is_in_use_is_not_deleted(boss: Ctx, order: Order, unchanged: Any) -> None:
    reason = boss.create(Reason, name="Too dear")
    boss.run("fake_shop.order.cancel", order, reason=reason.pk)
    before = unchanged()
    with pytest.raises(Refused, match="still used by 1 orders"):
        boss.delete(reason)
    assert unchanged() == before


@pytest.mark.covers("DEL-02")
def test_a_freed_value_may_be_taken_and_then_asks_on_restore(anna: Ctx) -> None:
    old = anna.create(Customer, name="Old", email="a@example.com")
    anna.delete(old)
    anna.create(Customer, name="New", email="a@example.com")
    with pytest.raises(Refused, match="belongs to another customer"):
        anna.run("fake_shop.customer.restore", old.pk)
    assert Customer.objects.get(pk=old.pk).deleted_at is not None


@pytest.mark.covers("MRG-01", "P06")
def test_a_merge_moves_everything_and_is_undone(anna: Ctx) -> None:
    kept = anna.create(Customer, name="Kept", credit="5")
    gone = anna.create(Customer, name="Gone", phone="13800138000", note="from gone")
    for target in (kept, gone):
        for n in range(30):
            anna.create(Order, customer=target.pk, amount=n)
    talk.comment(anna, gone, "hello")
    external.remember("erp", [("K1", gone)])
    before = state(Customer, Order)
    assert merging.preview(anna, kept, [gone]) == {"orders": 30, "comments": 1}
    operation = merging.merge(anna, kept, [gone], {"note": gone.pk})
    kept.refresh_from_db()
    assert (kept.name, kept.phone, kept.note, str(kept.credit)) == ("Kept", "+8613800138000", "from gone", "5.00")
    assert Order.objects.filter(customer=kept, deleted_at=None).count() == 60
    assert [one.text for one in talk.comments(anna, kept)] == ["hello"]
    assert external.survivor_of(Customer, gone.pk) == kept.pk
    assert external.ids_of("erp", Customer, ["K1"]) == {"K1": kept.pk}
    undone = undoing.undo(anna, operation)
    assert undone.conflicts == []
    assert state(Customer, Order) == before
    assert [one.text for one in talk.comments(anna, gone)] == ["hello"]


@pytest.mark.covers("IDOR-06")
def test_a_merge_needs_the_rights_on_every_side(anna: Ctx, bert: Ctx, boss: Ctx, unchanged: Any) -> None:
    mine, theirs = anna.create(Customer, name="Mine"), bert.create(Customer, name="Theirs")
    before = unchanged()
    with pytest.raises(Refused):
        merging.merge(anna, mine, [theirs])
    assert unchanged() == before
    merging.merge(boss, mine, [theirs])
    assert Customer.objects.filter(deleted_at=None).count() == 1


def test_bulk_and_single_writes_leave_the_same_account(anna: Ctx) -> None:
    one, two = anna.create(Customer, name="One"), anna.create(Customer, name="Two")
    anna.update(one, credit="9", note="n")
    anna.run_many("fake_shop.customer.update", [two], credit="9", note="n")
    entries = Entry.objects.filter(verb="fake_shop.customer.update").order_by("id")
    assert [entry.changes for entry in entries] == [{"credit": [None, "9.00"], "note": ["", "n"]}] * 2
    assert [entry.version for entry in entries] == [2, 2]


@pytest.mark.covers("PERM-17", "T9")
def test_comments_mention_only_who_may_see(anna: Ctx, bert: Ctx, boss: Ctx, customer: Customer) -> None:
    _made, unable = talk.comment(anna, customer, f"see @[{bert.user_id}] and @[{boss.user_id}]")
    assert [user.pk for user in unable] == [bert.user_id]
    assert talk.unread(bert) == 0 and talk.unread(boss) == 1
    with pytest.raises(Missing):
        talk.comment(bert, customer, "x")


def test_followers_hear_of_comments(anna: Ctx, boss: Ctx, customer: Customer) -> None:
    talk.follow(boss, customer)
    talk.comment(anna, customer, "news")
    assert talk.unread(boss) == 1
    talk.follow(boss, customer, on=False)
    talk.comment(anna, customer, "more")
    assert talk.unread(boss) == 1


def test_writing_outside_of_a_door_is_a_mistake_of_the_programmer(anna: Ctx, customer: Customer) -> None:
    with pytest.raises(RuntimeError, match="inside an action"):
        writing.save(anna, customer)
    with pytest.raises(Denied):
        Ctx(user=anna.user, scopes=frozenset({"read"})).create(Customer, name="x")
    assert Operation.objects.count() == 0


def test_rows_of_one_transaction_ask_once_for_what_they_link_to(anna: Ctx, customer: Customer) -> None:
    """Except after a change: then the link may lead out of sight, and the owner above may be another."""
    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as asked, anna.door("test"):
            for _row in range(count):
                anna.create(Order, customer=customer.pk)
        return sum("fake_shop_customer" in query["sql"] for query in asked)

    assert queries(1) == queries(20) == 2

    other = anna.create(Customer, name="Other")
    with anna.door("test"):
        assert anna.create(Order, customer=other.pk).upper_owner_id == anna.user_id
        anna.delete(anna.create(Customer, name="Unrelated"))
        Customer.objects.filter(pk=other.pk).update(owner=None)
        with pytest.raises(Refused, match="Unknown customer"):
            anna.create(Order, customer=other.pk)


def test_a_link_to_what_was_rolled_back_is_refused(anna: Ctx) -> None:
    with anna.door("test"):
        mark = anna.unit.mark()
        point = transaction.savepoint()
        gone = anna.create(Customer, name="Gone")
        anna.create(Order, customer=gone.pk)
        transaction.savepoint_rollback(point)
        anna.unit.back_to(mark)
        with pytest.raises(Refused, match="Unknown customer"):
            anna.create(Order, customer=gone.pk)
    assert Order.objects.count() == 0
