"""Taking the crowd away in bulk: all but what people changed since, and what that or anything else depends on."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from django.apps import apps

from guanxi.kernel.api import Record, registry
from guanxi.kernel.entries import Entry
from guanxi.kernel.records import object_name
from guanxi.site.demo.crowd import tables

Ranges = dict[str, list[int]]
Key = tuple[str, int]
#: Pairs of columns by which a record belongs to any other.
LOOSE_LINKS = (("object_type", "object_id"), ("subject_type", "subject_id"), ("source_object", "source_id"))
_NOTHING = "'{}'"
#: What points to others goes before them.
ORDER = ("inventory.stockline", "inventory.stockdocument", "sales.quoteline", "sales.quote", "work.activity",
         "sales.opportunity", "parties.contact", "parties.customer")


def changed_since(operation: int, figures: dict[str, Any]) -> set[Key]:
    """What anybody has changed since an operation, apart from it and from the crowd that came with it."""
    low, high = figures["entries"]
    begun = tables.ask("SELECT min(id) FROM kernel_entry WHERE operation_id = %s", operation)[0][0] or 0
    sql = ("SELECT DISTINCT object_type, object_id FROM kernel_entry WHERE id > %s AND id < %s "
           f"AND (operation_id IS NULL OR operation_id <> %s) AND changes <> {_NOTHING}")
    return {*tables.ask(sql, begun, low, operation), *tables.ask(sql, high, 2**62, operation)}


def remove(figures: dict[str, Any]) -> tuple[dict[str, int], dict[Key, bool]]:
    """How many rows went, by object; and what stayed: True for what was changed, False for what others need.

    The rows are deleted for good; the account keeps that they came in.
    """
    ranges: Ranges = figures["ranges"]
    staying = _staying(ranges, figures["entries"][1])
    names = [name for name in ORDER if name in ranges]
    every = [registry.model_of(name)._meta.db_table for name in names]
    large = sum(high - low for low, high in ranges.values()) > tables.WORTH and tables.postgres()
    with tables.bare(every, indexes=False) if large else nullcontext():
        gone = {name: _delete(name, ranges[name], sorted(pk for kind, pk in staying if kind == name)) for name in names}
    return gone, staying


def _staying(ranges: Ranges, last_entry: int) -> dict[Key, bool]:
    found: dict[Key, bool] = {}
    for name, (low, high) in ranges.items():
        found.update({(name, pk): True for (pk,) in tables.ask(
            "SELECT DISTINCT object_id FROM kernel_entry WHERE object_type = %s AND object_id BETWEEN %s AND %s "
            f"AND id > %s AND changes <> {_NOTHING}", name, low, high, last_entry)})
        found.update({key: found.get(key, False) for key in _needed(name, low, high, ranges)})
    fresh = list(found)
    while fresh:
        below = defaultdict(list)
        for name, pk in fresh:
            below[name].append(pk)
        wanted = {key for name, ids in below.items() for key in (*_targets(name, ids, ranges), *_lines(name, ids, ranges))}
        fresh = [key for key in wanted if key not in found]
        found.update(dict.fromkeys(fresh, False))
    return found


def _lines(name: str, ids: list[int], ranges: Ranges) -> set[Key]:
    """The lines of documents, which stay with them."""
    found, chosen = set[Key](), ", ".join(str(int(pk)) for pk in ids)
    for lines in registry.model_of(name).line_lists:
        low, high = ranges.get(object_name(lines.model), [0, -1])
        found |= {(object_name(lines.model), pk) for (pk,) in tables.ask(
            f'SELECT id FROM "{lines.model._meta.db_table}" WHERE "{lines.model.about.parent_name}_id" IN ({chosen}) '
            "AND id BETWEEN %s AND %s", low, high)}
    return found


def _links(model: type[Record], ranges: Ranges) -> Iterator[tuple[str, str]]:
    """Columns by which an object points into the crowd: column, object."""
    links: list[Any] = [source for source in model._meta.concrete_fields if source.is_relation]
    for source in links:
        if source.name not in ("upper_owner",):
            target = object_name(source.related_model)
            if target in ranges:
                yield source.column, target


def _needed(name: str, low: int, high: int, ranges: Ranges) -> set[Key]:
    """Rows of an object that something outside the crowd points to, from the recycle bin too."""
    found: set[Key] = set()
    for model in registry.objects():
        table, names = model._meta.db_table, {source.name for source in model._meta.concrete_fields}
        mine = ranges.get(object_name(model), [0, 0])
        outside = f'NOT (id BETWEEN {mine[0]} AND {mine[1]})'
        for column, target in _links(model, ranges):
            if target == name:
                found |= {(name, pk) for (pk,) in tables.ask(
                    f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" BETWEEN %s AND %s AND {outside}',
                    low, high)}
        for kind, number in LOOSE_LINKS:
            if {kind, number} <= names:
                found |= {(name, pk) for (pk,) in tables.ask(
                    f'SELECT DISTINCT "{number}" FROM "{table}" WHERE "{kind}" = %s AND "{number}" BETWEEN %s AND %s '
                    f"AND {outside}", name, low, high)}
    return found


def _targets(name: str, ids: list[int], ranges: Ranges) -> set[Key]:
    """What rows of the crowd point to within it."""
    model, found = registry.model_of(name), set[Key]()
    chosen = ", ".join(str(int(pk)) for pk in ids)
    for column, target in _links(model, ranges):
        found |= {(target, pk) for (pk,) in tables.ask(
            f'SELECT DISTINCT "{column}" FROM "{model._meta.db_table}" WHERE id IN ({chosen}) AND "{column}" IS NOT NULL')}
    if {"subject_type", "subject_id"} <= {source.name for source in model._meta.concrete_fields}:
        found |= {(kind, pk) for kind, pk in tables.ask(
            f'SELECT DISTINCT subject_type, subject_id FROM "{model._meta.db_table}" WHERE id IN ({chosen})')}
    return {(kind, pk) for kind, pk in found if kind in ranges and ranges[kind][0] <= pk <= ranges[kind][1]}


def _delete(name: str, within: list[int], staying: list[int]) -> int:
    """The rows of one object, and what the kernel keeps beside them."""
    but = f"AND {{}} NOT IN ({', '.join(map(str, staying))})" if staying else ""
    if not tables.postgres():
        tables.tell("DELETE FROM kernel_search_fts WHERE rowid IN (SELECT id FROM kernel_searchdoc WHERE object_type = %s "
                    f"AND object_id BETWEEN %s AND %s {but.format('object_id')})", name, *within)
    for table in _beside():
        tables.tell(f'DELETE FROM "{table}" WHERE object_type = %s AND object_id BETWEEN %s AND %s '
                    f'{but.format("object_id")}', name, *within)
    table = registry.model_of(name)._meta.db_table
    return tables.tell(f'DELETE FROM "{table}" WHERE id BETWEEN %s AND %s {but.format("id")}', *within)


def _beside() -> list[str]:
    """Tables whose rows tell something about any record, all but the account."""
    return [model._meta.db_table for model in apps.get_models()
            if {"object_type", "object_id"} <= {source.name for source in model._meta.concrete_fields}
            and not issubclass(model, Record | Entry)]
