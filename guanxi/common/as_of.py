"""As of a moment: records as they stood then, made from the rows of today by taking back every entry since.

What may be seen is decided by the rights the actor has today, on the rows as they are today: objects, rows, fields, masks.
A row in the recycle bin counts as if it were not there. What was never written down — secrets — stays unknown.
"""

import copy
import datetime
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Max, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import fields as f
from guanxi.kernel import operations, policy
from guanxi.kernel.entries import Entry
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Missing, Refused
from guanxi.language import periods

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

R = TypeVar("R", bound=Record)
#: Entries that move a row into the bin or out of it without stamping who changed it.
_BINNED = Q(verb__endswith=".delete") | Q(verb__endswith=".restore")
_INSTANT = datetime.timedelta(microseconds=1)


@dataclass(frozen=True)
class Snapshot:
    """A record as it stood at a moment, and as it is today."""

    moment: datetime.datetime
    record: Any
    today: Any


def moment_of(text: str, now: datetime.datetime, field: str = "as_of") -> datetime.datetime:
    """The moment somebody means: a day is meant with all that happened on it. Refused where it lies ahead."""
    try:
        found = _end_of(f.Day().parse(text), now)
    except ValueError:
        found = _instant(text, field)
    if found is None:
        raise Refused(_("A day or a moment is needed, such as 2026-05-01 or 2026-05-01T08:00:00Z."), field=field)
    if found > now:
        raise Refused(_("“%(moment)s” lies ahead: choose a moment that has passed.") % {"moment": text[:40]}, field=field)
    return found


def _instant(text: str, field: str) -> Any:
    """A moment to the fraction of a second, where it is written so."""
    with suppress(ValueError):
        exact = datetime.datetime.fromisoformat(text)
        if exact.tzinfo is not None:
            return exact.astimezone(datetime.UTC)
    try:
        return f.Moment().parse(text)
    except ValueError as error:
        raise Refused(str(error), field=field) from error


def _end_of(day: datetime.date | None, now: datetime.datetime) -> datetime.datetime | None:
    if day is None:
        return None
    first, last = periods.instants(day, day)
    assert first is not None
    assert last is not None
    return last - _INSTANT if last <= now else max(now, first)


def within_rights(ctx: "Ctx", model: type[R]) -> QuerySet[R]:
    """Every row of an object that the actor may see today, those in the recycle bin too."""
    allowed = policy.rows(ctx, model, "view")
    found: Any = model._default_manager.all()
    if allowed.none:
        return found.none()
    if policy.title_withheld(ctx, model):
        found = found.annotate(title_withheld=Value(True))
    return found if allowed.q is None else found.filter(allowed.q)


def snapshot(ctx: "Ctx", model: type[R], pk: Any, moment: datetime.datetime) -> Snapshot:
    """One record as it stood, with its lines. Missing says whether it was not there yet, or in the bin."""
    today = within_rights(ctx, model).filter(pk=pk).first()
    if today is None:
        raise Missing(_("There is no such %(object)s.") % {"object": model.about.one})
    found = rebuilt([copy.copy(today)], moment)
    if not found:
        raise Missing(_("“%(record)s” was not there yet: it was created later.") % {"record": today}, record=today)
    record = found[0]
    if record.deleted_at is not None:
        raise Missing(_("“%(record)s” was in the recycle bin at that moment.") % {"record": today}, record=today)
    for lines in model.line_lists:
        record.held_lines[lines.name] = _lines(record, lines, moment)
    return Snapshot(moment, record, today)


def rebuilt(rows: Sequence[R], moment: datetime.datetime) -> list[R]:
    """Rows of one object as they stood; those that came into being later are absent. The rows given are changed."""
    if not rows:
        return []
    name, known = object_name(rows[0]), {row.pk: row for row in rows}
    later = Entry.objects.filter(object_type=name, object_id__in=list(known), at__gt=moment).order_by("-pk")
    sources = _sources(type(rows[0]))
    unborn: set[int] = set()
    touched: dict[int, int] = {}
    for entry in later.only("object_type", "object_id", "verb", "version", "changes"):
        pk = int(entry.object_id or 0)
        if _made(entry):
            unborn.add(pk)
        elif entry.changes:
            touched[pk] = entry.version
            _take_back(known[pk], entry.changes, sources)
    found = [row for pk, row in known.items() if pk not in unborn]
    _stamp([row for row in found if row.pk in touched], moment, touched)
    for row in found:
        row.fill_sort_key()
    return found


