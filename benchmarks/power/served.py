"""The plug is pulled while browsers and programs ask: the web server and the worker die and are started again."""

import http.client
import importlib
import json
import random
import sys
import threading
import time
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q
from django.utils import timezone

from benchmarks.power import checks, firm, roles
from benchmarks.power.run import Harness, Tally, differences, end_of, later
from guanxi.apps.inventory.models import StockDocument
from guanxi.apps.org.models import User
from guanxi.apps.parties.models import Customer
from guanxi.apps.sales.models import Lead
from guanxi.kernel.api import Ctx
from guanxi.kernel.job_rows import Job
from guanxi.site import prepare
from guanxi.surfaces.automation.models import ApprovalRequest
from guanxi.surfaces.rest import tokens

PATIENCE = 180.0
#: One of so many starts is `guanxi serve` as a person types it; the others are forks that have loaded everything.
COLD = 6


#: So often work that is not done is waited for; what is stuck never ends, and stops the run.
LOOKS = 3


@dataclass(frozen=True)
class Ask:
    """A request: of a program with its token and a key, or of a page with its session."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    page: bool = False
    #: Does the worker do it, so that it goes on when the answer has been given?
    worker: bool = False
    #: Is it an import, whose parts are made small in the processes that are forked?
    parts: bool = False

    def send(self, port: int) -> tuple[int, bool]:
        """The status of the answer, and whether it was given before."""
        peer = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            body = urlencode(self.body, doseq=True) if self.page else json.dumps(self.body)
            peer.request("POST", self.path, body, self.headers)
            answer = peer.getresponse()
            answer.read()
            return answer.status, answer.headers.get("Idempotent-Replay") == "true"
        finally:
            peer.close()


@dataclass
class Step:
    """A piece of work in its place: what the database holds before and after it, and how long it takes."""

    name: str
    ask: Ask
    before: list[str]
    after: list[str]
    seconds: float


def asks(facts: firm.Facts) -> dict[str, Ask]:
    """The pieces of work as requests, in the order in which they are done."""
    admin, boss, page = _token(facts, "admin"), _token(facts, "boss"), _session(facts)
    same, given, lead, request = facts["same"], facts["given"], facts["lead"], facts["request"]
    assert isinstance(same, list)

    def program(path: str, body: dict[str, Any], row: tuple[Any, Any] | None = None, token: str = admin) -> Ask:
        version = {"If-Match": f'"{row[0].objects.get(pk=row[1]).version}"'} if row else {}
        return Ask(f"/api/v1/{path}", body, {"Authorization": f"Bearer {token}", "Content-Type": "application/json",
                                             "Idempotency-Key": f"served {path}", **version})

    def form(path: str, **more: Any) -> Ask:
        values = more.pop("values", {})
        return Ask(path, values, {**page, "Content-Type": "application/x-www-form-urlencoded"}, page=True, **more)

    go = {"go": "1", "mode": "both", "match": "name", "likeness": "skip"}
    return {
        "merge": program("customers/bulk/merge", {"ids": same, "inputs": {"survivor": same[0]}}),
        "conversion": program(f"leads/{lead}/convert", {"subject": "Pumps"}, (Lead, lead)),
        "transfer": program(f"customers/{given}/assign", {"to": facts["anna"], "keep": "read"}, (Customer, given)),
        "approval": program(f"approvals/{request}/approve", {}, (ApprovalRequest, request), boss),
        "undo": form(f"/undo/{facts['handed']}"),
        "stock transfer": program(f"{StockDocument.about.slug}/bulk/confirm", {"ids": facts["documents"]}),
        "import, at once": form(f"/imports/{facts['small']}/check", values=go, parts=True),
        "import, by the worker": form(f"/imports/{facts['large']}/check", values=go, parts=True, worker=True),
        "import taken back, at once": form(f"/imports/{facts.get('small_done')}/undo", parts=True),
        "import taken back, by the worker": form(f"/imports/{facts.get('large_done')}/undo", parts=True, worker=True)}


def _token(facts: firm.Facts, who: str) -> str:
    token, value = tokens.create(firm.acting(facts, who), "power", [tokens.WRITE], 365)
    tokens.used(token, Ctx(system=True, via="api", client="127.0.0.1", reason="power"))
    return value


def _session(facts: firm.Facts) -> dict[str, str]:
    """The cookies of somebody who has signed in."""
    user = User.objects.get(pk=facts["admin"])
    kept = SessionStore()
    kept.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                 HASH_SESSION_KEY: user.get_session_auth_hash()})
    kept.create()
    seal = "s" * 32
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={kept.session_key}; {settings.CSRF_COOKIE_NAME}={seal}",
            "X-CSRFToken": seal}


def settled() -> None:
    """Wait until the worker has nothing left to do. What is to be done in some minutes comes at once."""
    end = time.monotonic() + PATIENCE
    while (left := Job.objects.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING))).exists():
        if not left.filter(Q(state=Job.State.RUNNING) | Q(due_at__lte=timezone.now())).exists():
            later(dead=False)
        if time.monotonic() > end:
            raise RuntimeError(f"The worker does not come to an end with {list(left.values_list('name', 'state'))}.")
        time.sleep(0.03)


class Served:
    """A running installation that is asked for one piece of work after the other, and dies in each of them."""

    def __init__(self, harness: Harness) -> None:
        self.harness, self.port = harness, roles.free_port()
        prepare.front_end()
        prepare.static_files()  # a page of errors needs them
        for name in ("guanxi.site.urls", "guanxi.site.wsgi", "granian.cli"):
            importlib.import_module(name)
        self.web, self.worker = roles.web(harness.folder, self.port), roles.worker(harness.folder)
        self.whole = roles.whole(harness.folder, self.port)
        harness.store.put_back()
        self.asks = asks(harness.facts)
        _say_that_it_is_migrated()
        connections.close_all()
        harness.store.keep()
        harness.known, harness.before = harness.apart(lambda: (checks.newest(), checks.picture(checks.newest()))).value
        self.steps: list[Step] = []

    def stop(self) -> None:
        for role in (self.web, self.worker, self.whole):
            role.kill()
        self.harness.store.settle()

    def start(self, *wanted: roles.Role) -> None:
        for role in wanted:
            role.start()
        roles.wait_until_it_answers(self.harness.folder, self.port, wanted)

    def _look(self) -> tuple[list[str], list[str]]:
        for _look in range(LOOKS):  # schedules go on, and what has come due meanwhile is waited for
            settled()
            if not (left := checks.unfinished()):
                break
        return checks.picture(self.harness.known), [*left, *checks.lasting()]

    def measure(self, count: int) -> None:
        """The first pieces of work in peace, one after the other."""
        self.harness.store.put_back()
        self.start(self.web, self.worker)
        before = self.harness.before
        for name, ask in islice(self.asks.items(), count):
            begin = time.monotonic()
            status, _replay = ask.send(self.port)
            said = time.monotonic() - begin
            self.harness.apart(settled)
            done = time.monotonic() - begin
            after, broken = self.harness.apart(self._look).value
            if broken or status >= 400 or after == before:
                raise RuntimeError("\n".join([f"{name} is not in order when nobody disturbs it ({status}):", *broken[:20]]))
            again, _replay = ask.send(self.port)
            if again >= 500:
                raise RuntimeError(f"{name} is asked for again when nobody disturbs it, and the answer is {again}.")
            self.steps.append(Step(name, ask, before, after, done if ask.worker else said))
            before = after
        self.stop()

    def cut(self, step: Step, dice: random.Random, tally: Tally, label: str, cold: bool) -> bool:
        """One death in the middle of one request. Tells whether all held."""
        held, cold_now = len(tally.faults), bool(self.whole.session)
        who = [self.whole] if cold_now else dice.choice(
            [[self.web, self.worker], [self.worker if step.ask.worker else self.web]])
        moment = dice.uniform(0, step.seconds)
        hit = self._kill(step.ask, moment, who)
        at_death = self.harness.apart(lambda: checks.picture(self.harness.known)).value
        self.harness.apart(lambda: later(dead=True))
        self.start(*([self.whole] if cold and len(who) == 2 else [self.web, self.worker] if cold_now else who))
        now, broken = self.harness.apart(self._look).value
        end = end_of(step.before, step.after, at_death, now)
        names = "guanxi serve" if cold_now else "both" if len(who) == 2 else "the worker" if who == [self.worker] else "web"
        label = f"{label}: {step.name}, {names} killed after {moment:.3f} s"
        tally.ends[end if hit or end == "resumed" else "not hit"] += 1
        if end == "half":
            tally.faults += [f"{label}: neither done nor absent", *differences(now, step.after)]
        status, replay = step.ask.send(self.port)
        if status >= 500 or (status >= 400 and (end == "absent" or not step.ask.page)):
            tally.faults.append(f"{label}: asked again, the answer is {status}")
        if not step.ask.page and replay == (end == "absent"):
            tally.faults.append(f"{label}: it was {end}, but asked again the answer is {'old' if replay else 'new'}")
        after, worse = self.harness.apart(self._look).value
        tally.faults += [f"{label}: {one}" for one in (*broken, *worse)]
        if after != step.after:
            tally.faults += [f"{label}: asked again, it is not what it should be", *differences(after, step.after)]
        print(f"{label}: {'' if hit or end == 'resumed' else 'not hit, '}{end}, {len(tally.faults) - held} faults",
              file=sys.stderr, flush=True)
        return len(tally.faults) == held

    def _kill(self, ask: Ask, moment: float, who: list[roles.Role]) -> bool:
        """Ask, kill, and tell whether something was still to be done."""
        answers: list[tuple[int, bool]] = []

        def client() -> None:
            try:
                answers.append(ask.send(self.port))
            except (http.client.HTTPException, OSError):
                return  # nobody answers any more: that is what is tried here

        asking = threading.Thread(target=client)
        asking.start()
        time.sleep(moment)
        hit = not answers
        for role in who:
            role.kill()
        asking.join()
        if not (self.web.session or self.worker.session or self.whole.session):
            self.harness.store.settle()
        return hit


def _say_that_it_is_migrated() -> None:
    """The tables were made from the models; `guanxi serve` is to find nothing to do."""
    kept, settings.MIGRATION_MODULES = settings.MIGRATION_MODULES, {}
    try:
        executor = MigrationExecutor(connection)
        executor.recorder.ensure_schema()
        for app, name in executor.loader.disk_migrations:
            executor.recorder.record_applied(app, name)
    finally:
        settings.MIGRATION_MODULES = kept


def all_cuts(harness: Harness, cuts: int, seed: int) -> dict[str, Tally]:
    """Rounds through all pieces of work, with a death in each, until there were enough."""
    served = Served(harness)
    tallies = {name: Tally() for name in islice(served.asks, cuts)}
    try:
        served.measure(cuts)
        number = 0
        while number < cuts:
            harness.store.put_back()
            served.start(served.web, served.worker)
            for place, step in enumerate(served.steps):
                dice = random.Random(f"{seed}-{number}")
                ahead = served.steps[place:place + 2]
                cold = dice.randrange(COLD) == 0 and not any(one.ask.parts for one in ahead)
                number += 1
                if not served.cut(step, dice, tallies[step.name], f"seed {seed}, cut {number}", cold) or number >= cuts:
                    break
            served.stop()
    finally:
        served.stop()
    return tallies
