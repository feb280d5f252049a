"""The past as people read it: entries, comments, files and states of a record, notices, and the whole account."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.common.talk import Attachment, Comment, Notification, readable
from guanxi.kernel import facts, reading
from guanxi.kernel.entries import Entry, StateChange
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Denied

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

#: Kinds of fields whose values are no words.
UNTOLD = ("json", "file")


@dataclass(frozen=True)
class Change:
    """A field before and after, as values; ``reading`` turns them into words."""

    view: FieldView
    old: Any
    new: Any

    def links(self) -> set[tuple[str, int]]:
        """What has to be looked up to say the change in words."""
        return {(self.view.target, value) for value in (self.old, self.new) if self.view.target and value is not None}

    def words(self, value: Any, known: reading.Titles) -> str:
        """The value before or after, as the actor reads it."""
        if value is None:
            return ""
        if self.view.target:
            return known.get((self.view.target, value), str(_("(no access)")))
        return self.view.text(value)


def changes_of(ctx: "Ctx", entry: Entry, model: type[Record]) -> list[Change]:
    """What an entry changed, field by field. Fields hidden from or masked for the actor are left out, today's rights."""
    found = []
    for view in facts.fields(model, ctx):
        name = f"extra.{view.key}" if view.custom else view.key
        if name in entry.changes and not (view.masked or view.secret or view.kind in UNTOLD):
            old, new = entry.changes[name]
            found.append(Change(view, _value(view, old), _value(view, new)))
    for lines in model.line_lists:
        if lines.name in entry.changes:
            view = FieldView(key=lines.name, label=str(lines.verbose_name), kind=lines.kind, source=lines, model=model)
            found.append(Change(view, *entry.changes[lines.name]))
    return found


def _value(view: FieldView, plain: Any) -> Any:
    return plain if plain is None or view.target else view.source.to_python(plain)


def entries_of(record: Record, before: int | None = None, limit: int = 30) -> list[Entry]:
    """What happened to a record the actor has in hand, newest first."""
    rows = Entry.objects.filter(object_type=object_name(record), object_id=record.pk)
    rows = rows.filter(pk__lt=before) if before is not None else rows
    return list(rows.order_by("-pk")[:limit])


def changes_by_others(ctx: "Ctx", model: type[Record], ids: Iterable[int], since: datetime.datetime
                      ) -> dict[int, list[Entry]]:
    """What others did to some records after a moment, oldest first, by record."""
    found: dict[int, list[Entry]] = {}
    rows = Entry.objects.filter(object_type=object_name(model), object_id__in=list(ids), at__gt=since)
    for entry in rows.exclude(actor_id=ctx.user_id).select_related("actor").order_by("pk"):
        found.setdefault(int(entry.object_id or 0), []).append(entry)
    return found


def comments_of(record: Record, before: int | None = None, limit: int = 30) -> list[Comment]:
    """What was said about a record the actor has in hand, newest first."""
    rows = Comment.objects.filter(object_type=object_name(record), object_id=record.pk, deleted_at=None)
    rows = rows.filter(pk__lt=before) if before is not None else rows
    return list(rows.order_by("-pk")[:limit])


def files_of(ctx: "Ctx", record: Record, before: int | None = None, limit: int = 30) -> list[Attachment]:
    """The files of a record the actor has in hand that came without a comment and that the actor may open, newest first."""
    rows = Attachment.objects.filter(object_type=object_name(record), object_id=record.pk, deleted_at=None, comment=None)
    rows = rows.filter(pk__lt=before) if before is not None else rows
    return readable(ctx, rows.order_by("-pk"), limit)


def files_with(comments: Iterable[Comment]) -> dict[int, list[Attachment]]:
    """The files that came with comments, by comment."""
    found: dict[int, list[Attachment]] = {}
    for one in Attachment.objects.filter(comment_id__in=[row.pk for row in comments], deleted_at=None).order_by("pk"):
        found.setdefault(one.comment_id or 0, []).append(one)
    return found


def states_of(record: Record, field: str) -> list[StateChange]:
    """Every move of a record between the states of one field, oldest first."""
    return list(StateChange.objects.filter(object_type=object_name(record), object_id=record.pk, field=field)
                .order_by("at", "pk")[:500])


def touched(ctx: "Ctx", limit: int = 8) -> list[tuple[str, int]]:
    """The records the actor worked on last, newest first, each once; of many written at a time only one."""
    rows = Entry.objects.filter(actor_id=ctx.user_id).exclude(object_id=None).exclude(via__in=("job", "rule"))
    newest = rows.order_by("-pk").values_list("object_type", "object_id", "at")[:limit * 12]
    written = {(name, at): pk for name, pk, at in reversed(newest) if pk is not None}
    return list(dict.fromkeys((name, pk) for (name, _at), pk in reversed(written.items())))[:limit]


# notices -----------------------------------------------------------------------------------------


def notices(ctx: "Ctx", *, kind: str = "", before: int | None = None, limit: int = 30) -> list[Notification]:
    """The actor's notifications, newest first."""
    rows = Notification.objects.filter(user_id=ctx.user_id)
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(pk__lt=before) if before is not None else rows
    return list(rows.order_by("-pk")[:limit])


def unread_kinds(ctx: "Ctx") -> dict[str, int]:
    """How many of the newest hundred unread notifications there are of each kind."""
    found: dict[str, int] = {}
    for kind in Notification.objects.filter(user_id=ctx.user_id, read_at=None).values_list("kind", flat=True)[:100]:
        found[kind] = found.get(kind, 0) + 1
    return found


def read_notices(ctx: "Ctx", ids: Iterable[int] | None = None) -> int:
    """Mark notifications of the actor as read, all of them without ids; returns how many were not before."""
    if ctx.read_only:
        raise Denied(_("You are viewing as somebody else: nothing can be changed."))
    rows = Notification.objects.filter(user_id=ctx.user_id, read_at=None)
    rows = rows.filter(pk__in=list(ids)) if ids is not None else rows
    return rows.update(read_at=ctx.now)


# the whole account -------------------------------------------------------------------------------


def may_audit(ctx: "Ctx") -> bool:
    """Only administrators, and roles with the right to see ``kernel.entry``, read the whole account."""
    return ctx.rights.administrator or any(
        grant["object"] == "kernel.entry" and grant["verb"] in ("view", "*") and grant["scope"] == "everyone"
        for role in ctx.rights.roles for grant in role.grants)


def account(ctx: "Ctx", *, actor: int | None = None, name: str = "", pk: int | None = None, verb: str = "",
            since: datetime.datetime | None = None, until: datetime.datetime | None = None, before: int | None = None,
            limit: int = 50) -> list[Entry]:
    """A part of the whole account, newest first. Denied to those who may not audit."""
    if not may_audit(ctx):
        raise Denied(_("Only administrators and auditors may read the whole log."))
    wanted = Q()
    for column, value in (("actor_id", actor), ("object_type", name), ("object_id", pk), ("at__gte", since),
                          ("at__lt", until), ("pk__lt", before)):
        if value not in (None, ""):
            wanted &= Q(**{column: value})
    if verb:
        wanted &= Q(verb__endswith=f".{verb}")
    return list(Entry.objects.filter(wanted).order_by("-pk")[:limit])
