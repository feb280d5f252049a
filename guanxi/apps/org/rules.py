"""Rights as the matrix shows and changes them: what a role's grants give, and the grants after some cells changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Grant = dict[str, Any]
#: An object and a verb, as one cell of the matrix.
Cell = tuple[str, str]

#: From the narrowest to the widest reach.
SCOPES = ("own", "below", "unit", "branch", "chosen", "everyone")


@dataclass(frozen=True)
class Thing:
    """An object of the matrix: its name, whether it is a shared list, and everything one can do with it."""

    name: str
    shared: bool
    verbs: tuple[str, ...]


def gives(grant: Grant, thing: Thing, verb: str) -> bool:
    """Does a grant reach a cell? The same answer as policy gives."""
    pattern, kind = grant["object"], grant.get("kind")
    covers = pattern in (thing.name, "*") or (pattern.endswith(".*") and thing.name.startswith(pattern[:-1]))
    return (covers and grant["verb"] in (verb, "*") and verb not in grant.get("except", ())
            and (kind is None or (kind == "shared") == thing.shared))


def reach(grants: Iterable[Grant], thing: Thing, verb: str) -> str:
    """The widest scope a role has for a cell; empty for none. On a shared list every scope means everything."""
    found = [grant["scope"] for grant in grants if gives(grant, thing, verb)]
    if found and thing.shared:
        return "everyone"
    return max(found, key=SCOPES.index) if found else ""


def rewrite(grants: list[Grant], things: Iterable[Thing], changes: Mapping[Cell, str]) -> list[Grant]:
    """The grants after cells got other scopes. Grants that reach no changed cell stay as they are, patterns included;
    one that does is spelled out for the objects known, without the changed cells."""
    known = list(things)
    kept: list[Grant] = []
    for grant in grants:
        cells = [(thing.name, verb) for thing in known for verb in thing.verbs if gives(grant, thing, verb)]
        if not any(cell in changes for cell in cells):
            kept.append(grant)
            continue
        extra = {key: grant[key] for key in ("units",) if key in grant}
        kept += [{"object": name, "verb": verb, "scope": grant["scope"], **extra}
                 for name, verb in cells if (name, verb) not in changes]
    kept += [{"object": name, "verb": verb, "scope": scope} for (name, verb), scope in changes.items() if scope]
    return kept


def remask(masks: list[dict[str, str]], thing: str, levels: Mapping[str, str],
           usual: Mapping[str, str]) -> list[dict[str, str]]:
    """The field rights after those of one object were chosen anew; what is usual for a field is not written down."""
    others = [mask for mask in masks if mask["object"] != thing]
    return [*others, *({"object": thing, "field": key, "level": level} for key, level in levels.items()
                       if level != usual[key])]
