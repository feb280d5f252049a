"""Undo: take back a whole operation; what was changed since is left as it is and listed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import documents, registry, writing
from guanxi.kernel.entries import Entry, Operation, removal_time
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Denied, Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

#: How long an operation may be taken back.
UNDO_DAYS = 30
#: New records binned at a time.
BATCH = 500


@dataclass
class Undone:
    """What an undo did: how many records went back, and which did not, with the reason."""

    operation_id: int
    restored: int = 0
    conflicts: list[tuple[str, int, str, str]] = field(default_factory=list)


def begin(ctx: "Ctx", kind: str, title: Any) -> Operation:
    """An operation that takes more than one transaction: a long import. ``finish`` it, whatever comes of it."""
    made = Operation(kind=kind, title=str(title)[:300], actor=ctx.user, at=timezone.now())
    made.save(force_insert=True)
    return made


@contextmanager
def within(ctx: "Ctx", operation_id: int | None) -> Iterator[None]:
    """What is written belongs to an operation that was begun before."""
    outer = ctx.operation_now
    ctx.operation_now = Operation.objects.get(pk=operation_id) if operation_id else None
    try:
        yield
    finally:
        ctx.operation_now = outer


def finish(operation_id: int, state: str = Operation.State.DONE, **figures: Any) -> None:
    """The end of an operation that was begun."""
    Operation.objects.filter(pk=operation_id, state=Operation.State.RUNNING).update(state=state, figures=figures)


def touched(ctx: "Ctx", operation_id: int, model: type[Record], word: str) -> Any:
    """The records of an object that an operation created or updated, as far as the actor sees them."""
    name = object_name(model)
    entries = Entry.objects.filter(operation=operation_id, object_type=name, verb=f"{name}.{word}")
    return ctx.find(model).filter(pk__in=entries.values("object_id"))


def latest(kind: str) -> Operation | None:
    """The newest operation of a kind, unless it failed or was taken back."""
    newest = Operation.objects.filter(kind=kind).exclude(state=Operation.State.FAILED).order_by("-pk").first()
    return None if newest is None or newest.state == Operation.State.UNDONE else newest


def brought_in(operation_id: int) -> list[tuple[str, int]]:
    """Everything an operation created, or took out of the recycle bin: object and id, the last first."""
    entries = Entry.objects.filter(operation=operation_id)
    words = Q(verb__endswith=".create") | Q(verb__endswith=".import") | Q(verb__endswith=".restore")
    pairs: Any = entries.filter(words).order_by("-pk").values_list("object_type", "object_id")
    return list(dict.fromkeys(pairs))


def changed_since(operation_id: int) -> set[tuple[str, int]]:
    """What anybody has changed, created or binned since an operation, apart from the operation itself."""
    first = Entry.objects.filter(operation=operation_id).order_by("pk").values_list("pk", flat=True).first()
    later = Entry.objects.filter(Q(operation=None) | ~Q(operation=operation_id), pk__gt=first or 0).exclude(changes={})
    pairs: Any = later.values_list("object_type", "object_id")
    return set(pairs)


def taken_back(operation_id: int) -> None:
    """Note that an operation was taken back by other means than ``undo``."""
    Operation.objects.filter(pk=operation_id).update(state=Operation.State.UNDONE)


def undo(ctx: "Ctx", operation_id: int) -> Undone:
    """Take back an operation of one's own, or anybody's as an administrator. Raises Refused."""
    with ctx.door("kernel.operation.undo"):
        operation = Operation.objects.select_for_update().filter(pk=operation_id).first()
        _may_undo(ctx, operation)
        assert operation is not None
        result = Undone(0)
        with ctx.operation("undo", _("Undo: %(title)s") % {"title": operation.title}) as made:
            made.undoes = operation
            result.operation_id = made.pk
            entries = Entry.objects.filter(operation=operation).order_by("-id").iterator(chunk_size=1000)
            for created, group in groupby(entries, key=_group):
                while batch := list(islice(group, BATCH)):
                    for entry in _bin_created(ctx, batch, result) if created else batch:
                        _take_back(ctx, entry, result)
            made.figures = {"done": result.restored, "refused": len(result.conflicts)}
        operation.state = Operation.State.UNDONE
        operation.save(update_fields=["state"])
    return result


def _may_undo(ctx: "Ctx", operation: Operation | None) -> None:
    if operation is None or not (ctx.system or ctx.rights.administrator or operation.actor_id == ctx.user_id):
        raise Refused(_("There is no such operation."))
    if operation.state != Operation.State.DONE:
        raise Refused(_("This operation is not there to be undone: it is “%(state)s”.") % {
            "state": Operation.State(operation.state).label})
    if (timezone.now() - operation.at).days > UNDO_DAYS:
        raise Denied(_("Operations older than %(days)s days cannot be undone.") % {"days": UNDO_DAYS})


def _made(entry: Entry) -> bool:
    return entry.word in ("create", "import") and entry.version <= 1


def _group(entry: Entry) -> str:
    """Entries of records that came into being go back many at a time: by object; all others one by one."""
    return entry.object_type if _made(entry) else ""


def _bin_created(ctx: "Ctx", batch: list[Entry], result: Undone) -> list[Entry]:
    """Bin the new records that nobody touched or uses; the entries of all others are left to be looked at singly."""
    model, ids = registry.model_of(batch[0].object_type), [entry.object_id for entry in batch]
    rows = {row.pk: row for row in model._default_manager.select_for_update(of=("self",), no_key=True).filter(
        pk__in=ids, deleted_at=None)}
    operation: Any = batch[0].operation_id
    later = Entry.objects.filter(object_type=batch[0].object_type, object_id__in=ids).exclude(operation_id=operation)
    busy = set(later.exclude(operation__undoes=operation).exclude(changes={}).values_list("object_id", flat=True))
    for other, source in registry.links_to(model):
        busy |= set(other._default_manager.filter(**{f"{source.name}__in": ids}, deleted_at=None).values_list(
            f"{source.name}_id", flat=True))
    free = [row for pk, row in rows.items() if pk not in busy]
    model._default_manager.filter(pk__in=[row.pk for row in free]).update(deleted_at=ctx.now, version=F("version") + 1)
    for row in free:
        row.deleted_at, row.version = ctx.now, row.version + 1
        writing.note(ctx, row, "delete", {"deleted_at": [None, removal_time(ctx.now)]})
        ctx.unit.removed.setdefault(batch[0].object_type, set()).add(row.pk)
        ctx.unit.indexed.pop((batch[0].object_type, row.pk), None)
    result.restored += len(free)
    done = {row.pk for row in free}
    return [entry for entry in batch if entry.object_id not in done]


def _take_back(ctx: "Ctx", entry: Entry, result: Undone) -> None:
    """Invert one entry, unless the record has been changed since."""
    model = registry.model_of(entry.object_type)
    record = model._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=entry.object_id).first()
    if record is None:
        return
    created = _made(entry)
    problem = _changed_since(record, entry, created)
    if problem:
        result.conflicts.append((entry.object_type, record.pk, str(record), str(problem)))
        return
    try:
        with transaction.atomic():
            _invert(ctx, record, entry, created)
        result.restored += 1
    except (Refused, IntegrityError) as refusal:
        reason = refusal.reason if isinstance(refusal, Refused) else str(writing.explain(record, refusal).reason)
        result.conflicts.append((entry.object_type, record.pk, str(record), reason))


def _changed_since(record: Record, entry: Entry, created: bool) -> Any:
    """Why the entry cannot be inverted, or nothing."""
    if created:
        operation: Any = entry.operation_id
        later = Entry.objects.filter(object_type=entry.object_type, object_id=entry.object_id, pk__gt=entry.pk).exclude(
            operation_id=operation).exclude(operation__undoes=operation).exclude(changes={})
        if record.deleted_at is not None:
            return _("It is in the recycle bin already.")
        return _("It was changed since.") if later.exists() else ""
    for name, (old, new) in entry.changes.items():
        if _lines(record, name):
            rows = {str(row.pk): row for row in getattr(record, name)}
            now: Any = {pk: {key: current(row, key) for key in new.get(pk, ())} for pk, row in rows.items()
                        if pk in new or pk in old}
        else:
            now = current(record, name)
        if now != new:
            return _("“%(field)s” was changed since.") % {"field": label(record, name)}
    return ""


def current(record: Record, name: str) -> Any:
    """The value a field holds now, as entries write it."""
    if name.startswith("extra."):
        return record.extra.get(name[6:])
    source: Any = record._meta.get_field(name)
    value = getattr(record, source.attname)
    return source.plain(value) if hasattr(source, "plain") else value


def _lines(record: Record, name: str) -> Any:
    """The line list of this name, if it is one."""
    return next((one for one in record.line_lists if one.name == name), None)


def label(record: Record, name: str) -> str:
    """A field's name for people."""
    if lines := _lines(record, name):
        return str(lines.verbose_name)
    if name.startswith("extra."):
        return name[6:]
    return str(record._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _invert(ctx: "Ctx", record: Record, entry: Entry, created: bool) -> None:
    if created:
        writing.delete(ctx, record)
    elif "deleted_at" in entry.changes and entry.word == "delete":
        _swap_bin(ctx, record, back=True)
    elif "deleted_at" in entry.changes:
        _swap_bin(ctx, record, back=False)
    else:
        for name, (old, new) in entry.changes.items():
            if lines := _lines(record, name):
                _put_lines(record, lines, old, new)
            else:
                put(record, name, old)
        documents.save(ctx, record, verb="undo")


def _put_lines(record: Record, lines: Any, old: dict[str, Any], new: dict[str, Any]) -> None:
    """The lines as they were: added ones go, removed ones come back, changed ones get their former values."""
    rows = {str(row.pk): row for row in getattr(record, lines.name) if str(row.pk) in old or str(row.pk) not in new}
    for pk, values in old.items():
        row = rows.setdefault(pk, lines.model._default_manager.get(pk=pk))
        row.deleted_at = None
        for name, plain in values.items():
            put(row, name, plain)
    setattr(record, lines.name, sorted((row for row in rows.values() if not row.deleted_at), key=lambda row: row.position))


def _swap_bin(ctx: "Ctx", record: Record, back: bool) -> None:
    """Each record of a deletion has an entry of its own, so only this one moves."""
    if back:
        writing.restore_one(ctx, record)
    else:
        writing.delete(ctx, record)


def put(record: Record, name: str, plain: Any) -> None:
    """Set a field from the value an entry holds."""
    if name.startswith("extra."):
        if plain is None:
            record.extra.pop(name[6:], None)
        else:
            record.extra[name[6:]] = plain
        return
    source: Any = record._meta.get_field(name)
    value = plain if source.is_relation else source.to_python(plain)
    if value is None and not source.null:
        value = source.get_default()
    setattr(record, source.attname, value)
