"""What is kept for finding, written anew: for a new version of the analyser or of the rules, or words that were damaged.

People go on working meanwhile. Each batch is a transaction of its own and holds its rows, so that nobody's change is
written over by what was read before it. A row that somebody else holds is left for later and waited for alone, so that
nobody waits for two at a time.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from guanxi.kernel import match_keys, registry, search_index
from guanxi.kernel.match_keys import MatchKey
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.search_index import SearchDoc

_BATCH = 500


def kept(model: type[Record]) -> bool:
    """Is anything kept for finding records of this object?"""
    return bool(model.about.search) or _has_keys(model)


def _has_keys(model: type[Record]) -> bool:
    return model.match_keys is not Record.match_keys


def anew(model: type[Record], told: Callable[[int], None] | None = None) -> int:
    """Write the search words and match keys of one object; ``told`` hears after each batch how many records are done.

    Returns how many there are; those in the recycle bin are not found and do not count.
    """
    last = count = 0
    everything = model._default_manager.order_by("pk").values_list("pk", flat=True)
    while kept(model) and (ids := list(everything.filter(pk__gt=last)[:_BATCH])):
        done, live = _write(model, ids, skip_locked=True)
        for pk in sorted(set(ids) - done):
            live += _write(model, [pk])[1]
        last, count = ids[-1], count + live
        if told is not None:
            told(count)
    _forget(model)
    return count


def _write(model: type[Record], ids: list[int], skip_locked: bool = False) -> tuple[set[int], int]:
    """Write one batch as its rows are now; returns the rows that could be held, and how many of them live."""
    name = object_name(model)
    with transaction.atomic():
        rows = list(model._default_manager.select_for_update(of=("self",), no_key=True, skip_locked=skip_locked).filter(
            pk__in=ids).order_by("pk"))
        live = [row for row in rows if row.deleted_at is None]
        if model.about.search:
            search_index.update(live)
            search_index.remove(name, [row.pk for row in rows if row.deleted_at is not None])
        match_keys.remove(name, [row.pk for row in rows])
        match_keys.update(live)
    return {row.pk for row in rows}, len(live)


def _forget(model: type[Record]) -> None:
    """What is kept of rows that are not there, or of an object that is not searched any more."""
    name, rows = object_name(model), Exists(model._default_manager.filter(pk=OuterRef("object_id")))
    docs, keys = (one._default_manager.filter(object_type=name) for one in (SearchDoc, MatchKey))
    _drop(name, docs.exclude(rows) if model.about.search else docs, search_index.remove)
    _drop(name, keys.exclude(rows) if _has_keys(model) else keys, match_keys.remove)


def _drop(name: str, found: QuerySet[Any], remove: Callable[[str, Iterable[int]], None]) -> None:
    while ids := list(found.values_list("object_id", flat=True)[:_BATCH]):
        with transaction.atomic():
            remove(name, ids)


def forget_strangers() -> None:
    """What is kept of objects that are not there any more, and words that no record is found by (SQLite)."""
    known = [object_name(model) for model in registry.objects()]
    for kind, remove in ((SearchDoc, search_index.remove), (MatchKey, match_keys.remove)):
        strange = kind._default_manager.exclude(object_type__in=known)
        for name in sorted(set(strange.order_by().values_list("object_type", flat=True).distinct())):
            _drop(name, strange.filter(object_type=name), remove)
    last = 0 if connection.vendor == "sqlite" else None
    while last is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT rowid FROM kernel_search_fts WHERE rowid > %s AND NOT EXISTS (SELECT 1 FROM "
                           "kernel_searchdoc WHERE id = kernel_search_fts.rowid) ORDER BY rowid LIMIT %s", [last, _BATCH])
            lost = cursor.fetchall()
            cursor.executemany("DELETE FROM kernel_search_fts WHERE rowid = %s", lost)
            last = lost[-1][0] if lost else None
