"""Jobs: functions that run after the transaction that asked for them, until they are done or somebody must look."""

import inspect
import secrets
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks import TaskContext, task

from guanxi.kernel.job_rows import Attempt, Effect, Heartbeat, Job, Schedule
from guanxi.kernel.job_values import encode
from guanxi.kernel.refusal import Conflict, Denied, Missing, Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

F_ = TypeVar("F_", bound=Callable[..., Any])


@dataclass(frozen=True)
class Declared:
    """A function that may run as a job, and how often it is tried."""

    name: str
    function: Callable[..., Any]
    retries: int
    queue: str
    wait: float
    longest: float

    def pause(self, failures: int) -> timedelta:
        """The wait before the next try: twice as long each time, a quarter more or less so that they spread out."""
        seconds = min(self.wait * 2 ** min(failures - 1, 30), self.longest)
        return timedelta(seconds=seconds * secrets.SystemRandom().uniform(0.75, 1.25))


_declared: dict[str, Declared] = {}
DEACTIVATED = _("“%(person)s”, who asked for this, was deactivated.")


def job(*, retries: int = 5, queue: str = "default", wait: float = 30, longest: float = 6 * 3600) -> Callable[[F_], F_]:
    """Declare that a module's function may run as a job: ``def mail_quote(ctx: Ctx, quote: Quote, *, note: str = "")``.

    It may be tried more than once, so what it does to the outside world belongs into ``once``. A refusal is final.
    """
    def declare(function: F_) -> F_:
        if "<" in function.__qualname__ or "." in function.__qualname__:
            raise TypeError(f"{function.__qualname__}: a job must be a function of a module.")
        name = f"{function.__module__}.{function.__qualname__}"
        _declared[name] = Declared(name, function, retries, queue, wait, longest)
        return function
    return declare


def declared(name: str) -> Declared:
    """The job of this dotted name. Only declared functions ever run; nothing is imported by name."""
    if name not in _declared:
        raise Refused(_("“%(name)s” is not declared as a job.") % {"name": name})
    return _declared[name]


@task(takes_context=True)
def perform(context: TaskContext, key: str) -> None:
    """The queue's one task: run the job of this key."""
    _runner[0](uuid.UUID(context.task_result.id), uuid.UUID(key))


def _no_runner(task_id: uuid.UUID, key: uuid.UUID) -> None:
    raise RuntimeError("Jobs are run by “guanxi work”.")


_runner: list[Callable[[uuid.UUID, uuid.UUID], None]] = [_no_runner]


def run_by(runner: Callable[[uuid.UUID, uuid.UUID], None]) -> None:
    """Called by the worker, which knows how to make a context."""
    _runner[0] = runner


# asking ------------------------------------------------------------------------------------------

def enqueue(ctx: "Ctx", function: Callable[..., Any], /, *args: Any, **inputs: Any) -> Job:
    """Run a job once the open transaction has committed; never if it rolls back."""
    return enqueue_at(ctx, None, function, *args, **inputs)


def enqueue_at(ctx: "Ctx", moment: datetime | None, function: Callable[..., Any], /, *args: Any, **inputs: Any) -> Job:
    """Run a job at a moment or, if the worker is not there then, as soon as it is."""
    return ask(ctx, moment, function, args, inputs)


def ask(ctx: "Ctx", moment: datetime | None, function: Callable[..., Any], args: tuple[Any, ...],
        inputs: dict[str, Any], **facts: Any) -> Job:
    """Write the job and its place in the queue. Raises TypeError for inputs that do not fit or cannot be kept."""
    if ctx.read_only:
        raise Denied(_("You are viewing as somebody else: nothing can be changed."))
    one = declared(f"{function.__module__}.{function.__qualname__}")
    inspect.signature(one.function).bind(ctx, *args, **inputs)
    given = {"args": [encode(value, f"{one.name}, argument {index + 1}") for index, value in enumerate(args)],
             "inputs": {name: encode(value, f"{one.name}, {name}") for name, value in inputs.items()}}
    now = timezone.now()
    made = Job(name=one.name, given=given, queue=one.queue, user_id=ctx.user_id, real_user_id=ctx.real_user_id,
               system=ctx.system, reason=ctx.reason[:300], client=ctx.client, trace=ctx.trace, created_at=now,
               scopes=None if ctx.scopes is None else sorted(ctx.scopes), due_at=moment or now,
               retries_left=one.retries, **facts)
    with transaction.atomic():
        made.save(force_insert=True)
        send(made)
    return made


