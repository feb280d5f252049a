"""Documents: a record and its lines, parsed, checked and written as one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import entries, facts, registry, writing
from guanxi.kernel.fields import Lines
from guanxi.kernel.inserting import insert
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

#: Lines one document may have.
MOST = 2000


def take(ctx: "Ctx", record: Record, given: dict[str, Any]) -> None:
    """Give a document its lines as a person or a program states them: the whole list in order, stored ones by id.

    A stored line that is not in the list is removed. Refused names each bad value as ``lines.2.quantity``.
    """
    for lines in record.line_lists:
        if lines.name in given:
            raw = given[lines.name] or []
            if not isinstance(raw, list | tuple) or not all(isinstance(one, dict) for one in raw):
                raise Refused(_("Give the lines as a list of objects."), field=lines.name)
            if len(raw) > MOST:
                raise Refused(_("A document has at most %(count)s lines.") % {"count": MOST}, field=lines.name)
            setattr(record, lines.name, _parsed(ctx, record, lines, list(raw)))
            fill(ctx, record, lines)


def fill(ctx: "Ctx", record: Record, lines: Lines) -> None:
    """Let those who listen to ``@after(Quote, "lines")`` fill what follows from what was chosen: price, unit, tax."""
    for listener in registry.listeners(f"{object_name(record)}.{lines.name}"):
        listener(ctx, record, getattr(record, lines.name))


def _parsed(ctx: "Ctx", record: Record, lines: Lines, raw: list[dict[str, Any]]) -> list[Record]:
    known = {str(row.pk): row for row in getattr(record, lines.name)}
    rows, errors = [], {}
    _look_up(ctx, lines, raw)
    for number, one in enumerate(raw, 1):
        pk = str(one.get("id") or "")
        try:
            row = known.pop(pk) if pk else lines.model()
            same = facts.unchanged_links(ctx, row, one) if pk else ()
            values = {key: value for key, value in one.items() if key != "id" and key not in same}
            link = lines.model.about.parent_name
            for view, value in facts.parse_all(ctx, lines.model, values, creating=not pk, without=link).items():
                view.put(row, value)
            rows.append(row)
        except KeyError:
            errors[f"{lines.name}.{number}.id"] = [str(_("There is no such line."))]
        except Refused as refusal:
            errors |= _placed(lines, number, refusal)
    if errors:
        raise Refused(errors=errors)
    return rows


def _look_up(ctx: "Ctx", lines: Lines, raw: list[dict[str, Any]]) -> None:
    """Find what the links of all lines lead to, by one question for each link, so that no line has to ask."""
    for view in facts.fields(lines.model, ctx):
        given = {str(one.get(view.key) or "") for one in raw} if view.target else ()
        if wanted := {int(words) for words in given if words.isdecimal() and len(words) < 19}:
            found = ctx.find(view.target_model).filter(pk__in=wanted).values_list("pk", flat=True)
            ctx.unit.links |= {(ctx.system, object_name(view.target_model), pk) for pk in found}


def _placed(lines: Lines, number: int, refusal: Refused) -> dict[str, list[str]]:
    """The errors of a line with the place where each stands."""
    found = refusal.errors or {refusal.field or "": [refusal.reason]}
    words = _("Line %(number)s: %(reason)s")
    return {f"{lines.name}.{number}.{key}".rstrip("."): [str(words % {"number": number, "reason": one}) for one in texts]
            for key, texts in found.items()}


def save(ctx: "Ctx", record: Record, verb: str = "") -> Record:
    """Write a record with the lines in hand inside an open door. Refused leaves both as they were."""
    if not record.line_lists:
        return writing.save(ctx, record, verb)
    mark, known, created = ctx.unit.mark(), len(ctx.unit.entries), record._state.adding
    try:
        with transaction.atomic():
            writing.save(ctx, record, verb)
            changes = {lines.name: [before, after] for lines in record.line_lists if lines.name in record.held_lines
                       for before, after in [_write(ctx, record, lines, created)] if before or after}
            if changes:
                if len(ctx.unit.entries) == known:
                    writing.touch(ctx, record, verb or "update")
                ctx.unit.entry_of(record).changes.update(changes)
    except Refused:
        ctx.unit.back_to(mark)
        raise
    return record


def save_all(ctx: "Ctx", records: Sequence[Record], verb: str = "") -> writing.Results:
    """Write many records of one object; a document whose lines are in hand, or follow from the change, with its lines."""
    whole = [one for one in records if one.line_lists and one.held_lines]
    if records and records[0].line_lists:
        rest = [one for one in records if not one.held_lines]
        for lines in records[0].line_lists:
            lines.load(rest)
        whole += [one for one in rest if _lines_follow(ctx, one)]
    alone = {id(one) for one in whole}
    plain = [one for one in records if id(one) not in alone]
    new, old = ([one for one in plain if one._state.adding == adding] for adding in (True, False))
    return [*writing.create_many(ctx, new, verb or "create"), *writing.update_many(ctx, old, verb or "update"),
            *((one, _fault(ctx, one, verb)) for one in whole)]


def _lines_follow(ctx: "Ctx", record: Record) -> bool:
    """Do lines change because the document does?"""
    try:
        writing.stamp(ctx, record, record._state.adding)
        record.prepare()
    except Refused:
        return False  # told when the record is written
    return any(entries.diff(row, False) for rows in record.held_lines.values() for row in rows)


def _fault(ctx: "Ctx", record: Record, verb: str) -> Refused | None:
    try:
        save(ctx, record, verb)
    except Refused as refusal:
        return refusal
    return None


def _write(ctx: "Ctx", record: Record, lines: Lines, new_document: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write what differs; the fields of each line before and after, by the line's id."""
    manager, link = lines.model._default_manager, lines.model.about.parent_name
    rows = [] if new_document else manager.filter(**{link: record.pk}, deleted_at=None)
    stored = {row.pk: row for row in rows}
    new: list[tuple[Record, dict[str, Any]]] = []
    changed: list[tuple[Record, dict[str, Any]]] = []
    held = record.held_lines[lines.name]
    for number, row in enumerate(held, 1):
        row.position, row.owner_id, row.upper_owner_id = number, record.owner_id, record.owner_id
        setattr(row, f"{link}_id", record.pk)
        stored.pop(row.pk, None)
        writing.stamp(ctx, row, row._state.adding)
    for number, (row, fault) in enumerate(writing.finish_all(held), 1):
        if fault is not None:
            raise Refused(errors=_placed(lines, number, fault), record=record) from fault
        if changes := entries.diff(row, row._state.adding):
            (new if row._state.adding else changed).append((row, changes))
    try:
        with transaction.atomic():
            insert([row for row, _changes in new], ids=True)
            if changed:
                writing.update_together(changed)
    except IntegrityError as error:
        raise _offence(ctx, record, lines, error) from error
    manager.filter(pk__in=list(stored)).update(deleted_at=ctx.now, version=F("version") + 1)
    gone = [(row, {key: [pair[1], None] for key, pair in entries.diff(row, True).items()}) for row in stored.values()]
    new += [(row, entries.diff(row, True)) for row, pairs in changed if "deleted_at" in pairs]  # back from the bin
    changed = [pair for pair in changed if "deleted_at" not in pair[1]]
    before = {str(row.pk): {key: old for key, (old, _new) in pairs.items()} for row, pairs in (*changed, *gone)}
    after = {str(row.pk): {key: made for key, (_old, made) in pairs.items()} for row, pairs in (*new, *changed)}
    for row in record.held_lines[lines.name]:
        writing.remember(row)
    return before, after


def _offence(ctx: "Ctx", record: Record, lines: Lines, error: IntegrityError) -> Refused:
    """Which line breaks a rule of the database."""
    for number, row in enumerate(record.held_lines[lines.name], 1):
        refusal = writing.explain(row, error, ctx)
        if refusal.errors or refusal.field:
            return Refused(errors=_placed(lines, number, refusal), record=record)
    return writing.explain(record, error, ctx)
