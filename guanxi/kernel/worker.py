"""The worker: runs jobs in the circumstances of whoever asked, keeps the clock, and cares for work others left."""

import logging
import os
import platform
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError, close_old_connections, connections, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker as QueueWorker
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction

from guanxi.kernel import jobs, schedules
from guanxi.kernel.context import Ctx
from guanxi.kernel.job_rows import Heartbeat, Job
from guanxi.kernel.job_values import decode

logger = logging.getLogger("guanxi.worker")

#: Seconds between two signs of life; without one for STALE, a worker counts as gone.
BEAT = 10.0
STALE = timedelta(seconds=90)
#: What lies further ahead was written before the clock was set back; who lives has given another sign since.
AHEAD = timedelta(minutes=15)
#: Seconds before the queue is read again after the database could not be reached.
PAUSE = 3.0
GONE = "The worker stopped while it ran the job."


class WorkerGone(Exception):
    """The worker stopped while it ran the job."""


@dataclass
class JobCtx(Ctx):
    """The circumstances of a job: those of the person who asked, later."""

    running: Job | None = None

    @property
    def job_key(self) -> str:
        """The same in every try of the job; the key for what must happen once."""
        return str(self.running.key) if self.running else ""

    @property
    def late(self) -> bool:
        """Is this a tick of the clock that was missed?"""
        return self.running is not None and self.running.late

    @property
    def tick_at(self) -> datetime | None:
        """The moment this run was meant for."""
        return self.running.tick_at if self.running else None

    def as_system(self, reason: str) -> Self:
        made = super().as_system(reason)
        made.running = self.running
        return made


@contextmanager
def circumstances(job: Job) -> Iterator[JobCtx]:
    """The context of whoever asked, with their language and their time zone."""
    user: Any = job.user
    language = getattr(user, "language", "") or settings.LANGUAGE_CODE
    zone = getattr(user, "time_zone", "") or settings.GUANXI_TIME_ZONE
    ctx = JobCtx(user=user, via="job", system=job.system, reason=job.reason, real_user=job.real_user,
                 client=job.client, trace=job.trace, scopes=None if job.scopes is None else frozenset(job.scopes),
                 running=job)
    with translation.override(language), timezone.override(zone):
        yield ctx


def run_job(task_id: uuid.UUID, key: uuid.UUID) -> None:
    """One try of one job."""
    job = jobs.start(key, task_id)
    if job is None:
        return
    with circumstances(job) as ctx:
        if not jobs.may_act(job.user):
            jobs.finish(job, Job.State.ENDED, str(jobs.DEACTIVATED % {"person": job.user}))
            return
        try:
            one = jobs.declared(job.name)
            inputs = {name: decode(ctx, value) for name, value in job.given["inputs"].items()}
            one.function(ctx, *(decode(ctx, value) for value in job.given["args"]), **inputs)
        except BaseException as error:
            if not transaction.get_connection().in_atomic_block:
                close_old_connections()  # one that broke must not keep the failure from being kept
            jobs.failed(job, error)
            raise
    if job.cancel_asked:
        jobs.finish(job, Job.State.ENDED, job.error)
    else:
        jobs.finish(job, Job.State.DONE)


jobs.run_by(run_job)


def rescue(now: datetime) -> int:
    """Jobs that a killed worker left running go back to the queue; returns how many."""
    alive = set(Heartbeat.objects.filter(
        beat_at__range=(now - STALE, now + AHEAD), stopped=False).values_list("worker", flat=True))
    count, lately = 0, Q(started_at__range=(now - STALE, now + AHEAD))
    for row in DBTaskResult.objects.running().exclude(lately):
        if not alive.intersection(row.worker_ids[-1:]):
            count += _take_back(row, now)
    at_work = DBTaskResult.objects.running().values("pk")
    for job in Job.objects.filter(state=Job.State.RUNNING).exclude(lately).exclude(task_id__in=at_work):
        jobs.failed(job, WorkerGone(GONE))
        count += 1
    return count


