"""Files of a hundred thousand rows in and out, in a process of their own, so that its memory is theirs alone."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from benchmarks.clock import Failed, spent
from benchmarks.firm import Firm
from guanxi.apps.parties.models import Customer
from guanxi.kernel.api import Ctx
from guanxi.site.demo.crowd.vocabulary import PLACES
from guanxi.surfaces.impex import exporting, runs

EXPORTED = ["name", "short_name", "level", "life_stage", "industry", "source", "phone", "email", "city", "address",
            "owner", "last_follow_up_at"]
#: What the process of the job prints: seconds, and the most memory it held.
CHILD = """
import json, time, django
from django.urls import get_resolver
django.setup()
get_resolver().url_patterns  # surfaces declare their jobs where they declare their pages
from guanxi.kernel.worker import drain
begin = time.perf_counter()
drain()
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([time.perf_counter() - begin, int(peak.split()[1]) / 1024]))
"""


@dataclass
class Mass:
    """One file."""

    name: str
    rows: int
    seconds: float
    peak: float
    floor: float
    came: str = ""

    @property
    def speed(self) -> float:
        return self.rows / self.seconds


def _job() -> tuple[float, float]:
    """Do what is waiting, elsewhere; seconds and MiB."""
    done = subprocess.run([sys.executable, "-c", CHILD], check=True, capture_output=True, text=True, env=os.environ)
    seconds, peak = json.loads(done.stdout.strip().splitlines()[-1])
    return seconds, peak


def ended(run: Any) -> None:
    """A job that did nothing is quick."""
    if run.state != "done":
        raise Failed(f"the job ended as “{run.state}”: {run.message}")


def table(rows: int) -> str:
    """Customers as somebody would bring them, none of them known yet."""
    lines, cities = ["name,phone,city,email,address"], [row for row in PLACES.values() if len(row[2]) >= 3]
    signs = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
    for place in range(rows):
        city = cities[place % len(cities)]
        brand = signs[place % 20] + signs[place // 20 % 20] + signs[place // 400 % 20] + signs[place // 8000 % 20]
        lines.append(f"{city[1][:-1]}{brand}贸易{place}有限公司,+861380{place:07},{city[1]},new{place}@example.com,"
                     f"{city[1]}{city[5][0]}{city[6][0]}{place}号")
    return "\n".join(lines) + "\n"


def importing(firm: Firm, rows: int) -> Mass:
    """Rows through the import, with duplicate check, and the same rows by the bare driver."""
    ctx = Ctx(user=firm.administrator, via="page")
    run = runs.start(ctx, Customer, table(rows).encode(), "customers.csv")
    runs.launch(ctx, run)
    seconds, peak = _job()
    done = runs.find(ctx, run.pk)
    figures: dict[str, Any] = done.figures
    ended(done)
    came = ", ".join(f"{value:,} {key}" for key, value in figures.items() if isinstance(value, int) and value)
    return Mass("import with duplicate check", rows, seconds, peak, spent(lambda: _raw_insert(rows)) / 1000, came)


def _raw_insert(rows: int) -> None:
    """The newest rows written once more by the bare driver and taken back."""
    names = [source.column for source in Customer._meta.concrete_fields
             if source.column not in ("id", "credit_code")]
    quoted = ", ".join(f'"{name}"' for name in names)
    mark = "?" if connection.vendor == "sqlite" else "%s"
    with transaction.atomic():
        raw = connection.connection.cursor()
        raw.execute(f'SELECT {quoted} FROM "parties_customer" ORDER BY "id" DESC LIMIT {rows}')
        values = [tuple(json.dumps(value) if isinstance(value, dict | list) else value for value in row)
                  for row in raw.fetchall()]
        raw.executemany(f'INSERT INTO "parties_customer" ({quoted}, "credit_code") VALUES '
                        f"({', '.join([mark] * len(names))}, '')", values)
        transaction.set_rollback(True)


def export(firm: Firm) -> Mass:
    """All customers as CSV."""
    ctx, run = begin_export(firm)
    seconds, peak = _job()
    done = ctx.get(exporting.ExportRun, run.pk)
    ended(done)
    return Mass("export as CSV", done.rows, seconds, peak, spent(lambda: _raw_read(done.rows)) / 1000)


def begin_export(firm: Firm) -> tuple[Ctx, exporting.ExportRun]:
    """All customers as CSV, written by whatever worker comes."""
    ctx = Ctx(user=firm.administrator, via="page")
    most = ctx.find(Customer).count()
    rule = exporting.rule(ctx)
    if most > rule.most_rows:
        rule.most_rows = most
        with ctx.door("benchmark"):
            ctx.save(rule)
    return ctx, exporting.begin(ctx, Customer, EXPORTED, "csv", {"query": ""})


def waiting(ctx: Ctx, run: exporting.ExportRun) -> bool:
    """Is the file still to come?"""
    return ctx.get(exporting.ExportRun, run.pk).state in ("waiting", "running")


def _raw_read(rows: int) -> None:
    """The same columns by the bare driver."""
    wanted = ", ".join(f'"{Customer._meta.get_field(name).column}"' for name in EXPORTED)  # type: ignore[union-attr]
    raw = connection.connection.cursor()
    raw.execute(f'SELECT {wanted} FROM "parties_customer" ORDER BY "sort_key", "id" LIMIT {rows}')
    raw.fetchall()


