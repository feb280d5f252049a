"""Jobs run after commit, once, in the circumstances of whoever asked; what fails is repeated, then shown."""

import datetime
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction
from django.utils import timezone, translation
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from guanxi.kernel import jobs, schedules, worker
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.job_rows import Attempt, Effect, Heartbeat, Job, Schedule
from guanxi.kernel.refusal import Denied, Missing
from tests.fake_shop.models import Customer, Order, Person

pytestmark = pytest.mark.django_db

MINUTE = datetime.timedelta(minutes=1)
seen: list[Any] = []
mails: list[str] = []


@pytest.fixture(autouse=True)
def _clean() -> None:
    seen.clear()
    mails.clear()


@jobs.job()
def look(ctx: worker.JobCtx, *args: Any, **inputs: Any) -> None:
    seen.append({"args": args, "inputs": inputs, "user": ctx.user_id, "via": ctx.via, "trace": ctx.trace, "ctx": ctx})


@jobs.job(retries=2)
def break_down(ctx: worker.JobCtx, why: str = "no line") -> None:
    seen.append(ctx.job_key)
    raise ValueError(why)


@jobs.job()
def refuse(ctx: worker.JobCtx) -> None:
    seen.append("tried")
    raise Refused("The address is wrong.")


@jobs.job()
def mail_order(ctx: worker.JobCtx, order: Order, *, crash: str = "") -> None:
    """Crashes on the first try: before the mail, after it, or with the whole worker in the middle."""
    first_try = ctx.running is not None and ctx.running.attempts == 1
    with jobs.once(ctx, f"{ctx.job_key}:mail") as first:
        if first:
            if crash == "before" and first_try:
                raise OSError("no connection")
            mails.append(order.number)
            if crash == "worker" and first_try:
                raise SystemExit(1)
    if crash == "after" and first_try:
        raise RuntimeError("crashed before acknowledging")


@jobs.job()
def count_up(ctx: worker.JobCtx, total: int, *, stop_at: int) -> None:
    for done in range(1, total + 1):
        jobs.progress(ctx, done, total, f"row {done}", refused=[done])
        if done == stop_at:
            Job.objects.filter(key=ctx.job_key).update(cancel_asked=True)
        if jobs.cancelled(ctx):
            return


@jobs.job()
def export(ctx: worker.JobCtx) -> None:
    """Its person is deactivated while it runs."""
    Person.objects.filter(pk=ctx.user_id).update(is_active=False)
    if not jobs.cancelled(ctx):
        seen.append("went on")


@schedules.every(cron="0 8 * * *", name="test.morning")
def morning(ctx: worker.JobCtx) -> None:
    seen.append((ctx.late, ctx.tick_at, ctx.system))


def undeclared(ctx: Ctx) -> None:
    raise AssertionError("An undeclared function ran.")


def again(key: Any) -> Job:
    """The pause before the next try is over."""
    now = timezone.now()
    Job.objects.filter(key=key).update(due_at=now)
    DBTaskResult.objects.filter(status=TaskResultStatus.READY).update(run_after=now)
    worker.drain()
    return Job.objects.get(key=key)


@pytest.mark.covers("JOB-03")
def test_a_job_of_a_rolled_back_transaction_never_runs(anna: Ctx) -> None:
    with transaction.atomic():
        anna.later(look, "lost")
        transaction.set_rollback(True)
    anna.later(look, "kept")
    worker.drain()
    assert [one["args"] for one in seen] == [("kept",)]
    assert (Job.objects.count(), DBTaskResult.objects.count()) == (1, 1)


def test_what_a_job_is_given_comes_back_exactly(anna: Ctx, order: Order) -> None:
    moment = datetime.datetime(2026, 3, 29, 1, 59, 59, 999999, tzinfo=datetime.UTC)
    given = {"price": Decimal("0.10"), "day": datetime.date(2028, 2, 29), "moment": moment, "text": "小鹏 '\"$",
             "many": [order, None, True, 2**60, 0.1], "more": {"level": {"a": Decimal("1E+3")}}}
    anna.later(look, order, **given)
    worker.drain()
    assert seen[0]["args"] == (order,)
    assert seen[0]["inputs"] == given
    assert str(seen[0]["inputs"]["price"]) == "0.10"
    assert seen[0]["inputs"]["many"][2] is True


