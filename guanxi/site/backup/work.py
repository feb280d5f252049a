"""Taking a backup, proving that it can be restored, and restoring it."""

import datetime
import fcntl
import hashlib
import json
import logging
import re
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from guanxi import __version__
from guanxi.site import fit
from guanxi.site.backup import archive, engines
from guanxi.site.backup.archive import Manifest
from guanxi.site.missing import Missing

logger = logging.getLogger("guanxi.backup")

#: What is written down about the last backup and the last proof, beside the backups.
NOTES = "backups.json"
#: How the name of a workshop begins, and the file in it that is locked while somebody works there.
_WORKSHOP, _MINE = ".guanxi-", ".mine"
#: The database in which a backup is tried is named in its workshop, so that it goes with what a killed process left behind.
_TRIED_IN, _TRIAL = ".tried-in", re.compile(r"guanxi_proof_[0-9a-f]{12}")


def folder() -> Path:
    """Where backups lie unless another place is named."""
    found = Path(settings.GUANXI_BACKUP_DIR)
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def take(target: Path | None = None, *, version: str = "") -> Path:
    """Take a backup of one moment while people go on working; returns its file."""
    name = f"guanxi-{timezone.now():%Y%m%d-%H%M%S-%f}.tar"
    target = target / name if target is not None and target.is_dir() else target or folder() / name
    if target.exists():
        raise Missing(f"{target} is there already: name another file.")
    with _workshop(target.parent) as place, engines.snapshot(place) as (dump, tables, entries, migrations):
        manifest = Manifest(version=version or __version__, engine=connection.vendor, taken_at=timezone.now().isoformat(),
                            migrations=migrations, tables=tables, entries=entries, key=fingerprint())
        archive.write(place / target.name, manifest, dump, Path(settings.MEDIA_ROOT))
        (place / target.name).replace(target)
    note("taken", file=target.name)
    return target


def fingerprint() -> str:
    """Which secret key is in use, without telling it: what is signed or sealed can only be read with the same one."""
    return hashlib.sha256(f"guanxi.backup:{settings.SECRET_KEY}".encode()).hexdigest()[:16]


@contextmanager
def _workshop(near: Path) -> Iterator[Path]:
    """A folder for half-made things; what a process left behind that was killed is cleared away first."""
    for left in near.glob(f"{_WORKSHOP}*"):
        _clear(left)
    made = Path(tempfile.mkdtemp(prefix=_WORKSHOP, dir=near))
    with (made / _MINE).open("w") as mine:
        fcntl.flock(mine, fcntl.LOCK_EX)
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


def _clear(left: Path) -> None:
    """Remove a workshop in which nobody works any more."""
    try:
        with (left / _MINE).open() as mine:
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if (told := left / _TRIED_IN).exists() and _TRIAL.fullmatch(name := told.read_text()):
                engines.program("dropdb", "--if-exists", "--force", name)
            shutil.rmtree(left, ignore_errors=True)
    except Missing as error:
        logger.warning("What a backup left behind stays for now: %s", error)
    except BlockingIOError:
        return
    except FileNotFoundError:
        left.rmdir()


def verify(path: Path) -> Manifest:
    """Restore a backup into a place of its own and compare every table with its manifest; nothing else is touched."""
    try:
        with _workshop(folder()) as place, archive.opened(path) as (tar, manifest):
            _fits_engine(manifest)
            archive.unpack(tar, manifest, place)
            with _tried(place / archive.DUMP) as facts:
                _same(manifest, *facts)
    except Missing as error:
        note("failed", file=path.name, why=str(error))
        raise
    note("proved", file=path.name)
    return manifest


@contextmanager
def _tried(dump: Path) -> Iterator[tuple[engines.Facts, dict[str, Any], list[str]]]:
    """The dump as a database of its own, for as long as it is looked at."""
    if connection.vendor == "sqlite":
        try:
            with closing(sqlite3.connect(f"file:{dump}?mode=ro", uri=True)) as copy:
                facts = engines.sqlite_facts(copy)
        except sqlite3.DatabaseError as error:
            raise Missing(f"The backup does not restore: {error}. Take another one.") from error
        yield facts
        return
    name = f"guanxi_proof_{uuid.uuid4().hex[:12]}"
    dump.with_name(_TRIED_IN).write_text(name)
    engines.program("createdb", name)
    try:
        engines.program("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={name}", str(dump))
        other = connection.copy()
        other.settings_dict = {**other.settings_dict, "NAME": name}
        try:
            yield engines.postgres_facts(other)
        finally:
            other.close()
    finally:
        engines.program("dropdb", "--if-exists", name)


