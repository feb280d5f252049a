"""No live row leads to one in the recycle bin: PostgreSQL looks once more at the end of a transaction.

Whoever bins a record locks it, so that this look waits for the end of it. SQLite has one writer at a time and needs none.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connections

from guanxi.kernel import registry
from guanxi.kernel.meanwhile import TRIGGER
from guanxi.kernel.records import Record

_KNOWN = """SELECT p.proname, p.prosrc, t.oid IS NOT NULL FROM pg_proc AS p LEFT JOIN pg_trigger AS t ON t.tgfoid = p.oid
            WHERE starts_with(p.proname, %s) AND pg_function_is_visible(p.oid)"""
_COLUMNS = """SELECT c.relname, a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
              WHERE c.relkind = 'r' AND pg_table_is_visible(c.oid) AND a.attnum > 0 AND NOT a.attisdropped"""
#: A foreign key asks nothing of a row that comes back. Before a refusal: what is the row now, at the transaction's end?
_CHECK = """
  IF NEW."{column}" IS NOT NULL AND (OLD.deleted_at IS NOT NULL OR OLD."{column}" IS DISTINCT FROM NEW."{column}") THEN
    IF OLD.deleted_at IS NOT NULL THEN
      PERFORM FROM "{target}" WHERE id = NEW."{column}" FOR KEY SHARE;
    END IF;
    PERFORM FROM "{target}" WHERE id = NEW."{column}" AND deleted_at IS NOT NULL;
    IF FOUND AND EXISTS (
      SELECT FROM "{table}" WHERE id = NEW.id AND "{column}" = NEW."{column}" AND deleted_at IS NULL) THEN
      RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = TG_NAME, TABLE = '{table}', COLUMN = '{column}',
        DETAIL = NEW.id || ' ' || NEW."{column}", MESSAGE = '{table}.{column} leads into the recycle bin';
    END IF;
  END IF;"""


def ensure(using: str = "default", **_facts: Any) -> None:
    """Give every table its trigger; what is as it should be is left alone."""
    if connections[using].vendor != "postgresql":
        return
    with connections[using].cursor() as cursor:
        cursor.execute(_COLUMNS)
        there, wanted = set(cursor.fetchall()), {}
        for model in registry.objects():
            table = model._meta.db_table
            links = [link for link in registry.links_of(model) if {(table, link.column), (table, "deleted_at")} <= there]
            if links:
                wanted[f"{TRIGGER}_{table}"] = list(_statements(model, links))
        known = {name: source for name, source, used in _known(cursor) if used}
        good = {name for name, (body, *_rest) in wanted.items() if known.get(name) == body}
        _drop(cursor, good)
        for name in sorted(wanted.keys() - good):
            for statement in wanted[name][1:]:
                cursor.execute(statement)


def remove(using: str = "default", plan: Any = (), **_facts: Any) -> None:
    """Before migrations: a column at which a trigger looks cannot be changed. Afterwards ``ensure`` puts them back."""
    if connections[using].vendor == "postgresql" and plan:
        with connections[using].cursor() as cursor:
            _drop(cursor, set())


def _known(cursor: Any) -> list[tuple[str, str, bool]]:
    """Our functions: name, body, and whether a trigger uses them."""
    cursor.execute(_KNOWN, [f"{TRIGGER}_"])
    return list(cursor.fetchall())


def _drop(cursor: Any, but: set[str]) -> None:
    for name in sorted({row[0] for row in _known(cursor)} - but):
        cursor.execute(f'DROP FUNCTION "{name}" CASCADE')


def _statements(model: type[Record], links: list[Any]) -> Iterator[str]:
    """The body of the function, then what makes it and the trigger."""
    table = model._meta.db_table
    checks = [_CHECK.format(column=link.column, target=link.related_model._meta.db_table, table=table) for link in links]
    yield (body := f"\nBEGIN{''.join(checks)}\n  RETURN NULL;\nEND ")
    yield f'CREATE FUNCTION "{TRIGGER}_{table}"() RETURNS trigger LANGUAGE plpgsql AS $${body}$$'
    columns = [f'"{link.column}"' for link in links]
    leads = " OR ".join(f"NEW.{column} IS NOT NULL" for column in columns)
    yield (f'CREATE CONSTRAINT TRIGGER "{TRIGGER}" AFTER INSERT OR UPDATE OF deleted_at, {", ".join(columns)} ON "{table}" '
           f'DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.deleted_at IS NULL AND ({leads})) '
           f'EXECUTE FUNCTION "{TRIGGER}_{table}"()')