def send(waiting: Job) -> None:
    """Give a job a place in the queue."""
    later = waiting.due_at if waiting.due_at > timezone.now() else None
    perform.using(queue_name=waiting.queue, run_after=later).enqueue(str(waiting.key))


# running: called by the worker -------------------------------------------------------------------

def start(key: uuid.UUID, task_id: uuid.UUID) -> Job | None:
    """Take the job. None where it was cancelled, or where another place in the queue has it."""
    taken = Job.objects.filter(key=key, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING, task_id=task_id, started_at=timezone.now(), attempts=F("attempts") + 1)
    return Job.objects.select_related("user", "real_user").get(key=key) if taken else None


def finish(running: Job, state: str, error: str = "") -> None:
    """Say how it ended — unless the job was given to somebody else meanwhile."""
    Job.objects.filter(key=running.key, task_id=running.task_id, state=Job.State.RUNNING).update(
        state=state, finished_at=timezone.now(), error=error)


def failed(running: Job, error: BaseException) -> None:
    """Keep the failure; try again later, or give up where that is of no use."""
    with transaction.atomic():
        mine = Job.objects.select_for_update().filter(
            key=running.key, task_id=running.task_id, state=Job.State.RUNNING).first()
        if mine is None:
            return
        now = timezone.now()
        mine.error = str(error) or type(error).__name__
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        Attempt.objects.create(job=mine, number=mine.attempts, kind=kind[:200], reason=mine.error, at=now,
                               traceback="".join(traceback.format_exception(error)))
        known = _declared.get(mine.name)
        final = isinstance(error, Refused) and not isinstance(error, Conflict)
        if known is None or final or not mine.retries_left:
            mine.state, mine.finished_at = Job.State.DEAD, now
        else:
            mine.retries_left -= 1
            mine.state, mine.due_at = Job.State.QUEUED, now + known.pause(max(1, known.retries - mine.retries_left))
            send(mine)
        mine.save(update_fields=["state", "finished_at", "error", "retries_left", "due_at"])


# inside a job ------------------------------------------------------------------------------------

def running_job(ctx: "Ctx") -> Job | None:
    """The job that this context belongs to."""
    return getattr(ctx, "running", None)


def progress(ctx: "Ctx", done: int | None = None, total: int | None = None, note: Any = None, **facts: Any) -> None:
    """Tell how far the job is; pages read it. Others see it when the open transaction, if any, has committed."""
    mine = running_job(ctx)
    if mine is None:
        return
    mine.done = mine.done if done is None else done
    mine.total = mine.total if total is None else total
    mine.note = mine.note if note is None else str(note)[:300]
    mine.facts = {**mine.facts, **encode(facts, "facts")}
    Job.objects.filter(key=mine.key, task_id=mine.task_id).update(
        done=mine.done, total=mine.total, note=mine.note, facts=mine.facts)


def may_act(user: Any) -> bool:
    """Is the person still there? The system itself always is."""
    return user is None or bool(user.is_active and getattr(user, "deleted_at", None) is None)


def cancelled(ctx: "Ctx") -> bool:
    """Should a long job stop: cancelled, its person deactivated, or given to another worker? Ask it every chunk."""
    mine = running_job(ctx)
    if mine is None:
        return False
    row = Job.objects.select_related("user").filter(key=mine.key, task_id=mine.task_id, state=Job.State.RUNNING).first()
    if row is None or row.cancel_asked:
        mine.cancel_asked, mine.error = True, str(_("Cancelled while it ran."))
    elif not may_act(row.user):
        mine.cancel_asked, mine.error = True, str(DEACTIVATED % {"person": row.user})
    return mine.cancel_asked


