"""One run: tables, firm, measurements, report."""

import os
import platform
import sys
import time
from collections import Counter

from django.core.management import call_command
from django.db import connection

from benchmarks import cases, firm, multiply
from benchmarks.clock import Figure
from guanxi.apps.org.models import User
from guanxi.kernel.api import Ctx
from guanxi.site import prepare

#: Customers written row by row; more are copies of these for other owners.
BLOCK = 2_000


def everything(customers: int, rounds: int, imported: int) -> tuple[str, str]:
    """The report as Markdown, and the statements behind it."""
    _tables()
    made = firm.found()
    begin = time.perf_counter()
    block = multiply.Block(made.people)
    rows = firm.Loader(made).load(min(customers, BLOCK))
    block.close()
    rows += block.again(customers // BLOCK - 1) if customers > BLOCK else 0
    took = time.perf_counter() - begin
    _settle()
    print(f"{rows:,} rows loaded in {took:.0f} s", file=sys.stderr, flush=True)
    figures: list[Figure] = []
    for user, who in ((made.salesperson, "department"), (made.administrator, "everything")):
        person = cases.Person(user, who)
        figures += cases.pages(person, rounds) + cases.writes(person, rounds)
        print(f"measured as {who}", file=sys.stderr, flush=True)
    speed, floor, came = cases.importing(made, imported)
    parts = [_head(customers, rows, took), _table(figures),
             (f"Import of {imported:,} customers with duplicate check: **{speed:,.0f} rows/s** "
             f"(bare driver, the same rows: {floor:,.0f} rows/s; {floor / speed:.0f} times) — {_counted(came)}.")]
    return "\n\n".join(parts), "\n\n".join(_asked(one) for one in figures)


def _tables() -> None:
    prepare.front_end()
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    call_command("createcachetable", verbosity=0)
    prepare.static_files()
    if Ctx(system=True, reason="benchmark").find(User).exists():
        raise SystemExit("benchmarks: this database is in use; give an empty one in GUANXI_DATABASE_URL.")


def _settle() -> None:
    """What a database does by itself over night."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _head(customers: int, rows: int, took: float) -> str:
    load = os.getloadavg()[0]
    words = connection.vendor if connection.vendor == "postgresql" else "SQLite"
    version = connection.pg_version if connection.vendor == "postgresql" else ".".join(
        map(str, connection.Database.sqlite_version_info))
    return (f"{customers:,} customers, {rows:,} rows in all (loaded at {rows / took:,.0f} rows/s) on {words} {version}; "
            f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}.")


def _table(figures: list[Figure]) -> str:
    lines = ["| Request | Sees | p50 ms | p95 ms | Queries | kB | Floor ms | Times the floor |",
             "|---|---|--:|--:|--:|--:|--:|--:|"]
    lines += [f"| {one.name} | {one.who} | {one.p50:.1f} | {one.p95:.1f} | {one.queries} | {one.size / 1000:.0f} | "
              f"{one.floor:.2f} | {one.ratio:.1f} |" for one in figures]
    return "\n".join(lines)


def _counted(came: dict[str, int]) -> str:
    return ", ".join(f"{value:,} {key}" for key, value in came.items() if value)


def _asked(figure: Figure) -> str:
    counted = Counter(sql for sql, _params in figure.statements)
    lines = [f"{count} × {sql[:600]}" for sql, count in counted.items()]
    return "\n".join([f"== {figure.name} ({figure.who}): {figure.queries}", *lines])
