"""The recycle bin: what goes into it together, what stands in the way, and the way back."""

from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import entries, registry, writing
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx


def delete(ctx: "Ctx", record: Record) -> list[Record]:
    """Move a record and everything below it to the recycle bin. Refused where others depend on it."""
    wait_for([record])
    whole = [record, *_below(record)]
    for one in whole:
        if users := dependants(one, whole):
            raise in_use(one, users)
    put_away(ctx, whole)
    return whole


def wait_for(records: Sequence[Record]) -> None:
    """Let those come to an end who are about to link to one of the records; who comes later finds it gone."""
    for model in {type(one) for one in records} if connection.features.has_select_for_update else ():
        ids = [one.pk for one in records if type(one) is model]
        list(model._default_manager.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))


def put_away(ctx: "Ctx", records: Sequence[Record], moment: Any = None) -> None:
    """Move records to the recycle bin together. Whoever calls this has made sure that nothing else needs them."""
    for one in records:
        one.deleted_at = moment or ctx.now
        type(one)._default_manager.filter(pk=one.pk).update(deleted_at=one.deleted_at, version=F("version") + 1)
        one.version += 1
        writing.note(ctx, one, "delete", {"deleted_at": [None, entries.removal_time(one.deleted_at)]})
        ctx.unit.removed.setdefault(object_name(one), set()).add(one.pk)
        ctx.unit.indexed.pop((object_name(one), one.pk), None)


def _below(record: Record, gone: Any = None) -> list[Record]:
    """The live rows below a record, locked as it is itself, or those that went to the bin at one moment."""
    found: list[Record] = []
    for child, source in registry.children(type(record)):
        rows = child._default_manager.filter(**{source.name: record.pk}, deleted_at=gone).order_by("pk")
        for row in rows.select_for_update(of=("self",)):
            found += [row, *_below(row, gone)]
    return found


def in_use(record: Record, users: list[tuple[Any, int]]) -> Refused:
    """Why a record stays: others depend on it."""
    return Refused(_("“%(record)s” is still used by %(users)s.") % {
        "record": record, "users": ", ".join(f"{count} {about.many}" for about, count in users)}, record=record)


def dependants(record: Record, going: Iterable[Record]) -> list[tuple[Any, int]]:
    """Objects with live rows that link to the record and do not go with it."""
    leaving = {(type(one), one.pk) for one in going}
    found = []
    for model, source in registry.links_to(type(record)):
        ids = model._default_manager.filter(**{source.name: record.pk}, deleted_at=None).values_list("pk", flat=True)
        staying = [pk for pk in ids[:1000] if (model, pk) not in leaving]
        if staying:
            found.append((model.about, len(staying)))
    return found


def restore(ctx: "Ctx", record: Record) -> list[Record]:
    """Bring back a record and what went to the bin together with it."""
    back = [record, *_below(record, record.deleted_at)]
    for one in back:
        restore_one(ctx, one, back)
    return back


def check_links(record: Record, names: Container[str] | None = None, together: Sequence[Record] = ()) -> None:
    """Refused where a link of the record, or one of the named, leads into the recycle bin."""
    for link in registry.links_of(record._meta.model):
        other = getattr(record, link.name) if names is None or link.name in names else None
        if other is not None and other.deleted_at and other not in together:
            raise Refused(_("“%(record)s” needs “%(other)s”, which is in the recycle bin: restore that first.") % {
                "record": record, "other": other}, field=link.name, record=record)


def restore_one(ctx: "Ctx", record: Record, together: Sequence[Record] = ()) -> None:
    """Bring back one record. Refused where a live one has taken its place, or one it needs does not come back with it."""
    check_links(record, together=together)
    before = record.deleted_at
    record.deleted_at = None
    try:
        with transaction.atomic():
            type(record)._default_manager.filter(pk=record.pk).update(deleted_at=None, version=F("version") + 1)
    except IntegrityError as error:
        refusal = writing.explain(record, error, ctx)
        record.deleted_at = before
        raise refusal from error
    record.version += 1
    writing.note(ctx, record, "restore", {"deleted_at": [entries.removal_time(before), None]})
    if record.about.search:
        ctx.unit.indexed[(object_name(record), record.pk)] = record
