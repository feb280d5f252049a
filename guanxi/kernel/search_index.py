"""The search index: one row per record of any object, found by Chinese substring, pinyin, initials or phone tail."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from guanxi.kernel import fields as f
from guanxi.kernel import inserting
from guanxi.kernel.records import Record, object_name
from guanxi.language import text

_BATCH = 500
#: Where more rows hold the words, a page of a list is full sooner by reading the list in its order.
MANY = 20_000


class SearchDoc(models.Model):
    """What is found of one record: its title, and who may see it. The words stand in the database's own index."""

    object_type = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    title = models.CharField(max_length=300)
    owner_id = models.BigIntegerField(null=True)
    upper_owner_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("object_type", "object_id"), name="kernel_search_object")]


def words_of(record: Record) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """What is said of a record: texts, names, and names of people."""
    texts, names, people = (tuple([str(getattr(record, one) or "") for one in group]) for group in _searched(type(record)))
    more = [value for value in record.extra.values() if isinstance(value, str)]
    return (*[words.replace(";ext=", " ") for words in texts], *more), names, people


@cache
def _searched(model: type[Record]) -> tuple[list[str], ...]:
    """The fields by whose words a record is found: texts, names, names of people."""
    groups: tuple[list[str], ...] = [], [], []
    for name in model.about.search_names:
        source = model._meta.get_field(name)
        groups[2 if isinstance(source, f.PersonName) else type(source) in (f.Name, f.Number)].append(name)
    return groups


def tokens_of(record: Record) -> list[str]:
    """Everything by which a record is found, in the order in which phrases follow each other."""
    return text.document_tokens(*words_of(record))


def update(records: Iterable[Record]) -> None:
    """Index records anew; called once at the end of a transaction."""
    rows = list(records)
    for start in range(0, len(rows), _BATCH):
        _update_batch(rows[start:start + _BATCH])


def _update_batch(rows: Sequence[Record]) -> None:
    found = [(object_name(row), row.pk, row.full_title[:300], row.owner_id, row.upper_owner_id) for row in rows]
    words = map(words_of, rows)
    names = ("object_type", "object_id", "title", "owner_id", "upper_owner_id")
    if connection.vendor == "postgresql":
        _put([*names, "body"], [*map(list, zip(*found, strict=True)), [text.tsvector_of(*said) for said in words]],
             len(rows) >= inserting.MANY and all(row.version == 1 for row in rows))
        return
    ids = inserting.insert_values(SearchDoc, names, found, ids=True, update_conflicts=True, unique_fields=names[:2],
                                  update_fields=names[2:])
    with connection.cursor() as cursor:
        cursor.executemany("INSERT OR REPLACE INTO kernel_search_fts(rowid, body) VALUES (%s, %s)",
                           [(pk, text.fts5_of(*said)) for pk, said in zip(ids, words, strict=True)])


def _put(names: list[str], columns: list[list[Any]], new: bool) -> None:
    """Write documents with their words; those that should be ``new`` in the quickest way."""
    if new:
        with suppress(IntegrityError), transaction.atomic():
            inserting.put(connection, SearchDoc._meta.db_table, names, columns)
            return
    with connection.cursor() as cursor:
        cursor.execute(_PUT, columns)


#: Documents and their words at once: words that came by a second statement would write every row twice.
_PUT = """INSERT INTO kernel_searchdoc (object_type, object_id, title, owner_id, upper_owner_id, body)
  SELECT kind, id, title, owner, upper, body::tsvector
  FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])
    AS new(kind, id, title, owner, upper, body)
  ON CONFLICT (object_type, object_id) DO UPDATE SET title = EXCLUDED.title, owner_id = EXCLUDED.owner_id,
    upper_owner_id = EXCLUDED.upper_owner_id, body = EXCLUDED.body"""


def remove(name: str, ids: Iterable[int]) -> None:
    """Take records out of the index."""
    docs = SearchDoc.objects.filter(object_type=name, object_id__in=list(ids))
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.executemany("DELETE FROM kernel_search_fts WHERE rowid = %s",
                               [(pk,) for pk in docs.values_list("pk", flat=True)])
    docs.delete()


def set_upper_owner(name: str, rows: QuerySet[Any], owner_id: int | None) -> None:
    """Follow a change of the owner of the record above."""
    SearchDoc.objects.filter(object_type=name, object_id__in=rows.values("pk")).update(upper_owner_id=owner_id)


def matching(model: type[Record], words: str) -> Q:
    """The records of one object that match what was typed, as a condition on their key."""
    name, query = object_name(model), text.analyse_query(words)
    if connection.vendor == "postgresql":
        return Q(pk__in=RawSQL("SELECT object_id FROM kernel_searchdoc WHERE object_type = %s AND body @@ %s::tsquery",
                               (name, text.to_tsquery(query))))
    return Q(pk__in=RawSQL(
        "SELECT d.object_id FROM kernel_search_fts AS w JOIN kernel_searchdoc AS d ON d.id = w.rowid "
        "WHERE w.body MATCH %s AND d.object_type = %s", (text.to_fts5(query), name)))


def common(model: type[Record], field: str, words: str) -> bool:
    """Do so many rows hold these words that a list is read in its order until a page is full, not looked up and sorted?

    Answered from what PostgreSQL knows of the column, without reading it; SQLite, with its smaller tables, looks up.
    """
    source = model._meta.get_field(field)
    if connection.vendor != "postgresql" or not isinstance(source, models.CharField):
        return False
    table, like = connection.ops.quote_name(model._meta.db_table), connection.ops.prep_for_like_query(words)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {table} "  # noqa: S608  our own names
                       f"WHERE {connection.ops.quote_name(str(source.column))} ILIKE %s", [f"%{like}%"])
        return int(cursor.fetchone()[0][0]["Plan"]["Plan Rows"]) > MANY
