"""Stamps: how processes learn, in a query they make anyway, that shared settings have changed."""

import uuid
from collections.abc import Callable, Hashable
from typing import Any

from django.db import models


class Stamp(models.Model):
    """The mark of the newest organisation, custom fields and settings. A new mark empties every process's memory."""

    value = models.CharField(max_length=32)


def renew() -> None:
    """Say that something changed. Within a transaction, others see it at commit."""
    Stamp.objects.update_or_create(pk=1, defaults={"value": uuid.uuid4().hex})


def current() -> str:
    """The mark now; costs one query, so callers read it along with something they need."""
    return Stamp.objects.filter(pk=1).values_list("value", flat=True).first() or ""


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
        value = shelf[key] = make()
    return value
