"""The command `guanxi`: a thin table; what belongs to a floor is a management command of that floor."""

import os
import sys
from collections.abc import Callable

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.utils.module_loading import import_string

from guanxi import __version__
from guanxi.kernel.refusal import Refused
from guanxi.site import check, prepare, scaffold, serve

Run = Callable[[list[str]], int]


def _manage(*words: str) -> Run:
    """A command that Django dispatches."""

    def run(arguments: list[str]) -> int:
        execute_from_command_line(["guanxi", *words, *arguments])
        return 0

    return run


def _show(arguments: list[str]) -> int:
    """The kernel prints; it can only be loaded when Django is."""
    if len(arguments) != 1:
        raise prepare.Missing("Name one object: guanxi show sales.opportunity.")
    django.setup()
    print(import_string("guanxi.surfaces.reference.show.show")(arguments[0]))
    return 0


def _work(arguments: list[str]) -> int:
    """As it runs beside the pages, too."""
    django.setup()
    return int(import_string("guanxi.site.upgrade.working.main")(arguments))


def _prepare(arguments: list[str]) -> int:
    django.setup()
    prepare.everything(upgrade=True)
    return 0


COMMANDS: dict[str, tuple[Run, str]] = {
    "serve": (serve.main, "serve the pages, with the job worker beside them"),
    "work": (_work, "run jobs only, on this or another machine"),
    "prepare": (_prepare, "bring database, translations and static files up to date"),
    "upgrade": (_manage("upgrade"), "bring the database to this version, with a backup first (--check: only look)"),
    "demo": (_manage("demo"), "load or remove the sample company"),
    "backup": (_manage("backup"), "take a backup, or prove one: guanxi backup verify FILE"),
    "restore": (_manage("restore"), "put a backup in the place of the data"),
    "reindex": (_manage("reindex"), "write search words anew, of all objects or of those named: guanxi reindex customers"),
    "show": (_show, "print everything derived from an object: guanxi show sales.opportunity"),
    "new": (scaffold.main, "start an object: guanxi new object sales opportunity"),
    "messages": (_manage("messages"), "collect the texts to translate"),
    "check": (check.main, "check the source tree: ruff, mypy, floors (--all: what CI runs)"),
    "manage": (_manage(), "Django's own commands"),
}


def usage() -> str:
    """The table, as text."""
    lines = [f"  {name:<10}{text}" for name, (_run, text) in COMMANDS.items()]
    return "\n".join([f"Guanxi {__version__}", "", "guanxi <command> [options]", "", *lines])


def main() -> None:
    """Dispatch one command; whatever is missing is one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.site.settings")
    name, *arguments = sys.argv[1:] or ["--help"]
    if name in ("-h", "--help", "help"):
        print(usage())
        return
    if name not in COMMANDS:
        sys.exit(f"guanxi: there is no command {name!r}. Commands: {', '.join(COMMANDS)}.")
    try:
        code = COMMANDS[name][0](arguments)
    except (prepare.Missing, ImproperlyConfigured, Refused) as error:
        sys.exit(f"guanxi: {error}")
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
