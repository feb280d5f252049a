"""Document numbers: fast ones that never block, and gapless ones drawn under a lock inside the transaction."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models, transaction
from django.utils import timezone

from guanxi.kernel import fields as f
from guanxi.kernel.records import Record


class Counter(models.Model):
    """The last number given out under a key such as ``sales.quote.number:Q-2026-``."""

    key = models.CharField(max_length=120, unique=True)
    value = models.BigIntegerField(default=0)


def assign(records: Sequence[Record]) -> None:
    """Give every new record of one object its numbers, in one draw."""
    if not records:
        return
    for source in records[0]._meta.concrete_fields:
        if isinstance(source, f.Number):
            waiting = [record for record in records if not getattr(record, source.attname)]
            if waiting:
                _give(source, waiting)


def _give(source: f.Number, records: list[Record]) -> None:
    now = timezone.localtime(records[0].created_at)
    parts = {"yyyy": f"{now:%Y}", "yy": f"{now:%y}", "mm": f"{now:%m}", "dd": f"{now:%d}"}
    before, _mark, _rest = source.pattern.partition("{n")
    key = f"{source.model._meta.label_lower}.{source.name}:{before.format(**parts)}"
    last = draw(key, len(records), gapless=source.gapless)
    for offset, record in enumerate(records, start=last - len(records) + 1):
        setattr(record, source.attname, source.pattern.format(n=offset, **parts))


def draw(key: str, count: int, gapless: bool) -> int:
    """The last of ``count`` new numbers. Gapless numbers hold the counter's row until commit."""
    if connection.vendor == "postgresql" and not gapless:
        return _from_sequence(key, count)
    with transaction.atomic():
        counter, _new = Counter.objects.select_for_update().get_or_create(key=key)
        counter.value += count
        counter.save(update_fields=["value"])
        return counter.value


def _from_sequence(key: str, count: int) -> int:
    """PostgreSQL sequences are outside of transactions: nobody waits, a rollback leaves a gap."""
    name = f"kernel_n_{hashlib.sha256(key.encode()).hexdigest()[:24]}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is None:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
            cursor.execute(f'CREATE SEQUENCE IF NOT EXISTS "{name}"')
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [name, count])
        numbers = [int(row[0]) for row in cursor.fetchall()]
    if numbers[-1] - numbers[0] != count - 1:
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(%s, nextval(%s) + %s)", [name, name, count])
            return int(cursor.fetchone()[0])
    return numbers[-1]


def check_patterns(sources: Sequence[Any]) -> None:
    """Two number fields of one object must not be able to make the same string. Raises ImproperlyConfigured."""
    seen: dict[tuple[Any, str], Any] = {}
    for source in sources:
        key = (source.model, source.pattern.partition("{n")[0])
        if key in seen:
            raise ImproperlyConfigured(f"{source} and {seen[key]} can give the same number")
        seen[key] = source
