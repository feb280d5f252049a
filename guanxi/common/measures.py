"""Measures: each figure of the product is defined once, computed within the reader's rights, and opens its rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Avg, Count, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models import fields as plain

from guanxi.kernel import finding
from guanxi.kernel.records import Record

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

_measures: dict[str, "Measure"] = {}


@dataclass(frozen=True, eq=False)
class Measure:
    """A figure: its name, what it means in one sentence, over which rows, and how it is computed.

    ``formula`` is ``count``, ``sum:field``, ``avg:field`` or ``weighted:amount,percent`` (Σ amount × percent ÷ 100).
    ``tree`` is a filter, or a function of the context that gives one. ``unit`` is money, count or percent.
    """

    key: str
    name: Any
    meaning: Any
    model: type[Record]
    formula: str = "count"
    tree: Any = None
    unit: str = "count"

    def filter(self, ctx: "Ctx") -> Any:
        return self.tree(ctx) if callable(self.tree) else self.tree


def measure(key: str, name: Any, meaning: Any, model: type[Record], formula: str = "count",
            tree: Any | Callable[["Ctx"], Any] = None, unit: str = "count") -> Measure:
    """Declare a figure. Its key is its address: ``/explain/<key>`` opens definition, filter and rows."""
    if key in _measures:
        raise ValueError(f"measure {key} is declared twice")
    made = _measures[key] = Measure(key, name, meaning, model, formula, tree, unit)
    return made


def measures() -> list[Measure]:
    return list(_measures.values())


def get(key: str) -> Measure | None:
    return _measures.get(key)


def rows(ctx: "Ctx", one: Measure, more: Any = None) -> QuerySet[Any]:
    """The rows that make up the figure, within the reader's rights."""
    trees = [tree for tree in (one.filter(ctx), more) if tree]
    return finding.select(ctx, one.model, tree={"all": trees} if trees else None)


def value(ctx: "Ctx", one: Measure, more: Any = None) -> Any:
    """The figure itself: Decimal for money, int for counts, None for an average over nothing."""
    return rows(ctx, one, more).order_by().aggregate(figure=aggregate(one.formula))["figure"]


def values(ctx: "Ctx", chosen: Iterable[Measure], more: Any = None) -> dict[str, Any]:
    """Several figures by key, those of one object together in one query; ``more`` narrows all of them."""
    by_model: dict[type[Record], list[Measure]] = {}
    for one in chosen:
        by_model.setdefault(one.model, []).append(one)
    found: dict[str, Any] = {}
    for model, group in by_model.items():
        parts = {f"figure_{place}": aggregate(one.formula, finding.condition(ctx, model, one.filter(ctx)))
                 for place, one in enumerate(group)}
        row = finding.select(ctx, model, tree=more).order_by().aggregate(**parts)
        found |= {one.key: row[f"figure_{place}"] for place, one in enumerate(group)}
    return found


def grouped(ctx: "Ctx", one: Measure, by: str, more: Any = None) -> dict[Any, Any]:
    """The figure for each value of a column."""
    found = rows(ctx, one, more).order_by().values(by).annotate(figure=aggregate(one.formula))
    return {row[by]: row["figure"] for row in found}


def aggregate(formula: str, only: Q | None = None) -> Any:
    """The formula as one SQL aggregate, over the rows of a condition. Raises ValueError for an unknown formula."""
    only = only or None
    kind, _colon, columns = formula.partition(":")
    match kind, columns.split(","):
        case "count", _:
            return Count("pk", filter=only)
        case "sum", [column]:
            return Sum(column, default=0, filter=only)
        case "avg", [column]:
            return Avg(column, filter=only)
        case "weighted", [amount, percent]:
            share = ExpressionWrapper(F(amount) * F(percent) / 100, output_field=plain.DecimalField(
                max_digits=24, decimal_places=4))
            return Sum(share, default=0, filter=only)
    raise ValueError(formula)
