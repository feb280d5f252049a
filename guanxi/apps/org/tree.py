"""Who stands where: the tree of departments and the line of superiors, read in a query or two."""

from collections import defaultdict
from collections.abc import Iterable

from guanxi.apps.org.models import Department, Membership, User
from guanxi.kernel.api import Ctx


def system() -> Ctx:
    """The organisation itself is read with the system's rights: everybody's rights follow from it."""
    return Ctx(system=True, via="organisation", reason="the organisation decides what a person may see")


def below(roots: Iterable[int], pairs: Iterable[tuple[int, int | None]]) -> frozenset[int]:
    """Everything under the roots, the roots included, from pairs of child and parent. A ring does no harm."""
    children: dict[int, list[int]] = defaultdict(list)
    for child, parent in pairs:
        if parent is not None:
            children[parent].append(child)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += children[one]
    return frozenset(found)


class Organisation:
    """What policy asks: answers are kept until the organisation changes, so a query over all people is cheap."""

    def subordinates(self, user_id: int) -> frozenset[int]:
        """Everybody below the person in the line of superiors."""
        pairs = system().find(User).exclude(superior=None).values_list("pk", "superior_id")
        return below([user_id], pairs) - {user_id}

    def colleagues(self, user_id: int, below: bool) -> frozenset[int]:
        """Everybody in the person's departments, with ``below`` also in the departments under them."""
        own = system().find(Membership).filter(user_id=user_id).values_list("department_id", flat=True)
        return self.members(own) if below else self._in(own)

    def members(self, unit_ids: Iterable[int]) -> frozenset[int]:
        """Everybody in the departments and below them."""
        wanted = list(unit_ids)
        if not wanted:
            return frozenset()
        return self._in(below(wanted, system().find(Department).values_list("pk", "parent_id")))

    def _in(self, unit_ids: Iterable[int]) -> frozenset[int]:
        wanted = frozenset(unit_ids)
        pairs = system().find(Membership).values_list("user_id", "department_id")
        return frozenset(user for user, unit in pairs if unit in wanted)
