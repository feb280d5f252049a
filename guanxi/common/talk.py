"""What people say around a record: comments with mentions, files, followers, notifications."""

import datetime
import re
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from guanxi.common import files, showing
from guanxi.kernel import fields as f
from guanxi.kernel import policy, recycling, registry, writing
from guanxi.kernel.about import About
from guanxi.kernel.fields import States
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Denied, Missing, Refused

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

_MENTION = re.compile(r"@\[(\d{1,12})\]")
MAX_COMMENT = 10_000


class Comment(Record):
    """A remark on a record. It is seen by whoever sees the record, and by nobody else."""

    object_type = f.Name(_("Object"), max_length=80, computed=True)
    object_id = f.Integer(_("Record"), computed=True)
    text = f.Text(_("Comment"), blank=False)
    pinned = f.Flag(_("Pinned"))

    about = About(one=_("comment"), many=_("comments"), icon="message", title=text, scope="everyone", side=(), verbs=())

    class Meta(Record.Meta):
        indexes = [models.Index(fields=("object_type", "object_id", "id"), name="common_comment_object")]

    def __str__(self) -> str:
        return self.text[:80]


class Attachment(Record):
    """A file of a record, kept under a random name and handed out only through the record's rights."""

    object_type = f.Name(_("Object"), max_length=80, computed=True)
    object_id = f.Integer(_("Record"), computed=True)
    name = f.Name(_("File name"), max_length=300)
    file = f.File(_("File"), upload_to=files.stored_name, max_length=200)
    size = f.Integer(_("Size"), default=0)
    media_type = f.Name(_("Type"), max_length=100)
    comment = f.Link(Comment, _("Comment"), null=True)
    #: The fields that stand in a file the system made: from whom one of them is withheld, the file is too.
    shows = f.Json(_("Shows"), default=list, computed=True)

    about = About(one=_("file"), many=_("files"), icon="paperclip", title=name, scope="everyone", side=(), verbs=())

    class Meta(Record.Meta):
        indexes = [models.Index(fields=("object_type", "object_id", "id"), name="common_attachment_object")]

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")


class Follow(models.Model):
    """A person wants to hear of what happens to a record."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    object_type = models.CharField(max_length=80)
    object_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("user", "object_type", "object_id"), name="common_follow_once")]
        indexes = [models.Index(fields=("object_type", "object_id"), name="common_follow_object")]


class Notification(models.Model):
    """Something a person should notice. It holds no content: what it is about is read with the reader's rights."""

    class Kind(States):
        MENTION = "mention", _("mentioned you")
        COMMENT = "comment", _("commented")
        ASSIGNED = "assigned", _("assigned to you")
        CHANGED = "changed", _("changed")
        REMINDER = "reminder", _("reminder")
        DONE = "done", _("finished")
        SYSTEM = "system", _("system")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+",
                              db_index=False)
    object_type = models.CharField(max_length=80, default="")
    object_id = models.BigIntegerField(null=True)
    note = models.CharField(max_length=300, default="")
    late = models.BooleanField(default=False)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=("user", "-id"), name="common_notification_user"),
                   models.Index(fields=("user", "id"), name="common_notification_unread", condition=Q(read_at=None))]


def notify(ctx: "Ctx", users: Iterable[int | None], kind: str, record: Record | None = None, note: str = "",
           late: bool = False) -> None:
    """Tell people; never the actor about what the actor did, unless it is a reminder."""
    own = kind in (Notification.Kind.REMINDER, Notification.Kind.DONE)
    wanted = {pk for pk in users if pk and (own or pk != ctx.user_id)}
    Notification.objects.bulk_create([
        Notification(user_id=pk, kind=kind, actor_id=ctx.user_id, note=note[:300], at=ctx.now, late=late,
                     object_type=object_name(record) if record else "", object_id=record.pk if record else None)
        for pk in sorted(wanted)])


def remind(ctx: "Ctx", rows: Iterable[tuple[int, Record, str, bool]], since: datetime.datetime | None = None) -> int:
    """Call records to mind: person, record, note, and whether late; in two statements however many they are.

    With ``since``, whoever was reminded of a record after that moment is not reminded again. Returns how many were told.
    """
    wanted = list(rows)
    told = set(Notification.objects.filter(
        kind=Notification.Kind.REMINDER, user_id__in={pk for pk, *_rest in wanted}, at__gte=since,
    ).values_list("user_id", "object_type", "object_id")) if since and wanted else set()
    made = [Notification(user_id=pk, kind=Notification.Kind.REMINDER, note=note[:300], at=ctx.now, late=late,
                         object_type=object_name(record), object_id=record.pk)
            for pk, record, note, late in wanted if (pk, object_name(record), record.pk) not in told]
    Notification.objects.bulk_create(made, batch_size=500)
    return len(made)


def unread_rows(ctx: "Ctx") -> QuerySet[Notification]:
    """The notifications that wait."""
    return Notification.objects.filter(user_id=ctx.user_id, read_at=None)


def unread(ctx: "Ctx") -> int:
    """How many wait, up to 100."""
    return unread_rows(ctx)[:100].count()


def comments(ctx: "Ctx", record: Record, limit: int = 100) -> list[Comment]:
    """The newest comments on a record the actor has in hand."""
    rows = Comment.objects.filter(object_type=object_name(record), object_id=record.pk, deleted_at=None)
    return list(rows.select_related("created_by").order_by("-id")[:limit])


