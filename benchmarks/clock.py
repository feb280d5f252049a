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


class Failed(Exception):
    """A request was not answered as it should be: quick, and proving nothing."""


@dataclass
class Figure:
    """One line of the table."""

    name: str
    who: str
    times: list[float] = field(default_factory=list)
    queries: int = 0
    floor: float = 0.0
    size: int = 0
    failure: str = ""
    statements: list[Statement] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return median(self.times)

    @property
    def p95(self) -> float:
        return p95_of(self.times)

    @property
    def ratio(self) -> float:
        return self.p50 / self.floor if self.floor else 0.0


def p95_of(times: list[float]) -> float:
    """What nineteen of twenty do not exceed."""
    if not times:
        raise Failed("nothing was measured: what should load the machine ended at once")
    return quantiles(times, n=20)[18] if len(times) > 1 else times[0]


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
    """Ask twice to warm up and to listen, then as often as wanted. What fails becomes a line that says why."""
    try:
        good(ask())
        with listening() as heard:
            answer = good(ask())
        times = [spent(lambda: good(ask())) for _round in range(rounds)]
        content = getattr(answer, "content", b"")
        below = median(spent(floor) for _round in range(rounds)) if floor else floor_of(heard, content, rounds)
    except Exception as error:  # noqa: BLE001  one case that fails must not cost the others
        return Figure(name, who, failure=f"{type(error).__name__}: {' '.join(str(error).split())[:120]}")
    return Figure(name, who, times, len(heard), below, len(content), statements=heard)


def good(answer: Any) -> Any:
    """A refused request is quick and proves nothing."""
    if answer.status_code not in (200, 201, 204):
        words = answer.content.decode("utf-8", "replace")[:300]
        raise Failed(f"answered with {answer.status_code}: {words}")
    return answer
