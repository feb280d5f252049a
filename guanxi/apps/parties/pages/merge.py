"""Merging side by side: which record stays, and from which record each value is taken."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.apps.parties.actions import merge_records
from guanxi.apps.parties.actions.merge import MOST, preview
from guanxi.apps.parties.models import Contact, Customer
from guanxi.kernel.api import Ctx, Missing, Refused, facts
from guanxi.surfaces.web import addresses, base


def chosen(request: base.PageRequest, model: Any) -> list[Any]:
    """The records to be merged, in the order given; all must be within sight."""
    given = request.GET.getlist("ids")[:MOST]
    ids = list(dict.fromkeys(int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 16))
    found = {row.pk: row for row in request.ctx.find(model).filter(pk__in=ids)}
    if len(found) != len(ids) or len(ids) < 2:
        raise Refused(_("Choose at least two %(object)s that you may see.") % {"object": model.about.many})
    return [found[pk] for pk in ids]


def values_of(ctx: Ctx, model: Any, rows: list[Any], survivor: Any) -> list[dict[str, Any]]:
    """The fields in which the records differ, each with the value of every record."""
    lines = []
    for view in facts.fields(model, ctx):
        raw = [view.raw(row) for row in rows]
        if view.readonly or view.key == "owner" or len({repr(value) for value in raw}) < 2:
            continue
        titles = {row.pk: str(row) for row in ctx.find(view.target_model).filter(
            pk__in=[value for value in raw if value is not None])} if view.target else {}
        texts = [titles.get(value, "") if view.target else view.text(value) for value in raw]
        first = next((place for place, row in enumerate(rows) if row.pk == survivor.pk), 0)
        if raw[first] in (None, "", []) and view.key != "parent_company":
            first = next(place for place, value in enumerate(raw) if value not in (None, "", []))
        lines.append({"key": view.key, "label": view.label, "options": [
            {"pk": row.pk, "of": str(row), "text": text, "checked": place == first}
            for place, (row, text) in enumerate(zip(rows, texts, strict=True))]})
    return lines


@base.page
def index(request: base.PageRequest, slug: str) -> HttpResponse:
    """Look at the records side by side, pick, see what will move — and merge."""
    model = base.model_or_missing(request, slug)
    if model not in (Customer, Contact):
        raise Missing(_("This page does not exist."))
    rows = chosen(request, model)
    wanted = request.POST.get("survivor") or base.param(request, "survivor")
    survivor = next((row for row in rows if str(row.pk) == wanted), rows[0])
    if request.method == "POST":
        known = {str(row.pk): row.pk for row in rows}
        picks = {key.removeprefix("pick_"): known[value] for key, value in request.POST.items()
                 if key.startswith("pick_") and value in known}
        operation = merge_records(request.ctx, survivor, rows, picks)
        return base.done(request, _("%(count)s records became one.") % {"count": len(rows)}, undo=operation,
                         to=addresses.record_url(model, survivor.pk))
    moving = preview(request.ctx, survivor, [row for row in rows if row.pk != survivor.pk])
    return base.render(request, "parties/merge.html", {
        "title": _("Merge %(objects)s") % {"objects": model.about.many}, "rows": rows, "survivor": survivor,
        "lines": values_of(request.ctx, model, rows, survivor), "moving": sorted(moving.items()),
        "url": request.get_full_path(), "cancel_url": addresses.record_url(model, survivor.pk),
        "keep": [{"row": row, "url": addresses.with_query(
            request.path, ids=[one.pk for one in rows], survivor=row.pk)} for row in rows]})
