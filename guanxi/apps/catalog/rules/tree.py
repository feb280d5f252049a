"""Trees as plain pairs of ids: what stands below."""

from collections.abc import Mapping


def below(top: int, parent_of: Mapping[int, int | None]) -> list[int]:
    """An entry and all that stand below it, without recursion so that no depth is too deep."""
    children: dict[int, list[int]] = {}
    for key, above in parent_of.items():
        if above is not None:
            children.setdefault(above, []).append(key)
    found, seen = [top], {top}
    for key in found:
        fresh = [child for child in children.get(key, ()) if child not in seen]
        seen.update(fresh)
        found += fresh
    return found


