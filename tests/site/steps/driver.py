"""Try upgrades of the tiny app in processes that die: ``python -m tests.site.steps.driver FOLDER`` prints what became of
each. One process loads everything; each try is a copy of it with a database of its own."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1]).resolve()
os.environ["GUANXI_DATA_DIR"] = str(FOLDER / "base")
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.site.steps.settings"

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402

from guanxi.apps.parties.models import Customer  # noqa: E402
from guanxi.kernel import jobs, schedules  # noqa: E402
from guanxi.kernel.api import Ctx  # noqa: E402
from guanxi.kernel.custom import CustomField  # noqa: E402
from guanxi.kernel.job_rows import Job  # noqa: E402
from guanxi.site import fit, lock, prepare  # noqa: E402
from guanxi.site.backup import work  # noqa: E402
from guanxi.site.upgrade import check, gate, run  # noqa: E402

SQLITE = connection.vendor == "sqlite"
OLD, NEW = ("old", "0.0.8"), ("new", "0.0.9")
Made = dict[str, Any]


def be(version: tuple[str, str], place: Path) -> None:
    """This process is now that version over the data in a folder."""
    package, number = version
    settings.MIGRATION_MODULES = {**settings.MIGRATION_MODULES, "steps": f"tests.site.steps.{package}"}
    for module in (fit, prepare, work, check, run):
        module.__version__ = number  # type: ignore[attr-defined]
    settings.MEDIA_ROOT, settings.GUANXI_BACKUP_DIR = place / "files", place / "backups"
    connections["default"].settings_dict["NAME"] = database(place)
    run.SETTLE = 0
    fit.known.cache_clear()
    fit.forget()


def database(place: Path) -> str:
    """A file of its own, or a database of its own on the server."""
    return str(place / "guanxi.sqlite3") if SQLITE else f"steps_{place.name}"


def forked(version: tuple[str, str], place: Path, what: Callable[[], Any]) -> Made:
    """Do it in a process of its own: how it ended, and what it answered or refused."""
    connections.close_all()
    answer = place / "answer.json"
    answer.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        try:
            be(version, place)
            made = {"value": what()}
        except (prepare.Missing, SystemExit) as error:
            made = {"refused": str(error)}
        answer.write_text(json.dumps(made))
        connections.close_all()
        sys.stdout.flush()
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    told = json.loads(answer.read_text()) if answer.exists() else {}
    return {"killed": os.WIFSIGNALED(status), **told}


def begin() -> None:
    """The old version with some data."""
    call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    system = Ctx(system=True, reason="test")
    system.create(Customer, name="小鹏")
    for key in ("colour", "size"):
        system.create(CustomField, object_type="parties.customer", key=key, label=key, field_kind="name")
    jobs.enqueue(system, schedules.prune_jobs)
    fit.note_version()


def copy(name: str) -> Path:
    if not SQLITE:
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "steps_{name}" TEMPLATE steps_base')
        connections.close_all()
    return Path(shutil.copytree(FOLDER / "base", FOLDER / name))


def rows(columns: str = "name, upper") -> list[list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM steps_item ORDER BY id")
        return [list(row) for row in cursor.fetchall()]


def upgrade(cut: tuple[int, bool] | None = None, fail: bool = False) -> list[str]:
    """Upgrade; with ``cut`` the process ends itself before or after the n-th step is written down."""
    settings.STEPS_FAIL = fail
    said: list[str] = []
    count = 0

    def kill(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal count
        if not sql.startswith('INSERT INTO "django_migrations"'):
            return execute(sql, *rest)
        count += 1
        if cut == (count, False):
            os.kill(os.getpid(), signal.SIGKILL)
        done = execute(sql, *rest)
        if cut == (count, True):
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    with connection.execute_wrapper(kill):
        run.upgrade(said.append)
    return said


def state() -> Made:
    """What a process of this version finds, and whether it may write."""
    found, hindrance = fit.look(), gate.obstacle()
    return {"version": found.version, "missing": found.missing, "unknown": found.unknown, "unfinished": found.unfinished,
            "hindrance": hindrance.reason if hindrance else "", "customers": Customer.objects.count(),
            "backups": len(list(work.folder().glob("guanxi-*.tar")))}


def spoil() -> None:
    """What the new version would not know, or would take for its own."""
    Job.objects.update(name="gone.job")
    CustomField.objects.filter(key="colour").update(key="phone")
    CustomField.objects.filter(key="size").update(object_type="gone.object")


def held() -> list[str]:
    """Another process upgrades at this moment."""
    with lock.held():
        seen = fit.look().text
        try:
            run.upgrade(print)
        except prepare.Missing as error:
            return [seen, str(error)]
    return [seen]


def restore(name: str) -> list[list[Any]]:
    work.restore(Path(name), replace=True)
    return rows("name")


def main() -> None:
    """Everything the test looks at."""
    (FOLDER / "base").mkdir(exist_ok=True)
    if not SQLITE:
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE steps_base")
    found: Made = {"begun": forked(OLD, FOLDER / "base", begin)}
    found["checked"] = forked(NEW, FOLDER / "base", lambda: [str(one) for one in check.look(fit.look())])
    found["untouched"] = [forked(version, FOLDER / "base", state)["value"] for version in (OLD, NEW)]
    found["cuts"] = [cut_at(*one) for one in ((1, True), (2, False), (3, True), (4, False))]
    place = copy("failed")
    failed = found["failed"] = forked(NEW, place, lambda: upgrade(fail=True))
    found["old_restored"] = forked(OLD, place, lambda: restore(failed["refused"].split("guanxi restore ")[1].split()[0]))
    found["old_goes_on"] = forked(OLD, place, state)["value"]
    found["twice"] = [forked(NEW, place, upgrade)["value"], forked(NEW, place, upgrade)["value"]]
    found["serve_old"] = forked(OLD, place, lambda: prepare.database(upgrade=True))
    place = copy("refused")
    found["during"] = forked(NEW, place, held)
    forked(OLD, place, spoil)
    found["refused"] = forked(NEW, place, upgrade)
    found["after_refusal"] = forked(NEW, place, state)["value"]
    sys.stdout.write(json.dumps(found, ensure_ascii=False))


def cut_at(number: int, after: bool) -> Made:
    """Kill it there, look at it as both versions, run it again."""
    place = copy(f"cut_{number}")
    return {"cut": forked(NEW, place, lambda: upgrade((number, after))), "old": forked(OLD, place, state)["value"],
            "new": forked(NEW, place, state)["value"], "again": forked(NEW, place, upgrade),
            "rows": forked(NEW, place, rows)["value"], "then": forked(NEW, place, state)["value"]}


if __name__ == "__main__":
    main()
