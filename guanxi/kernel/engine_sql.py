"""What migrations cannot describe alike on both databases: the full-text index and the lock on the account."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, connections
from django.db.models.expressions import RawSQL

_FTS = """CREATE VIRTUAL TABLE IF NOT EXISTS "kernel_search_fts"
          USING fts5(body, tokenize = "unicode61 tokenchars '_'")"""

_SQLITE_LOCKS = tuple(
    f'CREATE TRIGGER IF NOT EXISTS "kernel_entry_no_{word}" BEFORE {word.upper()} ON "kernel_entry" '
    "BEGIN SELECT RAISE(ABORT, 'The account of what happened is append-only.'); END"
    for word in ("update", "delete"))

_POSTGRES = (
    'ALTER TABLE "kernel_searchdoc" ADD COLUMN IF NOT EXISTS body tsvector',
    # New words wait in a list of so many kB and go into the index together; a search reads it through in 0.3 ms.
    """CREATE INDEX IF NOT EXISTS "kernel_search_body" ON "kernel_searchdoc"
       USING gin (body) WITH (gin_pending_list_limit = 512)""",
    """CREATE OR REPLACE FUNCTION kernel_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'The account of what happened is append-only.'; END $$""",
    'DROP TRIGGER IF EXISTS "kernel_entry_append_only" ON "kernel_entry"',
    """CREATE TRIGGER "kernel_entry_append_only" BEFORE UPDATE OR DELETE ON "kernel_entry"
       FOR EACH ROW EXECUTE FUNCTION kernel_append_only()""")


def listed(texts: Iterable[str]) -> Any:
    """Many texts for a condition ``__in``: one value where the database takes them so, which is read much quicker."""
    return RawSQL("SELECT unnest(%s::text[])", [list(texts)]) if connection.vendor == "postgresql" else texts


def ensure(using: str = "default", **_facts: Any) -> None:
    """Make what is missing; run after every migration because table rebuilds drop triggers."""
    chosen = connections[using]
    if "kernel_entry" not in chosen.introspection.table_names():
        return
    with chosen.cursor() as cursor:
        for statement in _POSTGRES if chosen.vendor == "postgresql" else (_FTS, *_SQLITE_LOCKS):
            cursor.execute(statement)
