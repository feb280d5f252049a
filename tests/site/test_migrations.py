"""The migrations lead from an empty database to the very tables that the models describe; all other tests take those."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
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
def migrated(db: None, tmp_path: Path) -> Iterator[Ask]:
    """A way to ask a database that was empty and went through all migrations, on the engine of the tests."""
    if connection.vendor == "sqlite":
        _migrate(GUANXI_DATA_DIR=str(tmp_path))
        file = sqlite3.connect(tmp_path / "guanxi.sqlite3")
        yield lambda sql: file.execute(sql).fetchall()
        file.close()
        return
    place: dict[str, Any] = {**connection.get_connection_params(), "autocommit": True}
    known = {name: place[name] for name in ("host", "port", "user", "password") if place.get(name)}
    name = f"{connection.settings_dict['NAME']}_fresh"
    with psycopg.connect(**known, dbname=connection.settings_dict["NAME"], autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            who = ":".join(quote(str(known[one])) for one in ("user", "password") if one in known)
            _migrate(GUANXI_DATA_DIR=str(tmp_path), GUANXI_DATABASE_URL=(
                f"postgres://{who}@{known.get('host', '')}:{known.get('port', 5432)}/{name}"))
            with psycopg.connect(**known, dbname=name) as fresh:
                yield lambda sql: fresh.execute(sql).fetchall()
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _migrate(**places: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUANXI_", "DJANGO_"))}
    subprocess.run([sys.executable, "-m", "guanxi.site.cli", "manage", "migrate", "-v", "0"], check=True, env={**kept, **places})


@pytest.mark.covers("UPG-03")
def test_the_migrations_make_what_the_models_say(migrated: Ask) -> None:
    def asked(sql: str) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    made, said = tables(migrated), tables(asked)
    assert set(said) == set(made)
    assert len(made) > 90
    assert {name: sorted(set(parts) ^ set(said[name])) for name, parts in made.items() if said[name] != parts} == {}


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
