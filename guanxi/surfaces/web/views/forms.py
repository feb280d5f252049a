"""The form of any object: new and edit, with prefill, errors in place, duplicates, conflicts; nothing typed is lost."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _

from guanxi.kernel import actions, door, facts, reading, registry
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Conflict, Denied
from guanxi.surfaces.web import addresses, base, cells, lines, panels
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.views.clash import clash_of
from guanxi.surfaces.web.views.records import once_key

Model = type[Record]


class Form:
    """One form: which fields, what they hold, and what came of the last attempt to save."""

    def __init__(self, request: PageRequest, model: Model, record: Record | None) -> None:
        self.request, self.ctx, self.model, self.record = request, request.ctx, model, record
        views = map(cells.controlled, facts.fields(model, self.ctx))
        self.views = {view.key: view for view in views if cells.is_editable(view)}
        self.values: dict[str, Any] = {}
        self.lines: dict[str, list[dict[str, Any]]] = {}
        self.refusal: Refused | None = None
        self.version = record.version if record is not None else None

    # what the controls hold --------------------------------------------------------------------

    def begin(self) -> None:
        """Values of the record, or defaults and what the address gives for a new one."""
        blank = self.model()
        for view in self.views.values():
            raw = view.raw(self.record or blank)
            if self.record is None and view.custom:
                raw = view.source.get_default() if view.source.default not in (None, "") else None
            self.values[view.key] = cells.form_value(view, raw)
        self.lines = {one.name: lines.stored(self.ctx, self.record or blank, one) for one in self.model.line_lists}
        if self.record is None:
            if "owner" in self.views and self.model.about.scope == "owner":
                self.values["owner"] = str(self.ctx.user_id or "")
            self._prefill()

    def _prefill(self) -> None:
        """Values given in the address; those that do not fit, or name what the person may not see, are left out."""
        given = self.request.GET
        if title := base.param(self.request, "title"):
            self.values.setdefault(self.model.about.title_name, "")
            if self.model.about.title_name in self.views and "title" not in self.views:
                self.values[self.model.about.title_name] = title
        for key, view in self.views.items():
            if key in given:
                raw = given.getlist(key) if view.kind == "tags" else base.param(self.request, key)
                try:
                    self.values[key] = cells.form_value(view, view.parse(raw, self.ctx))
                except Refused:
                    continue

    def take(self) -> None:
        """Values as posted: every field the form showed, as it was typed."""
        self.begin()
        for key, view in self.views.items():
            if (typed := cells.typed(view, self.request.POST)) is not None:
                self.values[key] = typed
        self.lines |= self.given_lines

    @property
    def given(self) -> dict[str, Any]:
        """What the form posted, ready for the door."""
        return {key: typed for key, view in self.views.items()
                if (typed := cells.typed(view, self.request.POST)) is not None}

    @property
    def given_lines(self) -> dict[str, list[dict[str, Any]]]:
        """The lines the form posted."""
        return {one.name: rows for one in self.model.line_lists
                if (rows := lines.posted(one, self.request.POST)) is not None}

    # sections ----------------------------------------------------------------------------------

    def rows(self) -> list[tuple[str, list[FieldView]]]:
        """Titled groups of fields: the declared form, then the rest that must be filled in, then custom fields."""
        about = self.model.about
        found = [(str(part.title), [self.views[name] for row in part.rows for name in row if name in self.views])
                 for part in about.sections]
        placed = {view.key for _title, group in found for view in group}
        if not found:
            found = [("", [view for view in self.views.values() if not view.custom and view.key != "owner"])]
            placed = {view.key for view in found[0][1]}
        needed = [view for view in self.views.values() if view.required and not view.custom and view.key not in placed]
        if needed:
            found[0] = (found[0][0], [*needed, *found[0][1]])
        custom = [view for view in self.views.values() if view.custom and view.key not in placed]
        return [(title, group) for title, group in [*found, (_("More"), custom)] if group]

    def context(self) -> dict[str, Any]:
        """The variables of ``web/form.html``."""
        rows = self.rows()
        shown = [view for _title, group in rows for view in group]
        known = cells.titles_for(self.ctx, [(view, self.values.get(view.key)) for view in shown])
        errors = self.refusal.errors if self.refusal else {}
        sections = [{"title": title, "items": [self._item(view, known, errors) for view in group]} for title, group in rows]
        return {**self._frame(), "sections": sections, "withheld": self._withheld(), "tables": self._tables(errors),
                **self._faults(errors, {view.key: view for view in shown})}

    def _tables(self, errors: dict[str, list[str]]) -> list[lines.Table]:
        """The lines of a document, with what follows from all that was typed."""
        draft = lines.headed(self.ctx, self.model, self.record, self.given) if self.model.line_lists else None
        return [lines.table(self.ctx, draft, one, self.lines[one.name], errors) for one in self.model.line_lists if draft]

    def _withheld(self) -> list[cells.Cell]:
        """Masked fields the form would have: what is left of them, each with a way to look at it."""
        if self.record is None:
            return []
        views = [view for view in cells.named(self.model, self.ctx, self.model.about.form_names) if view.masked]
        may = bool(views) and not self.ctx.read_only and bool(self.ctx.may("reveal", self.record))
        return cells.cells(views, self.record, {}, may_reveal=may)

    def _item(self, view: FieldView, known: reading.Titles, errors: dict[str, list[str]]) -> cells.Item:
        """A control; a link to something the person may create offers just that, in a dialog above the form."""
        made = cells.item(view, self.values.get(view.key, ""), known, errors.get(view.key, ()))
        return made if self.prefix else cells.may_create(self.ctx, made)

    @property
    def prefix(self) -> str:
        """Forms that may lie above another form have ids of their own."""
        return "new_" if self.request.GET.get("stay") else ""

    def _faults(self, errors: dict[str, list[str]], shown: dict[str, FieldView]) -> dict[str, Any]:
        """The summary: what is wrong at a field links to it, the rest stands above."""
        listed = [{"id": f"id_{self.prefix}{key}", "label": shown[key].label, "message": " ".join(texts)}
                  for key, texts in errors.items() if key in shown]
        names = tuple(f"{one.name}." for one in self.model.line_lists)
        listed += [{"id": f"id_{key}", "label": str(one.verbose_name), "message": " ".join(texts)}
                   for one in self.model.line_lists for key, texts in errors.items() if key.startswith(f"{one.name}.")]
        loose = [text for key, texts in errors.items() if key not in shown and not key.startswith(names) for text in texts]
        if self.refusal is not None and not errors and not isinstance(self.refusal, Conflict):
            loose = [self.refusal.reason]
        clash = clash_of(self.ctx, self.refusal) if isinstance(self.refusal, Conflict) else None
        if isinstance(self.refusal, Conflict) and clash is None:
            loose = [self.refusal.reason]
        return {"errors": listed, "form_errors": loose, "error_count": len(listed) + len(loose), "clash": clash}

    def _frame(self) -> dict[str, Any]:
        model, record, about = self.model, self.record, self.model.about
        here = addresses.edit_url(model, record.pk) if record is not None else addresses.new_url(model)
        stay, asked = self.request.GET.get("stay", ""), self.request.GET.get("list", "")[:2000]
        key = base.once(self.request) if self.request.method == "POST" and not self.refusal else ""
        return {
            "object": base.about_object(self.request, model), "record": record,
            "title": _("Edit %(record)s") % {"record": record} if record is not None else
            _("New %(one)s") % {"one": about.one},
            "action_url": addresses.with_query(here, stay=stay, list=asked), "version": self.version,
            "once": key or once_key(), "can_save_more": record is None and not stay,
            "prefix": self.prefix,
            "draft_key": "" if stay else f"{registry.slug(model)}-{record.pk if record is not None else 'new'}",
            "duplicates_url": self._duplicates_url(),
            "lines_url": f"{addresses.list_url(model)}lines?record={record.pk if record is not None else ''}",
            "cancel_url": addresses.record_url(model, record.pk) if record is not None else base.back(
                self.request, addresses.list_url(model)),
        }

    def _duplicates_url(self) -> str:
        url = f"{addresses.list_url(self.model)}duplicates"
        pk = self.record.pk if self.record is not None else ""
        return addresses.with_query(url, record=pk) if panels.checks_duplicates(self.model) else ""

    def show(self, status: int = 200, **more: Any) -> HttpResponse:
        return base.render(self.request, "web/form.html", {**self.context(), **more}, status=status)


@page
def new(request: PageRequest, slug: str) -> HttpResponse:
    """The form of a new record."""
    model = base.model_or_missing(request, slug)
    _may(request.ctx, model, "create")
    form = Form(request, model, None)
    if request.method == "GET":
        form.begin()
        return form.show()
    return _save(form)


@page
def edit(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """The form of a record."""
    model = base.model_or_missing(request, slug)
    record = request.ctx.get(model, pk)
    _may(request.ctx, record, "update")
    form = Form(request, model, record)
    if request.method == "GET":
        if why := panels.held(request.ctx, record)(actions.verb_of(model, "update")):
            raise Refused(why, record=record)
        form.begin()
        return form.show()
    return _save(form)


def _may(ctx: Ctx, target: Any, verb: str) -> None:
    model: Model = target if isinstance(target, type) else type(target)
    if verb not in model.about.verbs:
        raise Denied(_("%(objects)s are not written here.") % {"objects": model.about.many})
    answer = ctx.may(verb, target)
    if ctx.read_only or not answer:
        reason = answer.reason if not answer else _("You are viewing as somebody else: nothing can be changed.")
        raise Denied(reason, record=None if isinstance(target, type) else target)


def _save(form: Form) -> HttpResponse:
    """Save through the door; a refusal shows the form again with everything that was typed."""
    ctx, model, request = form.ctx, form.model, form.request
    form.take()
    values, verb = {**form.given, **form.given_lines}, "create" if form.record is None else "update"
    if form.record is not None:
        values = _changed(form, values)
    try:
        _check_duplicates(form, values)
        version = base.posted_version(request) if form.record is not None else None
        outcome = door.run(ctx, actions.verb_of(model, verb), form.record, values, key=base.once(request), version=version)
    except Conflict as conflict:
        form.refusal, form.version = conflict, ctx.get(model, form.record.pk).version if form.record else None
        return form.show(409)
    except Refused as refusal:
        if refusal.status != 400 and not refusal.field:
            raise
        form.refusal, form.version = refusal, base.posted_version(request) or form.version
        return form.show(422)
    if outcome.asked and form.record is not None:
        return base.sent(request, form.record, outcome.asked[0])
    return _saved(form, outcome.record)


def _changed(form: Form, values: dict[str, Any]) -> dict[str, Any]:
    """What differs from the record: an untouched field is not written, so that it can meet nobody else's change."""
    record: Record = form.record  # type: ignore[assignment]
    base_version = base.posted_version(form.request)
    if base_version is not None and base_version != record.version:
        return values
    before: dict[str, Any] = {key: cells.form_value(view, view.raw(record)) for key, view in form.views.items()}
    before |= {one.name: lines.stored(form.ctx, record, one) for one in form.model.line_lists}
    return {key: value for key, value in values.items() if value != before.get(key)}


