"""One run: tables, firm, measurements, report."""

import os
import platform
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.db import connection

from benchmarks import cases, firm, masses, serving
from benchmarks.clock import Figure
from guanxi.apps.org.models import User
from guanxi.kernel.api import Ctx
from guanxi.site import prepare


@dataclass(frozen=True)
class Wanted:
    """What a run shall do."""

    customers: int
    rounds: int
    rows: int
    seed: int


def everything(wanted: Wanted) -> tuple[str, str]:
    """The report as Markdown, and the statements behind it."""
    _firm(wanted)
    made = firm.open_firm()
    parts = [_head(made)]
    figures: list[Figure] = []
    for user, who in ((made.salesperson, "department"), (made.administrator, "everything")):
        person = cases.Person(user, who)
        figures += cases.pages(person, wanted.rounds)
        figures += cases.writes(person, wanted.rounds)
        _say(f"measured as {who}")
    parts.append(_table(figures))
    parts.append(_tried("serving", lambda: _served(serving.serve(made))))
    parts.append(_tried("export", lambda: _mass(masses.export(made))))
    parts.append(_tried("import", lambda: _mass(masses.importing(made, wanted.rows))))
    parts.append(f"Load of the machine while measuring: {_load()}.")
    return "\n\n".join(parts), "\n\n".join(_asked(one) for one in figures)


def _firm(wanted: Wanted) -> None:
    prepare.front_end()
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    call_command("createcachetable", verbosity=0)
    prepare.static_files()
    if firm.there():
        _say("this database holds a firm already; measuring it as it is")
        return
    if Ctx(system=True, reason="benchmark").find(User).exists():
        raise SystemExit("benchmarks: this database is in use; give an empty one in GUANXI_DATABASE_URL.")
    firm.found(wanted.customers, wanted.seed)
    with connection.cursor() as cursor:  # what a database does by itself over night
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    _say("loaded")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _tried(name: str, work: Callable[[], str]) -> str:
    """What fails is told in its place."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001  one case that fails must not cost the others
        _say(traceback.format_exc())
        return f"**{name} failed**: {type(error).__name__}: {' '.join(str(error).split())[:300]}"


def _load() -> str:
    return ", ".join(f"{value:.1f}" for value in os.getloadavg()) + " (1, 5, 15 minutes)"


def _head(made: firm.Firm) -> str:
    database: Any = connection
    words = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    version = (divmod(database.pg_version, 10000) if connection.vendor == "postgresql"
               else database.Database.sqlite_version_info)
    sizes = " + ".join(f"{count:,} {name.rpartition('.')[2]}" for name, count in made.sizes.items())
    return (f"{sizes} = {made.rows:,} rows, loaded at {made.rows / max(made.seconds, 0.1):,.0f} rows/s "
            f"({made.seconds:,.0f} s with entries, search index and all indexes) on {words} {'.'.join(map(str, version))}; "
            f"Python {platform.python_version()}, {os.cpu_count()} cores, load {_load()}.")


def _table(figures: list[Figure]) -> str:
    lines = ["| Request | Sees | p50 ms | p95 ms | Queries | kB | Floor ms | Times the floor |",
             "|---|---|--:|--:|--:|--:|--:|--:|"]
    lines += [f"| {one.name} | {one.who} | failed: {one.failure} | | | | | |" if one.failure else
              f"| {one.name} | {one.who} | {one.p50:.1f} | {one.p95:.1f} | {one.queries} | {one.size / 1000:.0f} | "
              f"{one.floor:.2f} | {one.ratio:.1f} |" for one in figures]
    return "\n".join(lines)


def _served(found: serving.Served) -> str:
    lines = [(f"`guanxi serve` with {found.processes} web process: first page {found.start:.1f} s after the start; memory "
              + ", ".join(f"{name} {size:.0f} MiB" for name, size in found.memory.items()) + "."), "",
             f"| Page, {serving.CONNECTIONS} connections | Pages a second | Same bytes, bare server | Times the floor |",
             "|---|--:|--:|--:|"]
    lines += [f"| {name} | {rate:.1f} | {bare:,.0f} | {bare / rate:.0f} |" for name, (rate, bare) in found.pages.items()]
    lines += ["", *(f"While the worker writes all customers to a file, the p95 of the {name} is {during:.0f} ms; alone "
                    f"{alone:.0f} ms ({during / alone:.2f} times)." for name, (alone, during) in found.beside.items())]
    return "\n".join(lines)


def _mass(found: masses.Mass) -> str:
    words = (f"{found.name.capitalize()}, {found.rows:,} rows: **{found.speed:,.0f} rows/s**, most memory "
             f"{found.peak:.0f} MiB (bare driver: {found.rows / found.floor:,.0f} rows/s; "
             f"{found.seconds / found.floor:.0f} times)")
    return f"{words} — {found.came}." if found.came else f"{words}."


def _asked(figure: Figure) -> str:
    counted = Counter(sql for sql, _params in figure.statements)
    lines = [f"{count} × {sql[:3000]}" for sql, count in counted.items()]
    return "\n".join([f"== {figure.name} ({figure.who}): {figure.queries}", *lines])
