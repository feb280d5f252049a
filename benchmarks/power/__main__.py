"""`python -m benchmarks.power --cuts 200`: kill processes in the middle of their work, and look at what is left."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import django

from benchmarks.power import store

if TYPE_CHECKING:
    from benchmarks.power import run


def main() -> int:
    """All cuts in a folder and a database of their own; 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.power", description=__doc__)
    parser.add_argument("--cuts", type=int, default=200, help="how many deaths (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="another seed, other places (default: %(default)s)")
    parser.add_argument("--only", type=int, help="the number of one cut, to see it again")
    parser.add_argument("--work", action="append", help="only pieces of work whose name contains this; may be repeated")
    parser.add_argument("--served", type=int, default=0,
                        help="how many more, of a web server and a worker that are asked over HTTP (default: none)")
    options = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="guanxi-power-") as place:
        folder = Path(place)
        os.environ |= {"GUANXI_DATA_DIR": place, "DJANGO_SETTINGS_MODULE": "guanxi.site.settings",
                       "GUANXI_SECRET_KEY": "only-for-power-cuts-" * 3, "GUANXI_LOG_LEVEL": "CRITICAL",
                       "GUANXI_TIME_ZONE": _where_it_is_noon()}
        used = store.chosen(folder)
        try:
            faults = _cut(folder, used, options)
        finally:
            used.drop()
    print(f"The whole run took {time.monotonic() - begin:.0f} s.", file=sys.stderr)
    return 1 if faults else 0


def _where_it_is_noon() -> str:
    """A zone in which no schedule of the night comes due in the middle of a run: its work would be taken for a fault."""
    return f"Etc/GMT{time.gmtime().tm_hour - 12:+d}"


def _cut(folder: Path, used: store.Sqlite | store.Postgres, options: argparse.Namespace) -> int:
    django.setup()
    # Only now can anything that knows the models be loaded.
    from django.apps import apps  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    from benchmarks.power import firm, run, served  # noqa: PLC0415

    settings.MIGRATION_MODULES = dict.fromkeys(config.label for config in apps.get_app_configs())
    names = [name for name in firm.WORK if not options.work or any(word in name for word in options.work)]
    short = len(names) == len(firm.WORK) and max(options.cuts, options.served) <= firm.NAMED
    harness = run.Harness(folder, used, brought=not short)
    faults = _told(f"{used.name}, {options.cuts} cuts, seed {options.seed}", run.all_cuts(
        harness, names, options.cuts, options.seed, options.only)) if options.cuts else []
    if options.served:
        faults += _told(f"{used.name}, served, {options.served} cuts, seed {options.seed}", served.all_cuts(
            harness, options.served, options.seed))
    print("\n".join(faults) if faults else "Nothing half, nothing twice, nothing lost.")
    return len(faults)


def _told(title: str, tallies: "dict[str, run.Tally]") -> list[str]:
    """A table of what came of the cuts; returns the faults."""
    print(f"{title}\n\n| work | absent | finished | resumed | not hit | killed twice | faults |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, tally in tallies.items():
        count = sum(not fault.startswith(" ") for fault in tally.faults)
        ends = " | ".join(str(tally.ends[one]) for one in ("absent", "finished", "resumed", "not hit"))
        print(f"| {name} | {ends} | {tally.again} | {count} |")
    print(flush=True)
    return [fault for tally in tallies.values() for fault in tally.faults]


if __name__ == "__main__":
    sys.exit(main())
