"""One upgrade at a time, seen by every process that uses the database; it ends with the process that holds it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import connection

from guanxi.site.missing import Missing

#: The number of the lock in PostgreSQL, among those that programs agree upon.
NUMBER = 0x67756178


def _file() -> Path:
    """Beside an SQLite database: whoever uses it stands on the same machine."""
    return Path(f"{connection.settings_dict['NAME']}.upgrade")


@contextmanager
def held() -> Iterator[None]:
    """Hold it. Missing where somebody else does."""
    with _held_file() if connection.vendor == "sqlite" else _held_number() as mine:
        if not mine:
            raise Missing("Another process brings this database up to date: wait until it is over, then try again.")
        yield


@contextmanager
def _held_file() -> Iterator[bool]:
    with _file().open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _held_number() -> Iterator[bool]:
    own = connection.copy()  # the lock belongs to a connection, and nothing else must end this one
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [NUMBER])
            yield bool(cursor.fetchone()[0])
    finally:
        own.close()


def taken() -> bool:
    """Does somebody hold it now?"""
    if connection.vendor == "sqlite":
        with suppress(FileNotFoundError), _file().open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND database ="
                       " (SELECT oid FROM pg_database WHERE datname = current_database()))", [NUMBER])
        return bool(cursor.fetchone()[0])