def _made(entry: Entry) -> bool:
    """Did the record come into being with this entry? A change of a stored row always counts its version up."""
    return entry.version <= 1 and (bool(entry.changes) or entry.word in ("create", "import"))


def _sources(model: type[Record]) -> dict[str, Any]:
    """The fields an entry can tell of, by name."""
    return {source.name: source for source in model._meta.concrete_fields
            if not getattr(source, "secret", source.name == "password")}


def _take_back(row: Record, changes: dict[str, Any], sources: dict[str, Any]) -> None:
    """Put the values before a change; fields that are no more are passed over."""
    for name, pair in changes.items():
        if name.startswith("extra.") or name in sources:
            operations.put(row, name, pair[0])


def _stamp(rows: Iterable[Record], moment: datetime.datetime, versions: dict[int, int]) -> None:
    """Who had changed the rows last, when, and which version they had."""
    by_id = {row.pk: row for row in rows}
    if not by_id:
        return
    name = object_name(next(iter(by_id.values())))
    before = Entry.objects.filter(object_type=name, object_id__in=list(by_id), at__lte=moment).exclude(changes={})
    marks = {pk: (last, written) for pk, last, written in before.order_by().values("object_id").annotate(
        last=Max("pk"), written=Max("pk", filter=~_BINNED)).values_list("object_id", "last", "written")}
    entries = Entry.objects.only("at", "actor_id", "version").in_bulk(set(chain.from_iterable(marks.values())) - {None})
    for pk, row in by_id.items():
        last, written = marks.get(pk, (None, None))
        row.version = entries[last].version if last else max(1, versions[pk] - 1)
        row.updated_at = entries[written].at if written else row.created_at
        row.updated_by_id = entries[written].actor_id if written else row.created_by_id


def _lines(record: Record, lines: f.Lines, moment: datetime.datetime) -> list[Any]:
    """The lines of a document as they stood: its own entries and those of the lines taken back together."""
    link, name = lines.model.about.parent_name, object_name(lines.model)
    rows = {row.pk: row for row in lines.model._default_manager.filter(**{link: record.pk})}
    told = Q(object_type=object_name(record), object_id=record.pk) | Q(object_type=name, object_id__in=list(rows))
    sources, stamped = _sources(lines.model), set[int]()
    for entry in Entry.objects.filter(told).order_by("-pk").defer("inputs"):
        own = rows[int(entry.object_id or 0)] if entry.object_type == name else None
        before, after = entry.changes.get(lines.name) or ({}, {})
        if entry.at <= moment:
            touched = {int(pk) for pk in after} if own is None else {own.pk} if _writes(entry) else set()
            for row in (rows[pk] for pk in touched - stamped):
                row.updated_at, row.updated_by_id = entry.at, entry.actor_id
            stamped |= touched
        elif own is None:
            _take_lines_back(rows, before, after, sources)
        elif entry.changes:
            own.version = entry.version - 1
            _take_back(own, entry.changes, sources)
    there = [row for row in rows.values() if row.deleted_at is None]
    for row in there:
        row.fill_sort_key()
    return sorted(there, key=lambda row: (row.position, row.pk))


def _writes(entry: Entry) -> bool:
    return bool(entry.changes) and entry.word not in ("delete", "restore")


def _take_lines_back(rows: dict[int, Any], before: dict[str, Any], after: dict[str, Any], sources: dict[str, Any]) -> None:
    """Added lines go, removed ones come back, changed ones get their former values; each had counted up."""
    for pk in before.keys() | after.keys():
        rows[int(pk)].version -= 1
    for pk in after.keys() - before.keys():
        rows[int(pk)].deleted_at = timezone.now()
    for pk, values in before.items():
        row = rows[int(pk)]
        if pk not in after:
            row.deleted_at = None
        _take_back(row, {key: [value] for key, value in values.items()}, sources)
