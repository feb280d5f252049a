"""External ids: what a record is called in another system, and where a merged record went."""

from collections.abc import Iterable

from django.db import models

from guanxi.kernel.inserting import insert_values
from guanxi.kernel.records import Record, object_name


class ExternalId(models.Model):
    """The key of a record in a source such as an imported file or an ERP. One key names one record."""

    source = models.CharField(max_length=60)
    object_type = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    object_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("source", "object_type", "key"), name="kernel_external_key")]
        indexes = [models.Index(fields=("object_type", "object_id"), name="kernel_external_object")]


class Redirect(models.Model):
    """A record that was merged into another: old addresses lead to the survivor."""

    object_type = models.CharField(max_length=80)
    old_id = models.BigIntegerField()
    new_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("object_type", "old_id"), name="kernel_redirect_old")]


def ids_of(source: str, model: type[Record], keys: Iterable[str]) -> dict[str, int]:
    """Records by their keys in a source; unknown keys are absent."""
    rows = ExternalId.objects.filter(source=source, object_type=object_name(model), key__in=list(keys))
    return dict(rows.values_list("key", "object_id"))


def remember(source: str, pairs: Iterable[tuple[str, Record]]) -> None:
    """Note under which keys a source knows some records."""
    insert_values(ExternalId, ("source", "object_type", "key", "object_id"),
                  [(source, object_name(record), key, record.pk) for key, record in pairs], update_conflicts=True,
                  unique_fields=("source", "object_type", "key"), update_fields=("object_id",))


def survivor_of(model: type[Record], pk: int) -> int | None:
    """Where a merged record went, following merges of merges; None when it was not merged."""
    seen: set[int] = set()
    found: int | None = pk
    while found is not None and found not in seen:
        seen.add(found)
        last = found
        found = Redirect.objects.filter(object_type=object_name(model), old_id=found).values_list(
            "new_id", flat=True).first()
    return last if last != pk else None
