"""A long import in two processes: one thinks through the rows that come next, the other writes.

What is thought through are answers of pure functions: values of texts, sort keys, words for the search index, match
keys. Whoever writes asks the same functions and finds the answers there; where one is missing it is worked out anew.
"""

import logging
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from contextlib import suppress
from functools import cache
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import connection
from django.utils import translation

from guanxi.kernel import facts, inserting, registry, search_index
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record, object_name
from guanxi.language import ahead, text
from guanxi.surfaces.impex import second
from guanxi.surfaces.impex.importing import Engine
from guanxi.surfaces.impex.reading import Row

logger = logging.getLogger("guanxi.import")

#: A second process pays for tables from so many rows on.
LONG = 5_000
#: Chunks that are thought through while one is written.
_DEPTH = 2
#: What has begun is waited for so many seconds: it is nearer to its end than thinking by oneself. What has not is not.
PATIENCE = 1.0

Thoughts = tuple[dict[tuple[str, str], Any], ahead.Answers]
_NONE: Thoughts = ({}, {})


def thought_through(engine: Engine, chunks: Iterable[list[Row]], total: int) -> Iterator[list[Row]]:
    """The chunks as they are, each with the answers that it will ask for. Short tables go without."""
    if total < LONG or processors() < 2:
        yield from chunks
        return
    columns = [(column, view.key) for column, view in engine.plan.columns if not (view.target or view.custom)]
    helper = second.pool()
    try:
        yield from _ahead(engine, chunks, helper, columns)
    finally:
        helper.shutdown(wait=False, cancel_futures=True)
        _learn(engine, _NONE)


def _ahead(engine: Engine, chunks: Iterable[list[Row]], helper: Executor,
           columns: list[tuple[str, str]]) -> Iterator[list[Row]]:
    ready: Future[Any] = helper.submit(os.getpid)
    waiting: deque[tuple[list[Row], Future[Thoughts] | None]] = deque()
    for chunk in chunks:
        asked = None
        if ready.done():  # nothing waits for a process that is still starting
            with suppress(BrokenExecutor):
                asked = helper.submit(think, object_name(engine.model), translation.get_language() or "", columns,
                                      [row.cells for row in chunk])
        waiting.append((chunk, asked))
        if len(waiting) > _DEPTH or asked is None:
            yield _with_thoughts(engine, *waiting.popleft())
    for pair in waiting:
        yield _with_thoughts(engine, *pair)


def _with_thoughts(engine: Engine, chunk: list[Row], asked: Future[Thoughts] | None) -> list[Row]:
    thoughts = _NONE
    if asked is not None and not asked.cancel() and not wait([asked], PATIENCE).not_done:
        if (error := asked.exception()) is None:
            thoughts = asked.result()
        else:  # the rows go in all the same, only slower
            logger.warning("An import goes on in one process: %r", error)
    _learn(engine, thoughts)
    return chunk


def _learn(engine: Engine, thoughts: Thoughts) -> None:
    engine.converter.foreseen, answers = thoughts
    ahead.learn(answers)


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# in the second process ---------------------------------------------------------------------------

def think(name: str, language: str, columns: list[tuple[str, str]], rows: list[dict[str, Any]]) -> Thoughts:
    """Work out what the writer of these rows will ask. No database is asked, and nothing is written."""
    model, ctx = registry.model_of(name), Ctx(system=True, reason="import")
    known = {view.key: view for view in facts.declared(model, ctx)}
    views = [(column, known[key]) for column, key in columns if key in known]
    read: dict[tuple[str, str], Any] = {}
    with translation.override(language), ahead.noting() as answers:
        for cells in rows:
            values = {view: value for column, view in views for value in _read(ctx, view, cells.get(column), read)}
            with suppress(Refused, ValidationError, ObjectDoesNotExist, ArithmeticError, AttributeError, LookupError,
                          TypeError, ValueError):  # the writer will see for itself
                _go_through(model, values)
    return read, answers


def _read(ctx: Ctx, view: FieldView, raw: Any, read: dict[tuple[str, str], Any]) -> list[Any]:
    """The value of a cell, if it has one."""
    if raw is None:
        return []
    try:
        value = view.parse(raw, ctx)
    except Refused:
        return []
    if isinstance(raw, str):
        read[view.key, raw] = value
    return [value]


@cache
def _blank(model: type[Record]) -> dict[str, Any]:
    """What a record holds before anything is said of it."""
    return {name: value for name, value in vars(model()).items() if not name.startswith("_")}


def _go_through(model: type[Record], values: dict[FieldView, Any]) -> None:
    """What becomes of a record on its way in, without its links."""
    record = inserting.fresh(model, {**_blank(model), **{view.attname: value for view, value in values.items()}})
    record.prepare()
    record.fill_sort_key()
    record.match_keys()
    if model.about.search:
        (text.tsvector_of if connection.vendor == "postgresql" else text.fts5_of)(*search_index.words_of(record))
