"""Trees as plain pairs of ids, of categories as of companies: does a parent lead back to itself?"""

from collections.abc import Mapping


def in_ring(start: int, parent_of: Mapping[int, int | None]) -> bool:
    """Whether going up leads back to where it began."""
    seen = {start}
    above = parent_of.get(start)
    while above is not None and above not in seen:
        seen.add(above)
        above = parent_of.get(above)
    return above == start
