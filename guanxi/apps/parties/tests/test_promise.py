"""Promises: made, kept, kept late, broken — and an alarm the day after."""

import datetime

import pytest
from django.utils import timezone

from guanxi.apps.parties.actions.promise import alarm_overdue_promises
from guanxi.apps.parties.models import Promise
from guanxi.common.talk import Notification
from guanxi.kernel.api import Ctx, Refused


def day(shift=0):
    """A day from now, in the time zone in force."""
    return timezone.localdate() + datetime.timedelta(days=shift)


@pytest.fixture
def promise(anna, acme, lin):
    return anna.create(Promise, customer=acme.pk, contact=lin.pk, what="月底前寄样品", due_on=day().isoformat(),
                       source_text="我们答应月底前把样品寄到。")


@pytest.mark.covers("CUS-19", "F1")
@pytest.mark.parametrize(("on", "state"), [(0, "kept"), (-1, "kept"), (None, "kept")])
def test_a_promise_kept_in_time(anna, promise, on, state):
    given = {} if on is None else {"on": day(on).isoformat()}
    anna.run("parties.promise.keep", promise, outcome="已寄", **given)
    kept = anna.get(Promise, promise.pk)
    assert (kept.state, kept.closed_on, kept.outcome) == (state, day(on or 0), "已寄")


@pytest.mark.covers("F1")
def test_a_promise_kept_after_its_day_is_late(anna, promise):
    anna.update(promise, due_on=day(-1).isoformat())
    anna.run("parties.promise.keep", promise.pk)
    assert anna.get(Promise, promise.pk).state == "late"


@pytest.mark.covers("F1")
def test_a_broken_promise_says_why_and_can_be_opened_again(anna, promise):
    with pytest.raises(Refused) as refused:
        anna.run("parties.promise.break", promise)
    assert list(refused.value.errors) == ["outcome"]
    anna.run("parties.promise.break", promise, outcome="缺货")
    broken = anna.get(Promise, promise.pk)
    assert (broken.state, broken.closed_on, broken.outcome) == ("broken", day(), "缺货")
    with pytest.raises(Refused):
        anna.run("parties.promise.keep", promise)
    anna.run("parties.promise.reopen", promise)
    again = anna.get(Promise, promise.pk)
    assert (again.state, again.closed_on, again.outcome) == ("open", None, "")


def test_a_promise_is_not_kept_in_the_future(anna, promise):
    with pytest.raises(Refused, match="cannot be kept in the future"):
        anna.run("parties.promise.keep", promise, on=day(1).isoformat())
    assert anna.get(Promise, promise.pk).state == "open"


def test_the_state_is_not_typed(anna, promise):
    with pytest.raises(Refused, match="cannot be changed"):
        anna.update(promise, state="kept")
    assert anna.get(Promise, promise.pk).state == "open"


def test_a_promise_is_not_due_before_it_was_made(anna, acme):
    with pytest.raises(Refused, match="due on the day it was made or later"):
        anna.create(Promise, customer=acme.pk, what="x", promised_on="2026-02-02", due_on="2026-02-01")
    assert not Promise.objects.exists()


@pytest.mark.covers("F1")
def test_the_owner_hears_of_an_overdue_promise_once(anna, salesperson, promise):
    anna.update(promise, due_on=day(-1).isoformat())
    alarm_overdue_promises(Ctx(system=True, via="job", reason="test"))
    heard = Notification.objects.filter(user=salesperson.user, kind="reminder")
    assert [(one.object_type, one.object_id) for one in heard] == [("parties.promise", promise.pk)]
    assert str(day(-1)) in heard[0].note
    anna.run("parties.promise.keep", promise)
    alarm_overdue_promises(Ctx(system=True, via="job", reason="test"))
    assert heard.count() == 1
