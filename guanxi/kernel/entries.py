"""Entry: the one append-only account of what happened — audit, feed and event in one, chained by hashes."""

import datetime
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.fields import States
from guanxi.kernel.inserting import insert
from guanxi.kernel.records import HOUSEKEEPING, Record

#: What stands in the account instead of a secret.
SECRET = "•••"  # noqa: S105
_NOTHING: tuple[Any, ...] = (None, "", [], {})


_packed = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


class Operation(models.Model):
    """Many changes made as one: an import, a bulk edit, a merge, a transfer. It can be undone as one."""

    class State(States):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        UNDONE = "undone", _("Undone")
        FAILED = "failed", _("Failed")

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    figures = models.JSONField(default=dict)
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")

    class Meta:
        indexes = [models.Index(fields=("actor", "-at"), name="kernel_operation_actor")]

    def __str__(self) -> str:
        return self.title


class Entry(models.Model):
    """One thing that happened to one record. Never changed, never removed: the database itself refuses."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
                              db_index=False)
    real_actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
                                   db_index=False)
    via = models.CharField(max_length=20)
    client = models.CharField(max_length=60, default="")
    trace = models.CharField(max_length=32)
    verb = models.CharField(max_length=120)
    object_type = models.CharField(max_length=80)
    object_id = models.BigIntegerField(null=True)
    title = models.CharField(max_length=300, default="")
    version = models.PositiveIntegerField(default=0)
    changes = models.JSONField(default=dict)
    inputs = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, default="")
    operation = models.ForeignKey(Operation, null=True, on_delete=models.PROTECT, related_name="entries",
                                  db_index=False)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=("object_type", "object_id", "id"), name="kernel_entry_object"),
            models.Index(fields=("actor", "id"), name="kernel_entry_actor"),
            models.Index(fields=("operation", "id"), name="kernel_entry_operation",
                         condition=models.Q(operation__isnull=False)),
            models.Index(fields=("at",), name="kernel_entry_at"),
            models.Index(fields=("trace",), name="kernel_entry_trace")]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id}"

    @property
    def word(self) -> str:
        """The verb without its object: ``accept`` of ``sales.quote.accept``."""
        return self.verb.rsplit(".", 1)[-1]

    def digest(self) -> str:
        """The seal over this entry and the one before it."""
        body = [self.at.isoformat(), self.actor_id, self.real_actor_id, self.via, self.client, self.trace, self.verb,
                self.object_type, self.object_id, self.title, self.version, self.changes, self.inputs, self.reason,
                self.operation_id]
        return hashlib.sha256(f"{self.previous}{_packed(body)}".encode()).hexdigest()


class ChainHead(models.Model):
    """The last seal. Its row lock makes the order of entries the order of commits."""

    hash = models.CharField(max_length=64, default="")
    length = models.BigIntegerField(default=0)


class StateChange(models.Model):
    """A record moved from one state to another: what stage analysis, days per stage and boards «as of» read."""

    object_type = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    field = models.CharField(max_length=60)
    old = models.CharField(max_length=60, default="")
    new = models.CharField(max_length=60, default="")
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
                              db_index=False)

    class Meta:
        indexes = [models.Index(fields=("object_type", "object_id", "field", "at"), name="kernel_state_record"),
                   models.Index(fields=("object_type", "field", "at"), name="kernel_state_time")]


def append(entries: Sequence[Entry]) -> None:
    """Seal entries and add them to the chain. Called last in a transaction: the head's lock is held until commit."""
    if not entries:
        return
    head, _new = ChainHead.objects.select_for_update().get_or_create(pk=1)
    seal = head.hash
    for entry in entries:
        entry.previous = seal
        entry.hash = seal = entry.digest()
    insert(entries)
    ChainHead.objects.filter(pk=1).update(hash=seal, length=F("length") + len(entries))


def broken_at(entries: Iterable[Entry] | None = None) -> int | None:
    """The id of the first entry whose seal does not fit, or None when the whole chain holds."""
    seal, count = "", 0
    for entry in entries if entries is not None else Entry.objects.order_by("id").iterator(chunk_size=2000):
        if entry.previous != seal or entry.digest() != entry.hash:
            return int(entry.pk)
        seal, count = entry.hash, count + 1
    head = ChainHead.objects.filter(pk=1).first()
    if entries is None and head is not None and (head.hash, head.length) != (seal, count):
        return count + 1
    return None


@cache
def _told(model: type[Record]) -> list[tuple[str, str, Any, bool]]:
    """The fields people change: name, column, how a value is written down, and whether it is a secret."""
    return [(source.name, source.attname, getattr(source, "plain", lambda value: value),
             getattr(source, "secret", source.name == "password")) for source in model._meta.concrete_fields
            if source.name not in HOUSEKEEPING - {"password"} | {"extra"}]


def diff(record: Record, created: bool) -> dict[str, list[Any]]:
    """Field by field what is different from what was read: ``{name: [before, after]}``, secrets covered."""
    before = {} if created else getattr(record, "loaded", {})
    found: dict[str, list[Any]] = {}
    held = vars(record)  # past the descriptors
    told = [one for one in _told(record._meta.model) if not created or held[one[1]] or held[one[1]] == 0]
    for name, attname, plain, secret in told:
        new = held[attname] if attname in held else getattr(record, attname)
        if not created and before.get(attname, new) == new:
            continue
        pair = [None if created else plain(before[attname]), plain(new)]
        if pair[0] != pair[1] and not (created and pair[1] in _NOTHING):
            found[name] = [SECRET, SECRET] if secret else pair
    old_extra = before.get("extra") or {}
    for key in {**old_extra, **record.extra}:
        if old_extra.get(key) != record.extra.get(key):
            found[f"extra.{key}"] = [old_extra.get(key), record.extra.get(key)]
    return found


def removal_time(moment: Any) -> str | None:
    """The moment of a deletion as entries write it."""
    return moment.astimezone(datetime.UTC).isoformat() if moment else None
