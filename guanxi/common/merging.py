"""Merging: several records of one object become one; everything that pointed to them moves, and it can be undone."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from guanxi.common.talk import Attachment, Comment, Follow
from guanxi.kernel import documents, external, facts, recycling, registry, writing
from guanxi.kernel.entries import Operation
from guanxi.kernel.policy import Share
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Denied, Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

_ATTACHED: tuple[Any, ...] = (Comment, Attachment, Share)
_movers: list[Callable[["Ctx", Record, Record], Any]] = []


def also_move(mover: Callable[["Ctx", Record, Record], Any]) -> None:
    """Called once at start: ``mover(ctx, kept, gone)`` moves what belongs to a merged record otherwise than by a link."""
    if mover not in _movers:
        _movers.append(mover)


def preview(ctx: "Ctx", survivor: Record, others: list[Record]) -> dict[str, int]:
    """How many records of each object will move to the survivor, by the object's plural name."""
    ids = [one.pk for one in others]
    counts: dict[str, int] = {}
    for model, source in registry.links_to(type(survivor)):
        count = model._default_manager.filter(**{f"{source.name}__in": ids}, deleted_at=None).count()
        if count:
            counts[str(model.about.many)] = counts.get(str(model.about.many), 0) + count
    for model in _ATTACHED:
        count = model._default_manager.filter(
            object_type=object_name(survivor), object_id__in=ids, deleted_at=None).count()
        if count:
            counts[str(model.about.many)] = count
    return counts


def merge(ctx: "Ctx", survivor: Record, others: list[Record], picks: dict[str, int] | None = None) -> int:
    """Merge others into the survivor; ``picks`` says by field key from which record its value is taken.

    Needs the rights to change the survivor and to delete the others. Returns the operation's id.
    """
    with ctx.door(f"{object_name(survivor)}.merge"):
        model = type(survivor)
        wanted = sorted({survivor.pk, *(one.pk for one in others)})
        locked = ctx.find(model).select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
        rows = {row.pk: row for row in locked}
        if len(rows) != len(wanted) or len(wanted) < 2:
            raise Refused(_("Choose at least two %(object)s that you may see.") % {"object": model.about.many})
        for row in rows.values():
            for verb in ("update",) if row.pk == survivor.pk else ("update", "delete"):
                answer = ctx.may(verb, row)
                if not answer:
                    raise Denied(_("“%(record)s” cannot be merged: %(reason)s") % {
                        "record": row, "reason": answer.reason}, record=row)
        kept, gone = rows[survivor.pk], [row for pk, row in rows.items() if pk != survivor.pk]
        with _operation(ctx, kept) as made:
            _untie(ctx, kept, rows)
            for row in gone:
                _move_links(ctx, kept, row)
                _move_attached(ctx, kept, row)
                recycling.delete(ctx, row)
            _take_values(ctx, kept, rows, picks or {})
            for row in gone:
                _lead(ctx, kept, row)
            made.figures = {"merged": len(gone)}
            return int(made.pk)


def _operation(ctx: "Ctx", kept: Record) -> AbstractContextManager[Operation]:
    """An operation of its own, or the one that is under way: then that one takes the merge back."""
    if ctx.operation_now is not None:
        return nullcontext(ctx.operation_now)
    return ctx.operation("merge", _("Merge into %(record)s") % {"record": kept})


def _untie(ctx: "Ctx", kept: Record, rows: dict[int, Any]) -> None:
    """Links among the merged records lead out of the group, or nowhere: nothing hangs below itself afterwards."""
    links = [source for model, source in registry.links_to(type(kept)) if model is type(kept)]
    tied = {row.pk for row in rows.values() for link in links if getattr(row, link.attname) in rows}
    for link in links:
        above, seen = getattr(kept, link.attname), {kept.pk}
        while above in rows and above not in seen:
            seen.add(above)
            above = getattr(rows[above], link.attname)
        setattr(kept, link.attname, None if above in rows else above)
        for pk in tied - {kept.pk}:
            if getattr(rows[pk], link.attname) in rows:
                setattr(rows[pk], link.attname, None)
    for pk in sorted(tied):
        writing.save(ctx, rows[pk], verb="merge")


