"""`guanxi serve`: the web server and the job worker as two children of one small supervisor."""

import argparse
import gc
import os
import signal
import socket
import sys
import threading
from types import FrameType

import django
from django.core.management import call_command, get_commands

from guanxi.site import prepare
from guanxi.site.children import SIGNALS, Child, end, run_jobs, serve_pages


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
    web, worker = Child("web server", serve_pages, (options.host, options.port)), Child("job worker", run_jobs)
    gc.freeze()  # what is loaded now stays shared with the children
    web.start()
    worker.start(web.pid)
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

    for number in SIGNALS:
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
            end([worker])
            return 1
        worker.revive(web.pid)
    end([web, worker])
    return 0
