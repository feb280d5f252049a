"""The editor of a condition kept in a form: the filter of a list, put together in a dialog above the form."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render as render_template
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from guanxi.common import conditions
from guanxi.kernel import finding, reading, registry
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.web import addresses, base, filters
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.question import Question, written

HERE = "/condition"
PLACE = "#dialog-new-body"


class Kept(Question):
    """A filter that a field keeps, asked like that of a list."""

    def __init__(self, ctx: Ctx, model: type[Record], params: QueryDict) -> None:
        super().__init__(ctx, model, params)
        finding.condition(ctx, model, self.tree)

    @cached_property
    def tree(self) -> Any:
        return conditions.tree(conditions.bare(self.param("f")))

    def asked(self, **changes: Any) -> dict[str, Any]:
        kept = {"object": object_name(self.model), "f": written(self.tree) if self.tree else "", **changes}
        return {name: value for name, value in kept.items() if value not in (None, "")}

    def url(self, **changes: Any) -> str:
        return addresses.with_query(HERE, **self.asked(**changes))

    def below(self, path: str, **changes: Any) -> str:
        return self.url(**changes)

    def with_parts(self, parts: list[Any]) -> str:
        return self.url(f=written({"all": parts}) if parts else None)


def _kept(request: PageRequest) -> Kept:
    """The condition that is being put together, about an object whose records the person may see."""
    try:
        slug = registry.slug(registry.model_of(base.param(request, "object")))
    except Refused as refusal:
        raise Refused(_("Choose the object first: conditions are about its fields."), field="object") from refusal
    return Kept(request.ctx, base.model_or_missing(request, slug), request.GET)


@page(methods=("GET",))
def build(request: PageRequest) -> HttpResponse:
    """The conditions so far, each to be changed or removed; the fields to add one; the form of one."""
    asked, path = _kept(request), filters.asked_text(request.GET, "field")
    if request.GET.get("apply"):
        try:
            return HttpResponseRedirect(filters.apply(asked, request.GET))
        except Refused as refusal:
            view, values = filters.view_at(asked, path), request.GET.getlist("value")
            return _form(request, asked, filters.form_context(
                asked, view, path, None, filters.asked_text(request.GET, "op"), values, errors=(refusal.reason,)), 422)
    if (path and not path.endswith(".")) or request.GET.get("at"):
        return _form(request, asked, filters.form(asked, request.GET))
    return base.render(request, "web/condition.html", {
        "title": _("Conditions"), "about": asked.model.about, "filters": filters.chips(asked),
        "tree": written(asked.tree) if asked.tree else "", "filter_fields": filters.field_menu(asked, path[:-1]),
        "filter_url": asked.url(), "back_url": asked.url() if path else "", "place": PLACE})


def _form(request: PageRequest, asked: Kept, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return base.render(request, "web/condition.html", {
        "title": _("Condition"), "about": asked.model.about, "form": True, "back_url": asked.url(), "place": PLACE,
        **context}, status=status)


@page(methods=("GET",))
def told(request: PageRequest) -> HttpResponse:
    """A condition in words, for the form that keeps it."""
    asked = _kept(request)
    return render_template(request, "web/parts/condition_words.html", {
        "sentences": [reading.sentence(asked.ctx, asked.model, part) for part in asked.parts]})
