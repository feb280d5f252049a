"""Several selections of different objects in one query: what keeps a record page quick however much hangs below."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def counts(selections: Sequence[QuerySet[Any]], cap: int) -> list[int]:
    """How many rows each selection has, counting at most one above the cap."""
    found = [0] * len(selections)
    parts: list[str] = []
    params: list[Any] = []
    for place, selection in enumerate(selections):
        try:
            sql, given = selection.order_by().values("pk")[: cap + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT {place} AS place, COUNT(*) AS total FROM ({sql}) AS part{place}")  # noqa: S608
        params += given
    for place, total in _run(parts, params):
        found[place] = total
    return found


def rows(selections: Sequence[QuerySet[Any]]) -> list[list[tuple[Any, ...]]]:
    """The rows of several sliced ``values_list`` selections that have the same columns, by selection."""
    found: list[list[tuple[Any, ...]]] = [[] for _selection in selections]
    parts: list[str] = []
    params: list[Any] = []
    for place, selection in enumerate(selections):
        try:
            sql, given = selection.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT {place} AS place, part{place}.* FROM ({sql}) AS part{place}")  # noqa: S608
        params += given
    for place, *values in _run(parts, params):
        found[place].append(tuple(values))
    return found


def _run(parts: list[str], params: list[Any]) -> list[tuple[Any, ...]]:
    """The parts hold only SQL that Django wrote and whole numbers; every value travels as a parameter."""
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        return list(cursor.fetchall())
