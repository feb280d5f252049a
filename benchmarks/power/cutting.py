"""Processes that are killed: each piece of work runs in a fork of its own, which dies at a statement or at a moment."""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, connections


@dataclass(frozen=True)
class Cut:
    """Where a process dies: at its n-th statement, before it can say that it is done, or after some seconds; or never."""

    statement: int = 0
    after: bool = False
    seconds: float = 0.0
    unsaid: bool = False

    def __str__(self) -> str:
        if self.statement:
            return f"{'after' if self.after else 'before'} statement {self.statement}"
        if self.unsaid:
            return "before its answer"
        return f"after {self.seconds:.3f} s" if self.seconds else "never"


def somewhere(dice: random.Random, statements: int, seconds: float) -> Cut:
    """A place within a piece of work: most are statements, some its very end, and one of four a moment."""
    roll = dice.random()
    if roll < 0.15:
        return Cut(unsaid=True)
    if roll < 0.75:
        return Cut(statement=dice.randint(1, max(statements, 1)), after=dice.random() < 0.5)
    return Cut(seconds=max(dice.uniform(0, seconds), 0.001))


class Knife:
    """Counts the statements of this process, and ends it at the wanted one as a power cut would: no handler runs."""

    def __init__(self, cut: Cut) -> None:
        self.cut, self.count = cut, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        here = self.count == self.cut.statement
        if here and not self.cut.after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = execute(sql, params, many, context)
        if here:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


@dataclass
class End:
    """How a process ended: killed or not, what it returned, and what it took."""

    killed: bool
    value: Any = None
    statements: int = 0
    seconds: float = 0.0


def apart(folder: Path, work: Callable[[], Any], cut: Cut | None = None) -> End:
    """Do a piece of work in a process of its own, which may be killed. Raises RuntimeError where it fails by itself."""
    told = folder / "told.json"
    told.unlink(missing_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    begin = time.monotonic()
    child = os.fork()
    if not child:
        _work(work, told, Knife(cut or Cut()))
    if cut is not None and cut.seconds:
        time.sleep(cut.seconds)
        os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        if cut is None or os.WTERMSIG(status) != signal.SIGKILL:
            raise RuntimeError(f"The process was ended by signal {os.WTERMSIG(status)}.")
        return End(True, seconds=time.monotonic() - begin)
    found = json.loads(told.read_text(encoding="utf-8"))
    if "error" in found:
        raise RuntimeError(found["error"])
    return End(False, found["value"], found["statements"], found["seconds"])


def _work(work: Callable[[], Any], told: Path, knife: Knife) -> None:
    """The child: never returns."""
    begin = time.monotonic()
    try:
        connections.close_all()
        with connection.execute_wrapper(knife):
            value = work()
        if knife.cut.unsaid:
            os.kill(os.getpid(), signal.SIGKILL)
        connections.close_all()
        facts = {"value": value, "statements": knife.count, "seconds": time.monotonic() - begin}
    except BaseException:  # noqa: BLE001 - told to the parent, which raises it
        facts = {"error": traceback.format_exc()}
    told.write_text(json.dumps(facts), encoding="utf-8")
    os._exit(0)
