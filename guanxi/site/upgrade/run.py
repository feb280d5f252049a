"""`guanxi upgrade`: check, backup with its proof, migrate; a run that was cut off goes on where it stopped."""

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from guanxi import __version__
from guanxi.kernel import jobs
from guanxi.kernel.worker import AHEAD, STALE
from guanxi.site import fit, lock
from guanxi.site.backup import archive, work
from guanxi.site.fit import Fit
from guanxi.site.missing import Missing
from guanxi.site.upgrade import check

Say = Callable[[str], None]
#: Until every process has seen that an upgrade is under way.
SETTLE = fit.FRESH + 1
#: So long a worker may take to end what it is doing.
PATIENCE = STALE.total_seconds() + 10


def upgrade(say: Say, *, own_backup: bool = False) -> None:
    """Bring the database to this version. Missing, with what stands in the way or how to go back."""
    found = fit.look()
    if found.well:
        if found.version != __version__:
            fit.note_version()
        say(f"Nothing to do: version {__version__}, and the database fits it.")
        return
    with lock.held():
        findings = check.look(found)
        if wrong := [str(one) for one in findings if not one.ok]:
            raise Missing("The upgrade is refused and nothing was changed.\n" + "\n".join(wrong))
        way_back = None
        if work.holds_data():
            still()
            way_back = None if own_backup else _way_back(say)
        _migrate(found, way_back, say)


def still() -> None:
    """Wait until workers have ended what they do and every process has seen that nothing may be written."""
    end = time.monotonic() + PATIENCE
    while at_work() and time.monotonic() < end:
        time.sleep(0.5)
    if at_work():
        raise Missing("A worker is still busy: stop it or wait until its job is done, then run “guanxi upgrade” again. "
                      "Nothing was changed.")
    time.sleep(SETTLE)


def at_work() -> bool:
    """Is there a worker that lives? One of this machine whose process is gone does not."""
    lately = (timezone.now() - STALE, timezone.now() + AHEAD)
    fresh = jobs.heartbeats().filter(stopped=False, beat_at__range=lately).values_list("host", "process")
    return any(host != platform.node() or _runs(process) for host, process in fresh)


def _runs(process: int) -> bool:
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs, as somebody else
        pass
    return True


def _way_back(say: Say) -> Path:
    """A proved backup of the state before the upgrade: the one of a run that was cut off, else a new one."""
    kept = work.notes().get("upgrade", {}).get("file", "")
    if kept and Path(kept).exists() and _half_way(Path(kept)):
        say(f"Going on with an upgrade that was cut off; its backup is {kept}.")
        return Path(kept)
    say("Taking a backup and proving it ...")
    taken = work.take(version=fit.look().version)
    work.verify(taken)
    work.note("upgrade", file=str(taken), to=__version__)
    say(f"Backup: {taken}")
    return taken


def _half_way(kept: Path) -> bool:
    """Has the database gone on from this backup by steps of an upgrade? Then nobody could write since."""
    with archive.opened(kept) as (_tar, manifest):
        before = set(manifest.migrations)
    return before < {f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()}


def _migrate(found: Fit, way_back: Path | None, say: Say) -> None:
    if not found.version and not work.holds_data():
        say("Preparing the database ...")
    elif found.missing:
        path = f"from version {found.version or '?'} to {__version__}"
        say(f"Bringing the database {path}, steps to go: {len(found.missing)} ...")
    try:
        make_tables()
    except Exception as error:
        raise Missing(_stopped(found, way_back, error)) from error
    if found.version:
        say(f"Done: version {__version__}, and the database fits it.")


def make_tables() -> None:
    """Every table as this version knows it; may be run again at any time."""
    if not connection.introspection.table_names():
        _be_born()
    call_command("createcachetable", verbosity=0)
    call_command("migrate", verbosity=0, interactive=False)
    fit.note_version()


def _be_born() -> None:
    """An empty database gets the tables of today in one transaction, with every step that led here noted as done.

    Walking through the steps takes ten times as long; that both come to the same is tried on both databases.
    """
    recorder = MigrationRecorder(connection)
    steps = sorted(MigrationLoader(connection).graph.nodes)
    with connection.schema_editor(atomic=True) as editor:
        editor.create_model(recorder.Migration)
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        for app, name in steps:
            recorder.record_applied(app, name)


def _stopped(found: Fit, way_back: Path | None, error: Exception) -> str:
    """Where it stopped, why, and both ways out."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    step = f"{plan[0][0].app_label}.{plan[0][0].name}" if plan else "the last step"
    reason = " ".join(str(error).split()) or type(error).__name__
    text = f"The upgrade stopped at {step}: {reason}\nForward: mend the cause, then run: guanxi upgrade"
    if way_back is None:
        return text
    before = found.version or "you had"
    return f"{text}\nBack: install version {before} again, then run: guanxi restore {way_back} --replace"
