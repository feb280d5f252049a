"""The clock of the server is set back by an hour: nothing is done twice, nothing stops, the account stays in order."""

import datetime

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from guanxi.kernel import entries, jobs, schedules, worker
from guanxi.kernel.api import Ctx, Entry
from guanxi.kernel.job_rows import Heartbeat, Job, Schedule
from tests.fake_shop.models import Customer, Order

pytestmark = [pytest.mark.django_db, pytest.mark.covers("FLT-04")]
HOUR, MINUTE = datetime.timedelta(hours=1), datetime.timedelta(minutes=1)
NOON = datetime.datetime(2026, 6, 16, 4, 0, tzinfo=datetime.UTC)  # in Shanghai
ran: list[datetime.datetime | None] = []


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two schedules that no other test meets."""
    for name, cron in (("test.minute", "* * * * *"), ("test.before_noon", "50 11 * * *")):
        monkeypatch.setitem(schedules._declared, name, schedules.Every(name, cron, note))


def asked(moment: datetime.datetime) -> set[str]:
    """The schedules that come at a moment; their jobs are done at once."""
    names = {job.schedule for job in schedules.tick(Ctx(system=True, reason="clock"), moment)}
    Job.objects.filter(state=Job.State.QUEUED).update(state=Job.State.DONE)
    return names & {"test.minute", "test.before_noon"}


@pytest.mark.usefixtures("declared")
def test_what_comes_every_minute_goes_on_and_what_comes_daily_is_not_repeated() -> None:
    asked(NOON - 15 * MINUTE)
    assert asked(NOON - 9 * MINUTE) == {"test.minute", "test.before_noon"}
    assert asked(NOON) == {"test.minute"}
    back = NOON - HOUR
    assert asked(back) == set()  # the moment is set anew
    assert asked(back + MINUTE) == {"test.minute"}
    assert asked(NOON - 9 * MINUTE) == {"test.minute"}
    assert Schedule.objects.get(name="test.before_noon").next_at == NOON + 24 * HOUR - 10 * MINUTE


@jobs.job()
def note(ctx: worker.JobCtx) -> None:
    """Write down that it ran."""
    ran.append(ctx.now)


def test_the_jobs_of_a_worker_that_died_before_are_taken_up_at_once() -> None:
    ran.clear()
    before = timezone.now() + HOUR
    kept = jobs.enqueue(Ctx(system=True, reason="clock"), note)
    row = DBTaskResult.objects.ready().get()
    row.claim("dead")
    DBTaskResult.objects.update(started_at=before)
    Job.objects.update(state=Job.State.RUNNING, started_at=before, task_id=row.pk)
    worker.Keeper("dead", "*").beat(before)
    worker.Keeper("alive", "*").beat(timezone.now())
    assert worker.rescue(timezone.now()) == 1
    DBTaskResult.objects.update(run_after=timezone.now() - MINUTE)
    worker.drain()
    assert (len(ran), Job.objects.get(key=kept.key).state) == (1, Job.State.DONE)
    assert Heartbeat.objects.count() == 2


def test_numbers_versions_and_the_account_go_on() -> None:
    moment = [datetime.datetime(2027, 1, 1, 0, 30, tzinfo=datetime.UTC)]
    system = Ctx(system=True, reason="clock", clock=lambda: moment[0])
    customer = system.create(Customer, name="Acme")
    first = system.create(Order, customer=customer)
    moment[0] -= HOUR
    back = system.create(Order, customer=customer)
    changed = system.update(customer, name="Acme Ltd")
    moment[0] += 2 * HOUR
    later = system.create(Order, customer=customer)
    assert [first.number, back.number, later.number] == ["O-2027-00001", "O-2026-00001", "O-2027-00002"]
    assert changed.version == 2
    names = [entry.verb.rpartition(".")[2] for entry in Entry.objects.order_by("pk")]
    assert names == ["create", "create", "create", "update", "create"]
    assert entries.broken_at() is None
