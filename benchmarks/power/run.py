"""One cut after the other: put the data back, kill, start again, look, ask again, look again."""

import datetime
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.models import F
from django_tasks_db.models import DBTaskResult

from benchmarks.power import checks, firm
from benchmarks.power.cutting import Cut, End, apart, somewhere
from benchmarks.power.store import Postgres, Sqlite
from guanxi.kernel.job_rows import Heartbeat, Job
from guanxi.surfaces.impex import runs

#: How much time passes between a death and the next start of a worker; longer than any signs of life count.
LATER = datetime.timedelta(hours=7)
#: Starts of a worker until nothing is left to do.
STARTS = 8
SHOWN = 6


@dataclass
class Undisturbed:
    """What a piece of work does when nobody disturbs it."""

    statements: int
    seconds: float
    after: list[str]


@dataclass
class Tally:
    """What came of the cuts of one piece of work."""

    ends: Counter[str] = field(default_factory=Counter)
    again: int = 0
    faults: list[str] = field(default_factory=list)


class Harness:
    """The firm, what its pieces of work leave behind undisturbed, and the cuts."""

    def __init__(self, folder: Path, store: Sqlite | Postgres, brought: bool) -> None:
        self.folder, self.store = folder, store
        runs.CHUNK, runs.AT_ONCE = firm.CHUNK, firm.AT_ONCE
        # In this process: the forks then begin with all loaded that writing needs, and die while they write.
        firm.tables()
        self.facts = firm.found(brought)
        connections.close_all()
        self.apart(recover)  # a worker minds signals, which are not this process's business
        store.keep()
        self.known, self.before, broken = self.apart(lambda: (checks.newest(), checks.picture(checks.newest()),
                                                              checks.faults())).value
        if broken:
            raise RuntimeError("\n".join(["The firm is not in order before anything is cut:", *broken[:20]]))

    def apart(self, work: Any, cut: Cut | None = None) -> End:
        return apart(self.folder, work, cut)

    def measure(self, name: str) -> Undisturbed:
        """Do a piece of work in peace."""
        self.store.put_back()
        done = self.apart(lambda: firm.WORK[name](self.facts))
        after = self.apart(lambda: checks.picture(self.known)).value
        if after == self.before:
            raise RuntimeError(f"{name} changes nothing when nobody disturbs it.")
        return Undisturbed(done.statements, done.seconds, after)

    def _look(self) -> tuple[list[str], list[str]]:
        return checks.picture(self.known), checks.faults()

    def cut(self, name: str, usual: Undisturbed, dice: random.Random, tally: Tally, label: str) -> None:
        """One death, now and then another one while the first is made good, and everything that must hold then."""
        self.store.put_back()
        begin, held = time.monotonic(), len(tally.faults)
        cut = somewhere(dice, usual.statements, usual.seconds)
        end = self.apart(lambda: firm.WORK[name](self.facts), cut)
        self.store.settle()
        label = f"{label}: {name}, killed {cut}"
        if dice.random() < 0.25:
            second = somewhere(dice, usual.statements, usual.seconds)
            tally.again += self.apart(recover, second).killed
            self.store.settle()
            label += f" and again {second}"
        at_death = self.apart(lambda: checks.picture(self.known)).value
        self.apart(recover)
        now = self.apart(lambda: checks.picture(self.known)).value
        whole = end_of(self.before, usual.after, at_death, now)
        tally.ends[whole if end.killed else "not hit"] += 1
        if whole == "half":
            tally.faults += [f"{label}: neither done nor absent", *differences(now, usual.after)]
        copy = self.apart(lambda: firm.WORK[name](self.facts))
        self.store.settle()
        after, broken = self.apart(self._look).value
        tally.faults += [f"{label}: {one}" for one in broken]
        if after != usual.after:
            tally.faults += [f"{label}: asked again ({copy.statements} statements), it is not what it should be",
                             *differences(after, usual.after)]
        print(f"{label}: {whole}, {len(tally.faults) - held} faults, {time.monotonic() - begin:.1f} s", file=sys.stderr,
              flush=True)


def end_of(before: list[str], after: list[str], at_death: list[str], now: list[str]) -> str:
    """What became of a piece of work, by what the database held before it, when it died, and when workers were done."""
    if now == before:
        return "absent"
    if now != after:
        return "half"
    return "finished" if at_death == now else "resumed"


def differences(now: list[str], wanted: list[str]) -> Iterator[str]:
    much, little = Counter(now) - Counter(wanted), Counter(wanted) - Counter(now)
    for word, lines in (("too much", much), ("missing", little)):
        yield from (f"    {word} ({count}): {line[:300]}" for line, count in sorted(lines.items())[:SHOWN])


def recover() -> None:
    """Some hours later workers are started, until nothing is left for them."""
    for _start in range(STARTS):
        later(dead=True)
        firm.drain()
        if not Job.objects.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists():
            return


def later(dead: bool) -> None:
    """The rows' own clocks are put back by hours: what was to come is due, and who gave a sign of life is silent."""
    Job.objects.update(due_at=F("due_at") - LATER)
    DBTaskResult.objects.filter(run_after__lt=checks.AT_ONCE).update(run_after=F("run_after") - LATER)
    if dead:
        Job.objects.filter(started_at__isnull=False).update(started_at=F("started_at") - LATER)
        DBTaskResult.objects.filter(started_at__isnull=False).update(started_at=F("started_at") - LATER)
        Heartbeat.objects.update(beat_at=F("beat_at") - LATER)


def all_cuts(harness: Harness, names: list[str], cuts: int, seed: int, only: int | None) -> dict[str, Tally]:
    """The cuts, dealt to the pieces of work in turn. Each has dice of its own, so one can be repeated alone."""
    usual: dict[str, Undisturbed] = {}
    tallies: dict[str, Tally] = {}
    for number in range(cuts):
        if only is not None and number != only:
            continue
        name = names[number % len(names)]
        if name not in usual:
            usual[name] = harness.measure(name)
        tally = tallies.setdefault(name, Tally())
        dice = random.Random(f"{seed}-{number}")
        harness.cut(name, usual[name], dice, tally, f"seed {seed}, cut {number}")
    return tallies
