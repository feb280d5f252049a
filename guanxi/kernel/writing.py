"""Writing: prepare, clean, save, diff — the only place where rows of records are written."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.db.models import CharField, F, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import entries, match_keys, meanwhile, numbering, registry, search_index, stamps
from guanxi.kernel.entries import Entry, StateChange
from guanxi.kernel.inserting import fresh, insert, insert_values
from guanxi.kernel.records import HOUSEKEEPING, Record, object_name
from guanxi.kernel.refusal import Conflict, Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

#: Each record with the reason why it was refused, or None when it was written.
Results = list[tuple[Record, Refused | None]]
#: Rows written by one statement in bulk.
CHUNK = 500


class _Kept:
    """What writing asks of the columns of an object, found out once."""

    def __init__(self, model: type[Record]) -> None:
        sources: Any = model._meta.concrete_fields
        self.names = tuple(source.attname for source in sources)
        self.values = attrgetter(*self.names)
        self.tracked = [source.name for source in sources if getattr(source, "tracked", False)]
        self.needed = [source for source in sources if source.is_relation and not source.null]
        unchecked = {source.name for source in sources if source.is_relation} | HOUSEKEEPING | {"extra"}
        self.checked = [source for source in sources if source.name not in unchecked]
        self.unchecked = unchecked
        self.texts = {source for source in self.checked if isinstance(source, CharField) and not source.choices
                      and set(map(type, source.validators)) == {MaxLengthValidator}}  # only their length is checked

    of = cache(lambda model: _Kept(model))


def note(ctx: "Ctx", record: Record, verb: str, changes: dict[str, Any], **facts: Any) -> Entry:
    """Add an entry about a record to the open unit of work."""
    unit, name = ctx.unit, object_name(record)
    entry: Entry = fresh(Entry, {
        "id": None, "at": ctx.now, "actor_id": ctx.user_id, "real_actor_id": ctx.real_user_id, "via": ctx.via,
        "client": ctx.client, "trace": ctx.trace, "verb": f"{name}.{verb}", "object_type": name, "object_id": record.pk,
        "title": record.full_title[:300], "version": record.version, "changes": changes, "previous": "", "hash": "",
        "operation_id": ctx.operation_now.pk if ctx.operation_now else None,
        "inputs": facts.get("inputs", unit.inputs), "reason": facts.get("reason", ctx.reason or unit.reason)[:300]})
    unit.entries.append(entry)
    if verb != "create":
        unit.forget()
    if record.renews:
        unit.renew = True
        stamps.change()
    for key in (key for key in _Kept.of(record._meta.model).tracked if key in changes):
        old, new = ("" if value is None else str(value) for value in changes[key])
        unit.states.append((name, record.pk, key, old, new, ctx.now, ctx.user_id))
    return entry


def flush(ctx: "Ctx") -> None:
    """The last step before commit: index, states and the sealed entries."""
    unit = ctx.unit
    if unit.entries:
        meanwhile.look()  # who waits here for others must not hold yet what every transaction needs
    if unit.renew:
        stamps.renew()
    if unit.given:
        set_upper_owner(ctx, list(unit.indexed.values()))
    for name, ids in unit.removed.items():
        search_index.remove(name, ids)
        match_keys.remove(name, ids)
    search_index.update(unit.indexed.values())
    match_keys.update(unit.indexed.values())
    insert_values(StateChange, ("object_type", "object_id", "field", "old", "new", "at", "actor_id"), unit.states)
    entries.append(unit.entries)


def stamp(ctx: "Ctx", record: Record, created: bool) -> None:
    """Who and when; a new record belongs to its maker unless somebody else is named or nobody on purpose."""
    if created:
        record.created_at = record.created_at or ctx.now
        record.created_by_id = record.created_by_id or ctx.user_id
        if record.owner_id is None and record.about.scope == "owner" and not getattr(record, "unowned", False):
            record.owner_id = ctx.user_id
    record.updated_at, record.updated_by_id = ctx.now, ctx.user_id


def finish(record: Record) -> None:
    """As ``finish_all``; raises what is wrong."""
    if (fault := finish_all([record])[0][1]) is not None:
        raise fault


def finish_all(records: Sequence[Record]) -> Results:
    """Let records of one object fill what follows from their own fields, then check every field and each as a whole."""
    faults: dict[int, Refused] = {}
    for record in records:
        try:
            record.prepare()
            record.fill_sort_key()
        except Refused as refusal:
            faults[id(record)] = refusal
    good = [record for record in records if id(record) not in faults]
    sound = len(good) > 1 and _sound(good)
    return [(record, faults.get(id(record)) or _fault(record, sound)) for record in records]


def _sound(records: Sequence[Record]) -> bool:
    """Is each different value of each field as it should be? Where one is not, every record is checked by itself."""
    for source in (kept := _Kept.of(records[0]._meta.model)).checked:
        values: Any = list(map(attrgetter(source.attname), records))
        kinds = set(map(type, values))
        if len(kinds) == 1 and values.count(values[0]) == len(values):
            values = values[:1]
        elif source in kept.texts and kinds == {str} and "" not in values:
            values = [max(values, key=len)]
        else:
            with suppress(TypeError):  # lists and the like are no keys
                values = [value for _kind, value in set(zip(map(type, values), values, strict=True))]
        try:
            if not all((source.blank and value in source.empty_values) or source.clean(value, records[0]) is value
                       for value in values):
                return False
        except ValidationError:
            return False
    return True


def _fault(record: Record, sound: bool) -> Refused | None:
    """Why the record may not be written as it is."""
    kept = _Kept.of(record._meta.model)
    try:
        if not sound:
            record.clean_fields(exclude=kept.unchecked)
        record.clean()
    except (Refused, ValidationError) as error:
        return error if isinstance(error, Refused) else _refused(record, error)
    empty = [source.name for source in kept.needed if getattr(record, source.attname) is None]
    return Refused(_("This field is needed."), field=empty[0], record=record) if empty else None


def _refused(record: Record, error: ValidationError) -> Refused:
    messages = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    errors = {("" if name == "__all__" else name): [str(text) for text in texts] for name, texts in messages.items()}
    return Refused(errors=errors, record=record)


def set_upper_owner(ctx: "Ctx", records: Sequence[Record]) -> None:
    """Copy the owner of the record above, so that one indexed column answers who else may see this one."""
    known, by_model = ctx.unit.owners, dict[type[Record], list[Record]]()
    for record in records:
        if record.about.parent_name:
            by_model.setdefault(type(record), []).append(record)
    for model, group in by_model.items():
        source: Any = model._meta.get_field(model.about.parent_name)
        name = object_name(source.related_model)
        wanted = {pk for record in group if (pk := getattr(record, source.attname)) and (name, pk) not in known}
        if wanted:
            rows = source.related_model._default_manager.filter(pk__in=wanted).values_list("pk", "owner_id")
            known.update(((name, pk), owner) for pk, owner in rows)
        for record in group:
            record.upper_owner_id = known.get((name, getattr(record, source.attname)))


def save(ctx: "Ctx", record: Record, verb: str = "") -> Record:
    """Write one record inside an open door. Refused leaves the database as it was."""
    write = create_many if record._state.adding else _change
    for _record, refusal in write(ctx, [record], verb or ("create" if record._state.adding else "update")):
        if refusal is not None:
            raise refusal
    return record


def touch(ctx: "Ctx", record: Record, verb: str) -> None:
    """Count a change that lies in what belongs to the record, not in its own fields."""
    stamp(ctx, record, False)
    _update(record, {})
    settle(ctx, record, {}, verb)


def _update(record: Record, changes: dict[str, Any]) -> None:
    """Write only what changed, and only if nobody has written since the record was read."""
    old = record.version
    values: dict[str, Any] = {"version": old + 1, "sort_key": record.sort_key, "updated_at": record.updated_at,
                              "updated_by_id": record.updated_by_id, "upper_owner_id": record.upper_owner_id}
    for name in changes:
        if name.startswith("extra."):
            values["extra"] = record.extra
        else:
            source: Any = record._meta.get_field(name)
            values[source.attname] = source.pre_save(record, False)
    written = type(record)._default_manager.filter(pk=record.pk, version=old).update(**values)
    if not written:
        raise Conflict(_("“%(record)s” was changed by somebody else meanwhile.") % {"record": record}, record=record)
    record.version = old + 1
    remember(record)


def remember(record: Record) -> None:
    """What is in the database now is the *before* of the next change."""
    kept = _Kept.of(record._meta.model)
    record.loaded = dict(zip(kept.names, kept.values(record), strict=True))
    record.loaded["extra"] = dict(record.extra)


def explain(record: Record, error: IntegrityError, ctx: "Ctx | None" = None) -> Refused:
    """Say in words which rule of the database refused the record, and which record stands in the way if it may be seen."""
    for rule in record._meta.constraints:
        if isinstance(rule, UniqueConstraint) and rule.fields:
            try:
                rule.validate(type(record), record)
            except ValidationError as found:
                return _taken(record, rule, found, ctx)
    try:
        record.validate_unique()
        record.validate_constraints()
    except ValidationError as found:
        return _refused(record, found)
    return Refused(_("“%(record)s” breaks a rule of the database: %(rule)s") % {
        "record": record, "rule": str(error).splitlines()[0][:200]}, record=record)


def _taken(record: Record, rule: UniqueConstraint, found: ValidationError, ctx: "Ctx | None") -> Refused:
    """Another live record holds what must be unique."""
    reason = " ".join(found.messages)
    same = {name: getattr(record, name) for name in rule.fields}
    rows = ctx.find(type(record)).filter(**same).exclude(pk=record.pk) if ctx is not None else ()
    for other in rows[:1]:
        reason = _("%(reason)s It is “%(record)s”.") % {"reason": reason, "record": other}
    return Refused(reason, field=rule.fields[0], record=record)


def settle(ctx: "Ctx", record: Record, changes: dict[str, Any], verb: str) -> None:
    """After the row is written: entry, index, and the owner copied to what hangs below."""
    note(ctx, record, verb, changes)
    name = object_name(record)
    if record.about.search and record.deleted_at is None:
        ctx.unit.indexed[(name, record.pk)] = record
    if "owner" in changes and record.version > 1:
        ctx.unit.given = True
        for child, source in registry.children(type(record)):
            below = child._default_manager.filter(**{source.name: record.pk})
            below.update(upper_owner=record.owner_id)
            search_index.set_upper_owner(object_name(child), below, record.owner_id)
        for listener in registry.listeners(f"{name}.owner"):
            listener(ctx, record, changes["owner"])


def create_many(ctx: "Ctx", records: Sequence[Record], verb: str = "create") -> Results:
    """Write many new records of one object cheaply; each is created or comes back with the reason why not."""
    results: Results = []
    for start in range(0, len(records), CHUNK):
        chunk = records[start:start + CHUNK]
        for record in chunk:
            stamp(ctx, record, True)
        set_upper_owner(ctx, chunk)
        numbering.assign(chunk)
        checked = finish_all(chunk)
        results += [pair for pair in checked if pair[1]]
        results += _insert(ctx, [record for record, fault in checked if not fault], verb)
    return results


def _insert(ctx: "Ctx", records: list[Record], verb: str) -> Results:
    """All at once or, where a row offends, one by one: the others still go in."""
    try:
        with transaction.atomic():
            insert(records, ids=True)
    except IntegrityError as error:
        if len(records) == 1:
            return [(records[0], explain(records[0], error, ctx))]
        return [pair for record in records for pair in _insert(ctx, [record], verb)]
    for record in records:
        remember(record)
        settle(ctx, record, entries.diff(record, True), verb)
    return [(record, None) for record in records]


def update_many(ctx: "Ctx", records: Sequence[Record], verb: str = "update") -> Results:
    """Write many changed records of one object in few statements, each with its own entry."""
    for lines in records[0].line_lists if records else ():
        lines.load(list(records))
    return _change(ctx, records, verb)


def _change(ctx: "Ctx", records: Sequence[Record], verb: str) -> Results:
    results: Results = []
    changed: list[tuple[Record, dict[str, Any]]] = []
    set_upper_owner(ctx, records)
    for record in records:
        stamp(ctx, record, False)
    for record, fault in finish_all(records):
        if fault is None and (changes := entries.diff(record, False)):
            changed.append((record, changes))
        else:
            results.append((record, fault))
    for start in range(0, len(changed), CHUNK):
        results += _update_chunk(ctx, changed[start:start + CHUNK], verb)
    return results


def _update_chunk(ctx: "Ctx", chunk: list[tuple[Record, dict[str, Any]]], verb: str) -> Results:
    """All at once or, where a row offends, one by one."""
    try:
        with transaction.atomic():
            _update(*chunk[0]) if len(chunk) == 1 else update_together(chunk)
    except (IntegrityError, Conflict) as error:
        if len(chunk) == 1:
            return [(chunk[0][0], explain(chunk[0][0], error, ctx) if isinstance(error, IntegrityError) else error)]
        return [pair for one in chunk for pair in _update_chunk(ctx, [one], verb)]
    for record, changes in chunk:
        remember(record)
        settle(ctx, record, changes, verb)
    return [(record, None) for record, _changes in chunk]


def update_together(chunk: list[tuple[Record, dict[str, Any]]]) -> None:
    """Write changed rows of one object and their next versions in a few statements."""
    names = {"sort_key", "updated_at", "updated_by", "upper_owner"}
    for _record, changes in chunk:
        names |= {"extra" if name.startswith("extra.") else name for name in changes}
    rows = [record for record, _changes in chunk]
    manager = type(rows[0])._default_manager
    manager.bulk_update(rows, sorted(names), batch_size=100)
    manager.filter(pk__in=[record.pk for record in rows]).update(version=F("version") + 1)
    for record in rows:
        record.version += 1
