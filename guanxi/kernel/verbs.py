"""The derived verbs: create, update, delete, restore and assign, on every object, through the one door."""

import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import documents, facts, fields, recycling, registry, writing
from guanxi.kernel.actions import Action, derive
from guanxi.kernel.entries import Entry
from guanxi.kernel.facts import FieldView
from guanxi.kernel.policy import Share
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Conflict, Denied, Refused
from guanxi.kernel.writing import Results

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx


def build(ctx: "Ctx", model: type[Record], given: dict[str, Any]) -> Record:
    """A new record, not yet saved, from field values as given."""
    record, lines = model(), _lines(model, given)
    given = {key: raw for key, raw in given.items() if key not in lines}
    for view in facts.fields(model, ctx):
        if view.custom and view.source.default not in (None, "") and view.key not in given:
            view.put(record, view.source.get_default())
    for view, value in facts.parse_all(ctx, model, given, creating=True).items():
        _check_owner(ctx, model, view, value)
        view.put(record, value)
    documents.take(ctx, record, lines)
    return record


def _lines(model: type[Record], given: dict[str, Any]) -> dict[str, Any]:
    """What is given of a document's lines."""
    return {one.name: given[one.name] for one in model.line_lists if one.name in given}


def _check_owner(ctx: "Ctx", model: type[Record], view: FieldView, value: Any) -> None:
    """To give a record to somebody else is a right of its own."""
    if view.key == "owner" and value not in (None, ctx.user_id) and not ctx.system and not ctx.may("assign", model):
        raise Denied(_("You may not give %(object)s to somebody else.") % {"object": model.about.many})


def create(ctx: "Ctx", model: type[Record], _record: None, given: dict[str, Any], _version: None) -> Record:
    """Create a new record."""
    return documents.save(ctx, build(ctx, model, given))


def update(ctx: "Ctx", model: type[Record], target: Any, given: dict[str, Any], version: int | None) -> Any:
    """Change the fields of a record."""
    lines = {} if isinstance(target, list) else _lines(model, given)
    same = set() if isinstance(target, list) else facts.unchanged_links(ctx, target, given)
    values = facts.parse_all(
        ctx, model, {key: raw for key, raw in given.items() if key not in lines and key not in same}, creating=False)
    owner_changes = any(view.key == "owner" for view in values)
    if isinstance(target, list):
        return _update_rows(ctx, target, values, owner_changes)
    if version is not None and target.version != version:
        _merge(ctx, target, values, lines, version)
    if owner_changes and target.owner_id != given["owner"]:
        _may_assign(ctx, target)
    for view, value in values.items():
        view.put(target, value)
    documents.take(ctx, target, lines)
    return documents.save(ctx, target)


def _update_rows(ctx: "Ctx", rows: list[Record], values: dict[FieldView, Any], owner_changes: bool) -> Results:
    results: Results = []
    good = []
    for row in rows:
        try:
            if owner_changes:
                _may_assign(ctx, row)
            good.append(row)
        except Refused as refusal:
            results.append((row, refusal))
            continue
        for view, value in values.items():
            view.put(row, value)
    return results + documents.save_all(ctx, good)


def _may_assign(ctx: "Ctx", record: Record) -> None:
    answer = ctx.may("assign", record)
    if not answer:
        raise Denied(_("You may not give “%(record)s” to somebody else: %(reason)s") % {
            "record": record, "reason": answer.reason}, field="owner", record=record)


def _merge(ctx: "Ctx", record: Record, values: dict[FieldView, Any], lines: dict[str, Any], version: int) -> None:
    """Changes of different fields go together quietly; the same field shows mine, theirs and the original."""
    since = list(Entry.objects.filter(object_type=object_name(record), object_id=record.pk, version__gt=version)
                 .select_related("actor").order_by("id"))
    if any(name in entry.changes for entry in since for name in lines):
        raise Conflict(_("The lines of “%(record)s” were changed by %(person)s meanwhile. Look at them again.") % {
            "record": record, "person": since[-1].actor or _("the system")}, record=record)
    found: dict[str, dict[str, Any]] = {}
    for view, mine in values.items():
        name = f"extra.{view.key}" if view.custom else view.key
        touched = [entry.changes[name] for entry in since if name in entry.changes]
        theirs = view.raw(record)
        if touched and mine != theirs:
            original = touched[0][0]
            if not view.target:
                original = view.source.to_python(original)
            if mine != original:
                found[view.key] = {"mine": mine, "theirs": theirs, "original": original}
    if found:
        names = {f"extra.{view.key}" if view.custom else view.key for view in values if view.key in found}
        last = [entry for entry in since if names & entry.changes.keys()][-1]
        raise Conflict(_("“%(record)s”: %(fields)s was changed by %(person)s meanwhile.") % {
            "record": record, "fields": ", ".join(view.label for view in values if view.key in found),
            "person": last.actor or _("the system")}, values=found, record=record, by=last.actor, at=last.at)
    for view in list(values):
        name = f"extra.{view.key}" if view.custom else view.key
        if any(name in entry.changes for entry in since) and values[view] != view.raw(record):
            original = next(entry.changes[name][0] for entry in since if name in entry.changes)
            if values[view] == (original if view.target else view.source.to_python(original)):
                del values[view]


