"""What the account tells of an operation as a whole: what it brought in, and what became of that."""

from typing import Any

from django.db.models import Q

from guanxi.kernel.entries import Entry, Operation


def latest(kind: str) -> Operation | None:
    """The newest operation of a kind, unless it failed or was taken back."""
    newest = Operation.objects.filter(kind=kind).exclude(state=Operation.State.FAILED).order_by("-pk").first()
    return None if newest is None or newest.state == Operation.State.UNDONE else newest


def brought_in(operation_id: int) -> list[tuple[str, int]]:
    """Everything an operation created, or took out of the recycle bin: object and id, the last first."""
    entries = Entry.objects.filter(operation=operation_id)
    words = Q(verb__endswith=".create") | Q(verb__endswith=".import") | Q(verb__endswith=".restore")
    pairs: Any = entries.filter(words).order_by("-pk").values_list("object_type", "object_id")
    return list(dict.fromkeys(pairs))


def changed_since(operation_id: int) -> set[tuple[str, int]]:
    """What anybody has changed, created or binned since an operation, apart from the operation itself."""
    first = Entry.objects.filter(operation=operation_id).order_by("pk").values_list("pk", flat=True).first()
    later = Entry.objects.filter(Q(operation=None) | ~Q(operation=operation_id), pk__gt=first or 0).exclude(changes={})
    pairs: Any = later.values_list("object_type", "object_id")
    return set(pairs)


def taken_back(operation_id: int) -> None:
    """Note that an operation was taken back by other means than ``undo``."""
    Operation.objects.filter(pk=operation_id).update(state=Operation.State.UNDONE)
