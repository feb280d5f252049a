"""Stamps: how processes learn, in a query they make anyway, that shared settings have changed."""

import uuid
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, models
from django.db.models.functions import Coalesce


class Stamp(models.Model):
    """The mark of the newest organisation, custom fields and settings. A new mark empties every process's memory."""

    value = models.CharField(max_length=32)


#: Within a door the mark is read once; the list holds it, empty until it is asked for.
_held: ContextVar[list[str] | None] = ContextVar("held_mark", default=None)


@contextmanager
def hold() -> Iterator[None]:
    """Within, the mark is read at most once: a transaction works with one set of settings."""
    token = _held.set([])
    try:
        yield
    finally:
        _held.reset(token)


def renew() -> None:
    """Say that something changed. Within a transaction, others see it at commit."""
    Stamp.objects.update_or_create(pk=1, defaults={"value": uuid.uuid4().hex})
    if held := _held.get():
        held.clear()


def change() -> None:
    """Until this transaction commits, what it has changed is known to it alone: it remembers by itself."""
    if (held := _held.get()) is not None:
        held[:] = [uuid.uuid4().hex]


def settled(mark: str) -> bool:
    """May what is worked out now be kept under this mark? Not after a change that may yet be rolled back."""
    return not (held := _held.get()) or held[0] == mark


def column() -> Any:
    """The mark beside a row that is read anyway; ``current`` takes it."""
    return Coalesce(models.Subquery(Stamp.objects.filter(pk=1).values("value")), models.Value(""))


def current(beside: str | None = None) -> str:
    """The mark now; costs one query, so callers read it along with something they need."""
    if held := _held.get():
        return held[0]
    if beside is not None:
        return beside
    with connection.cursor() as cursor:  # by hand: putting it into SQL takes ten times as long as asking
        cursor.execute("SELECT value FROM kernel_stamp WHERE id = 1")
        held, mark = _held.get(), (cursor.fetchone() or ("",))[0]
    if held is not None:
        held.append(mark)
    return mark


_memory: dict[str, dict[Hashable, Any]] = {}
_MARKS_KEPT = 4
_MISSING = object()


def remembered(mark: str, key: Hashable, make: Callable[[], Any]) -> Any:
    """A value worked out once per mark and kept in this process."""
    shelf = _memory.get(mark)
    if shelf is None:
        for old in list(_memory)[: max(0, len(_memory) - _MARKS_KEPT + 1)]:
            _memory.pop(old, None)
        shelf = _memory.setdefault(mark, {})
    value = shelf.get(key, _MISSING)
    if value is _MISSING:
        value = make()
        if settled(mark):
            shelf[key] = value
    return value
