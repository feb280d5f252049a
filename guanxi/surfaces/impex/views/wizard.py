"""The import wizard: file, columns, values, check. Every step can be left and found again."""

from io import BytesIO
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.api import Ctx, Refused, registry
from guanxi.kernel.custom import CustomField
from guanxi.kernel.records import object_name
from guanxi.surfaces.impex import matching, opening, reading, runs, template, values
from guanxi.surfaces.impex import plan as plans
from guanxi.surfaces.impex.models import ImportRun, own
from guanxi.surfaces.web import base
from guanxi.surfaces.web.base import PageRequest, page

STEPS = (("columns", gettext_lazy("Columns")), ("values", gettext_lazy("Values")), ("check", gettext_lazy("Check")))
#: Kinds of new fields that an import may add.
NEW_KINDS = ("name", "text", "integer", "decimal", "money", "day", "choice")
FIXED = 3
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page
def upload(request: PageRequest, slug: str) -> HttpResponse:
    """Choose or paste a table."""
    model = base.model_or_missing(request, slug)
    plans.may_import(request.ctx, model)
    error = ""
    if request.method == "POST":
        try:
            run = runs.start(request.ctx, model, *_given(request))
        except Refused as refusal:
            error = refusal.reason
        else:
            return HttpResponseRedirect(f"/imports/{run.pk}/columns")
    mine = own(request.ctx, ImportRun).filter(object_type=object_name(model)).order_by("-pk")[:5]
    return base.render(request, "impex/upload.html", {
        "title": _("Import %(objects)s") % {"objects": model.about.many}, "object": base.about_object(request, model),
        "error": error, "runs": list(mine), "most": opening.MAX_BYTES // 1024 // 1024,
        "page_class": "is-wizard"}, status=422 if error else 200)


