"""A gate stands between an actor who has the right and the action: it asks others first, or refuses."""

from collections.abc import Iterator
from typing import Any

import pytest

from guanxi.kernel import registry
from guanxi.kernel.api import Ctx, Entry, Refused
from tests.fake_shop.actions import postpone_orders, send_order
from tests.fake_shop.models import Customer, Order, Reason

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def gate() -> Iterator[None]:
    """Orders above 1,000 are asked for; nobody touches those that are due to be settled."""
    def ask(ctx: Ctx, action: Any, record: Any, values: dict[str, Any]) -> Any:
        if record.note == "forbidden":
            refusal = Refused("Hands off.", record=record)
            refusal.attempt = record
            raise refusal
        if record.note == "locked" and ctx.granted is None:
            raise Refused("The order waits for approval.", record=record)
        if action.verb in ("send", "postpone") and record.amount > 1000 and ctx.granted is None:
            return ctx.save(Reason(name=f"{action.name} {record.pk} {sorted(values)}"))
        return None
    registry.add_gate(ask)
    yield
    registry.gates().remove(ask)


def order_of(anna: Ctx, customer: Customer, amount: int, **more: Any) -> Order:
    return anna.create(Order, customer=customer.pk, amount=amount, due="2026-01-01", **more)


def test_what_is_asked_for_is_written_and_not_done(anna: Ctx, customer: Customer) -> None:
    order = order_of(anna, customer, 5000)
    outcome = anna.run(send_order, order, message="hello", key="k1")
    assert [str(one) for one in outcome.asked] == [f"fake_shop.order.send {order.pk} ['message']"]
    assert outcome.done == []
    assert Order.objects.get(pk=order.pk).stage == "draft"
    again = anna.run(send_order, order, message="hello", key="k1")
    assert (again.repeated, again.asked) == (True, outcome.asked)
    assert Reason.objects.count() == 1


def test_below_the_limit_or_once_granted_it_runs(anna: Ctx, customer: Customer) -> None:
    small, big = order_of(anna, customer, 10), order_of(anna, customer, 5000)
    assert anna.run(send_order, small).asked == []
    anna.granted = Reason(name="yes")
    assert anna.run(send_order, big).asked == []
    assert set(Order.objects.values_list("stage", flat=True)) == {"sent"}


def test_in_bulk_each_record_is_asked_for_by_itself(anna: Ctx, customer: Customer) -> None:
    rows = [order_of(anna, customer, amount) for amount in (10, 5000)]
    rows.append(order_of(anna, customer, 20, note="locked"))
    outcome = anna.run_many(postpone_orders, rows, days=1)
    assert [row.pk for row in outcome.done] == [rows[0].pk]
    assert len(outcome.asked) == 1
    assert [pk for pk, _title, _refusal in outcome.refused] == [rows[2].pk]
    assert [str(row.due) for row in Order.objects.order_by("pk")] == ["2026-01-02", "2026-01-01", "2026-01-01"]


def test_a_gate_that_refuses_leaves_everything_as_it_was(anna: Ctx, customer: Customer) -> None:
    order, count = order_of(anna, customer, 20, note="locked"), Entry.objects.count()
    with pytest.raises(Refused, match="waits for approval"):
        anna.update(order, amount=30)
    assert str(Order.objects.get(pk=order.pk).amount) == "20.00"
    assert Entry.objects.count() == count


def test_an_attempt_stays_in_the_account_although_nothing_else_does(anna: Ctx, customer: Customer) -> None:
    order, count = order_of(anna, customer, 20, note="forbidden"), Entry.objects.count()
    with pytest.raises(Refused, match="Hands off"):
        anna.run(send_order, order, message="now")
    entry = Entry.objects.latest("pk")
    assert (entry.verb, entry.object_id, entry.reason, entry.changes) == (
        "fake_shop.order.attempt", order.pk, "Hands off.", {})
    assert (Order.objects.get(pk=order.pk).stage, Entry.objects.count()) == ("draft", count + 1)


@pytest.mark.parametrize("verb", ["send", "postpone"])
def test_attempts_in_bulk_stay_in_the_account(anna: Ctx, customer: Customer, verb: str) -> None:
    rows = [order_of(anna, customer, 20, note=note) for note in ("", "forbidden")]
    outcome = anna.run_many(f"fake_shop.order.{verb}", rows, **({"days": 1} if verb == "postpone" else {}))
    assert [row.pk for row in outcome.done] == [rows[0].pk]
    assert [entry.object_id for entry in Entry.objects.filter(verb="fake_shop.order.attempt")] == [rows[1].pk]
