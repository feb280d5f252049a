"""What a job is given, as JSON: records by name and id, days, moments and decimals exactly; all else is refused."""

import datetime
import enum
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from guanxi.kernel import registry
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Missing

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

KINDS = "records, texts, numbers, decimals, days, moments with a time zone, and lists or dicts of these"


def encode(value: Any, where: str) -> Any:
    """The value as JSON. Raises TypeError that names the place ``where`` a value cannot be kept."""
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _sound(value, where)
    if isinstance(value, list):
        return [encode(one, f"{where}[{index}]") for index, one in enumerate(value)]
    if isinstance(value, dict):
        return _dict(value, where)
    return _marked(value, where)


def _sound(value: str, where: str) -> str:
    if "\x00" in value:
        raise TypeError(f"{where}: the text holds a zero byte, which no database keeps.")
    return value


def _dict(value: dict[Any, Any], where: str) -> dict[str, Any]:
    for key in value:
        if not isinstance(key, str) or key.startswith("$"):
            raise TypeError(f"{where}: the key {key!r} must be a text that does not start with “$”.")
    return {_sound(key, where): encode(one, f"{where}[{key!r}]") for key, one in value.items()}


def _marked(value: Any, where: str) -> Any:
    """Values that JSON has no form for stand in an object with one key."""
    if isinstance(value, Record):
        if value.pk is None:
            raise TypeError(f"{where}: the {object_name(value)} is not saved yet; save it first.")
        return {"$record": [object_name(value), value.pk]}
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise TypeError(f"{where}: the moment {value} has no time zone.")
        return {"$moment": value.isoformat()}
    if isinstance(value, datetime.date):
        return {"$day": value.isoformat()}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise TypeError(f"{where}: a {type(value).__name__} ({str(value)[:60]}) cannot be given to a job. Give {KINDS}.")


def decode(ctx: "Ctx", value: Any) -> Any:
    """The value again; records through ``ctx.find``. Raises Missing for a record that is gone or out of sight."""
    if isinstance(value, list):
        return [decode(ctx, one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        mark, inner = next(iter(value.items()))
        if mark == "$record":
            return _record(ctx, *inner)
        if mark in _READERS:
            return _READERS[mark](inner)
    return {key: decode(ctx, one) for key, one in value.items()}


_READERS: dict[str, Any] = {
    "$moment": datetime.datetime.fromisoformat,
    "$day": datetime.date.fromisoformat,
    "$decimal": Decimal,
}


def _record(ctx: "Ctx", name: str, pk: int) -> Record:
    model = registry.model_of(name)
    found = ctx.find(model).filter(pk=pk).first()
    if found is not None:
        return found
    facts = {"object": model.about.one, "id": pk}
    row = model._default_manager.filter(pk=pk).first()
    if row is None:
        raise Missing(_("The %(object)s with the id %(id)s does not exist any more.") % facts)
    if row.deleted_at is not None:
        raise Missing(_("The %(object)s “%(record)s” was deleted meanwhile.") % {**facts, "record": row})
    raise Missing(_("The %(object)s with the id %(id)s is out of sight for the person who asked for this.") % facts)