@pytest.mark.parametrize(("_case", "value", "message"), [
    ("set", {1, 2}, "look, thing: a set"),
    ("object", object(), "look, thing: a object"),
    ("nested", [1, {"a": b"x"}], "look, thing[1]['a']: a bytes"),
    ("naive moment", datetime.datetime(2026, 1, 1), "has no time zone"),
    ("nan", float("nan"), "a float (nan)"),
    ("unsaved", Customer(name="x"), "is not saved yet"),
    ("reserved key", {"$record": ["fake_shop.order", 1]}, "must be a text that does not start with “$”"),
    ("number as key", {1: 2}, "the key 1 must be a text"),
    ("zero byte", "a\x00b", "zero byte"),
])
def test_what_cannot_be_kept_is_refused_when_asked(anna: Ctx, _case: str, value: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        anna.later(look, thing=value)
    assert message in str(caught.value)
    assert Job.objects.count() == DBTaskResult.objects.count() == 0


def test_inputs_that_do_not_fit_the_function_are_refused_when_asked(anna: Ctx) -> None:
    with pytest.raises(TypeError, match="missing a required argument: 'order'"):
        anna.later(mail_order, crash="before")
    assert Job.objects.count() == 0


def test_only_declared_functions_run(anna: Ctx) -> None:
    with pytest.raises(Refused, match="is not declared as a job"):
        anna.later(undeclared)
    made = jobs.enqueue(anna, look)
    Job.objects.update(name="os.system", given={"args": ["true"], "inputs": {}})
    foreign = DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}}, task_path="os.system", queue_name="default", backend_name="default",
        run_after=timezone.now())
    worker.drain()
    made.refresh_from_db()
    assert (made.state, made.error) == (Job.State.DEAD, "“os.system” is not declared as a job.")
    foreign.refresh_from_db()
    assert (foreign.status, foreign.exception_class_path) == (
        TaskResultStatus.FAILED, "django.core.exceptions.SuspiciousOperation")
    assert seen == []


def test_a_job_has_the_circumstances_of_who_asked(anna: Ctx, bert: Ctx, order: Order) -> None:
    limited = replace(anna, scopes=frozenset({"read"}))
    limited.later(look, order)
    worker.drain()
    ran = seen[0]["ctx"]
    assert (ran.user, ran.via, ran.trace, ran.scopes) == (anna.user, "job", anna.trace, frozenset({"read"}))
    made = jobs.enqueue(bert, look, order)
    worker.drain()
    made.refresh_from_db()
    assert (made.state, made.error) == (
        Job.State.DEAD, f"The order with the id {order.pk} is out of sight for the person who asked for this.")
    assert len(seen) == 1


def test_a_view_as_context_cannot_ask(anna: Ctx, boss: Ctx) -> None:
    with pytest.raises(Denied):
        Ctx(user=anna.user, real_user=boss.user, read_only=True).later(look)
    assert Job.objects.count() == 0


def test_a_job_speaks_the_language_of_its_person(anna: Ctx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Person, "language", "zh-hans", raising=False)
    monkeypatch.setattr(Person, "time_zone", "America/New_York", raising=False)
    told = []
    monkeypatch.setattr(worker, "decode", lambda _ctx, value: told.append(
        (translation.get_language(), timezone.get_current_timezone_name())) or value)
    anna.later(look, 1)
    worker.drain()
    assert told == [("zh-hans", "America/New_York")]
    assert translation.get_language() == "en"


@pytest.mark.covers("AUTH-07")
def test_a_job_of_a_deactivated_person_ends_and_is_not_repeated(anna: Ctx) -> None:
    made = jobs.enqueue(anna, look)
    Person.objects.filter(pk=anna.user_id).update(is_active=False)
    worker.drain()
    made.refresh_from_db()
    assert (made.state, made.error) == (Job.State.ENDED, "“anna”, who asked for this, was deactivated.")
    assert seen == []
    assert not DBTaskResult.objects.filter(status=TaskResultStatus.READY).exists()


@pytest.mark.covers("AUTH-07")
def test_a_running_export_of_a_deactivated_person_stops(anna: Ctx) -> None:
    made = jobs.enqueue(anna, export)
    worker.drain()
    made.refresh_from_db()
    assert (made.state, made.error) == (Job.State.ENDED, "“anna”, who asked for this, was deactivated.")
    assert seen == []


def test_a_deleted_record_is_reported(anna: Ctx, order: Order) -> None:
    made = jobs.enqueue(anna, mail_order, order)
    anna.delete(order)
    worker.drain()
    made.refresh_from_db()
    assert made.state == Job.State.DEAD
    assert made.error == f"The order “{order.number}” was deleted meanwhile."
    assert made.attempts == 1