def _given(request: HttpRequest) -> tuple[bytes, str]:
    """The table that was uploaded or pasted."""
    upload_ = request.FILES.get("file")
    if upload_ is not None:
        if (upload_.size or 0) > opening.MAX_BYTES:
            raise Refused(_("The file is larger than %(most)s MB. Split it and import the parts.") % {
                "most": opening.MAX_BYTES // 1024 // 1024}, field="file")
        return upload_.read(), upload_.name or "table"
    pasted = request.POST.get("pasted", "").strip("\r\n")
    if not pasted.strip():
        raise Refused(_("Choose a file, or paste rows with their headings."), field="file")
    return pasted.encode(), _("Pasted rows") + ".csv"


@page(methods=("GET",))
def blank(request: PageRequest, slug: str) -> Any:
    """The table to fill in: headings, lists to choose from, one example."""
    model = base.model_or_missing(request, slug)
    plans.may_import(request.ctx, model)
    content = BytesIO(template.make(request.ctx, model))
    return FileResponse(content, as_attachment=True, filename=f"{model.about.many}.xlsx", content_type=XLSX)


def frame(request: PageRequest, run: ImportRun, step: str, **more: Any) -> dict[str, Any]:
    """What every step shows."""
    model = registry.model_of(run.object_type)
    return {"title": _("Import %(objects)s") % {"objects": model.about.many}, "run": run, "step": step,
            "object": base.about_object(request, model), "page_class": "is-wizard", "error": "",
            "steps": [(key, label, f"/imports/{run.pk}/{key}") for key, label in STEPS], **more}


def draft(request: PageRequest, pk: int) -> ImportRun:
    run = runs.find(request.ctx, pk)
    plans.may_import(request.ctx, runs.model_of(run))
    return run


# columns -----------------------------------------------------------------------------------------

@page
def columns(request: PageRequest, pk: int) -> HttpResponse:
    """How the file is read, and where each column goes."""
    run, ctx, error = draft(request, pk), request.ctx, ""
    if run.state != ImportRun.State.DRAFT:
        return HttpResponseRedirect(f"/imports/{run.pk}")
    if request.method == "POST":
        try:
            if "read" in request.POST:
                runs.read_as(ctx, run, **_reading(request))
                return HttpResponseRedirect(f"/imports/{run.pk}/columns")
            take_columns(ctx, run, request)
        except Refused as refusal:
            error = refusal.reason
        else:
            return _after_columns(ctx, run)
    model = runs.model_of(run)
    return base.render(request, "impex/columns.html", frame(
        request, run, "columns", error=error, columns=_columns(ctx, run), targets=matching.targets(ctx, model),
        missing=plans.missing(ctx, model, run.mapping), encodings=reading.ENCODINGS, external=matching.EXTERNAL_KEY,
        new_kinds=[(kind, CustomField.Kind(kind).label) for kind in NEW_KINDS] if ctx.may("create", CustomField) else [],
        fixed=_fixed(run)), status=422 if error else 200)


def _reading(request: HttpRequest) -> dict[str, Any]:
    row = request.POST.get("header_row", "")
    return {"encoding": request.POST.get("encoding", ""), "sheet": request.POST.get("sheet", ""),
            "header_row": int(row) if row.isascii() and row.isdigit() and len(row) < 6 else 0}


def _columns(ctx: Ctx, run: ImportRun) -> list[dict[str, Any]]:
    """Each column with samples, how full it is and where it goes."""
    kept = run.preview
    return [{"name": name, "field": f"c{place}", "samples": kept["samples"].get(name, []),
             "filled": kept["filled"].get(name, 0) * 100 // max(1, kept["total"]),
             "key": (run.mapping["columns"].get(name) or [""])[0],
             "also": run.mapping["columns"].get(name, [])[1:2]}
            for place, name in enumerate(kept["columns"])]


def _fixed(run: ImportRun) -> list[tuple[str, str]]:
    rows = list(run.mapping.get("constants", {}).items())
    return [*rows, *[("", "")] * max(1, FIXED - len(rows))]


def take_columns(ctx: Ctx, run: ImportRun, request: HttpRequest) -> None:
    """Keep where the columns go; new fields are created on the way."""
    model, given = runs.model_of(run), request.POST
    wanted: dict[str, list[str]] = {}
    for place, name in enumerate(run.preview["columns"]):
        key = given.get(f"c{place}", "")
        if key.startswith("new:"):
            key = _new_field(ctx, model, name, key.removeprefix("new:"), run)
        wanted[name] = [one for one in dict.fromkeys([key, given.get(f"a{place}", "")]) if one]
    pairs = zip(given.getlist("fixed_key"), given.getlist("fixed_value"), strict=False)
    constants = {key: value.strip() for key, value in pairs if key and value.strip()}
    mapping = {**run.mapping, "columns": wanted, "constants": constants}
    options = dict(run.options)
    held = {key for key, _label in plans.match_choices(ctx, model, mapping)}
    if not set(options.get("match", [])) <= held or not options.get("match"):
        options["match"] = plans.default_match(ctx, model, mapping)
        options["mode"] = plans.Mode.BOTH if options["match"] else plans.Mode.CREATE
    run.mapping, run.options = mapping, options
    plans.make(ctx, model, mapping, options)
    if options["mode"] in (plans.Mode.CREATE, plans.Mode.BOTH) and (lacking := plans.missing(ctx, model, mapping)):
        if options["mode"] == plans.Mode.CREATE:
            raise Refused(_("Needed, but in no column: %(fields)s. Choose a column or give a value for all rows.") % {
                "fields": ", ".join(view.label for view in lacking)})
        options["mode"] = plans.Mode.UPDATE
    runs.change(ctx, run, mapping, options)


def _new_field(ctx: Ctx, model: Any, name: str, kind: str, run: ImportRun) -> str:
    """A field of the company's own for a column that fits none."""
    if kind not in NEW_KINDS:
        raise Refused(_("This kind of field is not known."), field="kind")
    options = [{"value": word, "label": word} for word in run.preview["distinct"].get(name, {})] if kind == "choice" else []
    key = "".join(sign for sign in matching.bare(name) if sign.isascii())[:30]
    made = ctx.create(CustomField, object_type=object_name(model), label=name, field_kind=kind, options=options,
                      key=f"x_{key}" if key else f"x_{run.pk}_{len(name)}")
    ctx.views.clear()
    vars(ctx).pop("rights", None)
    vars(ctx).pop("mark", None)
    return made.key


def _after_columns(ctx: Ctx, run: ImportRun) -> HttpResponse:
    if values.questions(ctx, run):
        return HttpResponseRedirect(f"/imports/{run.pk}/values")
    runs.trial(ctx, run)
    return HttpResponseRedirect(f"/imports/{run.pk}/check")


# values ------------------------------------------------------------------------------------------

@page(methods=("GET", "POST"))
def meanings(request: PageRequest, pk: int) -> HttpResponse:
    """What the values of some columns mean."""
    run = draft(request, pk)
    if run.state != ImportRun.State.DRAFT:
        return HttpResponseRedirect(f"/imports/{run.pk}")
    if request.method == "POST":
        values.answer(request.ctx, run, request.POST.dict())
        runs.trial(request.ctx, run)
        return HttpResponseRedirect(f"/imports/{run.pk}/check")
    return base.render(request, "impex/values.html", frame(
        request, run, "values", questions=values.questions(request.ctx, run)))


# check -------------------------------------------------------------------------------------------

@page
def check(request: PageRequest, pk: int) -> HttpResponse:
    """How known records are found and what is done; what would come of it; then go."""
    run, ctx, error = draft(request, pk), request.ctx, ""
    if run.state != ImportRun.State.DRAFT:
        return HttpResponseRedirect(f"/imports/{run.pk}")
    if request.method == "POST":
        try:
            runs.change(ctx, run, options=_options(request))
            if "go" in request.POST:
                runs.launch(ctx, run)
                return HttpResponseRedirect(f"/imports/{run.pk}")
            runs.trial(ctx, run)
        except Refused as refusal:
            error = refusal.reason
        else:
            return HttpResponseRedirect(f"/imports/{run.pk}/check")
    model = runs.model_of(run)
    return base.render(request, "impex/check.html", frame(
        request, run, "check", error=error, modes=plans.Mode.choices, likenesses=plans.Likeness.choices,
        match=plans.match_choices(ctx, model, run.mapping), has_external=any(
            matching.EXTERNAL_KEY in keys for keys in run.mapping["columns"].values()),
        go=run.tried.get("figures") and (run.tried["figures"]["created"] or run.tried["figures"]["updated"]),
        can_skip=not run.tried), status=422 if error else 200)


def _options(request: HttpRequest) -> dict[str, Any]:
    given = request.POST
    return {"mode": given.get("mode", plans.Mode.CREATE), "match": given.getlist("match"),
            "source": given.get("source", "").strip()[:60], "clear": "clear" in given, "whole": "whole" in given,
            "likeness": given.get("likeness", plans.Likeness.SKIP)}
