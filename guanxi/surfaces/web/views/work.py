"""Background work: one's own jobs found again, and the health page where administrators see what stands still."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel import entries, jobs, schedules
from guanxi.kernel.api import Ctx
from guanxi.kernel.job_rows import Job
from guanxi.kernel.refusal import Denied, Refused
from guanxi.surfaces.web import addresses, base, health, menu
from guanxi.surfaces.web.base import PageRequest, page

LIMIT = 50
LABELS = {"worker": gettext_lazy("Worker"), "queue": gettext_lazy("Waiting jobs"), "failures": gettext_lazy("Failures"),
          "dead": gettext_lazy("Jobs given up"), "schema": gettext_lazy("Version and database"),
          "disk": gettext_lazy("Disk"), "backup": gettext_lazy("Backup"), "mail": gettext_lazy("Mail")}
#: Waiting or at work: may be cancelled.
OPEN = (Job.State.QUEUED, Job.State.RUNNING)

_results: dict[str, str] = {}


def opens(job_name: str, url_name: str) -> None:
    """Called once at start: what this job does is seen on the page of this name, which takes the job's first input."""
    _results[job_name] = url_name


def title_of(name: str) -> str:
    """A job in words: the first sentence of what its function says of itself."""
    try:
        words = " ".join((jobs.declared(name).function.__doc__ or "").split())
    except Refused:
        words = ""
    return _(words) if words else name


def row_of(job: Job) -> dict[str, Any]:
    """A job as both pages show it."""
    first = next(iter(job.given.get("args", [])), None)
    return {"job": job, "title": title_of(job.name), "who": str(job.user or _("The system")), "percent": job.percent,
            "state": Job.State(job.state).label, "open": job.state in OPEN,
            "again": job.state in (Job.State.DEAD, Job.State.ENDED),
            "url": reverse(_results[job.name], args=(first,)) if job.name in _results and first is not None else "",
            "cancel_url": f"/jobs/{job.key}/cancel", "retry_url": f"/jobs/{job.key}/retry"}


@page(methods=("GET",))
def own_jobs(request: PageRequest) -> HttpResponse:
    """What one has asked for: running, waiting and finished, the newest first."""
    ctx = request.ctx
    skip = min(base.number(request, "skip", 0) or 0, 5000)
    found = list(jobs.seen(ctx).filter(user_id=ctx.user_id)[skip: skip + LIMIT + 1])
    return base.render(request, "web/jobs.html", {
        "title": _("My jobs"), "rows": [row_of(job) for job in found[:LIMIT]], "may_change": not ctx.read_only,
        "next_url": addresses.with_query("/jobs", skip=skip + LIMIT) if len(found) > LIMIT else ""})


@page(methods=("POST",))
def cancel(request: PageRequest, key: uuid.UUID) -> HttpResponse:
    """Take a waiting job back, or ask a running one to stop."""
    jobs.cancel(request.ctx, key)
    return base.done(request, _("The job is cancelled."))


@page(methods=("POST",))
def retry(request: PageRequest, key: uuid.UUID) -> HttpResponse:
    """Run a job again that was given up."""
    jobs.retry(request.ctx, key)
    return base.done(request, _("The job is tried again."))


@page(methods=("GET",))
def health_page(request: PageRequest) -> HttpResponse:
    """Worker, queue, failures, jobs given up with their causes, schedules, version, disk, and the account's seals."""
    ctx = request.ctx
    if not ctx.rights.administrator:
        raise Denied(_("Only administrators may see the background work of everybody."))
    checks = health.health(ctx)
    kinds = next(one for one in checks if one.name == "failures").figures["kinds"]
    dead = jobs.seen(ctx).filter(state=Job.State.DEAD).prefetch_related("failures")[:LIMIT]
    running = jobs.seen(ctx).filter(state=Job.State.RUNNING)[:LIMIT]
    return base.render(request, "web/health.html", {
        "title": _("Health"), "checks": [{"label": str(LABELS.get(one.name, one.name)), "ok": one.ok, "text": one.text}
                                         for one in checks],
        "workers": jobs.heartbeats()[:LIMIT], "kinds": [{**kind, "title": title_of(kind["job"])} for kind in kinds],
        "dead": [row_of(job) for job in dead], "running": [row_of(job) for job in running],
        "schedules": timetable(), "zone": settings.GUANXI_TIME_ZONE, "check": seals(request),
        "check_url": addresses.with_query("/health", check=1)})


def timetable() -> list[dict[str, Any]]:
    """Every schedule: what it does, when it ran and when it runs next."""
    rows, found = {row.name: row for row in jobs.moments()}, []
    for one in schedules.declared():
        job_name, row = f"{one.function.__module__}.{one.function.__qualname__}", rows.get(one.name)
        found.append({"name": one.name, "cron": one.cron, "title": title_of(job_name),
                      "last": row and row.last_at, "next": row and row.next_at})
    return found


def seals(request: PageRequest) -> dict[str, Any] | None:
    """The seals of the account, checked from the beginning when asked for."""
    if base.param(request, "check") != "1":
        return None
    broken = entries.broken_at()
    return {"whole": broken is None, "broken_at": broken}


def _part(request: Any) -> dict[str, Any]:
    """The banners above every page while something stands still."""
    url = "/health" if _administers(request.ctx) else ""
    return {"health": [{"message": message, "url": url} for message in health.warnings(request.ctx)]}


def _administers(ctx: Ctx) -> bool:
    return bool(ctx.rights.administrator)


menu.add_part(_part)
menu.add_link("settings", gettext_lazy("Health"), "/health", "lifebuoy", _administers, 910)
menu.add_link("settings", gettext_lazy("My jobs"), "/jobs", "clock", lambda ctx: not ctx.read_only, 960)
