"""Writing tables in bulk, below the kernel's door: COPY on PostgreSQL, many rows at a time on SQLite."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import connection

from guanxi.kernel.meanwhile import TRIGGER
from guanxi.language import copying

#: Fewer rows than these go in with the indexes in place.
WORTH = 20_000
#: An index of words is built from trees in memory. Small ones stay within the processor's caches: twice as fast as with
#: gigabytes (docs/benchmarks.md).
WORDS_MEMORY = "64MB"


def postgres() -> bool:
    return connection.vendor == "postgresql"


def write(table: str, columns: Sequence[str], constants: dict[str, Any], rows: Iterable[tuple[Any, ...]],
          moments: Collection[str] = ()) -> None:
    """Rows as they are: texts, numbers, nothing. Constants are the same in every row; moments are named by column."""
    connection.ensure_connection()
    if postgres():
        copy(connection.connection, piece(table, columns, constants, rows))
        return
    places = ("replace(substr(?, 1, 19), 'T', ' ')" if name in moments else "?" for name in columns)
    wanted = ", ".join((*places, *map(_literal, constants.values())))
    connection.connection.executemany(f'INSERT INTO "{table}" ({_names(columns, constants)}) VALUES ({wanted})', rows)


def piece(table: str, columns: Sequence[str], constants: dict[str, Any],
          rows: Iterable[tuple[Any, ...]]) -> tuple[str, str]:
    """What PostgreSQL is told to take, and the rows as it takes them."""
    varying = list(zip(*rows, strict=True))
    same = [[_plain(value)] * len(varying[0]) for value in constants.values()] if varying else []
    text = copying.rows_of([*varying, *same]) if varying else ""
    return f'COPY "{table}" ({_names(columns, constants)}) FROM STDIN', text


def copy(raw: Any, told: tuple[str, str]) -> None:
    """Send a piece through the bare driver."""
    with raw.cursor() as cursor, cursor.copy(told[0]) as taken:
        taken.write(told[1])


def _names(columns: Sequence[str], constants: dict[str, Any]) -> str:
    return ", ".join(f'"{name}"' for name in (*columns, *constants))


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | Decimal):
        return str(int(value)) if isinstance(value, bool) else str(value)
    return "'" + str(_plain(value)).replace("'", "''") + "'"


def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of a question."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []


def tell(sql: str, *values: Any) -> int:
    """How many rows a statement changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return max(cursor.rowcount, 0)


def last_entry() -> int:
    """The newest entry of the account."""
    return int(ask("SELECT coalesce(max(id), 0) FROM kernel_entry")[0][0])


def reserve(table: str, count: int) -> int:
    """The first of so many ids in a row that nobody else gets."""
    if not postgres():
        known = ask("SELECT seq FROM sqlite_sequence WHERE name = %s", table)
        return 1 + int(known[0][0] if known else 0)
    first = int(ask("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", f'"{table}"')[0][0])
    ask("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", f'"{table}"', first + count - 1)
    return first


@contextmanager
def bare(tables: Sequence[str], indexes: bool = True) -> Iterator[None]:
    """Within, the tables stand without indexes, triggers and links to others; all are back at the end, links checked.

    Everything is part of the transaction: who fails in between leaves the tables as they were.
    """
    if postgres():
        tell("SET CONSTRAINTS ALL IMMEDIATE")
        taken = [*_postgres_looks(tables), *_postgres_parts(tables, indexes)]
    else:
        taken = [(f'DROP INDEX "{name}"', sql) for name, sql in ask(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
            f"AND tbl_name IN ({_marks(tables)})", *tables)]
    for away, _back in taken:
        tell(away)
    yield
    for _away, back in reversed(taken):
        words = " USING gin " in back
        if words:
            tell("SELECT set_config('maintenance_work_mem', %s, true)", WORDS_MEMORY)
        tell(back.replace("%", "%%") if "%" in back else back)
        if words:
            tell("SET LOCAL maintenance_work_mem TO DEFAULT")


@contextmanager
def unguarded(table: str) -> Iterator[None]:
    """Within, the triggers of a table are silent: rows that are never changed can go with what they belonged to."""
    if postgres():
        tell("SET CONSTRAINTS ALL IMMEDIATE")
        tell(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        yield
        tell(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
        return
    taken = ask("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", table)
    for name, _sql in taken:
        tell(f'DROP TRIGGER "{name}"')
    yield
    for _name, sql in taken:
        tell(sql.replace("%", "%%"))


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def _postgres_parts(tables: Sequence[str], indexes: bool) -> list[tuple[str, str]]:
    """How to take away and put back: links first, then unique rules, then plain indexes."""
    kinds = "('f', 'u')" if indexes else "('f')"
    rules = ask(
        f"SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN {kinds} "
        f"AND (conrelid::regclass::text IN ({_marks(tables)}) OR contype = 'f' AND confrelid::regclass::text IN "
        f"({_marks(tables)})) ORDER BY contype, conname", *tables, *tables)
    parts = [(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"', f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {rule}')
             for name, table, rule in rules]
    if not indexes:
        return parts
    plain = ask(
        f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({_marks(tables)}) AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint) ORDER BY indexname", *tables)
    return parts + [(f'DROP INDEX "{name}"', sql) for name, sql in plain]


def _postgres_looks(tables: Sequence[str]) -> list[tuple[str, str]]:
    """How to silence what looks at the links of each new row, and let it speak again."""
    found = ask(f"SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s AND tgrelid::regclass::text IN "
                f"({_marks(tables)})", TRIGGER, *tables)
    return [(f'ALTER TABLE {table} DISABLE TRIGGER "{TRIGGER}"', f'ALTER TABLE {table} ENABLE TRIGGER "{TRIGGER}"')
            for (table,) in found]
