"""One door to write: rights, states, refusals that change nothing, and the account of what happened."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from guanxi.kernel import entries
from guanxi.kernel.api import Ctx, Entry, Refused
from guanxi.kernel.entries import StateChange
from guanxi.kernel.refusal import Conflict, Denied, Missing
from tests.fake_shop.actions import cancel_order, postpone_orders, send_order
from tests.fake_shop.models import Customer, Delivery, Order, Reason

pytestmark = pytest.mark.django_db


def test_create_gives_owner_number_entry_and_sort_key(anna: Ctx, customer: Customer) -> None:
    order = anna.create(Order, customer=customer.pk, amount="1,200.50")
    assert order.owner_id == anna.user_id
    assert order.number and order.number.startswith("O-2")
    assert str(order.amount) == "1200.50"
    entry = Entry.objects.get(object_type="fake_shop.order", object_id=order.pk)
    assert entry.verb == "fake_shop.order.create"
    assert entry.changes["amount"] == [None, "1200.50"]
    assert entry.actor_id == anna.user_id
    assert customer.sort_key.startswith("shen zhen shi xiao peng")


def test_an_action_runs_listens_and_tells(anna: Ctx, order: Order) -> None:
    anna.run(send_order, order, message="hello")
    order.refresh_from_db()
    assert order.stage == "sent"
    assert Delivery.objects.filter(order=order).count() == 1
    entry = Entry.objects.filter(verb="fake_shop.order.update", object_id=order.pk).get()
    assert entry.changes == {"stage": ["draft", "sent"]}
    assert entry.inputs == {"message": "hello"}
    change = StateChange.objects.filter(object_type="fake_shop.order", new="sent").get()
    assert (change.old, change.actor_id) == ("draft", anna.user_id)


def test_a_wrong_state_is_refused_with_its_reason(anna: Ctx, order: Order, unchanged: Any) -> None:
    anna.run(send_order, order)
    before = unchanged()
    with pytest.raises(Refused, match="Only possible while"):
        anna.run(send_order, order)
    assert unchanged() == before


@pytest.mark.covers("IDOR-10")
def test_a_listener_that_refuses_takes_everything_back(anna: Ctx, order: Order, unchanged: Any) -> None:
    anna.update(order, note="never")
    before = unchanged()
    with pytest.raises(Refused, match="cannot deliver"):
        anna.run(send_order, order)
    assert unchanged() == before
    assert Delivery.objects.count() == 0


@pytest.mark.covers("PERM-01")
def test_rows_of_others_do_not_exist(bert: Ctx, order: Order, unchanged: Any) -> None:
    before = unchanged()
    assert not bert.find(Order).exists()
    with pytest.raises(Missing) as one:
        bert.get(Order, order.pk)
    with pytest.raises(Missing) as other:
        bert.get(Order, 999_999)
    assert str(one.value) == str(other.value)
    with pytest.raises(Missing):
        bert.run(send_order, order)
    assert unchanged() == before


@pytest.mark.covers("PERM-11")
def test_seeing_is_not_changing(person: Any, order: Order, unchanged: Any) -> None:
    reader = Ctx(user=person("reader", {"*": {"view": "everyone"}}))
    before = unchanged()
    for attempt in (lambda: reader.update(order, note="x"), lambda: reader.delete(order),
                    lambda: reader.run(send_order, order), lambda: reader.create(Reason, name="x")):
        with pytest.raises(Denied):
            attempt()
    assert unchanged() == before


@pytest.mark.covers("IDOR-05", "API-05")
@pytest.mark.parametrize(("values", "field"), [
    ({"customer": "999999"}, "customer"), ({"amount": "abc"}, "amount"), ({"amount": "NaN"}, "amount"),
    ({"nonsense": "1"}, "nonsense"), ({"stage": "sent"}, "stage"), ({"created_by": 1}, "created_by"),
    ({"due": "31 February"}, "due"), ({"amount": "1e400"}, "amount")])
def test_bad_input_names_the_field(anna: Ctx, order: Order, unchanged: Any, values: dict[str, Any], field: str) -> None:
    before = unchanged()
    with pytest.raises(Refused) as refusal:
        anna.update(order, **values)
    assert field in refusal.value.errors
    assert unchanged() == before


def test_a_foreign_link_cannot_be_smuggled_in(bert: Ctx, customer: Customer, unchanged: Any) -> None:
    before = unchanged()
    with pytest.raises(Refused, match="Unknown customer"):
        bert.create(Order, customer=customer.pk, amount=1)
    assert unchanged() == before


def test_database_rules_are_said_in_words(anna: Ctx, order: Order, customer: Customer) -> None:
    with pytest.raises(Refused, match="never negative"):
        anna.update(order, amount="-1")
    anna.update(customer, email="A@Example.com")
    with pytest.raises(Refused, match="belongs to another customer"):
        anna.create(Customer, name="Another", email="a@example.com")


def test_unknown_and_missing_action_inputs(anna: Ctx, order: Order) -> None:
    with pytest.raises(Refused) as refusal:
        anna.run(send_order, order, colour="red")
    assert "colour" in refusal.value.errors
    with pytest.raises(Refused) as refusal:
        anna.run(cancel_order, order)
    assert "reason" in refusal.value.errors


@pytest.mark.covers("CONC-01", "CONC-02")
def test_two_people_change_one_record(boss: Ctx, anna: Ctx, customer: Customer) -> None:
    version = customer.version
    boss.update(boss.get(Customer, customer.pk), credit="500", version=version)
    changed = anna.update(anna.get(Customer, customer.pk), level="a", version=version)
    assert (str(changed.credit), changed.level) == ("500.00", "a")
    with pytest.raises(Conflict) as conflict:
        anna.update(anna.get(Customer, customer.pk), credit="700", version=version)
    assert {name: str(value) for name, value in conflict.value.values["credit"].items()} == {
        "mine": "700.00", "theirs": "500.00", "original": "None"}
    assert conflict.value.by == boss.user


@pytest.mark.covers("CONC-04")
def test_one_key_one_result(anna: Ctx, customer: Customer) -> None:
    first = anna.run("fake_shop.order.create", None, key="k1", customer=customer.pk, amount=5)
    again = anna.run("fake_shop.order.create", None, key="k1", customer=customer.pk, amount=5)
    assert again.repeated and again.record.pk == first.record.pk
    assert Order.objects.count() == 1
    with pytest.raises(Refused, match="idempotency key"):
        anna.run("fake_shop.order.create", None, key="k1", customer=customer.pk, amount=6)


@pytest.mark.covers("CONC-04")
def test_a_repeated_bulk_request_gets_the_whole_answer_again(anna: Ctx, order: Order) -> None:
    other = anna.create(Order, customer=order.customer_id, amount=0)
    first = anna.run_many(send_order, [order.pk, other.pk, 999_999], key="k2", message="hello")
    again = anna.run_many(send_order, [order.pk, other.pk, 999_999], key="k2", message="hello")
    assert again.repeated and not first.repeated
    assert [row.pk for row in again.done] == [row.pk for row in first.done] == [order.pk]
    assert sorted((pk, refusal.status) for pk, _title, refusal in again.refused) == [(other.pk, 400), (999_999, 404)]


@pytest.mark.covers("CONC-02")
@pytest.mark.parametrize("verb", ["fake_shop.order.send", "fake_shop.order.delete"])
def test_an_action_on_what_changed_meanwhile_is_a_conflict(anna: Ctx, order: Order, unchanged: Any, verb: str) -> None:
    anna.update(anna.get(Order, order.pk), note="meanwhile")
    before = unchanged()
    with pytest.raises(Conflict):
        anna.run(verb, order.pk, version=1)
    assert unchanged() == before


@pytest.mark.covers("IDOR-03")
def test_bulk_refuses_single_rows(anna: Ctx, bert: Ctx, boss: Ctx, customer: Customer) -> None:
    mine = [anna.create(Order, customer=customer.pk, amount=1, due="2026-01-01") for _ in range(3)]
    foreign = boss.create(Order, customer=customer.pk, amount=1)
    other = bert.create(Customer, name="Other")
    theirs = bert.create(Order, customer=other.pk, amount=1)
    outcome = anna.run_many(postpone_orders, [*mine, foreign, theirs], days=2)
    assert [row.pk for row in outcome.done] == [row.pk for row in mine]
    assert [(pk, type(refusal)) for pk, _title, refusal in outcome.refused] == [(foreign.pk, Denied), (theirs.pk, Missing)]
    assert {str(row.due) for row in Order.objects.filter(pk__in=[one.pk for one in mine])} == {"2026-01-03"}
    assert Entry.objects.filter(operation_id=outcome.operation_id).count() == 3


def test_a_verb_for_many_refuses_one_alone(
        anna: Ctx, order: Order, unchanged: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_today(self: Order) -> None:
        raise ValidationError("Not today.")

    anna.update(order, due="2026-01-01")
    before = unchanged()
    monkeypatch.setattr(Order, "clean", not_today)
    with pytest.raises(Refused, match="Not today"):
        anna.run(postpone_orders, order, days=2)
    assert unchanged() == before
    monkeypatch.undo()
    assert anna.run(postpone_orders, order, days=2).done == [order]


def test_single_verbs_in_bulk_roll_back_one_by_one(anna: Ctx, customer: Customer) -> None:
    good = anna.create(Order, customer=customer.pk, amount=1)
    bad = anna.create(Order, customer=customer.pk, amount=1, note="never")
    outcome = anna.run_many(send_order, [good, bad])
    assert [row.pk for row in outcome.done] == [good.pk]
    assert outcome.refused[0][0] == bad.pk
    assert Order.objects.get(pk=bad.pk).stage == "draft"
    assert not Entry.objects.filter(object_id=bad.pk, object_type="fake_shop.order", changes__has_key="stage",
                                    verb="fake_shop.order.update").exists()


@pytest.mark.covers("PERM-16")
def test_view_as_changes_nothing(anna: Ctx, boss: Ctx, order: Order, unchanged: Any) -> None:
    looking = Ctx(user=anna.user, real_user=boss.user, read_only=True)
    assert looking.get(Order, order.pk) == order
    before = unchanged()
    with pytest.raises(Denied, match="viewing as"):
        looking.run(send_order, order)
    with pytest.raises(Denied, match="viewing as"):
        looking.create(Customer, name="x")
    assert unchanged() == before


@pytest.mark.covers("AUD-02")
def test_the_account_cannot_be_changed(anna: Ctx, order: Order) -> None:
    for attempt in (lambda: Entry.objects.update(title="x"), lambda: Entry.objects.all()[0].delete(),
                    lambda: Entry.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert entries.broken_at() is None
    forged = list(Entry.objects.order_by("id"))
    forged[1].title = "forged"
    assert entries.broken_at(forged) == forged[1].pk


def test_secrets_never_reach_the_account(anna: Ctx) -> None:
    made = anna.create(Customer, name="X", token="s3cret")
    assert "s3cret" not in str(Entry.objects.get(object_type="fake_shop.customer", object_id=made.pk).changes)
