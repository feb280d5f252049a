"""Measures: each figure of the product is defined once, computed within the reader's rights, and opens its rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Avg, Count, ExpressionWrapper, F, QuerySet, Sum
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


def grouped(ctx: "Ctx", one: Measure, by: str, more: Any = None) -> dict[Any, Any]:
    """The figure for each value of a column."""
    found = rows(ctx, one, more).order_by().values(by).annotate(figure=aggregate(one.formula))
    return {row[by]: row["figure"] for row in found}


def aggregate(formula: str) -> Any:
    """The formula as one SQL aggregate. Raises ValueError for an unknown formula."""
    kind, _colon, columns = formula.partition(":")
    match kind, columns.split(","):
        case "count", _:
            return Count("pk")
        case "sum", [column]:
            return Sum(column, default=0)
        case "avg", [column]:
            return Avg(column)
        case "weighted", [amount, percent]:
            share = ExpressionWrapper(F(amount) * F(percent) / 100, output_field=plain.DecimalField(
                max_digits=24, decimal_places=4))
            return Sum(share, default=0)
    raise ValueError(formula)
