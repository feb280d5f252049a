"""The migrations lead from an empty database to the very tables that the models describe.

A new installation and all other tests take those of the models.
"""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.apps import apps
from django.db import connection

SQLITE = "SELECT tbl_name, type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
POSTGRES = """
  SELECT table_name::text, concat_ws(' ', 'column', column_name, data_type, is_nullable, collation_name,
         character_maximum_length, numeric_precision, numeric_scale, is_identity, column_default)
    FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT tablename::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT conrelid::regclass::text, conname || ': ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0"""
Ask = Callable[[str], list[Any]]


@pytest.fixture
def fresh(db: None, tmp_path: Path) -> Iterator[Callable[..., Ask]]:
    """Makes an empty database, runs a command of ours on it, and gives a way to ask it, on the engine of the tests."""
    with ExitStack() as stack:
        def make(name: str, *command: str) -> Ask:
            folder = tmp_path / name
            folder.mkdir()
            if connection.vendor == "sqlite":
                _run(command, GUANXI_DATA_DIR=str(folder))
                asked: Any = stack.enter_context(closing(sqlite3.connect(folder / "guanxi.sqlite3")))
            else:
                address, known = stack.enter_context(_database(name))
                _run(command, GUANXI_DATA_DIR=str(folder), GUANXI_DATABASE_URL=address)
                asked = stack.enter_context(psycopg.connect(**known))
            return lambda sql: list(asked.execute(sql).fetchall())

        yield make


@contextmanager
def _database(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """An empty database on the server of the tests: its address, and how to connect."""
    place = connection.get_connection_params()
    known = {key: place[key] for key in ("host", "port", "user", "password") if place.get(key)}
    name = f"{connection.settings_dict['NAME']}_{name}"
    with psycopg.connect(**known, dbname=connection.settings_dict["NAME"], autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            who = ":".join(quote(str(known[one])) for one in ("user", "password") if one in known)
            yield f"postgres://{who}@{known.get('host', '')}:{known.get('port', 5432)}/{name}", {**known, "dbname": name}
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(command: tuple[str, ...], **places: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUANXI_", "DJANGO_"))}
    subprocess.run([sys.executable, "-m", "guanxi.site.cli", "manage", *command], check=True, env={**kept, **places})


@pytest.mark.covers("UPG-03")
def test_the_migrations_make_what_a_new_installation_has(fresh: Callable[..., Ask]) -> None:
    walked, born = fresh("walked", "migrate", "-v", "0"), fresh("born", "upgrade")
    made, said = tables(walked), tables(born)
    assert set(said) == set(made)
    assert len(made) > 90
    assert {name: sorted(set(parts) ^ set(said[name])) for name, parts in made.items() if said[name] != parts} == {}
    steps = "SELECT app, name FROM django_migrations WHERE app <> 'guanxi'"
    assert sorted(born(steps)) == sorted(walked(steps))


def tables(ask: Ask) -> dict[str, list[str]]:
    """Of each table of ours its columns, rules, indexes and triggers, in the words of the database."""
    ours = tuple(f"{one.label}_" for one in apps.get_app_configs() if one.name.startswith("guanxi."))
    found: dict[str, list[str]] = {}
    for table, part in ask(SQLITE if connection.vendor == "sqlite" else POSTGRES):
        if table.startswith(ours):
            found.setdefault(table, []).append(_in_order(part))
    return {table: sorted(parts) for table, parts in found.items()}


def _in_order(part: str) -> str:
    """A column that came later stands at the end of its table; that is no difference."""
    head, bracket, body = part.partition(" (")
    return head + bracket + ", ".join(sorted(re.split(r', (?="|CONSTRAINT)', body[:-1]))) if part.startswith("table ") else part
