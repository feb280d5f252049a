"""Inserting: many new rows of one table by the bare driver, column by column, many times faster than one by one."""

from collections.abc import Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, IntegrityError, models, transaction
from django.db.models.base import ModelState

from guanxi.language import copying

#: Fewer rows go Django's own way, in one query.
MANY = 10
_PLAIN_FIELDS = (models.CharField, models.TextField, models.IntegerField, models.ForeignKey)


def fresh(model: type[models.Model], values: dict[str, Any]) -> Any:
    """A new row, given the value of every column: the quickest way to make one."""
    row: Any = object.__new__(model)
    vars(row).update(values, _state=ModelState())
    return row


def insert(rows: Sequence[models.Model], ids: bool = False) -> None:
    """Write new rows of one table; with ``ids`` they know theirs then. Raises IntegrityError, so have a savepoint."""
    if len(rows) < MANY:
        if rows:
            rows[0]._meta.model._default_manager.bulk_create(rows)
        return
    for row in rows:
        if row._state.fields_cache:  # a link that has been saved since has an id now; one that was not raises
            row._prepare_related_fields_for_save("bulk_create")  # type: ignore[attr-defined]
    sources: list[Any] = [source for source in rows[0]._meta.concrete_fields if not source.primary_key]
    columns = [[source.pre_save(row, True) for row in rows] if isinstance(source, models.FileField)
               else list(map(attrgetter(source.attname), rows)) for source in sources]
    given = [row.pk for row in rows]
    for row, pk in zip(rows, _write(rows[0]._meta.model, sources, columns, given, ids), strict=True):
        row.pk, row._state.adding, row._state.db = pk, False, DEFAULT_DB_ALIAS


def insert_values(model: type[models.Model], names: Sequence[str], rows: Sequence[tuple[Any, ...]], ids: bool = False,
                  **conflicts: Any) -> list[Any]:
    """Write new rows given by their values; ``conflicts`` say what to do with one that is there, as in ``bulk_create``."""
    if len(rows) >= MANY:
        sources = [model._meta.get_field(name) for name in names]
        with suppress(IntegrityError), transaction.atomic():
            return _write(model, sources, list(zip(*rows, strict=True)), [None] * len(rows), ids)
    made = [model(**dict(zip(names, row, strict=True))) for row in rows]
    return [row.pk for row in model._default_manager.bulk_create(made, batch_size=500, **conflicts)]


def _write(model: type[models.Model], sources: list[Any], columns: Sequence[Sequence[Any]], given: list[Any],
           ids: bool) -> list[Any]:
    connection = transaction.get_connection()
    values = [_stored(source, column, connection) for source, column in zip(sources, columns, strict=True)]
    if ids:
        fresh = iter(_draw(model._meta, given.count(None), connection))
        given = [next(fresh) if pk is None else pk for pk in given]
        sources, values = [model._meta.pk, *sources], [given, *values]
    put(connection, model._meta.db_table, [source.column for source in sources], values)
    return given


def put(connection: Any, table: str, names: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
    """Write rows as the driver takes them."""
    quote = connection.ops.quote_name
    into = f"{quote(table)} ({', '.join(map(quote, names))})"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            text = copying.rows_of(columns)
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                copy.write(text)
        else:
            marks = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", zip(*columns, strict=True))  # noqa: S608


def _draw(meta: Any, count: int, connection: Any) -> Sequence[int]:
    """New ids. SQLite's writers take turns, so the next ones are free."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(s) FROM (SELECT pg_get_serial_sequence(%s, %s)::regclass AS s OFFSET 0) AS q, "
                           "generate_series(1, %s)", [connection.ops.quote_name(meta.db_table), meta.pk.column, count])
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [meta.db_table])
        last = (cursor.fetchone() or (0,))[0]
    return range(last + 1, last + count + 1)


def _stored(source: Any, values: Sequence[Any], connection: Any) -> Sequence[Any]:
    """A column as the driver takes it; each different value is prepared once."""
    if isinstance(source, _PLAIN_FIELDS) and set(map(type, values)) <= {str, int, type(None)}:
        return values

    def kept(value: Any) -> Any:
        made = source.get_db_prep_save(value, connection)
        return made.dumps(made.obj) if hasattr(made, "dumps") else made  # JSON without PostgreSQL's wrapping

    if values.count(values[0]) == len(values):
        return [kept(values[0])] * len(values)
    try:
        known = {value: kept(value) for value in set(values)}
        return [known[value] for value in values]
    except TypeError:  # lists and the like are no keys
        return list(map(kept, values))