def delete(ctx: "Ctx", model: type[Record], record: Record, given: dict[str, Any], _version: int | None) -> Record:
    """Move to the recycle bin, together with what hangs below."""
    _no_inputs(given)
    recycling.delete(ctx, record)
    return record


def restore(ctx: "Ctx", model: type[Record], record: Record, given: dict[str, Any], _version: int | None) -> Record:
    """Bring back from the recycle bin, with what was deleted together with it."""
    _no_inputs(given)
    recycling.restore(ctx, record)
    return record


def _no_inputs(given: dict[str, Any]) -> None:
    if given:
        key = str(next(iter(given)))[:60]
        raise Refused(_("Unknown input “%(key)s”.") % {"key": key}, field=key)


class Keep(fields.States):
    """What the former owner keeps after a transfer."""

    NOTHING = "nothing", _("nothing")
    READ = "read", _("may see")
    WRITE = "write", _("may change")


def assign(ctx: "Ctx", record: Record, *, to: Any, below: bool = True, keep: str = Keep.NOTHING,
           until: datetime.date | None = None) -> Record:
    """Give to another person, with everything the former owner holds below it; lines always go with their document."""
    if not to.is_active:
        raise Refused(_("%(person)s is deactivated.") % {"person": to}, field="to")
    former = record.owner_id
    moved = [record, *_held_below(record, former, below)]
    for one in moved:
        one.owner_id = to.pk
    by_model: dict[type[Record], list[Record]] = {}
    for one in moved:
        by_model.setdefault(type(one), []).append(one)
    for rows in by_model.values():
        for _row, refusal in writing.update_many(ctx, rows, verb="assign"):
            if refusal is not None:
                raise refusal
    if keep != Keep.NOTHING and former and former != to.pk:
        share(ctx, record, former, keep, until)
    return record


def share(ctx: "Ctx", record: Record, user_id: int, level: str, until: datetime.date | None = None) -> Share:
    """Make a person a collaborator of a record, or change the right they have."""
    found = Share.objects.filter(object_type=object_name(record), object_id=record.pk, user_id=user_id,
                                 deleted_at=None).first()
    found = found or Share(object_type=object_name(record), object_id=record.pk, user_id=user_id)
    found.level, found.until = level, until
    writing.save(ctx, found)
    return found


def _held_below(record: Record, owner_id: int | None, everything: bool) -> list[Record]:
    if owner_id is None:
        return []
    found: list[Record] = []
    for child, source in registry.children(type(record)):
        if not (everything or registry.document(child) is type(record)):
            continue
        rows = child._default_manager.filter(**{source.name: record.pk}, deleted_at=None).order_by("pk")
        for row in rows.select_for_update(of=("self",), no_key=True):
            if row.owner_id == owner_id:
                found.append(row)
            found += _held_below(row, owner_id, everything)
    return found


def _assign_inputs(model: type[Record]) -> tuple[FieldView, ...]:
    to = fields.Link(settings.AUTH_USER_MODEL, _("New owner"))
    below = fields.Flag(_("Also what the former owner holds below it"), default=True)
    keep = fields.Choice(Keep, _("The former owner"))
    until = fields.Day(_("Until"), null=True, blank=True)
    views, inputs = [], dict[str, Any](to=to, below=below, keep=keep, until=until)
    for name, source in inputs.items():
        source.set_attributes_from_name(name)
        target = settings.AUTH_USER_MODEL.lower() if name == "to" else ""
        views.append(FieldView(
            key=name, label=source.verbose_name, kind="user" if target else source.kind, source=source, model=model,
            required=name == "to", target=target,
            choices=[(str(code), label, "") for code, label in getattr(source, "flatchoices", None) or ()]))
    return tuple(views)


def _factories() -> None:
    derive("create", lambda model: Action(
        "create", model, create, _("New"), takes="none", icon="plus", derived=True, right="create", quiet=True))
    derive("update", lambda model: Action(
        "update", model, update, _("Edit"), icon="pencil", derived=True, right="update", quiet=True))
    derive("delete", lambda model: Action(
        "delete", model, delete, _("Delete"), icon="trash", derived=True, right="delete", danger=True, undo=True))
    derive("restore", lambda model: Action(
        "restore", model, restore, _("Restore"), icon="restore", derived=True, right="delete", quiet=True))
    derive("assign", lambda model: Action(
        "assign", model, assign, _("Transfer"), inputs=_assign_inputs(model), icon="user-share", right="assign",
        undo=True))


_factories()


