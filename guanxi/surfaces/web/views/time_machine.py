"""The time machine: lists and records as of a moment, to be looked at and compared with today, not worked on."""

import copy
import datetime
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.common import as_of, comparing
from guanxi.common.as_of import Snapshot
from guanxi.kernel import facts, registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.records import Record
from guanxi.surfaces.web import addresses, base, lines
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.question import Question
from guanxi.surfaces.web.views import record_facts, record_head

_DAY = datetime.timedelta(days=1)


def words(moment: datetime.datetime, given: str) -> str:
    """The moment as people say it; a day alone means its end."""
    local = timezone.localtime(moment)
    if ":" not in given:
        return _("As it stood at the end of %(day)s") % {"day": formats.date_format(local.date(), "DATE_FORMAT")}
    return _("As it stood on %(moment)s") % {"moment": formats.date_format(local, "DATETIME_FORMAT")}


# lists -------------------------------------------------------------------------------------------


def of_list(asked: Question) -> dict[str, Any]:
    """What a list says about its moment, and where one chooses another."""
    found: dict[str, Any] = {"as_of_url": asked.below("as-of")}
    if asked.moment is not None:
        found["as_of"] = {"words": words(asked.moment, asked.as_of), "back_url": asked.url(as_of=None),
                          "change_url": asked.below("as-of"), "compare_url": asked.below("compare"), "notes": []}
    return found


def without_commands(asked: Question, about: dict[str, Any]) -> dict[str, Any]:
    """What is said about the object; in the past nothing is created or imported."""
    return about if asked.moment is None else {**about, "can_create": False, "can_import": False, "bin_url": ""}


@page(methods=("GET",))
def choose(request: PageRequest, slug: str, pk: int | None = None) -> HttpResponse:
    """Which day: a date, or one of those people often look back to."""
    model = base.model_or_missing(request, slug)
    if pk is None:
        asked = Question(request.ctx, model, request.GET)
        target, kept, now = addresses.list_url(model), asked.asked(as_of=None), asked.as_of
    else:
        target, now = addresses.record_url(model, pk), base.param(request, "as_of")
        kept = {"list": base.param(request, "list")} if base.param(request, "list") else {}
    today = request.ctx.today
    day = timezone.localdate(as_of.moment_of(now, request.ctx.now)) if now else today - _DAY
    return base.render(request, "web/as_of_form.html", {
        "title": _("Time machine"), "target": target, "hidden": list(kept.items()), "day": day.isoformat(),
        "last": today.isoformat(), "cancel_url": target, "one": pk is not None, "compare_url": f"{target}compare", "days": [
            {"label": label, "day": one, "url": addresses.with_query(target, **{**kept, "as_of": one.isoformat()})}
            for label, one in often(today)]})


def often(today: datetime.date) -> list[tuple[str, datetime.date]]:
    """The days people look back to."""
    month = today.replace(day=1)
    quarter = month.replace(month=(today.month - 1) // 3 * 3 + 1)
    return [(_("Yesterday"), today - _DAY), (_("A week ago"), today - 7 * _DAY), (_("End of last month"), month - _DAY),
            (_("End of last quarter"), quarter - _DAY), (_("End of last year"), today.replace(month=1, day=1) - _DAY)]


# one record --------------------------------------------------------------------------------------


def show(request: PageRequest, model: type[Record], pk: int) -> HttpResponse:
    """One record as it stood, with today's value beside each that is another one; with ``to`` that of another moment."""
    ctx, given, to = copy.copy(request.ctx), base.param(request, "as_of"), base.param(request, "to")
    ctx.read_only = True
    found = as_of.snapshot(ctx, model, pk, as_of.moment_of(given, ctx.now))
    other = as_of.snapshot(ctx, model, pk, as_of.moment_of(to, ctx.now, "to")) if to else None
    record, listed = found.record, base.param(request, "list")
    told = record_facts.told(ctx, record, False, False)
    told["sections"], changed = _compared(ctx, record, other.record if other else found.today, told["sections"])
    url = addresses.record_url(model, pk)
    around = record_head.neighbours(ctx, record, listed)
    return base.render(request, "web/as_of.html", {
        **told, **around, "object": base.about_object(request, model), "record": record, "title": str(record),
        "path": record_head.path(ctx, record, False, found.moment), "lines": lines.card(ctx, record, request),
        "history_url": "" if found.today.deleted_at else f"/history/{registry.slug(model)}/{pk}",
        "other_label": _short(other.moment) if other else _("Today"),
        "as_of": {"words": words(found.moment, given), "notes": _notes(ctx, found, other, changed),
                  "back_url": _today(found, url, listed),
                  "change_url": addresses.with_query(f"{url}/as-of", as_of=given, list=listed)}})


def _short(moment: datetime.datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT")


def _today(found: Snapshot, url: str, listed: str) -> str:
    """The page of today: the record's, or its list where it is in the recycle bin."""
    if found.today.deleted_at is not None:
        return addresses.list_url(type(found.today))
    params = QueryDict(listed, mutable=True)
    params.pop("as_of", None)
    return addresses.with_query(url, list=params.urlencode())


def _compared(ctx: Ctx, record: Record, other: Record, sections: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Each fact with the other one beside it where they differ, and how many do."""
    beside = {item.field.key: item for part in record_facts.told(ctx, other, False, False)["sections"]
              for item in part["items"]}
    differ = {change.view.key for change in comparing.differing(comparing.told(ctx, type(record)), record, other)}
    told = [{**part, "items": [{"item": item, "other": beside[item.field.key] if item.field.key in differ else None}
                               for item in part["items"]]} for part in sections]
    return told, len(differ)


def _notes(ctx: Ctx, found: Snapshot, second: Snapshot | None, changed: int) -> list[str]:
    """How the other state differs, in words."""
    notes, other = [], second.record if second else found.today
    if changed and second:
        notes.append(ngettext(
            "%(n)s field was different on %(day)s.", "%(n)s fields were different on %(day)s.", changed) % {
                "n": changed, "day": _short(second.moment)})
    elif changed:
        notes.append(ngettext("%(n)s field is different today.", "%(n)s fields are different today.", changed) % {
            "n": changed})
    for kind in type(found.record).line_lists:
        then, now = (_values(ctx, getattr(one, kind.name)) for one in (found.record, other))
        if then != now and second:
            notes.append(_("“%(lines)s” were different on %(day)s: %(count)s.") % {
                "lines": kind.verbose_name, "day": _short(second.moment), "count": kind.text(now) or _("none")})
        elif then != now:
            notes.append(_("“%(lines)s” are different today: %(count)s.") % {
                "lines": kind.verbose_name, "count": kind.text(now) or _("none")})
    if found.today.deleted_at is not None:
        notes.append(_("Today it is in the recycle bin."))
    return notes or [_("Nothing has changed since.") if second is None else _("Nothing was different.")]


def _values(ctx: Ctx, rows: list[Record]) -> list[Any]:
    """What the actor may see of some lines, to be compared."""
    return [[row.pk, *(view.raw(row) for view in facts.fields(type(row), ctx)
                       if not (view.masked or view.secret or view.key in facts.SYSTEM_KEYS))] for row in rows]
