"""Several selections of different objects in one query: what keeps a record page quick however much hangs below."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

#: Stands for the id of the record asked about in selections that are put into SQL once and asked often.
HERE = -(2**53)


@dataclass(frozen=True)
class Part:
    """A selection as SQL."""

    sql: str
    params: tuple[Any, ...]

    @classmethod
    def of(cls, selection: QuerySet[Any]) -> "Part | None":
        """None where nothing can be found."""
        try:
            sql, params = selection.query.sql_with_params()
        except EmptyResultSet:
            return None
        return cls(sql, tuple(params))

    @classmethod
    def counting(cls, selection: QuerySet[Any], cap: int) -> "Part | None":
        """How many rows it has, counting at most one above the cap."""
        inner = cls.of(selection.order_by().values("pk")[: cap + 1])
        return inner and cls(f"SELECT COUNT(*) AS total FROM ({inner.sql}) AS counted", inner.params)  # noqa: S608


def counts(parts: Sequence[Part | None], here: int) -> list[int]:
    """How many rows each selection has for one record."""
    return [group[0][0] if group else 0 for group in rows(parts, here)]


def rows(parts: Sequence[Part | None], here: int) -> list[list[tuple[Any, ...]]]:
    """The rows of several sliced ``values_list`` selections that have the same columns, by selection."""
    found: list[list[tuple[Any, ...]]] = [[] for _part in parts]
    asked = [(place, part) for place, part in enumerate(parts) if part is not None]
    if not asked:
        return found
    # The parts hold only SQL that Django wrote and whole numbers; every value travels as a parameter.
    sql = " UNION ALL ".join(
        f"SELECT {place} AS place, part{place}.* FROM ({part.sql}) AS part{place}" for place, part in asked)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [here if value == HERE else value for _place, part in asked for value in part.params])
        for place, *values in cursor.fetchall():
            found[place].append(tuple(values))
    return found


def first_of_each(found: QuerySet[Any], column: str, values: list[Any], sort: str, limit: int) -> dict[Any, list[Any]]:
    """The first rows for each value of a column, all in two queries: what a board shows."""
    picked = rows([Part.of(found.filter(**{column: value}).order_by(sort, "-id").values_list("pk")[:limit])
                   for value in values], 0)
    known = {row.pk: row for row in found.order_by().filter(pk__in=[pk for group in picked for (pk,) in group])}
    return {value: [known[pk] for (pk,) in group if pk in known] for value, group in zip(values, picked, strict=True)}
