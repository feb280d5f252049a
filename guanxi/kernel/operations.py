"""Operations: many changes made as one, over more than one transaction, and their values as the account holds them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from guanxi.kernel.entries import Entry, Operation
from guanxi.kernel.records import Record, object_name

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx


def begin(ctx: "Ctx", kind: str, title: Any) -> Operation:
    """An operation that takes more than one transaction: a long import. ``finish`` it, whatever comes of it."""
    made = Operation(kind=kind, title=str(title)[:300], actor=ctx.user, at=timezone.now())
    made.save(force_insert=True)
    return made


@contextmanager
def within(ctx: "Ctx", operation_id: int | None) -> Iterator[None]:
    """What is written belongs to an operation that was begun before."""
    outer = ctx.operation_now
    ctx.operation_now = Operation.objects.get(pk=operation_id) if operation_id else None
    try:
        yield
    finally:
        ctx.operation_now = outer


def finish(operation_id: int, state: str = Operation.State.DONE, **figures: Any) -> None:
    """The end of an operation that was begun."""
    Operation.objects.filter(pk=operation_id, state=Operation.State.RUNNING).update(state=state, figures=figures)


def touched(ctx: "Ctx", operation_id: int, model: type[Record], word: str) -> Any:
    """The records of an object that an operation created or updated, as far as the actor sees them."""
    name = object_name(model)
    entries = Entry.objects.filter(operation=operation_id, object_type=name, verb=f"{name}.{word}")
    return ctx.find(model).filter(pk__in=entries.values("object_id"))


def put(record: Record, name: str, plain: Any) -> None:
    """Set a field from the value an entry holds."""
    if name.startswith("extra."):
        if plain is None:
            record.extra.pop(name[6:], None)
        else:
            record.extra[name[6:]] = plain
        return
    source: Any = record._meta.get_field(name)
    value = plain if source.is_relation else source.to_python(plain)
    if value is None and not source.null:
        value = source.get_default()
    setattr(record, source.attname, value)