def test_failures_are_repeated_with_growing_pauses_and_then_given_up(anna: Ctx) -> None:
    made = jobs.enqueue(anna, break_down)
    worker.drain()
    first = Job.objects.get(key=made.key)
    assert (first.state, first.attempts, first.retries_left) == (Job.State.QUEUED, 1, 1)
    first_pause = first.due_at - Attempt.objects.get(number=1).at
    assert datetime.timedelta(seconds=22.5) <= first_pause <= datetime.timedelta(seconds=37.5)
    worker.drain()
    assert len(seen) == 1
    second = again(made.key)
    second_pause = second.due_at - Attempt.objects.get(number=2).at
    assert datetime.timedelta(seconds=45) <= second_pause <= datetime.timedelta(seconds=75)
    last = again(made.key)
    assert (last.state, last.attempts, last.error) == (Job.State.DEAD, 3, "no line")
    assert seen == [str(made.key)] * 3
    assert list(last.failures.order_by("number").values_list("number", "kind", "reason")) == [
        (number, "builtins.ValueError", "no line") for number in (1, 2, 3)]
    assert "in break_down" in Attempt.objects.latest("pk").traceback


def test_pauses_double_up_to_the_longest() -> None:
    one = replace(jobs.declared(f"{look.__module__}.look"), wait=30, longest=3600)
    pauses = [one.pause(number).total_seconds() for number in (1, 2, 3, 7, 8, 500)]
    for pause, middle in zip(pauses, (30, 60, 120, 1920, 3600, 3600), strict=True):
        assert middle * 0.75 <= pause <= middle * 1.25


def test_a_refusal_is_final(anna: Ctx) -> None:
    made = jobs.enqueue(anna, refuse)
    worker.drain()
    made.refresh_from_db()
    assert (made.state, made.attempts, made.error) == (Job.State.DEAD, 1, "The address is wrong.")
    assert not DBTaskResult.objects.filter(status=TaskResultStatus.READY).exists()


def test_an_administrator_runs_a_dead_job_again(anna: Ctx, boss: Ctx, order: Order) -> None:
    made = jobs.enqueue(anna, refuse)
    worker.drain()
    with pytest.raises(Denied):
        jobs.retry(anna, made.key)
    assert Job.objects.get().state == Job.State.DEAD
    jobs.retry(boss, made.key)
    Job.objects.update(name=f"{look.__module__}.look")
    worker.drain()
    made.refresh_from_db()
    assert (made.state, made.error, made.attempts, seen[1]["user"]) == (Job.State.DONE, "", 2, anna.user_id)
    with pytest.raises(Refused, match="cannot be run again: it is “Done”"):
        jobs.retry(boss, made.key)


def test_everybody_finds_their_own_jobs_only(anna: Ctx, bert: Ctx, boss: Ctx) -> None:
    made = jobs.enqueue(anna, look)
    assert jobs.find(anna, made.key) == jobs.find(boss, str(made.key)) == made
    for ctx, key in ((bert, made.key), (anna, uuid.uuid4()), (anna, "x"), (Ctx(), made.key)):
        with pytest.raises(Missing):
            jobs.find(ctx, key)
    with pytest.raises(Missing):
        jobs.cancel(bert, made.key)
    assert Job.objects.get().state == Job.State.QUEUED


@pytest.mark.covers("JOB-02")
@pytest.mark.parametrize("crash", ["", "before", "after"])
def test_a_crash_around_the_mail_makes_one_mail(anna: Ctx, order: Order, crash: str) -> None:
    made = jobs.enqueue(anna, mail_order, order, crash=crash)
    worker.drain()
    ended = again(made.key)
    assert (ended.state, ended.attempts) == (Job.State.DONE, 2 if crash else 1)
    assert mails == [order.number]


@pytest.mark.covers("JOB-02")
def test_a_worker_that_dies_within_the_mail_leaves_a_doubt_for_people(anna: Ctx, boss: Ctx, order: Order) -> None:
    made = jobs.enqueue(anna, mail_order, order, crash="worker")
    worker.drain()
    ended = again(made.key)
    assert (ended.state, mails) == (Job.State.DEAD, [order.number])
    assert ended.error.startswith(f"Nobody knows whether “{made.key}:mail” was done")
    jobs.retry(boss, made.key)
    worker.drain()
    assert Job.objects.get().state == Job.State.DONE
    assert mails == [order.number] * 2


def test_one_key_is_one_effect_for_all_jobs(anna: Ctx) -> None:
    first = jobs.enqueue(anna, look)
    jobs.start(first.key, uuid.uuid4())
    Effect.objects.create(key="reminder:17", job=first, at=timezone.now())
    with pytest.raises(RuntimeError, match="by another job at this moment"), jobs.once(anna, "reminder:17"):
        pytest.fail("the effect of a running job was repeated")
    Effect.objects.update(done_at=timezone.now())
    with jobs.once(anna, "reminder:17") as again_:
        assert again_ is False


