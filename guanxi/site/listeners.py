"""Tells the floors below what only the whole product knows: approvals learn of superiors and departments."""

from guanxi.apps.org.models import Department, Membership, User
from guanxi.kernel.api import Ctx
from guanxi.surfaces.automation import people


def _system() -> Ctx:
    return Ctx(system=True, via="organisation", reason="who is asked for approval")


class Organisation:
    """Who stands above whom."""

    def superior(self, user_id: int) -> int | None:
        """The superior a person has been given."""
        return _system().find(User).filter(pk=user_id).values_list("superior_id", flat=True).first()

    def head(self, user_id: int) -> int | None:
        """The manager of the person's main department; of the nearest one above that has another manager, if need be."""
        places = _system().find(Membership).filter(user_id=user_id).order_by("-main", "pk")
        unit, seen = places.values_list("department_id", flat=True).first(), set[int]()
        while unit is not None and unit not in seen:
            seen.add(unit)
            manager, unit = _system().find(Department).filter(pk=unit).values_list("manager_id", "parent_id").first() or (
                None, None)
            if manager is not None and manager != user_id:
                return manager
        return None


people.use_ladder(Organisation())
