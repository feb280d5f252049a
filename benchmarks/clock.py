"""Measuring: how long a request takes, how many statements it asks, and how long these alone take the bare driver."""

import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from django.db import connection
from django.http import HttpResponse

Statement = tuple[str, Any]


@dataclass
class Figure:
    """One line of the table."""

    name: str
    who: str
    times: list[float]
    queries: int
    floor: float
    size: int = 0
    note: str = ""
    statements: list[Statement] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return median(self.times)

    @property
    def p95(self) -> float:
        return quantiles(self.times, n=20)[18] if len(self.times) > 1 else self.times[0]

    @property
    def ratio(self) -> float:
        return self.p50 / self.floor if self.floor else 0.0


@contextmanager
def listening() -> Any:
    """Collect the statements that Django sends."""
    heard: list[Statement] = []

    def ear(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        heard.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(ear):
        yield heard


def spent(work: Callable[[], Any]) -> float:
    """Milliseconds."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def reads(statements: list[Statement]) -> list[Statement]:
    return [(sql, params) for sql, params in statements if sql.lstrip().upper().startswith(("SELECT", "WITH"))]


def floor_of(statements: list[Statement], body: bytes, rounds: int) -> float:
    """The same rows by the bare driver, and a response of the same bytes: nothing above that can be quicker."""
    asked, text = reads(statements), body.decode("utf-8", "replace")
    raw = connection.connection.cursor()
    mark = "?" if connection.vendor == "sqlite" else "%s"
    ready = [(sql.replace("%s", mark).replace("%%", "%") if mark == "?" else sql, params) for sql, params in asked]

    def work() -> None:
        for sql, params in ready:
            raw.execute(sql, params or ())
            raw.fetchall()
        HttpResponse(text)

    work()
    return median(spent(work) for _round in range(rounds))


def measure(name: str, who: str, ask: Callable[[], Any], rounds: int, floor: Callable[[], Any] | None = None) -> Figure:
    """Ask once to warm up, once to listen, then as often as wanted; every answer must be a good one."""
    good(name, ask())
    with listening() as heard:
        answer = good(name, ask())
    times = [spent(lambda: good(name, ask())) for _round in range(rounds)]
    below = median(spent(floor) for _round in range(rounds)) if floor else floor_of(heard, answer.content, rounds)
    return Figure(name, who, times, len(heard), below, len(answer.content), statements=heard)


def good(name: str, answer: Any) -> Any:
    """A refused request is quick and proves nothing."""
    if answer.status_code not in (200, 201, 204):
        words = answer.content.decode("utf-8", "replace")[:400]
        raise SystemExit(f"benchmarks: “{name}” was answered with {answer.status_code}: {words}")
    return answer
