"""Schedules: jobs that come back by the clock; each tick runs once, and one that was missed runs late, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from croniter import croniter
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import FileField, Q
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from guanxi.kernel import jobs
from guanxi.kernel.job_rows import Effect, Heartbeat, Job, Schedule

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

F_ = TypeVar("F_", bound=Callable[..., Any])

#: A tick that begins this long after its moment is marked late.
LATE = timedelta(minutes=2)

DAYS_KEPT = {Job.State.DONE: 14, Job.State.ENDED: 90, Job.State.DEAD: 400}
EFFECT_DAYS_KEPT = 400
HEARTBEAT_DAYS_KEPT = 7


@dataclass(frozen=True)
class Every:
    """A schedule as it stands in the code."""

    name: str
    cron: str
    function: Callable[..., Any]

    def after(self, moment: datetime) -> datetime:
        """The next moment, by the clock of the installation's time zone."""
        local = moment.astimezone(ZoneInfo(settings.GUANXI_TIME_ZONE))
        found: datetime = croniter(self.cron, local).get_next(datetime)
        return found.astimezone(ZoneInfo("UTC"))


_declared: dict[str, Every] = {}


def every(*, cron: str, name: str, retries: int = 5, queue: str = "default") -> Callable[[F_], F_]:
    """Declare that a function of a module runs by the clock: ``@every(cron="0 8 * * *", name="work.digest")``.

    The function is given a context with the system's rights; ``ctx.late`` says that its moment was missed.
    """
    if not croniter.is_valid(cron):
        raise ValueError(f"{name}: {cron!r} is no cron line of five fields")

    def declare(function: F_) -> F_:
        if name in _declared and _declared[name].function is not function:
            raise ValueError(f"The schedule {name} is declared twice")
        _declared[name] = Every(name, cron, jobs.job(retries=retries, queue=queue)(function))
        return function
    return declare


def declared() -> tuple[Every, ...]:
    """Every schedule, by name."""
    return tuple(_declared[name] for name in sorted(_declared))


def tick(ctx: "Ctx", now: datetime | None = None) -> list[Job]:
    """Ask for the jobs whose moment has come. Any number of workers may do so; one of them gets each tick."""
    now = now or timezone.now()
    rows = {row.name: row for row in Schedule.objects.all()}
    made = []
    for one in declared():
        row = rows.get(one.name)
        if row is None or row.cron != one.cron or row.next_at > one.after(one.after(one.after(now))):  # set back
            Schedule.objects.update_or_create(
                name=one.name, defaults={"cron": one.cron, "next_at": one.after(now)})
        elif row.next_at <= now and (asked := _take(ctx, one, row, now)) is not None:
            made.append(asked)
    return made


def _take(ctx: "Ctx", one: Every, row: Schedule, now: datetime) -> Job | None:
    """Move the moment on, and only who has moved it asks. A run that has not begun or is not over covers this one."""
    with transaction.atomic():
        mine = Schedule.objects.filter(pk=row.pk, next_at=row.next_at).update(next_at=one.after(now), last_at=now)
        waiting = Q(state=Job.State.QUEUED, attempts=0) | Q(state=Job.State.RUNNING)
        if not mine or Job.objects.filter(waiting, schedule=one.name).exists():
            return None
        by_clock = ctx.as_system(f"schedule {one.name}")
        return jobs.ask(by_clock, None, one.function, (), {}, schedule=one.name, tick_at=row.next_at,
                        late=now - row.next_at > LATE)


def covered(ctx: "Ctx") -> datetime | None:
    """When the last run of this schedule that came to its end began: what has become due since then is for this one."""
    mine = jobs.running_job(ctx)
    if mine is None:
        return None
    ended = Job.objects.filter(schedule=mine.schedule, state=Job.State.DONE).exclude(pk=mine.pk)
    return ended.order_by("-started_at").values_list("started_at", flat=True).first()


@every(cron="20 3 * * *", name="kernel.prune_jobs")
def prune_jobs(ctx: "Ctx") -> None:
    """Forget finished jobs, their attempts, and workers that are long gone."""
    now = timezone.now()
    for state, days in DAYS_KEPT.items():
        Job.objects.filter(state=state, finished_at__lt=now - timedelta(days=days)).delete()
    over = (TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED)
    DBTaskResult.objects.filter(
        status__in=over, finished_at__lt=now - timedelta(days=DAYS_KEPT[Job.State.DONE])).delete()
    Effect.objects.filter(done_at__lt=now - timedelta(days=EFFECT_DAYS_KEPT)).delete()
    Heartbeat.objects.filter(beat_at__lt=now - timedelta(days=HEARTBEAT_DAYS_KEPT)).delete()


@every(cron="40 3 * * *", name="kernel.prune_files")
def prune_files(ctx: "Ctx") -> None:
    """Remove uploaded files that no row names: what an upload left behind whose transaction did not commit."""
    named: set[str] = set()
    for model in apps.get_models():
        for source in model._meta.concrete_fields:
            if isinstance(source, FileField):
                named.update(model._base_manager.values_list(source.attname, flat=True))
    long_ago = timezone.now() - timedelta(days=1)
    folders = default_storage.listdir("files")[0] if default_storage.exists("files") else []
    for place in (f"files/{folder}/{name}" for folder in folders for name in default_storage.listdir(f"files/{folder}")[1]):
        if place not in named and default_storage.get_modified_time(place) < long_ago:
            default_storage.delete(place)
