"""Trees as plain pairs of ids: what stands below, and whether a parent leads back to itself."""

from collections.abc import Mapping


def in_ring(start: int, parent_of: Mapping[int, int | None]) -> bool:
    """Whether going up leads back to where it began."""
    seen = {start}
    above = parent_of.get(start)
    while above is not None and above not in seen:
        seen.add(above)
        above = parent_of.get(above)
    return above == start


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