def _take_back(row: DBTaskResult, now: datetime) -> bool:
    error = WorkerGone(GONE)
    with transaction.atomic():
        mine = DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING).update(
            status=TaskResultStatus.FAILED, finished_at=now, traceback=str(error),
            exception_class_path=f"{__name__}.{WorkerGone.__name__}")
        job = Job.objects.filter(key=(row.args_kwargs["args"] or [None])[0]).first() if mine else None
        if job is None:
            return False
        if job.state == Job.State.RUNNING and job.task_id == row.pk:
            jobs.failed(job, error)
        elif job.state == Job.State.QUEUED and job.task_id in (None, row.pk):
            jobs.send(job)
        return True


class Keeper:
    """What a worker does beside the jobs: signs of life, the clock, and the jobs of workers that are gone."""

    def __init__(self, worker: str, queues: str) -> None:
        self.worker, self.queues, self.started_at = worker, queues, timezone.now()
        self.last_beat: datetime | None = None
        self.stopping = threading.Event()

    def once(self, now: datetime | None = None) -> None:
        """One round."""
        now = now or timezone.now()
        self.beat(now)
        # Who could not write for long cannot tell whether others were gone or waited for the same lock.
        if self.last_beat is None or now - self.last_beat < STALE / 2:
            rescue(now)
        self.last_beat = now
        ctx = Ctx(via="job", system=True, reason="schedules")
        with translation.override(settings.LANGUAGE_CODE):
            schedules.tick(ctx, now)

    def beat(self, now: datetime, stopped: bool = False) -> None:
        Heartbeat.objects.update_or_create(worker=self.worker, defaults={
            "host": platform.node()[:200], "process": os.getpid(), "queues": self.queues[:200],
            "started_at": self.started_at, "beat_at": now, "stopped": stopped})

    def keep(self) -> None:
        """The rounds, in a thread of its own, for as long as the worker runs."""
        try:
            while not self.stopping.wait(BEAT):
                try:
                    self.once()
                except Exception:
                    logger.exception("The worker could not give a sign of life or read the clock; it tries again.")
                    connections.close_all()
        finally:
            connections.close_all()


class Worker(QueueWorker):
    """The queue's worker that only runs the kernel's task, and outlives a database that is away or locked."""

    def run_task(self, db_task_result: DBTaskResult) -> None:
        if db_task_result.task_path == jobs.perform.module_path:
            super().run_task(db_task_result)
        else:
            db_task_result.set_failed(SuspiciousOperation(f"{db_task_result.task_path} is no task of this worker."))

    def give_back(self) -> None:
        """Jobs whose end could not be written before the database went away."""
        for row in DBTaskResult.objects.running():
            if row.worker_ids[-1:] == [self.worker_id]:
                _take_back(row, timezone.now())

    def run(self) -> None:
        while True:
            try:
                self.give_back()
                return super().run()
            except (OperationalError, InterfaceError):
                logger.exception("The queue cannot be read; the worker tries again in %s s.", PAUSE)
                connections.close_all()
                time.sleep(PAUSE)


def new_name() -> str:
    """A worker's name; no other process ever has it."""
    return uuid.uuid4().hex


def drain(queues: str = "*") -> None:
    """Run what is due now in this process, also inside a transaction: for commands and tests."""
    worker = _worker(new_name(), queues, 0, batch=True)
    while (row := _claim(worker)) is not None:
        worker.run_task(row)


def _claim(worker: Worker) -> DBTaskResult | None:
    due = DBTaskResult.objects.ready().filter(backend_name=worker.backend_name)
    with exclusive_transaction(due.db):
        row: DBTaskResult | None = (due if worker.process_all_queues else due.filter(
            queue_name__in=worker.queue_names)).get_locked()
        if row is not None:
            row.claim(worker.worker_id)
    return row


def _worker(name: str, queues: str, interval: float, batch: bool) -> Worker:
    return Worker(queue_names=queues.split(","), interval=interval, batch=batch, backend_name="default",
                  startup_delay=False, max_tasks=None, worker_id=name, excluded_queue_names=[])


def work(queues: str, interval: float, batch: bool) -> None:
    """Run jobs until told to stop; with ``batch`` until none is due."""
    name = new_name()
    worker = _worker(name, queues, interval, batch)
    keeper = Keeper(name, queues)
    worker.configure_signals()
    keeper.once()
    beside = threading.Thread(target=keeper.keep, name="keeper", daemon=True)
    if not batch:
        beside.start()
    try:
        worker.run()
    finally:
        keeper.stopping.set()
        if beside.is_alive():
            beside.join(BEAT)
        keeper.beat(timezone.now(), stopped=True)
