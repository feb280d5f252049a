"""Looking up activity types: the one of a key, the usual one, those offered when a follow-up is logged."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.work.models import ActivityType
from guanxi.kernel.api import Ctx, Refused

TO_DO = "to_do"


def in_use(ctx: Ctx) -> list[ActivityType]:
    """The types people may choose, in their order. Everybody's, whatever their rights on the list itself."""
    system = ctx.as_system("activity types are everybody's")
    found: Any = ctx.remembered(("work", "types"), lambda: list(
        system.find(ActivityType).filter(retired=False).order_by("place", "id")))
    return list(found)


def of_key(ctx: Ctx, key: str) -> ActivityType:
    """The type of a key or, where the company has taken it out of use, the first one."""
    types = in_use(ctx)
    if not types:
        raise Refused(_("There is no activity type. Add one under Settings › Activity types."), field="type")
    return next((one for one in types if one.key == key), types[0])


def quick(ctx: Ctx) -> list[ActivityType]:
    """The types offered when a follow-up is logged; all contacts where none is marked."""
    types = in_use(ctx)
    return [one for one in types if one.quick] or [one for one in types if one.is_contact] or types
