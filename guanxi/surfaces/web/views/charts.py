"""The chart of a list: what was found, grouped by a field and counted or added up; every bar opens its rows."""

import calendar
import datetime
import zlib
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from guanxi.kernel import reading
from guanxi.kernel.facts import FieldView
from guanxi.kernel.refusal import Refused
from guanxi.surfaces.web import columns
from guanxi.surfaces.web.question import Question, written
from guanxi.surfaces.web.sheet import grouped_number
from guanxi.surfaces.web.templatetags.web import compact

#: More bars than these nobody compares; what is left becomes one.
BARS = 24
#: No list is asked for more groups than these.
MOST_GROUPS = 2000
_SUMMED = ("money", "decimal", "integer")


@dataclass(frozen=True)
class Bar:
    """One group: its place among the others, what it is called, its figure, and the filter of its rows."""

    place: Any
    label: str
    value: Any
    condition: Any = None


def face(asked: Question, found: QuerySet[Any]) -> dict[str, Any]:
    """The variables of ``chart.html``."""
    view = grouping(asked)
    figure = summed(asked)
    bars = _folded(_bars(asked, view, _groups(found, view, figure)), is_time(view))
    total = sum(bar.value for bar in bars)

    def text(value: Any) -> str:
        return str(figure.text(value)) if figure is not None else grouped_number(int(value))

    rows = [{"label": bar.label, "value": float(bar.value), "text": text(bar.value), "short": compact(bar.value),
             "share": f"{100 * bar.value / total:.0f} %" if total else "",
             "url": _url(asked, bar) if bar.condition is not None else ""} for bar in bars]
    data = [{key: row[key] for key in ("label", "value", "text", "short", "url")} for row in rows]
    return {"chart": {
        "rows": rows, "data": data, "mark": zlib.crc32(repr(data).encode()), "total": text(total), "by": view.label,
        "figure": figure.label if figure else _("Number"),
        "groups": [{"key": one.key, "label": _("%(field)s (months)") % {"field": one.label} if is_time(one) else one.label,
                    "chosen": one.key == view.key} for one in asked.groupings],
        "figures": [{"key": "", "label": _("Number"), "chosen": figure is None}, *(
            {"key": one.key, "label": _("Sum of %(field)s") % {"field": one.label},
             "chosen": figure is not None and one.key == figure.key} for one in figures(asked))],
        "hidden": [(key, value) for key, value in asked.asked(face="chart", by=None, of=None).items()]}}


def is_time(view: FieldView) -> bool:
    return view.kind in ("day", "moment")


def grouping(asked: Question) -> FieldView:
    """The field the address or the view names; otherwise the board's, or the first there is."""
    wanted = asked.by
    known = {view.key: view for view in asked.groupings}
    if wanted and wanted not in known:
        raise Refused(_("A chart cannot be grouped by “%(field)s”.") % {"field": wanted[:40]}, field="by")
    board = asked.board_key
    return known.get(wanted) or known.get(board) or asked.groupings[0]


def figures(asked: Question) -> list[FieldView]:
    """The fields that can be added up."""
    return [view for view in asked.views if view.kind in _SUMMED and not (view.custom or view.masked or view.secret)]


def summed(asked: Question) -> FieldView | None:
    """The field to add up; None counts rows."""
    wanted = asked.of
    found = next((view for view in figures(asked) if view.key == wanted), None)
    if wanted and found is None:
        raise Refused(_("A chart cannot add up “%(field)s”.") % {"field": wanted[:40]}, field="of")
    return found


def _groups(found: QuerySet[Any], view: FieldView, figure: FieldView | None) -> list[tuple[Any, Any]]:
    """Each value of the field with its figure, in one query."""
    value: Any = F(view.attname)
    if is_time(view):
        zone = timezone.get_current_timezone() if view.kind == "moment" else None
        value = TruncMonth(view.key, tzinfo=zone)
    measure = Sum(figure.key, default=0) if figure is not None else Count("pk")
    rows = found.order_by().annotate(chart_group=value).values("chart_group").annotate(chart_figure=measure)
    return [(row["chart_group"], row["chart_figure"]) for row in rows[:MOST_GROUPS]]


def _bars(asked: Question, view: FieldView, groups: list[tuple[Any, Any]]) -> list[Bar]:
    """Groups in words: months, states and stages in their order, else the largest first, and nothing at the end."""
    if is_time(view):
        return sorted((_month(view, value, figure) for value, figure in groups), key=lambda bar: bar.place)
    places: dict[Any, tuple[Any, Any]]
    if view.target:
        known = reading.titles(asked.ctx, [(view.target, value) for value, _figure in groups if value is not None])
        named = {value: known.get((view.target, value), _("(no access)")) for value, _figure in groups}
        order = [column.value for column in columns.board_of(asked).columns] if view.key == asked.board_key else []
        places = {value: (order.index(value) if value in order else len(order), -figure) for value, figure in groups}
    else:
        named = {code: label for code, label, _tone in view.choices}
        places = {code: (place, 0) for place, (code, _label, _tone) in enumerate(view.choices)}
    bars = []
    for value, figure in groups:
        blank = value in (None, "")
        place = (blank, *places.get(value, (len(places), 0)))
        condition = [view.key, "empty"] if blank else [view.key, "in", [value]]
        bars.append(Bar(place, _("none") if blank else str(named.get(value, value)), figure, condition))
    return sorted(bars, key=lambda bar: bar.place)


def _month(view: FieldView, value: Any, figure: Any) -> Bar:
    if value is None:
        return Bar((True, datetime.date.max), _("none"), figure, [view.key, "empty"])
    first = value.date() if isinstance(value, datetime.datetime) else value
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return Bar((False, first), formats.date_format(first, "YEAR_MONTH_FORMAT"), figure,
               [view.key, "between", [first.isoformat(), last.isoformat()]])


def _folded(bars: list[Bar], newest: bool) -> list[Bar]:
    """So many bars as can be read: the latest months, or the first groups with the rest as one."""
    if len(bars) <= BARS:
        return bars
    if newest:
        return bars[-BARS:]
    rest = bars[BARS - 1:]
    return [*bars[:BARS - 1], Bar(None, _("%(n)s more") % {"n": len(rest)}, sum(bar.value for bar in rest))]


def _url(asked: Question, bar: Bar) -> str:
    """The table of the rows behind a bar."""
    return asked.url(face="table", by=None, of=None, f=written({"all": [*asked.parts, bar.condition]}))
