"""What every company starts with, of all apps; each part creates only what is not there yet."""

from guanxi.apps.catalog.seed import seed as seed_units
from guanxi.apps.inventory.seed import seed as seed_stock
from guanxi.apps.org.seed import seed as seed_roles
from guanxi.apps.parties.seed import seed as seed_lists
from guanxi.apps.sales.seed import seed as seed_selling
from guanxi.apps.work.seed import seed as seed_types
from guanxi.kernel.api import Ctx
from guanxi.site.approvals import seed as seed_approvals


def seed_all(ctx: Ctx) -> None:
    """Roles, lists, activity types, units, the pipeline, approvals. Done again, it changes nothing somebody has changed."""
    seed_roles(ctx)
    seed_lists(ctx)
    seed_types(ctx)
    seed_units(ctx)
    seed_stock(ctx)
    seed_selling(ctx)
    seed_approvals(ctx)
