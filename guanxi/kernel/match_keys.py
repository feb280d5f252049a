"""Match keys: short keys by which records that may mean the same are found, kept with every write of a record."""

from collections.abc import Iterable, Sequence

from django.db import models

from guanxi.kernel.inserting import insert_values
from guanxi.kernel.records import Record, object_name

_BATCH = 500


class MatchKey(models.Model):
    """One key of one record. Records that share none cannot be the same."""

    key = models.CharField(max_length=120)
    object_type = models.CharField(max_length=80)
    object_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("key", "object_type", "object_id"), name="kernel_match_key")]
        indexes = [models.Index(fields=("object_type", "object_id"), name="kernel_match_object")]


def update(records: Iterable[Record]) -> None:
    """Write the keys of records anew; called once at the end of a transaction."""
    by_model: dict[type[Record], list[Record]] = {}
    for record in records:
        if type(record).match_keys is not Record.match_keys:
            by_model.setdefault(type(record), []).append(record)
    for rows in by_model.values():
        for start in range(0, len(rows), _BATCH):
            _update_batch(rows[start:start + _BATCH])


def _update_batch(rows: Sequence[Record]) -> None:
    name = object_name(rows[0])
    wanted = {(row.pk, key[:120]) for row in rows for key in row.match_keys()}
    old = MatchKey.objects.filter(object_type=name, object_id__in=[row.pk for row in rows if row.version > 1])
    there = {(pk, key): mark for mark, pk, key in old.values_list("pk", "object_id", "key")}
    if stale := [mark for pair, mark in there.items() if pair not in wanted]:
        MatchKey.objects.filter(pk__in=stale).delete()
    insert_values(MatchKey, ("object_type", "object_id", "key"),
                  [(name, *pair) for pair in sorted(wanted - there.keys())], ignore_conflicts=True)


def remove(name: str, ids: Iterable[int]) -> None:
    """Forget the keys of records that went to the recycle bin."""
    MatchKey.objects.filter(object_type=name, object_id__in=list(ids)).delete()
