"""Restart the PostgreSQL server of ``pg_virtualenv`` under a web process and a worker, and print what became of all requests:
``pg_virtualenv -t python -m tests.site.steps.restart FOLDER``."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]
os.environ |= {"GUANXI_TEST_POSTGRES": "1", "GUANXI_DATA_DIR": str(Path(sys.argv[1]).resolve()),
               "GUANXI_API_PER_MINUTE": "100000", "DJANGO_SETTINGS_MODULE": "tests.site.steps.settings"}

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from guanxi.apps.org.tests.firm import found  # noqa: E402
from guanxi.apps.parties.models import Customer  # noqa: E402
from guanxi.kernel import entries, jobs, schedules  # noqa: E402
from guanxi.kernel.api import Entry  # noqa: E402
from guanxi.kernel.job_rows import Job  # noqa: E402
from guanxi.surfaces.rest import tokens  # noqa: E402

URL = f"http://127.0.0.1:{PORT}/api/v1/customers"
PYTHON = [sys.executable, "-m"]
WEB = [*PYTHON, "granian", "guanxi.site.wsgi:application", "--interface", "wsgi", "--port", str(PORT), "--blocking-threads", "4",
       "--log-level", "error"]
SENDERS, JOBS, LIMIT = 3, 20, 30.0
answers: list[tuple[str, int, float]] = []


def send(name: str, token: str) -> int:
    """Make a customer; the name is the key under which it is done once."""
    began = time.monotonic()
    request = Request(URL, json.dumps({"name": name}).encode(), {
        "Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": name})
    try:
        with urlopen(request, timeout=LIMIT + 10) as answer:
            code = int(answer.status)
    except HTTPError as error:
        code = error.code
    except URLError:
        code = 0
    answers.append((name, code, time.monotonic() - began))
    return code


def keep_sending(number: int, token: str, over: threading.Event) -> None:
    count = 0
    while not over.is_set():
        done = send(f"{number}-{count}", token) == 201
        count += 1
        time.sleep(0.05 if done else 0.5)


def restart() -> None:
    clusters = subprocess.run(["pg_lsclusters", "--no-header"], check=True, capture_output=True, text=True).stdout
    version, name = next(line.split()[:2] for line in clusters.splitlines() if line.split()[2] == os.environ["PGPORT"])
    subprocess.run(["pg_ctlcluster", "-m", "immediate", version, name, "stop"], check=True, capture_output=True)
    time.sleep(1)
    subprocess.run(["pg_ctlcluster", version, name, "start"], check=True, capture_output=True)


def until(met: Any, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while not met() and time.monotonic() < end:
        time.sleep(0.2)
    return bool(met())


def main() -> dict[str, Any]:
    call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    firm = found()
    anna = firm.add("anna", "salesperson", department=firm.east)
    token = tokens.create(anna(), "test", ["write"], 30)[1]
    processes = [subprocess.Popen(WEB), subprocess.Popen([*PYTHON, "guanxi.site.cli", "work", "--interval", "0.1"],
                                                         stderr=subprocess.DEVNULL)]
    try:
        assert until(lambda: send("first", token) == 201)
        over = threading.Event()
        senders = [threading.Thread(target=keep_sending, args=(number, token, over), daemon=True) for number in range(SENDERS)]
        for one in senders:
            one.start()
        for _number in range(JOBS):
            jobs.enqueue(firm.system, schedules.prune_jobs)
        time.sleep(1)
        restart()
        connection.close()
        back = until(lambda: answers[-1][1] == 201)
        time.sleep(1)
        over.set()
        for one in senders:
            one.join()
        refused = [name for name, code, _seconds in answers if code != 201]
        again = {send(name, token) for name in refused if name != "first"}
        until(lambda: not Job.objects.exclude(state=Job.State.DONE).exists())
        names = sorted(Customer.objects.values_list("name", flat=True))
        return {"back": back, "codes": sorted({code for name, code, _seconds in answers if name != "first"}),
                "refused": len(refused), "again": sorted(again), "late": [one for one in answers if one[2] > LIMIT],
                "whole": names == sorted({name for name, _code, _seconds in answers}),
                "created": Entry.objects.filter(verb="parties.customer.create").count() == len(names),
                "seals": entries.broken_at(), "alive": [one.poll() for one in processes],
                "jobs": sorted(set(Job.objects.values_list("state", flat=True)))}
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(main()) + "\n")
