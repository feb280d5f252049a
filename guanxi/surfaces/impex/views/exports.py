"""The export dialog of a list, and the files that were written."""

from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _

from guanxi.kernel.api import Missing, Refused
from guanxi.surfaces.impex import exporting
from guanxi.surfaces.impex.models import ExportRun, own
from guanxi.surfaces.impex.views.wizard import XLSX
from guanxi.surfaces.web import addresses, base
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.question import Question

MOST_IDS = 5_000


@page
def export(request: PageRequest, slug: str) -> HttpResponse:
    """Choose the columns and the kind of file; then it comes, or is announced."""
    model, ctx = base.model_or_missing(request, slug), request.ctx
    exporting.may_export(ctx, model)
    given = request.POST if request.method == "POST" else request.GET
    asked = _asked(given)
    error = ""
    if request.method == "POST":
        try:
            run = exporting.begin(ctx, model, given.getlist("columns"), given.get("kind", "xlsx"), asked)
        except Refused as refusal:
            error = refusal.reason
        else:
            to = f"/exports/{run.pk}" if run.state == ExportRun.State.DONE else "/imports"
            return HttpResponseRedirect(to)
    chosen = given.getlist("columns") or [view.key for view in Question(ctx, model, QueryDict(asked["query"])).columns]
    count = exporting.rows_of(ctx, model, asked).count()
    return base.render(request, "impex/export.html", {
        "title": _("Export %(objects)s") % {"objects": model.about.many}, "object": base.about_object(request, model),
        "columns": [(view.key, view.label, view.key in chosen, view.masked) for view in sorted(
            exporting.columns_of(ctx, model), key=lambda view: chosen.index(view.key) if view.key in chosen else 999)],
        "count": count, "ids": asked["ids"], "query": asked["query"], "all": asked["all"], "error": error,
        "long": count > exporting.AT_ONCE, "cancel_url": addresses.list_url(model)}, status=422 if error else 200)


def _asked(given: QueryDict) -> dict[str, Any]:
    """Chosen rows, or all that the list found: its question is either in the address or in one parameter."""
    ids = [int(pk) for pk in given.getlist("ids")[:MOST_IDS] if pk.isascii() and pk.isdigit() and len(pk) < 16]
    everything = given.get("all") == "1"
    query = given.get("query", "").lstrip("?")
    if not query:
        plain = given.copy()
        for name in ("ids", "all", "query", "columns", "kind", "csrfmiddlewaretoken", "once"):
            plain.pop(name, None)
        query = plain.urlencode()
    if not ids and not everything:
        everything = True
    return {"ids": [] if everything else ids, "all": "1" if everything else "", "query": query.replace("\x00", "")}


@page(methods=("GET",))
def download(request: PageRequest, pk: int) -> Any:
    """A file that was written for this person."""
    run = own(request.ctx, ExportRun).filter(pk=pk, owner_id=request.ctx.user_id).first()
    if run is None or run.state != ExportRun.State.DONE:
        raise Missing(_("There is no such file."))
    kind = XLSX if run.asked["kind"] == "xlsx" else "text/csv; charset=utf-8"
    return FileResponse(run.file.open("rb"), as_attachment=True, filename=run.file_name, content_type=kind)
