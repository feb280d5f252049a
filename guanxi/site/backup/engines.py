"""How each database is dumped and put back: SQLite by its own backup interface, PostgreSQL by its own programs."""

import os
import shutil
import sqlite3
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from guanxi.site.missing import Missing

#: Tables whose rows come and go without anybody's doing.
PASSING = frozenset({"guanxi_cache", "django_session", "kernel_heartbeat"})
Facts = dict[str, list[int]]


@contextmanager
def snapshot(folder: Path) -> Iterator[tuple[Path, Facts, dict[str, Any], list[str]]]:
    """A dump of one moment with the facts of that very moment, however much is being written."""
    yield _from_sqlite(folder) if connection.vendor == "sqlite" else _from_postgres(folder)


def _from_sqlite(folder: Path) -> tuple[Path, Facts, dict[str, Any], list[str]]:
    target = folder / "database"
    source = f"file:{connection.settings_dict['NAME']}?mode=ro"
    with closing(sqlite3.connect(source, uri=True, timeout=60)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=4096, sleep=0.01)
        copy.execute("PRAGMA journal_mode=DELETE")
        return target, *sqlite_facts(copy)


def sqlite_facts(copy: sqlite3.Connection) -> tuple[Facts, dict[str, Any], list[str]]:
    """Rows and sum of every table, the head of the account, and the migrations of a database."""
    if (found := copy.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
        raise Missing(f"The database is damaged ({found}): restore the last good backup.")
    names = [name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type='table'"
                                              " AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite_%'")]
    names = [name for name in names if not any(name.startswith(f"{other}_") for other in _virtual(copy))]
    tables = {}
    for name in sorted(set(names) - PASSING):
        rows = copy.execute(f'SELECT * FROM "{name}"')  # noqa: S608  a table's own name
        count = total = 0
        for row in rows:
            count, total = count + 1, total + zlib.crc32(repr(row).encode())
        tables[name] = [count, total]
    head = copy.execute("SELECT length, hash FROM kernel_chainhead").fetchone() or (0, "")
    steps = "SELECT app, name FROM django_migrations ORDER BY app, name"
    done = [f"{app}.{name}" for app, name in copy.execute(steps)] if "django_migrations" in tables else []
    return tables, {"length": head[0], "hash": head[1]}, done


def _virtual(copy: sqlite3.Connection) -> list[str]:
    return [name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'")]


def postgres_facts(database: Any) -> tuple[Facts, dict[str, Any], list[str]]:
    """The same of a PostgreSQL database, over an open connection."""
    with database.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = {}
        for (name,) in cursor.fetchall():
            if name not in PASSING:
                cursor.execute(f'SELECT count(*), coalesce(sum(hashtext(t::text)::bigint), 0)::bigint FROM "{name}" t')  # noqa: S608
                tables[name] = list(cursor.fetchone())
        cursor.execute("SELECT length, hash FROM kernel_chainhead")
        length, seal = cursor.fetchone() or (0, "")
        steps: list[tuple[str, str]] = []
        if "django_migrations" in tables:
            cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
            steps = cursor.fetchall()
        return tables, {"length": length, "hash": seal}, [f"{app}.{name}" for app, name in steps]


def _from_postgres(folder: Path) -> tuple[Path, Facts, dict[str, Any], list[str]]:
    """Over a connection of its own, so that nobody writes on inside a transaction that only reads."""
    target, own = folder / "database", connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            moment = cursor.fetchone()[0]
            program("pg_dump", "--format=custom", f"--snapshot={moment}", f"--file={target}",
                    connection.settings_dict["NAME"])
            return target, *postgres_facts(own)
    finally:
        own.close()


def into_postgres(dump: Path, tables: set[str]) -> None:
    """Put a dump in the place of the data, all of it or nothing; tables that came later than the dump go too."""
    with connection.cursor() as cursor:
        later = set(connection.introspection.table_names(cursor)) - tables - PASSING
    connection.close()
    drops = "".join(f'DROP TABLE "{name}" CASCADE;' for name in sorted(later))
    script = dump.with_name("script.sql")
    program("pg_restore", "--clean", "--if-exists", "--no-owner", f"--file={script}", str(dump))
    program("psql", "--single-transaction", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--command={drops or ';'}",
            f"--file={script}", connection.settings_dict["NAME"])


def program(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on our server. Missing, with its own words, where it fails."""
    found = shutil.which(name)
    if not found:
        raise Missing(f"{name} is missing: run apt-get install postgresql-client.")
    place = connection.settings_dict
    env = {**os.environ, "PGHOST": str(place["HOST"]), "PGPORT": str(place["PORT"] or 5432), "PGUSER": str(place["USER"]),
           "PGPASSWORD": str(place["PASSWORD"])}
    done = subprocess.run([found, *arguments], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"{name} failed: {' '.join(done.stderr.split())[-400:]}")
