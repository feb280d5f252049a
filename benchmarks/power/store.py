"""The database that is hurt: made once, kept as a copy, and put back before every cut."""

import os
import shutil
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

#: Seconds a server gets to notice that a client has died.
PATIENCE = 20.0


class Sqlite:
    """A file in the data folder."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.file, self.kept = folder / "guanxi.sqlite3", folder / "kept.sqlite3"
        os.environ.pop("GUANXI_DATABASE_URL", None)

    def keep(self) -> None:
        shutil.copyfile(self.file, self.kept)

    def put_back(self) -> None:
        for end in ("-wal", "-shm"):
            Path(f"{self.file}{end}").unlink(missing_ok=True)
        shutil.copyfile(self.kept, self.file)

    def settle(self) -> None:
        """What the dead process held is free at once: the operating system sees to it."""

    def drop(self) -> None:
        """The folder goes as a whole."""


class Postgres:
    """A database of its own on the server that the address names; the one in the address is not touched."""

    name = "PostgreSQL"

    def __init__(self, address: str) -> None:
        self.server, self.base = address, f"guanxi_power_{os.getpid()}"
        self.kept = f"{self.base}_kept"
        os.environ["GUANXI_DATABASE_URL"] = urlsplit(address)._replace(path=f"/{self.base}").geturl()
        self._run(f'CREATE DATABASE "{self.base}"')

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as server:
            for one in statements:
                server.execute(one.encode())

    def keep(self) -> None:
        self.settle()
        self._run(f'DROP DATABASE IF EXISTS "{self.kept}"', f'CREATE DATABASE "{self.kept}" TEMPLATE "{self.base}"')

    def put_back(self) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{self.base}" WITH (FORCE)',
                  f'CREATE DATABASE "{self.base}" TEMPLATE "{self.kept}"')

    def settle(self) -> None:
        """The server ends what the dead process had begun; until then nobody knows whether its COMMIT arrived."""
        end = time.monotonic() + PATIENCE
        with psycopg.connect(self.server, autocommit=True) as server:
            while time.monotonic() < end:
                left = server.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [self.base]).fetchone()
                if left == (0,):
                    return
                time.sleep(0.01)
        raise RuntimeError(f"The server still works for a process that died {PATIENCE} s ago.")

    def drop(self) -> None:
        self._run(*(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in (self.base, self.kept)))


def chosen(folder: Path) -> Sqlite | Postgres:
    """The engine that the environment names; called before Django is set up."""
    address = os.environ.get("GUANXI_DATABASE_URL", "")
    return Postgres(address) if address.startswith(("postgres:", "postgresql:")) else Sqlite(folder)
