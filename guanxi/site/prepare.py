"""What must be in order before the server starts: database, tables, translations, static files."""

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DatabaseError, connection

from guanxi import __version__
from guanxi.site import fit
from guanxi.site.backup import work
from guanxi.site.missing import Missing

PACKAGE_DIR = Path(__file__).resolve().parent.parent
#: Source maps, and a second browser of the API's description that no page uses.
NOT_SERVED = ("*.map", "redoc*", ".*")
BUILT = PACKAGE_DIR / "surfaces" / "web" / "static" / "guanxi" / "app.js"


def everything(*, upgrade: bool | None = None) -> None:
    """Bring this installation up to date; quick when nothing changed."""
    compile_messages()
    front_end()
    database(upgrade=connection.vendor == "sqlite" if upgrade is None else upgrade)
    static_files()


def database(*, upgrade: bool) -> None:
    """Make the tables; change those that hold data only where that was asked for or the database is ours alone."""
    try:
        found = fit.look()
        if found.unknown:
            raise Missing(f"The database was last used by a newer version ({fit.some(found.unknown)}): update the program, "
                          "then start again.")
        if found.well:
            if found.version != __version__:
                fit.note_version()
        elif upgrade or not work.holds_data():
            call_command("upgrade")
        else:
            print(f"guanxi: {found.text}", flush=True)
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise Missing(_why(error)) from error


def _why(error: Exception) -> str:
    """One sentence for a database that cannot be used."""
    place = connection.settings_dict
    reason = " ".join(str(error).split()) or type(error).__name__
    if connection.vendor == "sqlite":
        return f"The database file {place['NAME']} cannot be used ({reason}): check its rights and the free space."
    where = f"{place['HOST']}:{place['PORT']}/{place['NAME']}"
    return f"The database {where} cannot be used ({reason}): start it, or correct GUANXI_DATABASE_URL."


def compile_messages(package: Path = PACKAGE_DIR) -> int:
    """Compile every translation that is newer than its compiled form; returns how many."""
    done = 0
    for source in sorted(package.glob("**/locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as readable:
            catalog = read_po(readable, locale=source.parent.parent.name)
        with target.open("wb") as writable:
            write_mo(writable, catalog)
        done += 1
    return done


def front_end() -> None:
    """The scripts and styles are built, not committed."""
    if not BUILT.exists():
        raise Missing("The front end is not built: run `make build` in the source folder.")


def static_files() -> None:
    """Copy, fingerprint and compress the static files when they changed."""
    stamp = Path(settings.STATIC_ROOT) / ".fingerprint"
    wanted = hashlib.sha256("\n".join(sorted(_static_sources())).encode()).hexdigest()
    if settings.DEBUG or (stamp.exists() and stamp.read_text() == wanted):
        return
    print("Preparing the static files ...", flush=True)
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=list(NOT_SERVED))
    stamp.write_text(wanted)


def _static_sources() -> Iterator[str]:
    for finder in get_finders():
        for name, storage in finder.list(NOT_SERVED):
            path = Path(storage.path(name))
            facts = path.stat()
            yield f"{quote(name)} {facts.st_size} {facts.st_mtime_ns}"
