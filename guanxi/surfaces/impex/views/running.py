"""Imports that run or are over: progress, figures, rejected rows, pause, cancel, undo."""

from io import BytesIO
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.common import undoing
from guanxi.kernel import operations, paging
from guanxi.kernel.api import Missing, registry
from guanxi.surfaces.impex import runs, tables
from guanxi.surfaces.impex.models import ExportRun, ImportRun, own
from guanxi.surfaces.impex.views.wizard import XLSX, frame
from guanxi.surfaces.web import addresses, base
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.views import work

SHOWN = 20
LISTED = 50


@page(methods=("GET",))
def index(request: PageRequest) -> HttpResponse:
    """One's imports and exports; an administrator sees everybody's."""
    found = [{"run": run, "many": registry.model_of(run.object_type).about.many}
             for run in own(request.ctx, ImportRun).select_related("owner").order_by("-pk")[:LISTED]]
    exports = [{"run": run, "many": registry.model_of(run.object_type).about.many}
               for run in own(request.ctx, ExportRun).select_related("owner").order_by("-pk")[:LISTED]]
    return base.render(request, "impex/index.html", {
        "title": _("Imports and exports"), "imports": found, "exports": exports, "page_class": "is-wizard"})


@page(methods=("GET",))
def show(request: PageRequest, pk: int) -> HttpResponse:
    """How far an import is, and what came of it."""
    ctx, run = request.ctx, runs.find(request.ctx, pk)
    if run.state == ImportRun.State.DRAFT:
        return HttpResponseRedirect(f"/imports/{run.pk}/columns")
    rejects = list(tables.rejects_of(ctx, run).items()) if run.over else []
    kept = max(0, undoing.UNDO_DAYS - (timezone.now() - run.created_at).days)
    figures = [(key, label, run.figure(key)) for key, label in (
        ("read", _("Read")), ("created", _("Created")), ("updated", _("Updated")), ("skipped", _("Skipped")),
        ("failed", _("Failed")))]
    return base.render(request, "impex/run.html", frame(
        request, run, "run", figures=figures, stuck=runs.stuck(ctx, run), left=_left(run), reject_count=len(rejects),
        rejects=[(number, tables.worded(kind, reason)) for number, (kind, reason) in rejects[:SHOWN]],
        undo_days=kept if run.operation and run.over and run.state != ImportRun.State.UNDONE and (
            run.figure("created") or run.figure("updated")) else 0,
        state=ImportRun.State(run.state).label, conflicts=run.tried.get("conflicts", []),
        restored=run.tried.get("restored")))


def _left(run: ImportRun) -> int:
    """Seconds to go at the speed so far; 0 where nobody knows."""
    done = run.figure("read")
    if not run.started_at or not done or run.state != ImportRun.State.RUNNING:
        return 0
    return int((timezone.now() - run.started_at).total_seconds() / done * (run.total - done)) + 1


@page(methods=("POST",))
def steer(request: PageRequest, pk: int, what: str) -> HttpResponse:
    """Pause, go on, cancel or undo."""
    run, words = runs.find(request.ctx, pk), ""
    match what:
        case "pause":
            runs.pause(request.ctx, run)
        case "resume":
            runs.resume(request.ctx, run)
        case "cancel":
            runs.cancel(request.ctx, run)
        case "undo":
            result = runs.undo(request.ctx, run)
            words = _("%(count)s changes were taken back.") % {"count": result.restored} if result else _(
                "The import is being undone in the background.")
        case _:
            raise Missing(_("This page does not exist."))
    return base.done(request, words or _("Done."), to=f"/imports/{run.pk}")


@page(methods=("GET",))
def rejects(request: PageRequest, pk: int) -> Any:
    """The rows that did not go in, to be mended and brought again."""
    run = runs.find(request.ctx, pk)
    kind = "csv" if request.GET.get("kind") == "csv" else "xlsx"
    content = BytesIO(tables.reject_file(request.ctx, run, kind))
    name = run.file_name.rpartition(".")[0] or run.file_name
    return FileResponse(content, as_attachment=True, filename=f"{name} – {_('rejected rows')}.{kind}",
                        content_type=XLSX if kind == "xlsx" else "text/csv; charset=utf-8")


@page(methods=("GET",))
def records(request: PageRequest, pk: int, word: str) -> HttpResponse:
    """The records an import created or updated."""
    ctx, run = request.ctx, runs.find(request.ctx, pk)
    if word not in ("create", "update") or not run.operation:
        raise Missing(_("This page does not exist."))
    model = runs.model_of(run)
    part = paging.page(ctx, operations.touched(ctx, run.operation, model, word), model, sort=paging.usual(ctx, model),
                       after=base.param(request, "after"), limit=LISTED)
    title = _("Created by the import") if word == "create" else _("Updated by the import")
    return base.render(request, "impex/records.html", frame(
        request, run, "run", title=title, rows=[(row, addresses.record_url(model, row.pk)) for row in part.rows],
        after=part.after))


work.opens("guanxi.surfaces.impex.runs.import_rows", "import")
work.opens("guanxi.surfaces.impex.runs.undo_rows", "import")