def _move_links(ctx: "Ctx", kept: Record, gone: Record) -> None:
    """Re-point every link. A row that would double an existing one goes to the bin with the merged record."""
    for model, source in registry.links_to(type(kept)):
        found = model._default_manager.filter(**{source.name: gone.pk}, deleted_at=None).order_by("pk")
        rows = list(found.select_for_update(of=("self",), no_key=True))
        for row in rows:
            setattr(row, source.attname, kept.pk)
        for row, refusal in documents.save_all(ctx, rows, verb="merge"):
            if refusal is not None:
                setattr(row, source.attname, gone.pk)
                recycling.delete(ctx, row)


def _move_attached(ctx: "Ctx", kept: Record, gone: Record) -> None:
    for mover in _movers:
        mover(ctx, kept, gone)
    for model in _ATTACHED:
        rows: list[Any] = list(model._default_manager.select_for_update(of=("self",), no_key=True).filter(
            object_type=object_name(gone), object_id=gone.pk, deleted_at=None))
        for row in rows:
            row.object_id = kept.pk
        results: list[Any] = writing.update_many(ctx, rows, verb="merge")
        for row, refusal in results:
            if refusal is not None:
                row.object_id = gone.pk
                recycling.delete(ctx, row)


def _lead(ctx: "Ctx", kept: Record, gone: Record) -> None:
    """Old addresses, keys of other systems and followers lead to the survivor; written down, so that an undo finds them."""
    name, follows = object_name(gone), Follow.objects.filter(object_type=object_name(gone))
    here, there = (set(follows.filter(object_id=one.pk).values_list("user_id", flat=True)) for one in (kept, gone))
    keys = external.ExternalId.objects.filter(object_type=name, object_id=gone.pk).values_list("pk", flat=True)
    told = {"merged": gone.pk, "keys": sorted(keys), "followers": sorted(there - here)}
    writing.note(ctx, kept, "merge", {}, inputs=told)
    _forth(kept, told)


def _forth(kept: Record, told: dict[str, Any]) -> None:
    """Let what was written down of a merge lead to the survivor."""
    external.ExternalId.objects.filter(pk__in=told["keys"], object_id=told["merged"]).update(object_id=kept.pk)
    external.Redirect.objects.update_or_create(
        object_type=object_name(kept), old_id=told["merged"], defaults={"new_id": kept.pk})
    for user_id in told["followers"]:
        Follow.objects.get_or_create(user_id=user_id, object_type=object_name(kept), object_id=kept.pk)


def _back(kept: Record, told: dict[str, Any]) -> None:
    """A merged record that is there again answers for itself, even where the survivor was merged once more."""
    now = external.survivor_of(type(kept), kept.pk) or kept.pk
    external.ExternalId.objects.filter(pk__in=told["keys"], object_id=now).update(object_id=told["merged"])
    external.Redirect.objects.filter(object_type=object_name(kept), old_id=told["merged"]).delete()
    Follow.objects.filter(user_id__in=told["followers"], object_type=object_name(kept), object_id=kept.pk).delete()


def lead_back(operation: Operation) -> None:
    """After an undo of a merge, or of such an undo, addresses, keys and followers lead where the records are."""
    while operation.undoes is not None:
        operation = operation.undoes
    for entry in operation.entries.filter(verb__endswith=".merge", changes={}).order_by("-pk"):
        rows = registry.model_of(entry.object_type)._default_manager
        there = rows.filter(pk=entry.inputs["merged"], deleted_at=None).exists()
        (_back if there else _forth)(rows.get(pk=entry.object_id), entry.inputs)


def _take_values(ctx: "Ctx", kept: Record, rows: dict[int, Any], picks: dict[str, int]) -> None:
    """Fields picked by hand; what the survivor lacks is filled from the others, oldest first."""
    for view in facts.fields(type(kept), ctx):
        if view.readonly or view.key == "owner":
            continue
        chosen = rows.get(picks.get(view.key, kept.pk))
        if chosen is None:
            raise Refused(_("“%(field)s” cannot be taken from a record that is not merged.") % {"field": view.label},
                          field=view.key)
        value = view.raw(chosen)
        if value in (None, "", []) and view.key not in picks:
            value = next((view.raw(row) for row in rows.values() if view.raw(row) not in (None, "", [])), value)
        view.put(kept, value)
    writing.save(ctx, kept, verb="merge")
