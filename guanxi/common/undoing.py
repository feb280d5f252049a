"""Undo: take back a whole operation; what was changed since is left as it is and listed."""

from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.common import merging
from guanxi.kernel import documents, operations, recycling, registry, writing
from guanxi.kernel.entries import SECRET, Entry, Operation, removal_time
from guanxi.kernel.records import Record
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
            entries = _to_invert(operation).order_by("-id").iterator(chunk_size=1000)
            left: dict[Entry, Any] = {}
            for created, group in groupby(entries, key=_group):
                while batch := list(islice(group, BATCH)):
                    for entry in _bin_created(ctx, batch, result) if created else batch:
                        _take_back(ctx, entry, result, left)
            before = -1
            while left and len(left) != before:  # what is refused may go once the rest has gone
                before = len(left)
                for entry in list(left):
                    _take_back(ctx, entry, result, left)
            result.conflicts = list({conflict[:2]: conflict for conflict in left.values()}.values())
            merging.lead_back(operation)
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


def _to_invert(operation: Operation) -> Any:
    """The entries of an operation but for later ones of records that came into being with it: those go as they are."""
    made = Q(version__lte=1) & (Q(verb__endswith=".create") | Q(verb__endswith=".import"))
    birth = operation.entries.filter(made, object_type=OuterRef("object_type"), object_id=OuterRef("object_id"))
    return operation.entries.filter(made | ~Exists(birth)).exclude(~made, changes={})


def _made(entry: Entry) -> bool:
    return entry.word in ("create", "import") and entry.version <= 1


def _group(entry: Entry) -> str:
    """Entries of records that came into being go back many at a time: by object; all others one by one."""
    return entry.object_type if _made(entry) else ""


def _bin_created(ctx: "Ctx", batch: list[Entry], result: Undone) -> list[Entry]:
    """Bin the new records that nobody touched or uses; the entries of all others are left to be looked at singly."""
    model, ids = registry.model_of(batch[0].object_type), [entry.object_id for entry in batch]
    rows = {row.pk: row for row in model._default_manager.select_for_update(of=("self",)).filter(
        pk__in=ids, deleted_at=None).order_by("pk")}
    busy = set(_later(batch[-1], ids).values_list("object_id", flat=True))
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


def _later(entry: Entry, ids: list[Any]) -> Any:
    """What others have changed since in records that came into being with an entry's operation."""
    operation: Any = entry.operation_id
    later = Entry.objects.filter(object_type=entry.object_type, object_id__in=ids, pk__gt=entry.pk)
    return later.exclude(operation=operation).exclude(operation__undoes=operation).exclude(changes={}).order_by("pk")


def _take_back(ctx: "Ctx", entry: Entry, result: Undone, left: dict[Entry, Any]) -> None:
    """Invert one entry, unless the record has been changed since; what stays is kept in ``left`` with the reason."""
    model = registry.model_of(entry.object_type)
    record = model._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=entry.object_id).first()
    created = _made(entry)
    problem = _changed_since(record, entry, created) if record is not None else ""
    if record is None or (created and record.deleted_at and not problem):
        return
    try:
        if problem:
            raise Refused(problem)
        with transaction.atomic():
            _invert(ctx, record, entry, created)
        result.restored += 1
        left.pop(entry, None)
    except (Refused, IntegrityError) as refusal:
        reason = refusal.reason if isinstance(refusal, Refused) else str(writing.explain(record, refusal).reason)
        left[entry] = (entry.object_type, record.pk, str(record), reason)


def _changed_since(record: Record, entry: Entry, created: bool) -> Any:
    """Why the entry cannot be inverted, or nothing."""
    if created:
        binned = _("It is in the recycle bin already.") if record.deleted_at else ""
        return (binned or _("It was changed since.")) if _other_than_made(record, entry) else ""
    for name, (old, new) in entry.changes.items():
        if _lines(record, name):
            rows = {str(row.pk): row for row in getattr(record, name)}
            now: Any = {pk: {key: current(row, key) for key in new.get(pk, ())} for pk, row in rows.items()
                        if pk in new or pk in old}
        else:
            now = current(record, name)
        if new == SECRET:
            return _("“%(field)s” is secret: what it held before is not written down.") % {"field": label(record, name)}
        if now != new:
            return _("“%(field)s” was changed since.") % {"field": label(record, name)}
    return ""


def _other_than_made(record: Record, entry: Entry) -> bool:
    """Do the changes made since leave anything other than it was? One that was taken back again does not."""
    first: dict[Any, Any] = {}
    last: dict[Any, Any] = {}
    for changes in _later(entry, [record.pk]).values_list("changes", flat=True):
        for name, pair in changes.items():
            old, new = ({(pk, key): value for pk, row in one.items() for key, value in row.items()}
                        if _lines(record, name) else {name: one} for one in pair)
            for key in {**old, **new}:
                first.setdefault(key, old.get(key))
                last[key] = new.get(key)
    return any(first[key] != last[key] or last[key] == SECRET for key in first)


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
    """Each record of a deletion or a restoration has an entry of its own, so only this one moves."""
    if created or ("deleted_at" in entry.changes and entry.word != "delete"):
        going = [record, *(row for lines in record.line_lists if created for row in getattr(record, lines.name))]
        recycling.wait_for(going)
        if users := recycling.dependants(record, going):
            raise recycling.in_use(record, users)
        operations.put(record, "deleted_at", entry.changes.get("deleted_at", [None])[0])
        recycling.put_away(ctx, going, record.deleted_at)
    elif "deleted_at" in entry.changes:
        recycling.restore_one(ctx, record)
    else:
        for name, (old, new) in entry.changes.items():
            if lines := _lines(record, name):
                _put_lines(record, lines, old, new)
            else:
                operations.put(record, name, old)
        recycling.check_links(record, entry.changes)
        documents.save(ctx, record, verb="undo")


def _put_lines(record: Record, lines: Any, old: dict[str, Any], new: dict[str, Any]) -> None:
    """The lines as they were: added ones go, removed ones come back, changed ones get their former values."""
    rows = {str(row.pk): row for row in getattr(record, lines.name) if str(row.pk) in old or str(row.pk) not in new}
    for pk, values in old.items():
        row = rows.setdefault(pk, lines.model._default_manager.get(pk=pk))
        row.deleted_at = None
        for name, plain in values.items():
            operations.put(row, name, plain)
        recycling.check_links(row, values)
    setattr(record, lines.name, sorted((row for row in rows.values() if not row.deleted_at), key=lambda row: row.position))
