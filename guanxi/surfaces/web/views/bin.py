"""The recycle bin: what was deleted in the last thirty days and can be brought back."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel import reading, registry
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Missing
from guanxi.surfaces.web import addresses, base, menu
from guanxi.surfaces.web.base import PageRequest, page

PAGE = 50
#: Nobody looks for a deleted record beyond this.
DEEPEST = 5000


@page(methods=("GET",))
def index(request: PageRequest) -> HttpResponse:
    """Deleted records of one object, the newest first."""
    ctx = request.ctx
    models = [model for model in menu.objects_of(ctx) if "delete" in model.about.verbs and ctx.may("delete", model)]
    models.sort(key=lambda model: list(menu.AREAS).index(model.about.area) if model.about.area in menu.AREAS else 0)
    wanted = base.param(request, "object")
    model = next((one for one in models if registry.slug(one) == wanted), None) if wanted else next(
        iter(models), None)
    if model is None:
        raise Missing(_("There is no recycle bin for you."))
    skip = min(base.number(request, "skip", 0) or 0, DEEPEST)
    records: list[Any] = list(ctx.binned(model).order_by("-deleted_at", "-id")[skip: skip + PAGE + 1])
    return base.render(request, "web/bin.html", {
        "title": _("Recycle bin"), "object": base.about_object(request, model),
        "rows": lines(request, model, records[:PAGE]),
        "tabs": [{"label": str(one.about.many), "url": addresses.with_query("/bin", object=registry.slug(one)),
                  "active": one is model} for one in models],
        "next_url": addresses.with_query("/bin", object=registry.slug(model), skip=skip + PAGE)
        if len(records) > PAGE and skip < DEEPEST else ""})


def lines(request: PageRequest, model: type[Record], records: list[Any]) -> list[dict[str, Any]]:
    """What the bin shows of each record: name, owner, when it was deleted."""
    owner = [(model._meta.get_field("owner").related_model._meta.label_lower, record.owner_id)
             for record in records if record.owner_id]
    known = reading.titles(request.ctx, owner)
    names = {pk: text for (_name, pk), text in known.items()}
    return [{"title": str(record), "owner": names.get(record.owner_id, ""), "moment": record.deleted_at,
             "restore_url": f"/bin/{registry.slug(model)}/{record.pk}"} for record in records]


@page(methods=("POST",))
def restore(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """Bring a record back, with what went to the bin together with it."""
    model = base.model_or_missing(request, slug)
    outcome = request.ctx.run(f"{model._meta.label_lower}.restore", pk)
    return base.done(request, _("“%(record)s” is back") % {"record": outcome.record})
