"""Setting goods aside, and letting them go again: by hand, or when the day has passed."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.models import Product
from guanxi.apps.inventory.actions.ledger import REASON, Ledger
from guanxi.apps.inventory.actions.steps import not_kept
from guanxi.apps.inventory.models import Reservation, Warehouse
from guanxi.kernel.api import Ctx, Refused, action, after, every

S = Reservation.Status


@after(Reservation, "create")
def set_aside(ctx: Ctx, reservation: Reservation, _value: Any) -> None:
    """What is reserved is not available to anybody else from this moment on."""
    system = ctx.as_system(REASON)
    product = system.find(Product).select_related("unit").get(pk=reservation.product_id)
    warehouse = system.find(Warehouse).get(pk=reservation.warehouse_id)
    if fault := not_kept(product, reservation.quantity):
        raise Refused(fault[1], field=fault[0], record=reservation)
    if not warehouse.active:
        raise Refused(_("The warehouse “%(warehouse)s” is not in use.") % {"warehouse": warehouse}, field="warehouse",
                      record=reservation)
    if reservation.until is not None and reservation.until < ctx.today:
        raise Refused(_("The day %(day)s is over.") % {"day": reservation.until}, field="until", record=reservation)
    ledger = Ledger(ctx, [(reservation.warehouse_id, reservation.product_id)])
    ledger.reserve(reservation)
    ledger.keep()


@action(_("Release"), when=S.ACTIVE, icon="lock-open")
def release_reservations(ctx: Ctx, reservations: list[Reservation]) -> None:
    """Let the goods be free again for others."""
    ledger = Ledger(ctx, [(one.warehouse_id, one.product_id) for one in reservations])
    for one in reservations:
        ledger.release(one)
        one.status = S.RELEASED
        ctx.save(one)
    ledger.keep()


@every(cron="15 0 * * *", name="inventory.expire_reservations")
def expire_reservations(ctx: Ctx) -> int:
    """Release what was set aside until a day that has passed."""
    rows = ctx.find(Reservation).filter(status=S.ACTIVE, until__lt=ctx.today).values_list("pk", flat=True)
    return len(ctx.run_many(release_reservations, list(rows)).done)