def test_progress_can_be_followed_and_stopped(anna: Ctx) -> None:
    made = jobs.enqueue(anna, count_up, 4, stop_at=0)
    worker.drain()
    found = jobs.find(anna, made.key)
    assert (found.state, found.done, found.total, found.percent) == (Job.State.DONE, 4, 4, 100)
    assert (found.note, found.facts) == ("row 4", {"refused": [4]})
    made = jobs.enqueue(anna, count_up, 4, stop_at=3)
    worker.drain()
    found = jobs.find(anna, made.key)
    assert (found.state, found.error, found.done, found.percent) == (
        Job.State.ENDED, "Cancelled while it ran.", 3, 75)


def test_a_waiting_job_can_be_cancelled(anna: Ctx) -> None:
    made = jobs.enqueue(anna, look)
    jobs.cancel(anna, made.key)
    worker.drain()
    made.refresh_from_db()
    assert (made.state, made.error, seen) == (Job.State.ENDED, "Cancelled before it ran.", [])
    with pytest.raises(Refused, match="it has ended already"):
        jobs.cancel(anna, made.key)


def leave_running(ctx: Ctx, name: str) -> Job:
    """A worker called ``name`` took the job and was killed."""
    made = jobs.enqueue(ctx, look)
    row = DBTaskResult.objects.get(status=TaskResultStatus.READY)
    row.claim(name)
    DBTaskResult.objects.update(started_at=timezone.now() - 10 * MINUTE)
    assert jobs.start(made.key, row.pk) is not None
    return made


def test_a_job_of_a_killed_worker_is_run_again(anna: Ctx) -> None:
    made = leave_running(anna, "killed")
    now = timezone.now()
    worker.Keeper("killed", "*").beat(now - 2 * MINUTE)
    worker.Keeper("other", "*").once(now)
    waiting = Job.objects.get(key=made.key)
    assert (waiting.state, waiting.error) == (Job.State.QUEUED, "The worker stopped while it ran the job.")
    assert worker.rescue(now) == 0
    ended = again(made.key)
    assert (ended.state, ended.attempts, len(seen)) == (Job.State.DONE, 2, 1)


def test_a_job_claimed_but_not_begun_is_run_again(anna: Ctx) -> None:
    made = leave_running(anna, "killed")
    Job.objects.update(state=Job.State.QUEUED, task_id=None, attempts=0)
    assert worker.rescue(timezone.now()) == 1
    worker.drain()
    made.refresh_from_db()
    assert (made.state, made.attempts) == (Job.State.DONE, 1)


def test_a_job_whose_end_could_not_be_written_is_run_again(anna: Ctx) -> None:
    made = leave_running(anna, "one")
    Job.objects.update(started_at=timezone.now() - 10 * MINUTE)
    worker.Keeper("one", "*").beat(timezone.now())
    assert worker.rescue(timezone.now()) == 0
    DBTaskResult.objects.get().set_failed(OSError("database gone"))
    assert worker.rescue(timezone.now()) == 1
    assert Job.objects.get(key=made.key).state == Job.State.QUEUED
    again(made.key)
    assert len(seen) == 1


