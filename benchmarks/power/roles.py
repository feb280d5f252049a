"""The processes of an installation: the web server and the worker, started, and killed with all they have started."""

import os
import signal
import socket
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import connections

from guanxi.site.children import serve_pages
from guanxi.site.upgrade import working

#: Seconds a server gets to answer.
PATIENCE = 120.0
LOG = "served.txt"


class Role:
    """One process with its children, in a session of its own by which all of them are found."""

    def __init__(self, start: Callable[[], int]) -> None:
        self.begin, self.session = start, 0

    def start(self) -> None:
        self.session = self.begin()

    def over(self) -> bool:
        """Has it ended by itself?"""
        return os.waitid(os.P_PID, self.session, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def kill(self) -> None:
        """End it and everything it has started at once, and wait until the operating system has taken all back."""
        while living := list(_members(self.session)):
            for pid in sorted(living):
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)
        if self.session:
            os.waitpid(self.session, 0)
        self.session = 0


def _members(session: int) -> Iterator[int]:
    for place in Path("/proc").iterdir() if session else ():
        if place.name.isdecimal():
            try:
                state, _parent, _group, found, *_rest = (place / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended meanwhile
            if int(found) == session and state != "Z":
                yield int(place.name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def web(folder: Path, port: int) -> Role:
    """The web server, as `guanxi serve` starts it."""
    return Role(lambda: _fork(folder, lambda: serve_pages("127.0.0.1", port)))


def worker(folder: Path) -> Role:
    """The worker, as `guanxi work` starts it."""
    return Role(lambda: _fork(folder, lambda: working.main(["--interval", "0.1"])))


def whole(folder: Path, port: int) -> Role:
    """`guanxi serve` as a person starts it: both of them, and what watches over them."""
    def run() -> int:
        with (folder / LOG).open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", "guanxi.site.cli", "serve", "--port", str(port)], stdout=log,
                                    stderr=log, start_new_session=True).pid

    return Role(run)


def _fork(folder: Path, work: Callable[[], None]) -> int:
    """A process that has loaded everything already; it is given nothing of what this one has open."""
    connections.close_all()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        work()
    except BaseException:  # noqa: BLE001 - a fork never goes on with the work of its parent
        traceback.print_exc()
    os._exit(1)


def wait_until_it_answers(folder: Path, port: int, begun: tuple[Role, ...]) -> None:
    """Until the web server says that it is well. Raises RuntimeError with what it wrote where it never does."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if time.monotonic() > end or any(role.over() for role in begun):
                raise RuntimeError(f"No answer: {(folder / LOG).read_text(encoding='utf-8')[-4000:]}") from error
        time.sleep(0.02)
