"""What has changed between two moments: the rows of a list that came, went or are otherwise, and what the list comes to."""

import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guanxi.common import as_of, comparing
from guanxi.common.comparing import CAME, LEFT, Compared, Difference
from guanxi.common.past import Change
from guanxi.kernel import paging, reading
from guanxi.kernel.facts import FieldView
from guanxi.surfaces.web import addresses, base, filters, sheet
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.question import Question

#: As many records are shown one by one.
SHOWN = 200
#: As many facts tell what a new or a deleted record is.
FACTS = 4
#: How a difference is called, and its colour.
KINDS = {
    "new": (gettext_lazy("New"), "green"), "came": (gettext_lazy("Came into the list"), "green"),
    "gone": (gettext_lazy("Deleted"), "red"), "left": (gettext_lazy("Left the list"), "amber"),
    "changed": (gettext_lazy("Changed"), "blue")}


@page(methods=("GET",))
def of_list(request: PageRequest, slug: str) -> HttpResponse:
    """A list at two moments; without any the last week."""
    given = request.GET.copy()
    if not given.get("as_of"):
        given["as_of"] = (request.ctx.today - datetime.timedelta(days=7)).isoformat()
    asked = Question(request.ctx, base.model_or_missing(request, slug), given)
    to = asked.param("to")
    last = as_of.moment_of(to, request.ctx.now, "to") if to else None
    assert asked.moment is not None
    found = comparing.compared(request.ctx, asked.model, asked.moment, last, asked.select)
    today = request.ctx.today
    return base.render(request, "web/compare.html", {
        "title": _("What has changed"), "object": base.about_object(request, asked.model), "view_label": asked.tab.label,
        "filters": [chip["sentence"] for chip in filters.chips(asked)], "q": asked.q, "list_url": asked.url(as_of=None),
        "compare_url": f"{addresses.list_url(asked.model)}compare", "hidden": list(asked.asked(as_of=None).items()),
        "first": _day(asked.moment).isoformat(), "last": _day(last).isoformat() if last else today.isoformat(),
        "today": today.isoformat(), "figures": _figures(asked, found), "kinds": _kinds(found.differences),
        "rows": _rows(asked, found.differences[:SHOWN], to), "more_text": _more(len(found.differences) - SHOWN)})


def _day(moment: datetime.datetime) -> datetime.date:
    return timezone.localdate(moment)


def _figures(asked: Question, found: Compared) -> list[dict[str, str]]:
    """How many rows there were and are, and what their money comes to."""
    before, after = (paging.count(rows) for rows in (found.earlier, found.later))
    capped = max(before, after) > paging.COUNT_CAP
    told = [{"label": _("Records"), "before": _count(before), "after": _count(after),
             "difference": "" if capped else _signed(after - before, sheet.grouped_number)}]
    if capped:
        return told
    views = {view.key: view for view in asked.columns}
    then, now = sheet.sums(asked, found.earlier), sheet.sums(asked, found.later)
    for key, view in ((key, views[key]) for key in then):
        old, new = then[key] or 0, now[key] or 0
        told.append({"label": view.label, "before": view.text(old), "after": view.text(new),
                     "difference": _signed(new - old, view.text)})
    return told


def _count(number: int) -> str:
    return sheet.grouped_number(number) if number <= paging.COUNT_CAP else f"{sheet.grouped_number(paging.COUNT_CAP)}+"


def _signed(number: Any, text: Any) -> str:
    """A difference with its sign; none where there is none."""
    return f"+{text(number)}" if number > 0 else f"−{text(-number)}" if number < 0 else ""


def _kind(one: Difference) -> str:
    """New and deleted records are named as what they are."""
    if one.kind == CAME and one.before is None:
        return "new"
    return "gone" if one.kind == LEFT and one.after is None else one.kind


def _kinds(differences: list[Difference]) -> list[dict[str, Any]]:
    """How many there are of each kind."""
    counts = dict.fromkeys(KINDS, 0)
    for one in differences:
        counts[_kind(one)] += 1
    return [{"label": KINDS[kind][0], "colour": KINDS[kind][1], "count": sheet.grouped_number(count)}
            for kind, count in counts.items() if count]


def _rows(asked: Question, differences: list[Difference], last: str) -> list[dict[str, Any]]:
    """One line for each record: its changes, or what it is where it was there at one of the moments only."""
    told = [view for view in asked.columns if view.key != asked.model.about.title_name]
    alone = [one.record for one in differences if not one.changes]
    wanted = {link for one in differences for change in one.changes for link in change.links()}
    known = reading.titles(asked.ctx, wanted) | reading.titles_of(asked.ctx, alone, told)
    rows = []
    for one in differences:
        facts_ = ((view.label, reading.text(view, one.record, known)) for view in told) if not one.changes else ()
        rows.append({
            "title": str(one.record), "url": _url(one, asked.as_of, last), "label": KINDS[_kind(one)][0],
            "colour": KINDS[_kind(one)][1], "facts": [pair for pair in facts_ if pair[1]][:FACTS],
            "changes": [{"label": change.view.label, "old": change.words(change.old, known),
                         "new": change.words(change.new, known)} for change in _chosen(one, told)]})
    return rows


def _chosen(one: Difference, columns: list[FieldView]) -> list[Change]:
    """What people changed, states, and what the list shows; what follows from other fields only where it is all."""
    shown = {view.key for view in columns}
    chosen = [change for change in one.changes
              if not change.view.readonly or change.view.kind == "state" or change.view.key in shown]
    return chosen or one.changes


def _url(one: Difference, first: str, last: str) -> str:
    """The record at both moments; at the one at which it was there."""
    url = addresses.record_url(type(one.record), one.record.pk)
    if one.before is None:
        return addresses.with_query(url, as_of=last)
    return addresses.with_query(url, as_of=first, to=last if one.after is not None else "")


def _more(left: int) -> str:
    """What is said below the rows where some are not shown."""
    return ngettext("%(n)s further record is not shown: narrow the filter.",
                    "%(n)s further records are not shown: narrow the filter.", left) % {
                        "n": sheet.grouped_number(left)} if left > 0 else ""
