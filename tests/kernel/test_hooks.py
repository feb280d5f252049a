"""What the kernel offers to apps above it: news of an owner's change, reminders in bulk, what a schedule has covered."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from guanxi.common import talk
from guanxi.common.talk import Notification
from guanxi.kernel import registry, schedules, worker
from guanxi.kernel.api import Ctx, after
from tests.fake_shop.models import Customer, Order

pytestmark = pytest.mark.django_db

runs: list[Any] = []


@schedules.every(cron="0 0 29 2 *", name="test.covered")
def look(ctx: worker.JobCtx) -> None:
    runs.append((ctx.running.started_at, schedules.covered(ctx)))


def test_every_change_of_an_owner_is_told(anna: Ctx, bert: Ctx, boss: Ctx, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = []
    monkeypatch.setattr(registry, "_listeners", {})
    after(Customer, "owner")(lambda _ctx, record, change: heard.append((record.pk, change)))
    made = anna.create(Customer, name="X")
    anna.update(made, name="Y")
    boss.run("fake_shop.customer.assign", made, to=bert.user_id)
    boss.update(boss.get(Customer, made.pk), owner=None)
    boss.run_many("fake_shop.customer.update", [made], owner=anna.user_id)
    assert heard == [(made.pk, [anna.user_id, bert.user_id]), (made.pk, [bert.user_id, None]),
                     (made.pk, [None, anna.user_id])]


def test_who_takes_an_unowned_record_sees_what_hangs_below(anna: Ctx, bert: Ctx, boss: Ctx, customer: Customer,
                                                           order: Order) -> None:
    boss.update(boss.get(Customer, customer.pk), owner=None)
    assert Order.objects.get(pk=order.pk).upper_owner_id is None
    boss.update(boss.get(Customer, customer.pk), owner=bert.user_id)
    assert Order.objects.get(pk=order.pk).upper_owner_id == bert.user_id
    assert Ctx(user=bert.user).find(Order).get().pk == order.pk


def test_many_reminders_take_two_statements_and_none_comes_twice(anna: Ctx, bert: Ctx,
                                                                 django_assert_num_queries: Any) -> None:
    rows = [anna.create(Customer, name=f"Firm {n}") for n in range(5)]
    since = timezone.now() - datetime.timedelta(minutes=1)
    with django_assert_num_queries(2):
        told = talk.remind(anna, [(anna.user_id, row, "10:00", row is rows[0]) for row in rows], since)
    assert told == 5
    assert talk.remind(anna, [(pk, row, "", False) for row in rows for pk in (anna.user_id, bert.user_id)], since) == 5
    assert list(Notification.objects.filter(late=True).values_list("user_id", "object_id", "note", "kind")) == [
        (anna.user_id, rows[0].pk, "10:00", "reminder")]
    assert Notification.objects.count() == 10


def test_a_schedule_knows_what_its_last_run_covered(system: Ctx) -> None:
    runs.clear()
    moment = timezone.now()
    schedules.tick(system, moment)
    for _round in range(2):
        moment += datetime.timedelta(days=1500)
        schedules.tick(system, moment)
        worker.drain()
    assert [covered for _began, covered in runs] == [None, runs[0][0]]
    assert schedules.covered(system) is None
