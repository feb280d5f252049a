"""The processes that serve: copies of the supervisor, which has everything loaded."""

import gc
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

from django.db import connections
from django.utils.module_loading import import_string
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from guanxi.site import env

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 20.0  # seconds a child may take to finish what it is doing
LONGEST_PAUSE = 30.0
#: A page makes tens of thousands of objects and drops them again; looking for cycles among them every 700 objects,
#: which is how Python begins, takes a tenth of its time.
RARELY = 20_000
#: How much the worker yields to pages where processors are short; where they are not, it is as quick as ever.
YIELDS = 10

# Where a process cannot safely be copied, a fresh one loads everything again.
if sys.platform == "linux":
    PROCESSES = multiprocessing.get_context("fork")
else:
    PROCESSES = multiprocessing.get_context("spawn")


@dataclass
class Child:
    """One process that is kept running."""

    name: str
    run: Callable[..., object]
    arguments: tuple[object, ...] = ()
    process: BaseProcess | None = None
    failures: int = 0
    not_before: float = field(default=0.0)

    def start(self, group: int = 0) -> None:
        """In a group of its own, or in another child's: what a terminal sends reaches the supervisor only."""
        connections.close_all()  # a copy must not talk through its parent's connection
        self.process = PROCESSES.Process(target=_begin, args=(group, self.run, *self.arguments), name=self.name)
        self.process.start()
        while not group and self.code() is None and os.getpgid(self.pid) != self.pid:
            time.sleep(0.001)

    @property
    def pid(self) -> int:
        """The process, which is also the group it leads; 0 before the start."""
        return (self.process.pid or 0) if self.process else 0

    def code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self.process.exitcode if self.process else None

    def revive(self, group: int = 0) -> None:
        """Start it again when it ended, after a pause that doubles."""
        code = self.code()
        if code is None:
            return
        if not self.not_before:
            pause = min(2.0**self.failures, LONGEST_PAUSE)
            print(f"guanxi: the {self.name} ended (code {code}); starting it again in {pause:.0f} s.", file=sys.stderr)
            self.failures, self.not_before = self.failures + 1, time.monotonic() + pause
        elif time.monotonic() >= self.not_before:
            self.not_before = 0.0
            self.start(group)


def _begin(group: int, run: Callable[..., object], *arguments: object) -> None:
    """The first steps of a child: its group, and signals that end it as they end any process."""
    os.setpgid(0, group)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    gc.set_threshold(RARELY)
    run(*arguments)


def serve_pages(host: str, port: int) -> None:
    """One process with threads is the right size for SQLite; more processes pay on PostgreSQL."""
    multiprocessing.set_start_method(PROCESSES.get_start_method(), force=True)
    import_string("guanxi.site.wsgi.application")  # before the server makes its copies
    gc.freeze()
    Granian(
        "guanxi.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=env.number("GUANXI_WEB_PROCESSES", 1, low=1),
        blocking_threads=env.number("GUANXI_WEB_THREADS", 4, low=1),
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve()


def run_jobs() -> None:
    """The worker, as `guanxi work` runs it, except that whoever waits for a page goes before it."""
    if sys.platform != "win32":
        os.nice(YIELDS)
    import_string("guanxi.site.upgrade.working.main")([])


def end(children: list[Child]) -> None:
    """Tell the children once, let them finish what they are doing, and be firm in the end."""
    running = [child.process for child in children if child.process and child.code() is None]
    for process in running:
        process.terminate()
    last = time.monotonic() + GRACE
    for process in running:
        process.join(max(0.0, last - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()
