"""The calendar of a list: the rows of a span of days, and days changed by dragging."""

import datetime
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from guanxi.kernel.facts import FieldView
from guanxi.kernel.refusal import Missing, Refused
from guanxi.language import periods
from guanxi.surfaces.web import addresses, base
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.question import Question, key_of

#: More than this nobody reads in a month.
MOST_EVENTS = 1000
LONGEST = datetime.timedelta(days=100)


def face(asked: Question) -> dict[str, Any]:
    """The variables of ``calendar.html``."""
    view = day_field(asked)
    movable = "update" in asked.model.about.verbs and not view.readonly and not asked.ctx.read_only
    movable = movable and bool(asked.ctx.may("update", asked.model))
    return {"calendar": {
        "events_url": asked.below("events", face="calendar"), "start": asked.ctx.today.isoformat(),
        "now": wall_clock(asked.ctx.now), "view": "dayGridMonth",
        "move_url": f"{addresses.list_url(asked.model)}{{id}}/day" if movable else "",
    }}


def day_field(asked: Question) -> FieldView:
    """The field by which an object stands in its calendar."""
    if "calendar" not in asked.faces:
        raise Missing(_("This list has no calendar."))
    return asked.view_of(key_of(asked.model.about.calendar))


@page(methods=("GET",))
def events(request: PageRequest, slug: str) -> HttpResponse:
    """The rows between ``start`` and ``end`` as the calendar takes them."""
    asked = Question(request.ctx, base.model_or_missing(request, slug), request.GET)
    view = day_field(asked)
    first, last = bound(request, "start"), bound(request, "end")
    if last < first or last - first > LONGEST:
        raise Refused(_("A calendar shows at most %(days)s days at once.") % {"days": LONGEST.days}, field="end")
    low: Any = first
    high: Any = last
    if view.kind == "moment":
        low, high = periods.instants(first, last - datetime.timedelta(days=1))
    found = asked.found().filter(**{f"{view.key}__gte": low, f"{view.key}__lt": high}).order_by(view.key, "id")
    return JsonResponse([event(asked, view, record) for record in found[:MOST_EVENTS]], safe=False)


def event(asked: Question, view: FieldView, record: Any) -> dict[str, Any]:
    """One row in the calendar. Its version travels along, so that a drag overwrites nobody's change."""
    value = view.raw(record)
    moment = view.kind == "moment"
    return {"id": str(record.pk), "title": str(record),
            "url": addresses.with_query(addresses.record_url(asked.model, record.pk), as_of=asked.as_of),
            "start": wall_clock(value) if moment else value.isoformat(), "allDay": not moment,
            "extendedProps": {"version": record.version}}


def wall_clock(moment: datetime.datetime) -> str:
    """A moment as the reader's clock shows it, without a zone: the browser may stand in another one."""
    return timezone.localtime(moment).replace(tzinfo=None).isoformat(timespec="minutes")


def bound(request: PageRequest, name: str) -> datetime.date:
    """One end of the span: a day, or an instant of which the day counts."""
    text = base.param(request, name)[:40]
    try:
        moment = parse_datetime(text.replace(" ", "+")) if "T" in text else None
        day = parse_date(text[:10]) if moment is None else moment.date()
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2200:
        raise Refused(_("“%(name)s” must be a day.") % {"name": name}, field=name)
    return day


@page(methods=("POST",))
def move(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """Put a row on another day, through the same checks as the form. A moment keeps its time of day."""
    model = base.model_or_missing(request, slug)
    asked = Question(request.ctx, model, request.GET)
    view, record = day_field(asked), request.ctx.get(model, pk)
    text = request.POST.get("day", "")[:40].replace("\x00", "")
    if view.kind == "moment" and "T" not in text and (old := view.raw(record)) is not None:
        text = f"{text}T{timezone.localtime(old):%H:%M}"
    value = text[:10] if view.kind == "day" else text
    changed = request.ctx.update(record, version=base.posted_version(request), **{view.key: value})
    return base.done(request, _("“%(record)s”: %(field)s is %(value)s") % {
        "record": changed, "field": view.label, "value": view.text(view.raw(changed))})
