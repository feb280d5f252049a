"""Explain this number: what a figure means, over which rows, by which formula, as of when — and the rows themselves."""

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import formats
from django.utils.translation import gettext as _

from guanxi.common import measures
from guanxi.common.measures import Measure
from guanxi.kernel import facts, finding, policy, reading
from guanxi.kernel.api import Ctx
from guanxi.kernel.refusal import Denied, Missing
from guanxi.surfaces.web import addresses, base
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.question import written


@page(methods=("GET",))
def explain(request: PageRequest, key: str) -> HttpResponse:
    """One figure with its definition, filter, scope, formula, value and rows."""
    ctx, one = request.ctx, measures.get(key)
    if one is None:
        raise Missing(_("There is no figure “%(key)s”.") % {"key": key[:80]})
    may_see(ctx, one)
    more = finding.read(base.param(request, "f"))
    tree = joined(one.filter(ctx), more)
    sentence = reading.sentence(ctx, one.model, tree) if tree else ""
    return base.render(request, "web/explain.html", {
        "title": str(one.name), "measure": one, "meaning": str(one.meaning), "value_text": value_text(ctx, one, more),
        "sentence": sentence or _("all %(objects)s") % {"objects": one.model.about.many},
        "formula": formula_text(ctx, one), "objects": one.model.about.many,
        "scope": str(policy.rows(ctx, one.model).reason), "as_of": ctx.now, "rows_url": rows_url(ctx, one, more)})


def may_see(ctx: Ctx, one: Measure) -> None:
    """Denied where the rows, or a field the figure is made of, are kept from the actor."""
    answer = ctx.may("view", one.model)
    if not answer:
        raise Denied(answer.reason)
    if not fields_seen(ctx, one):
        raise Denied(_("This figure is made of a field that you may not see."))


def fields_seen(ctx: Ctx, one: Measure) -> bool:
    """Every column of the formula is one the actor reads unmasked."""
    known = {view.key for view in facts.fields(one.model, ctx) if not view.masked}
    return all(column.split("__")[0] in known for column in columns(one))


def columns(one: Measure) -> list[str]:
    return [column for column in one.formula.partition(":")[2].split(",") if column]


def joined(*trees: Any) -> Any:
    """Several filters as one; None where there is none."""
    parts = [tree for tree in trees if tree]
    return {"all": parts} if len(parts) > 1 else parts[0] if parts else None


def rows_url(ctx: Ctx, one: Measure, more: Any = None) -> str:
    """The list of exactly the rows that make up the figure."""
    tree = joined(one.filter(ctx), more)
    return addresses.list_url(one.model, f=written(tree) if tree else "", view="all")


def value_text(ctx: Ctx, one: Measure, more: Any = None) -> str:
    """The figure as a person reads it."""
    return words(one, measures.value(ctx, one, more))


def words(one: Measure, value: Any) -> str:
    """A value of a measure in the reader's grouping."""
    if value is None:
        return "–"
    if one.unit == "percent":
        return f"{Decimal(value).quantize(Decimal('0.1')).normalize():f} %"
    places = 2 if one.unit == "money" else 0 if one.unit == "count" else None
    return formats.number_format(Decimal(value), decimal_pos=places, use_l10n=True, force_grouping=True)


def formula_text(ctx: Ctx, one: Measure) -> str:
    """The formula in words."""
    labels = {view.key: view.label for view in facts.fields(one.model, ctx)}
    named = [labels.get(column.split("__")[0], column) for column in columns(one)]
    match one.formula.partition(":")[0]:
        case "count":
            return _("number of %(objects)s") % {"objects": one.model.about.many}
        case "sum":
            return _("sum of “%(field)s”") % {"field": named[0]}
        case "avg":
            return _("average of “%(field)s”") % {"field": named[0]}
        case "weighted":
            return _("sum of “%(field)s” × “%(share)s” ÷ 100") % {"field": named[0], "share": named[1]}
    return one.formula