@pytest.mark.django_db(transaction=True)
def test_the_command_runs_what_is_due_and_outlives_a_lost_database(monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = clock()
    mine = leave_running(ctx, "me")
    made = jobs.enqueue(ctx, look)
    real, lost = worker.QueueWorker.run, [OperationalError("database is locked")]

    def run(self: Any) -> None:
        if lost:
            raise lost.pop()
        real(self)

    monkeypatch.setattr(worker.QueueWorker, "run", run)
    monkeypatch.setattr(worker.Worker, "configure_signals", lambda _self: None)
    monkeypatch.setattr(worker, "new_name", lambda: "me")
    monkeypatch.setattr(worker, "PAUSE", 0)
    call_command("work", "--batch", "--interval", "0")
    assert [one["ctx"].job_key for one in seen] == [str(made.key)]
    assert Job.objects.get(key=made.key).state == Job.State.DONE
    assert Job.objects.get(key=mine.key).error == worker.GONE
    assert Heartbeat.objects.values_list("worker", "stopped").get() == ("me", True)


def test_a_job_of_a_living_worker_is_left_alone(anna: Ctx) -> None:
    made = leave_running(anna, "busy")
    now = timezone.now()
    worker.Keeper("busy", "*").beat(now - MINUTE)
    assert worker.rescue(now) == 0
    late = worker.Keeper("other", "*")
    late.once(now - 5 * MINUTE)
    worker.Keeper("busy", "*").beat(now - 3 * MINUTE)
    late.once(now)
    made.refresh_from_db()
    assert made.state == Job.State.RUNNING
    assert DBTaskResult.objects.filter(status=TaskResultStatus.READY).count() == 0


def test_a_worker_that_was_given_up_cannot_end_the_job(anna: Ctx) -> None:
    made = leave_running(anna, "slow")
    slow = Job.objects.get(key=made.key)
    worker.rescue(timezone.now())
    jobs.finish(slow, Job.State.DONE)
    jobs.failed(slow, ValueError("too late"))
    made.refresh_from_db()
    assert (made.state, made.error) == (Job.State.QUEUED, "The worker stopped while it ran the job.")
    assert Attempt.objects.count() == 1


TUESDAY = datetime.datetime(2026, 6, 2, 0, 0, tzinfo=datetime.UTC)  # eight o'clock in Shanghai


def clock() -> Ctx:
    return Ctx(via="job", system=True, reason="test")


@pytest.mark.covers("JOB-04")
def test_two_clocks_run_each_tick_once() -> None:
    schedules.tick(clock(), TUESDAY - MINUTE)
    row = Schedule.objects.get(name="test.morning")
    assert row.next_at == TUESDAY
    every = next(one for one in schedules.declared() if one.name == "test.morning")
    assert schedules._take(clock(), every, row, TUESDAY) is not None
    assert schedules._take(clock(), every, row, TUESDAY) is None
    assert schedules.tick(clock(), TUESDAY + MINUTE) == []
    worker.drain()
    assert seen == [(False, TUESDAY, True)]
    row.refresh_from_db()
    assert row.next_at == TUESDAY + datetime.timedelta(days=1)


@pytest.mark.covers("JOB-01", "P17")
def test_a_missed_tick_runs_once_and_is_marked_late() -> None:
    schedules.tick(clock(), TUESDAY - MINUTE)
    back = TUESDAY + datetime.timedelta(days=3, hours=5)
    made = [job.schedule for job in schedules.tick(clock(), back)]
    assert made.count("test.morning") == 1
    assert schedules.tick(clock(), back + MINUTE) == []
    worker.drain()
    assert seen == [(True, TUESDAY, True)]
    assert Schedule.objects.get(name="test.morning").next_at == TUESDAY + datetime.timedelta(days=4)


def test_a_tick_is_covered_by_a_run_that_has_not_begun() -> None:
    schedules.tick(clock(), TUESDAY - MINUTE)
    schedules.tick(clock(), TUESDAY)
    schedules.tick(clock(), TUESDAY + datetime.timedelta(days=1))
    assert Job.objects.filter(schedule="test.morning").count() == 1


def test_a_changed_cron_line_counts_from_now() -> None:
    schedules.tick(clock(), TUESDAY - MINUTE)
    Schedule.objects.filter(name="test.morning").update(cron="0 3 * * *", next_at=TUESDAY - 30 * MINUTE)
    assert schedules.tick(clock(), TUESDAY - MINUTE) == []
    row = Schedule.objects.get(name="test.morning")
    assert (row.cron, row.next_at) == ("0 8 * * *", TUESDAY)


def test_a_wrong_cron_line_stops_the_start() -> None:
    with pytest.raises(ValueError, match="no cron line"):
        schedules.every(cron="at eight", name="test.wrong")


def test_old_rows_are_forgotten_daily(anna: Ctx) -> None:
    kept, old, dead = (jobs.enqueue(anna, look) for _ in range(3))
    worker.drain()
    long_ago = timezone.now() - datetime.timedelta(days=15)
    Job.objects.filter(key__in=(old.key, dead.key)).update(finished_at=long_ago)
    Job.objects.filter(key=dead.key).update(state=Job.State.DEAD)
    DBTaskResult.objects.exclude(args_kwargs__args__0=str(kept.key)).update(finished_at=long_ago)
    Heartbeat.objects.create(worker="gone", host="h", process=1, queues="*", started_at=long_ago, beat_at=long_ago)
    schedules.prune_jobs(clock())
    assert set(Job.objects.values_list("key", flat=True)) == {kept.key, dead.key}
    assert [row.args_kwargs["args"] for row in DBTaskResult.objects.all()] == [[str(kept.key)]]
    assert not Heartbeat.objects.exists()