@contextmanager
def once(ctx: "Ctx", key: str = "") -> Iterator[bool]:
    """``with once(ctx, f"{ctx.job_key}:mail") as first:`` — true for the first only; for effects no rollback undoes.

    The key is taken before the effect and confirmed after it. An exception gives it back. A worker that dies in
    between leaves a doubt: the job is not repeated by itself but listed, and a retry by hand does the effect again.
    """
    mine = running_job(ctx)
    key = key or str(mine.key if mine else "")
    if not 0 < len(key) <= 200:
        raise ValueError("once needs a key of 1 to 200 characters")
    if not _take(key, mine):
        yield False
        return
    try:
        yield True
    except Exception:
        Effect.objects.filter(key=key).delete()
        raise
    Effect.objects.filter(key=key).update(done_at=timezone.now())


def _take(key: str, mine: Job | None) -> bool:
    with transaction.atomic(durable=True):
        effect, first = Effect.objects.get_or_create(key=key, defaults={"job": mine, "at": timezone.now()})
    if first or effect.done_at is not None:
        return first
    other = effect.job
    if other is not None and other.state == Job.State.RUNNING and (mine is None or other.key != mine.key):
        raise RuntimeError(f"“{key}” is being done by another job at this moment.")
    raise Refused(_("Nobody knows whether “%(key)s” was done: the worker stopped in the middle of it. "
                    "Look, then retry by hand if it was not.") % {"key": key})


# looking after them ------------------------------------------------------------------------------

def seen(ctx: "Ctx") -> QuerySet[Job]:
    """One's own jobs; an administrator sees everybody's."""
    everybody = ctx.system or ctx.rights.administrator
    found = Job.objects.select_related("user").order_by("-created_at")
    if everybody:
        return found
    return found.filter(user_id=ctx.user_id) if ctx.user_id is not None else found.none()


def heartbeats() -> QuerySet[Heartbeat]:
    """The workers' signs of life, the newest first."""
    return Heartbeat.objects.order_by("-beat_at")


def moments() -> QuerySet[Schedule]:
    """When each schedule ran and will run."""
    return Schedule.objects.order_by("name")


def find(ctx: "Ctx", key: Any) -> Job:
    """One job, with its progress. Raises Missing where there is none for this actor."""
    try:
        found = seen(ctx).filter(key=uuid.UUID(str(key))).first()
    except ValueError:
        found = None
    if found is None:
        raise Missing(_("There is no such job."))
    return found


def cancel(ctx: "Ctx", key: Any) -> None:
    """Take a waiting job out of the queue; ask a running one to stop."""
    found = find(ctx, key)
    now = timezone.now()
    if Job.objects.filter(key=found.key, state=Job.State.QUEUED).update(
            state=Job.State.ENDED, finished_at=now, error=str(_("Cancelled before it ran."))):
        return
    if not Job.objects.filter(key=found.key, state=Job.State.RUNNING).update(cancel_asked=True):
        raise Refused(_("The job cannot be cancelled: it has ended already."))


def retry(ctx: "Ctx", key: Any) -> Job:
    """Run a job again that failed for good or was ended. Administrators only; what is in doubt is done again."""
    if not (ctx.system or ctx.rights.administrator):
        raise Denied(_("Only administrators may run a failed job again."))
    found = find(ctx, key)
    with transaction.atomic():
        mine = Job.objects.select_for_update().get(key=found.key)
        if mine.state not in (Job.State.DEAD, Job.State.ENDED):
            raise Refused(_("The job cannot be run again: it is “%(state)s”.") % {"state": Job.State(mine.state).label})
        mine.retries_left = declared(mine.name).retries
        mine.effects.filter(done_at=None).delete()
        mine.state, mine.due_at, mine.finished_at = Job.State.QUEUED, timezone.now(), None
        mine.error, mine.cancel_asked = "", False
        mine.save()
        send(mine)
    return mine
