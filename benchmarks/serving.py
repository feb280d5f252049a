"""The product as it is served: how soon it answers, what it holds in memory, how many pages it sends a second."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.test import Client

from benchmarks import masses
from benchmarks.clock import p95_of
from benchmarks.firm import Firm
from guanxi.apps.parties.models import Customer
from guanxi.kernel.api import Ctx

CONNECTIONS, SECONDS, PATIENCE = 8, 8.0, 120.0
#: Somebody who reads takes so long between two pages while others load the server.
PAUSE = 0.1


@dataclass
class Served:
    """What one run of the server showed."""

    start: float = 0.0
    memory: dict[str, float] = field(default_factory=dict)
    #: page: whole pages a second, and answers of the same size a second by the same server without the product
    pages: dict[str, tuple[float, float]] = field(default_factory=dict)
    processes: str = ""
    #: page: its p95 in milliseconds while nobody else works, and while the worker writes a file of all customers
    beside: dict[str, tuple[float, float]] = field(default_factory=dict)


def serve(firm: Firm) -> Served:
    """Start `guanxi serve`, ask it by eight connections, end it."""
    client = Client()
    client.force_login(firm.salesperson)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    customer = Ctx(user=firm.salesperson, via="page").find(Customer).order_by("-pk")[0].pk
    port, found = _port(), Served()
    environment = {**os.environ, "GUANXI_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    begin = time.perf_counter()
    server = subprocess.Popen([sys.executable, "-m", "guanxi.site.cli", "serve", "--port", str(port)], env=environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, cookie)
        found.start = time.perf_counter() - begin
        for name, path in (("list", "/customers/"), ("customer page", f"/customers/{customer}"),
                           ("board", "/opportunities/?face=board")):
            size = _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=60), path, cookie)
            found.pages[name] = (_rate(port, path, cookie), _bare_rate(size))
        found.memory = _memory(server.pid)
        found.beside = {"list": _beside(firm, port, "/customers/", cookie)}
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    found.processes = os.environ.get("GUANXI_WEB_PROCESSES", "1")
    return found


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, cookie: str) -> None:
    """Until the first page comes."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            _ask(http.client.HTTPConnection("127.0.0.1", port, timeout=60), "/customers/", cookie)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def _ask(line: http.client.HTTPConnection, path: str, cookie: str) -> int:
    line.request("GET", path, headers={"Cookie": cookie})
    answer = line.getresponse()
    size = len(answer.read())
    if answer.status != 200:
        raise OSError(f"{path} was answered with {answer.status}")
    return size


def _rate(port: int, path: str, cookie: str) -> float:
    """Answers a second over several connections at once."""
    counts, end = [0] * CONNECTIONS, time.monotonic() + SECONDS

    def ask(place: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < end:
            _ask(line, path, cookie)
            counts[place] += 1

    begin = time.monotonic()
    threads = [threading.Thread(target=ask, args=(place,)) for place in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - begin)


def _beside(firm: Firm, port: int, path: str, cookie: str) -> tuple[float, float]:
    """The p95 of a page in ms: alone, and during an export of everything that the worker of the same server does."""
    end = time.monotonic() + SECONDS
    alone = _times(port, path, cookie, lambda: time.monotonic() < end)
    ctx, run = masses.begin_export(firm)
    during = _times(port, path, cookie, lambda: masses.waiting(ctx, run))
    masses.ended(ctx.get(type(run), run.pk))
    return p95_of(alone), p95_of(during)


def _times(port: int, path: str, cookie: str, going: Callable[[], bool]) -> list[float]:
    """How long each page took in ms, asked one after the other with a pause, as somebody does who reads."""
    line, taken = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    while going():
        begin = time.perf_counter()
        _ask(line, path, cookie)
        taken.append((time.perf_counter() - begin) * 1000)
        time.sleep(PAUSE)
    return taken


def _bare_rate(size: int) -> float:
    """The floor: the same server with an application that sends so many bytes and does nothing else."""
    port = _port()
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", "benchmarks.bare:application", "--interface", "wsgi", "--host", "127.0.0.1",
         "--port", str(port), "--workers", os.environ.get("GUANXI_WEB_PROCESSES", "1"), "--blocking-threads", "4",
         "--no-ws", "--log-level", "warning"], env={**os.environ, "BENCHMARK_BYTES": str(size)}, stdout=subprocess.DEVNULL)
    try:
        _wait(port, "")
        return _rate(port, "/", "")
    finally:
        server.terminate()
        server.wait(30)


def _memory(parent: int) -> dict[str, float]:
    """MiB of the supervisor and each process below it; what several share is divided among them."""
    found = {"supervisor": _held(parent)}
    for child in _children(parent):
        below = _below(child)
        kind = "web" if below else "worker"  # the server has copies of itself that answer
        for pid in (child, *below):
            found[f"{kind} {sum(name.startswith(kind) for name in found) + 1}"] = _held(pid)
    return found


def _held(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024


def _below(parent: int) -> list[int]:
    return [pid for child in _children(parent) for pid in (child, *_below(child))]


def _children(parent: int) -> list[int]:
    return sorted(int(path.parent.name) for path in Path("/proc").glob("[0-9]*/stat") if _parent(path) == parent)


def _parent(path: Path) -> int:
    try:
        return int(path.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return 0
