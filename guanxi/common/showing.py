"""What shows fields outside the record's page — a sheet, a file — is for those from whom none of them is withheld."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from guanxi.kernel import registry
from guanxi.kernel.policy import WITHHELD, Mask, sensitive
from guanxi.kernel.records import object_name

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx


def withheld(ctx: "Ctx", names: Iterable[str]) -> str:
    """The first of these fields (``sales.quoteline.price``) that the actor may not read; empty where there is none."""
    for name in names if not ctx.system else ():
        thing, _dot, key = name.rpartition(".")
        if ctx.rights.mask(thing, key) in WITHHELD:
            source: Any = registry.model_of(thing)._meta.get_field(key)
            return str(source.verbose_name)
    return ""


def sensitive_fields() -> list[tuple[str, str]]:
    """Every field that a role sees masked unless it says otherwise: the object and the name."""
    return [(object_name(model), name) for model in registry.objects() for name in sensitive(model)]


def opened(*but: dict[str, str]) -> list[dict[str, str]]:
    """The field rights of a role that sees what is sensitive, but for some fields."""
    others = {(rule["object"], rule["field"]) for rule in but}
    return [*but, *({"object": thing, "field": key, "level": Mask.NONE.value}
                    for thing, key in sensitive_fields() if (thing, key) not in others)]
