"""The command line: one table, one sentence for what is missing, and a server that starts and stops cleanly."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from guanxi.site import children, cli, prepare, serve


def environment(folder: Path, **more: str) -> dict[str, str]:
    """A fresh installation in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUANXI_", "DJANGO_"))}
    return {**kept, "GUANXI_DATA_DIR": str(folder), **more}


def guanxi(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "guanxi.site.cli", *words]
    return subprocess.run(command, env=environment(folder, **more), capture_output=True, text=True)


def offspring(parent: int) -> list[tuple[int, int]]:
    """The children of a process, each with its process group."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            _state, above, group, *_rest = status.read_text().rpartition(") ")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # It ended while we looked.
        if int(above) == parent:
            found.append((int(status.parent.name), int(group)))
    return found


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_usage_names_every_command():
    assert [name for name in cli.COMMANDS if f"  {name} " not in cli.usage()] == []


def test_an_unknown_command_is_told(tmp_path):
    done = guanxi(tmp_path, "fly")

    assert done.returncode == 1
    assert done.stderr.startswith("guanxi: there is no command 'fly'. Commands: serve, work")


def test_a_taken_port_is_told_with_another():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]

        with pytest.raises(prepare.Missing, match=f"Cannot listen on 127.0.0.1:{taken} .*make run PORT={taken + 1}"):
            serve._port_is_free("127.0.0.1", taken)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("GUANXI_DEBUG", "maybe", "guanxi: GUANXI_DEBUG='maybe' is neither yes nor no: use 1 or 0."),
        ("GUANXI_DATA_DIR", os.devnull + "/x", f"guanxi: GUANXI_DATA_DIR: cannot create {os.devnull}/x"),
        ("GUANXI_DATABASE_URL", "postgres://a:b@127.0.0.1:1/c", "guanxi: The database 127.0.0.1:1/c cannot be used"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path, variable, value, sentence):
    done = guanxi(tmp_path, "prepare", **{variable: value})

    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Path:
    """A folder that has been started once."""
    return tmp_path_factory.mktemp("installation")


@pytest.mark.xdist_group("served")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_serve_answers_and_stops_with_its_children(installation, port, number):
    command = [sys.executable, "-m", "guanxi.site.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(
        command,
        env=environment(installation),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        ready = next(line for line in server.stdout or () if line.startswith("Guanxi is ready"))
        body = urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").read()
        left = offspring(server.pid)
        order = [os.getpriority(os.PRIO_PROCESS, pid) for pid, _group in sorted(left)]
        os.killpg(server.pid, number)
        code = server.wait(timeout=60)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)

    assert ready == f"Guanxi is ready: http://127.0.0.1:{port}  (stop with Ctrl+C)\n"
    assert body == b"ok"
    assert code == 0
    assert len(left) == 2
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    assert order == [mine, min(mine + children.YIELDS, 19)], "jobs wait for pages, not pages for jobs"
    assert len({group for _pid, group in left}) == 1
    for pid, group in left:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        with pytest.raises(ProcessLookupError):
            os.killpg(group, 0)


def test_a_worker_that_ends_is_started_again_after_a_pause(capfd):
    child = children.Child("job worker", sys.exit, (3,))
    child.start()
    child.process.join()
    first = child.process

    child.revive()
    assert child.process is first
    child.not_before = time.monotonic() - 1
    child.revive()
    child.process.join()

    assert child.process is not first
    assert "the job worker ended (code 3); starting it again in 1 s." in capfd.readouterr().err
