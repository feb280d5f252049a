"""Conditions: filters kept in a field, about the records of an object that another field of the record names."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError

from guanxi.kernel import reading, registry
from guanxi.kernel.api import Ctx, Record, Refused, f, finding


class Condition(f.Text):
    """A filter as text; empty for every record. ``of`` says where the name of the object stands: ``rule.object_type``."""

    def __init__(self, *args: Any, of: str = "object_type", **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **kwargs)

    def parse(self, raw: Any) -> Any:
        return bare(super().parse(raw))


def bare(text: str) -> str:
    """The filter alone, where the address of a list was given."""
    wanted = parse_qs(urlsplit(text).query).get("f", ()) if "?" in text and not text.lstrip().startswith(("[", "{")) else ()
    return wanted[0] if wanted else text


def tree(text: str) -> Any:
    """The filter of a condition; nothing where it holds for every record. Raises Refused."""
    return finding.read(text.strip())


def model_of(record: Any, source: Condition) -> type[Record]:
    """The object whose records are meant."""
    for name in source.of.split("."):
        record = getattr(record, name)
    return registry.model_of(str(record))


def check(ctx: Ctx, model: type[Record], record: Any, key: str) -> None:
    """Refuse a condition that could not be asked later."""
    try:
        finding.condition(ctx, model, tree(getattr(record, key)))
    except Refused as refusal:
        raise ValidationError({key: refusal.reason}) from refusal


def words(ctx: Ctx, record: Record, source: Condition) -> str:
    """The condition of a record as the reader's sentence; as it is kept where the reader knows not all of its fields."""
    text = str(getattr(record, source.name))
    try:
        found = tree(text)
        return reading.sentence(ctx, model_of(record, source), found) if found else ""
    except (ValueError, Refused):
        return text
