"""Health: does the machinery behind the pages run, and what stands still — so that nothing stops silently."""

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.kernel import jobs
from guanxi.kernel.api import Ctx
from guanxi.kernel.job_rows import Job
from guanxi.kernel.worker import AHEAD

#: A worker that gave no sign of life for this long is missed.
SILENT = timedelta(minutes=2)
#: A job that is due for longer than this is stuck.
STUCK = timedelta(minutes=5)
FAILURE_WINDOW = timedelta(hours=24)
DISK_FREE = 2**30
#: A disk this full is told, whatever is left.
DISK_USED = 0.95
BANNER_SECONDS = 10.0


@dataclass(frozen=True)
class Check:
    """One thing looked at: is it well, a sentence about it, and the figures behind the sentence."""

    name: str
    ok: bool
    text: str
    figures: dict[str, Any] = field(default_factory=dict)


def health(ctx: Ctx) -> list[Check]:
    """Look at everything, for somebody who sees everybody's jobs."""
    now = timezone.now()
    return [worker(now), queue(ctx, now), failures(ctx, now), dead(ctx), disk(), *(look() for look in _more)]


_more: list[Callable[[], Check]] = []


def add_check(look: Callable[[], Check]) -> None:
    """Called once at start by whoever has something else to look at."""
    if look not in _more:
        _more.append(look)


def worker(now: datetime) -> Check:
    """Is there a worker, and when was the last sign of life?"""
    last = jobs.heartbeats().first()
    running = jobs.heartbeats().filter(stopped=False, beat_at__range=(now - SILENT, now + AHEAD)).count()
    figures = {"running": running, "last": last.beat_at.isoformat() if last else None}
    if running:
        text = ngettext("%(count)s worker is running.", "%(count)s workers are running.", running) % {"count": running}
    else:
        text = _silence(last.beat_at if last else None)
    return Check("worker", bool(running), text, figures)


def queue(ctx: Ctx, now: datetime) -> Check:
    """How many jobs are due, and since when is the oldest?"""
    due = jobs.seen(ctx).filter(state=Job.State.QUEUED, due_at__lte=now)
    facts = due.aggregate(count=Count("key"), oldest=Min("due_at"))
    waited = now - facts["oldest"] if facts["oldest"] else timedelta()
    figures = {"waiting": facts["count"], "oldest_seconds": int(waited.total_seconds())}
    if waited > STUCK:
        return Check("queue", False, _stuck(waited), figures)
    text = ngettext("%(count)s job is waiting.", "%(count)s jobs are waiting.", facts["count"])
    return Check("queue", True, text % {"count": facts["count"]}, figures)


def failures(ctx: Ctx, now: datetime) -> Check:
    """Tries that failed within a day, by their cause. Not well when more tries fail than jobs get done."""
    since = now - FAILURE_WINDOW
    rows = jobs.seen(ctx).filter(failures__at__gte=since).order_by().values_list("name", "failures__kind").annotate(
        count=Count("failures__pk")).order_by("-count", "name")
    kinds = [{"job": name, "kind": kind, "count": count} for name, kind, count in rows]
    failed = sum(row["count"] for row in kinds)
    done = jobs.seen(ctx).filter(state=Job.State.DONE, finished_at__gte=since).count()
    text = _("In the last 24 hours %(done)s jobs were done and %(failed)s tries failed.") % {
        "done": done, "failed": failed}
    return Check("failures", failed <= done, text, {"done": done, "failed": failed, "kinds": kinds})


def dead(ctx: Ctx) -> Check:
    """Jobs that were given up and wait for somebody to look."""
    count = jobs.seen(ctx).filter(state=Job.State.DEAD).count()
    text = _("No job was given up.") if not count else ngettext(
        "%(count)s job was given up: read why, then run it again.",
        "%(count)s jobs were given up: read why, then run them again.", count) % {"count": count}
    return Check("dead", not count, text, {"count": count})


@dataclass(frozen=True)
class Space:
    """The room where least is left of it: how many bytes are free, and which part is used."""

    free: int
    used: float


def space() -> Space:
    """The room for files and, with the embedded database, for the data."""
    places = {Path(settings.MEDIA_ROOT or ".")}
    if connection.vendor == "sqlite":
        places.add(Path(str(connection.settings_dict["NAME"])).parent)
    found = [_usage(place) for place in places]
    return Space(min(one.free for one in found), max(1 - one.free / (one.used + one.free or 1) for one in found))


def disk() -> Check:
    """Is there room?"""
    there = space()
    facts = {"free": f"{there.free / 2**30:.1f}", "used": int(there.used * 100)}
    ok = there.free >= DISK_FREE and there.used < DISK_USED
    text = _("%(free)s GB are free for data and files.") % facts
    if not ok:
        text = _("The disk is %(used)s %% full, %(free)s GB are left for data and files: make room, or nothing more can be "
                 "saved.") % facts
    return Check("disk", ok, text, {"free_bytes": there.free, "used_part": round(there.used, 4)})


def _usage(place: Path) -> Any:
    """The room of the folder, or of the nearest one above it that is there."""
    for one in (place, *place.absolute().parents):
        with suppress(FileNotFoundError):
            return shutil.disk_usage(one)
    raise FileNotFoundError(place)


_banner: dict[str, tuple[float, datetime | None, datetime | None]] = {}


def banner(ctx: Ctx) -> str:
    """A warning for administrators while background work stands still, else nothing. One query in ten seconds."""
    if not ctx.rights.administrator:
        return ""
    known = _banner.get("facts")
    if known is None or time.monotonic() - known[0] > BANNER_SECONDS:
        due = jobs.seen(ctx).filter(state=Job.State.QUEUED, due_at__lte=timezone.now()).order_by("due_at")
        row = jobs.heartbeats().annotate(oldest=Subquery(due.values("due_at")[:1])).values_list(
            "beat_at", "oldest").first() or (None, None)
        known = _banner["facts"] = (time.monotonic(), *row)
    beat, oldest = known[1:]
    now = timezone.now()
    if beat is None or not -AHEAD < now - beat < SILENT:
        return _silence(beat)
    if oldest is not None and now - oldest > STUCK:
        return _stuck(now - oldest)
    return ""


_warnings: list[Callable[[Ctx], str]] = []


def add_warning(warning: Callable[[Ctx], str]) -> None:
    """Called once at start by whoever has something to tell above every page; nothing where it answers nothing."""
    if warning not in _warnings:
        _warnings.append(warning)


def warnings(ctx: Ctx) -> list[str]:
    """What stands above every page: for administrators also what they must look after."""
    found = [banner(ctx)]
    if ctx.rights.administrator and not (room := disk()).ok:
        found.append(room.text)
    return [text for text in (*found, *(one(ctx) for one in _warnings)) if text]


def forget_banner() -> None:
    """Look again at the next question."""
    _banner.clear()


def _silence(last: datetime | None) -> str:
    if last is None:
        return _("No worker has ever run: mails, reminders and imports wait. Start it with “guanxi work”.")
    return _("No worker since %(moment)s: mails, reminders and imports wait. Start it with “guanxi work”.") % {
        "moment": f"{timezone.localtime(last):%Y-%m-%d %H:%M}"}


def _stuck(waited: timedelta) -> str:
    return _("The oldest job has been waiting for %(minutes)s minutes: the worker is stuck or has too much to do.") % {
        "minutes": int(waited.total_seconds() // 60)}
