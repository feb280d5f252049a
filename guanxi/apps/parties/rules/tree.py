"""Company groups as plain pairs of ids: paths up, and the tree below."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Branch:
    """A company of a group with the companies below it."""

    key: int
    below: list["Branch"] = field(default_factory=list)


def chain(start: int, parent_of: Mapping[int, int | None]) -> list[int]:
    """The companies above one, nearest first; a ring ends where it began."""
    found: list[int] = []
    above = parent_of.get(start)
    while above is not None and above != start and above not in found:
        found.append(above)
        above = parent_of.get(above)
    return found


def grown(top: int, pairs: Iterable[tuple[int, int | None]]) -> Branch:
    """The tree below a company, built without recursion so that no depth is too deep."""
    children: dict[int, list[int]] = {}
    for key, above in pairs:
        if above is not None:
            children.setdefault(above, []).append(key)
    root = Branch(top)
    seen, waiting = {top}, [root]
    while waiting:
        branch = waiting.pop()
        for key in children.get(branch.key, ()):
            if key not in seen:
                seen.add(key)
                branch.below.append(Branch(key))
        waiting += branch.below
    return root


def flat(root: Branch) -> list[tuple[int, int]]:
    """The tree as lines, each with its depth, from the top down."""
    lines: list[tuple[int, int]] = []
    waiting = [(root, 0)]
    while waiting:
        branch, depth = waiting.pop()
        lines.append((branch.key, depth))
        waiting += [(below, depth + 1) for below in reversed(branch.below)]
    return lines
