"""What a record holds: taken down when approval is asked for, compared when it is given."""

import hashlib
import json
from typing import Any

from guanxi.kernel import facts
from guanxi.kernel.api import Ctx, Record

#: To whom a record belongs is not what is approved.
_NEVER = frozenset({"owner"})


def of(ctx: Ctx, record: Record, names: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What people have filled in, its states, and the computed fields a rule looks at; its lines too."""
    system = ctx.as_system("what is approved")
    found = {view.key: view.plain(view.raw(record)) for view in facts.fields(type(record), system)
             if view.key not in _NEVER and (not view.readonly or view.kind == "state" or view.key in names)}
    for lines in record.line_lists:
        views = [view for view in facts.fields(lines.model, system) if not view.readonly and view.key != "owner"]
        found[lines.name] = [{view.key: view.plain(view.raw(row)) for view in views} for row in getattr(record, lines.name)]
    kept: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return kept


def fingerprint(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def names_in(tree: Any) -> frozenset[str]:
    """The fields of the record that a filter looks at."""
    match tree:
        case {"all": parts} | {"any": parts}:
            return frozenset().union(*map(names_in, parts))
        case {"not": part}:
            return names_in(part)
        case [str(path), *_rest]:
            return frozenset({path.partition(".")[0]})
    return frozenset()


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[list[Any]]:
    """``[field, then, now]`` for everything that is not what it was."""
    return [[key, before.get(key), now.get(key)] for key in {**now, **before} if before.get(key) != now.get(key)]