def comment(ctx: "Ctx", record: Record, words: str, uploads: Iterable[Any] = ()) -> tuple[Comment, list[Any]]:
    """Say something about a record one may see; also returns the mentioned people who may not see it."""
    with ctx.door(f"{object_name(record)}.comment"):
        seen = ctx.get(type(record), record.pk)
        made = Comment(object_type=object_name(seen), object_id=seen.pk, text=f.Text().parse(words).strip())
        if len(made.text) > MAX_COMMENT:
            raise Refused(_("At most %(count)s characters fit.") % {"count": MAX_COMMENT}, field="text")
        writing.save(ctx, made)
        for upload in uploads:
            attach(ctx, seen, upload, made)
        mentioned = {int(pk) for pk in _MENTION.findall(made.text)}
        able, unable = _split(ctx, seen, mentioned)
        notify(ctx, able, Notification.Kind.MENTION, seen)
        followers = set(Follow.objects.filter(object_type=object_name(seen), object_id=seen.pk).values_list(
            "user_id", flat=True)) | {seen.owner_id}
        notify(ctx, followers - mentioned, Notification.Kind.COMMENT, seen)
    return made, unable


def _split(ctx: "Ctx", record: Record, user_ids: set[int]) -> tuple[list[int], list[Any]]:
    """Mentioned people who may open the record, and those who may not."""
    able, unable = [], []
    for user in get_user_model()._default_manager.filter(pk__in=user_ids, is_active=True):
        other = type(ctx)(user=user)
        if policy.may(other, type(record), "view", record):
            able.append(user.pk)
        else:
            unable.append(user)
    return able, unable


def attach(ctx: "Ctx", record: Record, upload: Any, to: Comment | None = None, shows: Iterable[str] = ()) -> Attachment:
    """Keep a file with a record the actor may see. Refused for kinds of files that are not allowed."""
    with ctx.door(f"{object_name(record)}.attach"):
        seen = ctx.get(type(record), record.pk)
        name, media_type = files.inspect(upload)
        made = Attachment(object_type=object_name(seen), object_id=seen.pk, name=name, file=upload, size=upload.size,
                          media_type=media_type, comment=to, shows=list(shows))
        return writing.save(ctx, made)  # type: ignore[return-value]


def attachments(ctx: "Ctx", record: Record) -> list[Attachment]:
    """The files of a record the actor has in hand, as far as nothing in them is withheld from the actor."""
    rows = Attachment.objects.filter(object_type=object_name(record), object_id=record.pk, deleted_at=None)
    return readable(ctx, rows.select_related("created_by").order_by("-id"), 200)


def readable(ctx: "Ctx", rows: QuerySet[Attachment], limit: int) -> list[Attachment]:
    """The first files that show nothing withheld from the actor."""
    return list(islice((one for one in rows.iterator(chunk_size=200) if not showing.withheld(ctx, one.shows)), limit))


def carry(ctx: "Ctx", origin: Record, target: Record) -> int:
    """Move comments and files to another record, with author and time; who followed the one follows the other too."""
    moved = 0
    kinds: tuple[Any, ...] = (Comment, Attachment)
    for model in kinds:
        rows: list[Any] = list(model._default_manager.select_for_update(of=("self",), no_key=True).filter(
            object_type=object_name(origin), object_id=origin.pk, deleted_at=None).order_by("pk"))
        for row in rows:
            row.object_type, row.object_id = object_name(target), target.pk
        for _row, refusal in writing.update_many(ctx, rows, verb="carry"):
            if refusal is not None:
                raise refusal
            moved += 1
    for follower in Follow.objects.filter(object_type=object_name(origin), object_id=origin.pk):
        Follow.objects.get_or_create(user_id=follower.user_id, object_type=object_name(target), object_id=target.pk)
    return moved


def open_attachment(ctx: "Ctx", pk: int) -> Attachment:
    """A file by its id, if the actor may see its record and all that the file shows. Missing or Denied otherwise."""
    found = Attachment.objects.filter(pk=pk, deleted_at=None).first()
    if found is None:
        raise Missing(_("There is no such file."))
    record = ctx.get(registry.model_of(found.object_type), found.object_id)
    if label := showing.withheld(ctx, found.shows):
        raise Denied(_("“%(sheet)s” shows “%(field)s”, which is withheld from you.") % {
            "sheet": found.name, "field": label}, record=record)
    return found


def remove_attachment(ctx: "Ctx", pk: int) -> None:
    """Take a file away: by who put it there, or by who may change the record."""
    found = open_attachment(ctx, pk)
    if found.created_by_id != ctx.user_id:
        record = ctx.get(registry.model_of(found.object_type), found.object_id)
        answer = ctx.may("update", record)
        if not answer:
            raise Missing(_("There is no such file."))
    with ctx.door("common.attachment.delete"):
        recycling.delete(ctx, found)


def follow(ctx: "Ctx", record: Record, on: bool = True) -> None:
    """Begin or stop hearing of a record one may see."""
    seen = ctx.get(type(record), record.pk)
    rows = Follow.objects.filter(user_id=ctx.user_id, object_type=object_name(seen), object_id=seen.pk)
    if on:
        Follow.objects.get_or_create(user_id=ctx.user_id, object_type=object_name(seen), object_id=seen.pk)
    else:
        rows.delete()


def follows(ctx: "Ctx", record: Record) -> bool:
    return Follow.objects.filter(user_id=ctx.user_id, object_type=object_name(record), object_id=record.pk).exists()
