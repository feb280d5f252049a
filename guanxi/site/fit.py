"""Does the database fit the program? One query, so that a start and a write can afford to ask."""

import pkgutil
import time
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from guanxi import __version__
from guanxi.site import lock

#: Under this name each version that has used the database stands in Django's own table of migrations.
VERSIONS = "guanxi"
#: For so many seconds an answer holds.
FRESH = 2.0
Step = tuple[str, str]


@dataclass(frozen=True)
class Fit:
    """What the database has and what this program knows. ``unfinished``: an upgrade came to no end."""

    version: str = ""
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    unfinished: bool = False
    under_way: bool = False

    @property
    def well(self) -> bool:
        return not (self.missing or self.unknown or self.unfinished or self.under_way)

    @property
    def text(self) -> str:
        """What does not fit and what to run; nothing where all is well."""
        if self.under_way:
            return _("An upgrade is under way; nothing can be changed until it is over.")
        if self.unknown:
            return _("The database was changed by a newer version (%(names)s), this program is version %(program)s: update "
                     "the program, or restore a backup from before. Until then nothing can be changed.") % {
                "names": some(self.unknown), "program": __version__}
        if self.missing:
            return _("This program is version %(program)s and the database lacks %(names)s: run “guanxi upgrade”. "
                     "Until then nothing can be changed.") % {"program": __version__, "names": some(self.missing)}
        if self.unfinished:
            return _("An upgrade of the database came to no end: run “guanxi upgrade”. Until then nothing can be changed.")
        return ""


def some(names: tuple[str, ...]) -> str:
    """The first few names, and how many there are besides."""
    return ", ".join(names[:3]) + (f" … (+{len(names) - 3})" if len(names) > 3 else "")


@cache
def known() -> frozenset[Step]:
    """The migrations of this program by the names of their files; remembered, for what runs is what was loaded."""
    found = set()
    for config in apps.get_app_configs():
        module, _explicit = MigrationLoader.migrations_module(config.label)
        spec = find_spec(module) if module else None
        for one in pkgutil.iter_modules(spec.submodule_search_locations or ()) if spec else ():
            if not one.ispkg and one.name[0] not in "_~":
                found.add((config.label, one.name))
    return frozenset(found)


def look() -> Fit:
    """Compare the database with the program. DatabaseError where it cannot be read."""
    if not known():  # a program without migrations makes its tables from the models
        return Fit()
    recorder = MigrationRecorder(connection)
    rows = list(recorder.migration_qs.order_by("pk").values_list("app", "name")) if recorder.has_table() else []
    steps = [row for row in rows if row[0] != VERSIONS]
    version = next((name for app, name in reversed(rows) if app == VERSIONS), "")
    ours = {app for app, _name in known()}
    missing, unknown = known() - set(steps), {step for step in set(steps) - known() if step[0] in ours}
    if steps and (missing or unknown):
        missing, unknown = _with_replaced(ours)
    return Fit(version=version, missing=_named(missing), unknown=_named(unknown), under_way=lock.taken(),
               unfinished=bool(version and rows[-1][0] != VERSIONS))


def _with_replaced(ours: set[str]) -> tuple[frozenset[Step], set[Step]]:
    """The same where migrations may have been replaced by others: only reading them tells."""
    loader = MigrationLoader(connection)
    replaced = {step for migration in loader.disk_migrations.values() for step in migration.replaces}
    applied = set(loader.applied_migrations)
    missing = frozenset(step for step in loader.graph.nodes if step not in applied)
    return missing, {step for step in applied - set(loader.disk_migrations) - replaced if step[0] in ours}


def _named(steps: frozenset[Step] | set[Step]) -> tuple[str, ...]:
    return tuple(f"{app}.{name}" for app, name in sorted(steps))


def note_version() -> None:
    """Write down that this version has brought the database up to date; the last thing an upgrade does."""
    MigrationRecorder(connection).record_applied(VERSIONS, __version__)
    forget()


_kept: list[tuple[float, Fit]] = []


def now() -> Fit:
    """The answer, at most ``FRESH`` seconds old."""
    if not _kept or time.monotonic() - _kept[0][0] > FRESH:
        _kept[:] = [(time.monotonic(), look())]
    return _kept[0][1]


def forget() -> None:
    """Look again at the next question."""
    _kept.clear()
