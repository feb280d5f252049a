"""Looking through all objects at once: for words, and for records that may mean the same."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Count, Q
from django.db.models.expressions import RawSQL

from guanxi.kernel.engine_sql import listed
from guanxi.kernel.match_keys import MatchKey
from guanxi.kernel.search_index import SearchDoc
from guanxi.language import text

#: So many hits of a search are named one by one.
FEW = 2000
#: Keys looked up by one statement.
_ASKED = 10_000


def candidates(words: str, allowed: dict[str, Q | None], limit: int) -> list[SearchDoc]:
    """The newest matches over all objects; ``allowed`` gives by object the owners' condition on this index."""
    query = text.analyse_query(words)
    if not query or not allowed:
        return []
    reach = Q()
    for name, condition in allowed.items():
        reach |= Q(object_type=name) if condition is None else Q(object_type=name) & condition
    if connection.vendor == "postgresql":
        hit = _hits(text.to_tsquery(query))
    else:
        hit = Q(pk__in=RawSQL("SELECT rowid FROM kernel_search_fts WHERE body MATCH %s ORDER BY rowid DESC LIMIT 5000",
                              (text.to_fts5(query),)))
    return list(SearchDoc.objects.filter(hit).filter(reach).order_by("-pk")[:limit])


def _hits(query: str) -> Q:
    """PostgreSQL would walk the whole index from its newest end for a rare word: where hits are few, they are named."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM kernel_searchdoc WHERE body @@ %s::tsquery LIMIT %s", [query, FEW + 1])
        ids = [pk for (pk,) in cursor.fetchall()]
    if len(ids) <= FEW:
        return Q(pk__in=ids)
    return Q(pk__in=RawSQL("SELECT id FROM kernel_searchdoc WHERE body @@ %s::tsquery", (query,)))


def sharing(keys: Iterable[str], names: Iterable[str], limit: int = 200) -> dict[str, list[int]]:
    """Records that share a key, by object; those that share most come first. Says nothing about who may see them."""
    rows = MatchKey.objects.filter(key__in=sorted(key[:120] for key in keys), object_type__in=sorted(names))
    best = rows.values("object_type", "object_id").annotate(shared=Count("id")).order_by("-shared", "-object_id")
    found: dict[str, list[int]] = {}
    for row in best[:limit]:
        found.setdefault(row["object_type"], []).append(row["object_id"])
    return found


def holders(keys: Iterable[str], name: str) -> dict[str, list[int]]:
    """The records of one object that have each of many keys, newest first; for the questions of a whole table."""
    wanted = sorted({key[:120] for key in keys})
    found: dict[str, list[int]] = {}
    for start in range(0, len(wanted), _ASKED):
        asked = listed(wanted[start:start + _ASKED])
        rows = MatchKey.objects.filter(key__in=asked, object_type=name).order_by("-object_id")
        for key, pk in rows.values_list("key", "object_id"):
            found.setdefault(key, []).append(pk)
    return found