def _check_duplicates(form: Form, values: dict[str, Any]) -> None:
    if form.record is None and panels.checks_duplicates(form.model):
        blocked = [row for row in panels.duplicates(form.ctx, form.model, values, None) if row.get("block")]
        if blocked:
            raise Refused(_("This may not be entered twice: “%(title)s” is already here.") % {"title": blocked[0]["title"]})


def _saved(form: Form, record: Record) -> HttpResponse:
    """After saving: the record's page, the next new one, or back to where a dialog was opened."""
    request, model = form.request, form.model
    url = addresses.with_query(addresses.record_url(model, record.pk), list=request.GET.get("list", ""))
    if "view" not in model.about.verbs:
        url = base.back(request)
    created = form.record is None
    words = (_("“%(record)s” was created.") if created else _("“%(record)s” was saved.")) % {"record": record}
    if request.POST.get("then") == "new":
        return base.done(request, words, to=addresses.new_url(model))
    in_dialog = request.headers.get("HX-Target", "").endswith("dialog-body")
    if request.GET.get("stay") or (in_dialog and not created):
        more = {"url": url, "label": _("Open"), "object": object_name(model), "id": record.pk, "text": str(record)}
        return base.done(request, words, to="" if base.is_fragment(request) else url, **(more if created else {}))
    return base.done(request, words, to=url)


@page(methods=("POST",))
def worked_out(request: PageRequest, slug: str) -> HttpResponse:
    """What follows from the lines typed so far: amounts, what a chosen product brings, totals. Nothing is saved."""
    ctx, model = request.ctx, base.model_or_missing(request, slug)
    pk = base.number(request, "record")
    record = ctx.get(model, pk) if pk is not None else None
    _may(ctx, record or model, "create" if record is None else "update")
    form = Form(request, model, record)
    draft = lines.headed(ctx, model, record, form.given)
    return JsonResponse({one.name: lines.answer(ctx, draft, one, form.given_lines.get(one.name, []))
                         for one in model.line_lists})


@page(methods=("POST",))
def duplicates(request: PageRequest, slug: str) -> HttpResponse:
    """What may be the same as what is being typed; empty where nothing is."""
    ctx, model = request.ctx, base.model_or_missing(request, slug)
    pk = base.number(request, "record")
    record = ctx.get(model, pk) if pk is not None else None
    form = Form(request, model, record)
    found = panels.duplicates(ctx, model, form.given, record)
    if not found:
        return HttpResponse("")
    return render_template(request, "web/parts/duplicates.html", {"duplicates": found, "ctx": ctx})