def _same(manifest: Manifest, tables: engines.Facts, entries: dict[str, Any], migrations: list[str]) -> None:
    for name, wanted in manifest.tables.items():
        if list(tables.get(name, ())) != list(wanted):
            raise Missing(f"The backup does not restore: {name} has {tables.get(name, [0])[0]} rows or other contents, "
                          f"{wanted[0]} were backed up.")
    if entries != manifest.entries or migrations != manifest.migrations:
        raise Missing("The backup does not restore: its account does not end where the manifest says.")


def _fits_engine(manifest: Manifest) -> None:
    if manifest.engine != connection.vendor:
        raise Missing(f"The backup is of {manifest.engine}, this installation uses {connection.vendor}: "
                      "set GUANXI_DATABASE_URL to a database of the same kind.")


def restore(path: Path, *, replace: bool = False, new_key: bool = False) -> Manifest:
    """Put a backup in the place of the data. Everything is checked before anything is touched."""
    with _workshop(folder()) as place, archive.opened(path) as (tar, manifest):
        _fits_engine(manifest)
        known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
        if newer := sorted(one for one in set(manifest.migrations) - known if not one.startswith(f"{fit.VERSIONS}.")):
            raise Missing(f"The backup is of a newer version ({manifest.version}, {newer[0]}): update the program first.")
        if manifest.key != fingerprint() and not new_key:
            raise Missing("The backup was taken under another secret key: set GUANXI_SECRET_KEY to that one, or add "
                          "--new-key (then second factors, tokens and links must be made anew).")
        if not replace and holds_data():
            raise Missing("There is data here: add --replace to put the backup in its place.")
        archive.unpack(tar, manifest, place)
        with _tried(place / archive.DUMP) as facts:
            _same(manifest, *facts)
        _put_files(place / "files")  # first: more files than the data knows do no harm, fewer would
        _put_database(place / archive.DUMP, manifest.tables)
    call_command("migrate", verbosity=0, interactive=False)
    fit.note_version()
    return manifest


def holds_data() -> bool:
    """Has anybody worked with this database?"""
    with connection.cursor() as cursor:
        if "kernel_entry" not in connection.introspection.table_names(cursor):
            return False
        cursor.execute("SELECT 1 FROM kernel_entry LIMIT 1")
        return cursor.fetchone() is not None


def _put_database(dump: Path, tables: engines.Facts) -> None:
    """The database as backed up. The former SQLite file stays beside it; PostgreSQL does all of it or nothing."""
    connection.close()
    if connection.vendor == "sqlite":
        target = Path(str(connection.settings_dict["NAME"]))
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(".restored")
        fresh.unlink(missing_ok=True)
        fresh.touch(0o600)
        shutil.copyfile(dump, fresh)
        if target.exists():
            with closing(sqlite3.connect(target)) as old:
                old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            target.replace(target.with_suffix(f".before-{timezone.now():%Y%m%d%H%M%S}"))
        for rest in ("-wal", "-shm"):
            Path(f"{target}{rest}").unlink(missing_ok=True)
        fresh.replace(target)
    else:
        engines.into_postgres(dump, set(tables))


def _put_files(source: Path) -> None:
    """The stored files as backed up; a file that is there already has the same contents, for names are never reused."""
    target = Path(settings.MEDIA_ROOT)
    for path in sorted(source.rglob("*")) if source.exists() else ():
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)


# what is known of backups ------------------------------------------------------------------------


def notes() -> dict[str, Any]:
    """The last backup taken, the last one proved, the last that failed: file, moment and reason."""
    path = folder() / NOTES
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}


def note(what: str, **facts: str) -> None:
    """Write down what became of a backup."""
    known = {**notes(), what: {"at": timezone.now().isoformat(), **facts}}
    path = folder() / NOTES
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
    fresh.replace(path)


def thin_out(keep: int) -> None:
    """Keep the newest backups; the last one that was proved stays in any case."""
    proved = notes().get("proved", {}).get("file")
    for old in sorted(folder().glob("guanxi-*.tar"))[:-keep or None]:
        if old.name != proved:
            old.unlink()


def age(moment: str) -> datetime.timedelta:
    """How long ago a noted moment was."""
    return timezone.now() - datetime.datetime.fromisoformat(moment)
