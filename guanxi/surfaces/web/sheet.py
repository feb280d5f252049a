"""A table of records: cells with links and titles, headings to sort by, totals — in a fixed number of queries."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import formats
from django.utils.translation import gettext as _

from guanxi.kernel.records import Record
from guanxi.surfaces.web import addresses
from guanxi.surfaces.web.cells import Cell, cells, titles_of
from guanxi.surfaces.web.question import Question


@dataclass(slots=True)
class Row:
    """One line of a table."""

    record: Record
    url: str
    cells: list[Cell]
    log_url: str = ""
    edit_url: str = ""


def rows(asked: Question, records: list[Any]) -> list[Row]:
    """The lines of a page of records."""
    ctx, model, views = asked.ctx, asked.model, asked.columns
    titles = titles_of(ctx, records, views)
    editable = "update" in model.about.verbs and not ctx.read_only and bool(ctx.may("update", model))
    logs = "activities" in model.about.side and not ctx.read_only
    lines = []
    for record in records:
        line = cells(views, record, titles, editable)
        url = addresses.with_query(addresses.record_url(model, record.pk), as_of=asked.as_of)
        line[0].url = url
        for cell in line:
            cell.late = asked.moment is None and cell.field.key in getattr(record, "late_fields", ())
        lines.append(Row(record, url, line, addresses.log_url(model, record.pk) if logs else "",
                         addresses.edit_url(model, record.pk) if editable else ""))
    return lines


def headings(asked: Question) -> list[dict[str, Any]]:
    """The columns with the address that sorts by them: once upwards, again downwards."""
    now, descending = asked.sort.lstrip("-"), asked.sort.startswith("-")
    found = []
    for view in asked.columns:
        here = view.key == now or (now == "sort_key" and view.key == asked.model.about.title_name)
        flipped = view.key if here and descending else f"-{view.key}" if here else view.key
        found.append({"field": view, "width": asked.tab.widths.get(view.key) or "",
                      "sort": ("descending" if descending else "ascending") if here else "",
                      "sort_url": asked.url(sort=flipped) if view.sortable else ""})
    return found


def totals(asked: Question, found: QuerySet[Any]) -> list[dict[str, Any]]:
    """The sums of the money columns over everything found; nothing where no column is money."""
    summed = sums(asked, found)
    return [{"field": view, "label": _("Sum"), "text": view.text(summed[view.key]) if view.key in summed else ""}
            for view in asked.columns] if summed else []


def sums(asked: Question, found: QuerySet[Any]) -> dict[str, Any]:
    """What the money columns come to over everything found, by field."""
    keys = [view.key for view in asked.columns
            if view.kind == "money" and not view.custom and not view.masked and not view.secret]
    figures = found.order_by().aggregate(**{f"sum_{key}": Sum(key) for key in keys}) if keys else {}
    return {key: figures[f"sum_{key}"] for key in keys}


def grouped_number(value: int) -> str:
    """A count in the reader's grouping."""
    return formats.number_format(value, use_l10n=True, force_grouping=True)
