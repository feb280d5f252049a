"""`guanxi work`: a worker that takes no job while nothing may be written, and goes on by itself afterwards."""

import os
import signal
import sys
import threading
import time
from contextlib import suppress

from django.core.management import execute_from_command_line
from django.db import DatabaseError, connections

from guanxi.site import fit
from guanxi.site.missing import Missing
from guanxi.site.upgrade.gate import obstacle

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main(arguments: list[str]) -> int:
    """Run jobs until told to stop."""
    fit.known()
    if "--batch" in arguments and (text := hindrance()):
        raise Missing(text)
    while True:
        wait()
        watch = Watch()
        watch.start()
        try:
            execute_from_command_line(["guanxi", "work", *arguments])
        except SystemExit:
            if not watch.stopped:
                raise
        watch.over.set()
        if not watch.stopped:
            return 0
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)


def wait() -> None:
    """Until nothing stands in the way; what does is told once."""
    told = ""
    while text := hindrance():
        if text != told:
            print(f"guanxi: the worker waits. {text}", file=sys.stderr, flush=True)
        told = text
        connections.close_all()
        time.sleep(fit.FRESH)


def hindrance() -> str:
    """Why no job may be run now; none while the database is away, for the worker itself knows how to wait for that."""
    with suppress(DatabaseError):
        found = obstacle()
        return found.reason if found is not None else ""
    connections.close_all()
    return ""


class Watch(threading.Thread):
    """Beside a worker: stops it as from outside, when something comes in the way; it ends its job first."""

    def __init__(self) -> None:
        super().__init__(name="watch", daemon=True)
        self.over, self.stopped = threading.Event(), False

    def run(self) -> None:
        while not self.over.wait(fit.FRESH):
            if hindrance():
                self.stopped = True
                os.kill(os.getpid(), signal.SIGTERM)
                return
        connections.close_all()
