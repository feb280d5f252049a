"""`guanxi serve`: the web server and the job worker as two children of one small supervisor."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from types import FrameType

import django
from django.core.management import call_command, get_commands

from guanxi.site import env, prepare

GRACE = 20.0  # seconds a child may take to finish what it is doing
LONGEST_PAUSE = 30.0


@dataclass
class Child:
    """One process that is kept running."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    not_before: float = field(default=0.0)

    def start(self, group: int = 0) -> None:
        """In a group of its own, or in another child's: what a terminal sends reaches the supervisor only."""
        self.process = subprocess.Popen(self.command, process_group=group)

    def code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self.process.poll() if self.process else None


def main(arguments: list[str]) -> int:
    """Prepare, start both children, wait for the signal to stop."""
    options = _parse(arguments)
    url = f"http://{_bracketed(options.host)}:{options.port}"
    os.environ.setdefault("GUANXI_SERVED_AT", url)
    _port_is_free(options.host, options.port)
    django.setup()
    prepare.everything()
    if options.demo:
        call_command("demo", "load")
    stop = threading.Event()
    _on_signals(stop)
    web, worker = Child("web server", _web_command(options)), Child("job worker", _own_command("work"))
    web.start()
    worker.start(_group(web))
    if _answers(options, web, stop):
        _welcome(url)
    return _watch(web, worker, stop)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="guanxi serve", description="Serve the pages, with the job worker beside them."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
    parser.add_argument("--demo", action="store_true", help="load the sample company first")
    return parser.parse_args(arguments)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _web_command(options: argparse.Namespace) -> list[str]:
    """One process with threads is the right size for SQLite; more processes pay on PostgreSQL."""
    return [
        *(sys.executable, "-m", "granian", "guanxi.site.wsgi:application"),
        *("--interface", "wsgi", "--host", options.host, "--port", str(options.port)),
        *("--workers", str(env.number("GUANXI_WEB_PROCESSES", 1, low=1))),
        *("--blocking-threads", str(env.number("GUANXI_WEB_THREADS", 4, low=1))),
        *("--no-ws", "--log-level", "warning", "--respawn-failed-workers", "--workers-kill-timeout", "10"),
    ]


def _own_command(*words: str) -> list[str]:
    return [sys.executable, "-m", "guanxi.site.cli", *words]


def _port_is_free(host: str, port: int) -> None:
    """Try to listen, so that a taken port is told before anything is prepared."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            other = f"stop the program that uses it, or choose another one (make run PORT={port + 1})"
            raise prepare.Missing(f"Cannot listen on {host}:{port} ({error}): {other}.") from error


def _on_signals(stop: threading.Event) -> None:
    def handler(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _answers(options: argparse.Namespace, web: Child, stop: threading.Event) -> bool:
    """Wait until the web server accepts connections, ends, or we are told to stop."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)  # noqa: S104
    while web.code() is None and not stop.wait(0.05):
        try:
            socket.create_connection((host, options.port), timeout=1).close()
        except OSError:
            continue
        return True
    return False


def _welcome(url: str) -> None:
    """Say where it is; an app may add what a first visitor needs by a command named `welcome`."""
    print(f"Guanxi is ready: {url}  (stop with Ctrl+C)", flush=True)
    if "welcome" in get_commands():
        call_command("welcome", url)


def _watch(web: Child, worker: Child, stop: threading.Event) -> int:
    """Keep the worker running; without the web server there is nothing to keep."""
    while not stop.wait(0.2):
        if web.code() is not None:
            print(
                f"guanxi: the web server ended by itself (code {web.code()}); its last lines above say why.",
                file=sys.stderr,
            )
            _end([worker])
            return 1
        _revive(worker, _group(web))
    return _end([web, worker])


def _group(child: Child) -> int:
    return child.process.pid if child.process else 0


def _revive(child: Child, group: int = 0) -> None:
    """Start a child that ended again, after a pause that doubles."""
    code = child.code()
    if code is None:
        return
    if not child.not_before:
        pause = min(2.0**child.failures, LONGEST_PAUSE)
        print(f"guanxi: the {child.name} ended (code {code}); starting it again in {pause:.0f} s.", file=sys.stderr)
        child.failures, child.not_before = child.failures + 1, time.monotonic() + pause
    elif time.monotonic() >= child.not_before:
        child.not_before = 0.0
        child.start(group)


def _end(children: list[Child]) -> int:
    """Tell the children once, let them finish what they are doing, and be firm in the end."""
    running = [child.process for child in children if child.process and child.code() is None]
    for process in running:
        process.terminate()
    _wait(running, GRACE)
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()
    return 0


def _wait(processes: list[subprocess.Popen[bytes]], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(process.poll() is None for process in processes):
        time.sleep(0.05)
