"""What one can do with an order."""

import datetime

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import Ctx, Refused, action, after, f
from tests.fake_shop.models import Delivery, Order, Reason


@action(_("Send"), when=Order.Stage.DRAFT, icon="send", inputs={"message": f.Text(_("Message"))})
def send_order(ctx: Ctx, order: Order, *, message: str = "") -> None:
    """Send the order to the customer."""
    if not order.amount:
        raise Refused("Give the order an amount first.", field="amount", record=order)
    order.stage = Order.Stage.SENT
    ctx.save(order)


@action(_("Cancel"), when=(Order.Stage.DRAFT, Order.Stage.SENT), danger=True, inputs={"reason": _("Reason")})
def cancel_order(ctx: Ctx, order: Order, *, reason: Reason) -> None:
    """Cancel the order, and say why."""
    order.stage, order.reason = Order.Stage.CANCELLED, reason
    ctx.save(order)


@after(send_order)
def open_delivery(ctx: Ctx, order: Order, _value: None) -> None:
    """A sent order is delivered."""
    if order.note == "never":
        raise Refused("We cannot deliver this.", record=order)
    ctx.save(Delivery(order=order, owner_id=order.owner_id))


@action(_("Postpone"), undo=True, inputs={"days": _("Days")})
def postpone_orders(ctx: Ctx, orders: list[Order], *, days: int) -> list[tuple[Order, object]]:
    """Move the due day of many orders."""
    for order in orders:
        if order.due:
            order.due += datetime.timedelta(days=days)
    return ctx.save_all(orders)
