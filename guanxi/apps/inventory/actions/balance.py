"""What one can do with balances: say from when on to order, compare them with their movements, and put them right."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.models import Product, Quantity
from guanxi.apps.inventory import rules
from guanxi.apps.inventory.actions.ledger import Ledger
from guanxi.apps.inventory.actions.steps import not_kept
from guanxi.apps.inventory.models import Reservation, StockBalance, StockMovement, Warehouse
from guanxi.common import talk
from guanxi.kernel.api import Answer, Ctx, Denied, Refused, action, every, policy

Sums = tuple[Decimal, Decimal, Decimal]
MINIMUM = Quantity(_("Minimum"), null=True, help_text=_("Empty: none."))


@action(_("Set the minimum"), verb="set_minimum", icon="arrow-bar-to-down", inputs={"minimum": MINIMUM})
def set_minimum_stock_balance(ctx: Ctx, balance: StockBalance, *, minimum: Decimal | None = None) -> None:
    """Say below how many of the product it is time to order."""
    _set_minimum(ctx, balance, minimum)


@action(_("Set a minimum"), on=StockBalance, verb="plan", right="set_minimum", icon="arrow-bar-to-down", inputs={
    "product": _("Product"), "warehouse": _("Warehouse"), "minimum": Quantity(_("Minimum"))})
def plan_stock_balance(ctx: Ctx, *, product: Product, warehouse: Warehouse, minimum: Decimal) -> StockBalance:
    """Say below how many it is time to order, also of a product that the warehouse has never had."""
    if fault := not_kept(product, minimum):
        raise Refused(fault[1], field="product" if fault[0] == "product" else "minimum")
    balance = Ledger(ctx, [(warehouse.pk, product.pk)]).balances[warehouse.pk, product.pk]
    _set_minimum(ctx, balance, minimum)
    return balance


def _set_minimum(ctx: Ctx, balance: StockBalance, minimum: Decimal | None) -> None:
    if minimum is not None and minimum < 0:
        raise Refused(_("A minimum is never negative."), field="minimum", record=balance)
    balance.minimum = minimum
    ctx.save(balance)


def _total(model: Any, column: str, **more: Any) -> Coalesce:
    """What rows of a warehouse and a product add up to, beside the balance they belong to."""
    places = model._meta.get_field(column).decimal_places
    kind: Any = DecimalField(max_digits=30, decimal_places=places)
    rows = Ctx(system=True, reason="the sums behind balances").find(model).filter(
        warehouse=OuterRef("warehouse"), product=OuterRef("product"), **more)
    summed = rows.order_by().values("warehouse", "product").annotate(total=Sum(column)).values("total")
    return Coalesce(Subquery(summed, output_field=kind), Value(rules.ZERO, output_field=kind))


def with_sums(rows: QuerySet[StockBalance]) -> QuerySet[StockBalance]:
    """Balances together with what their movements and reservations say: in one statement, so as of one moment."""
    return rows.annotate(
        moved=_total(StockMovement, "quantity"), worth=_total(StockMovement, "value"),
        held=_total(Reservation, "quantity", status=Reservation.Status.ACTIVE))


def sums_of(balance: Any) -> Sums:
    """Quantity, value and reserved quantity by the movements and reservations, without the dust of added fractions."""
    return rules.as_quantity(balance.moved), rules.as_money(balance.worth), rules.as_quantity(balance.held)


def agrees(balance: StockBalance) -> bool:
    """Does a balance with its sums say what they say?"""
    return sums_of(balance) == (balance.on_hand, balance.value, balance.reserved)


def differing(ctx: Ctx) -> Iterator[StockBalance]:
    """Every balance that is not the sum of its movements."""
    rows = with_sums(ctx.find(StockBalance)).order_by("pk")
    yield from (one for one in rows.iterator(chunk_size=2000) if not agrees(one))


def unbalanced(ctx: Ctx) -> int:
    """How many products moved in a warehouse that has no balance of them: never any, unless somebody touched the tables."""
    balance = ctx.find(StockBalance).filter(warehouse=OuterRef("warehouse"), product=OuterRef("product"))
    rows = ctx.find(StockMovement).filter(~Exists(balance)).order_by()
    return rows.values("warehouse", "product").distinct().count()


@every(cron="30 2 * * *", name="inventory.check_balances")
def check_balances(ctx: Ctx) -> list[int]:
    """Compare every balance with its movements and reservations; report what differs, and repair nothing."""
    with ctx.door("inventory.stockbalance.check"):
        found = []
        wrong = {one.pk for one in differing(ctx)} | set(
            ctx.find(StockBalance).filter(differs=True).values_list("pk", flat=True))
        for pk in sorted(wrong):
            list(ctx.find(StockBalance).filter(pk=pk).select_for_update(of=("self",), no_key=True))
            balance = with_sums(ctx.find(StockBalance)).get(pk=pk)
            balance.differs = not agrees(balance)
            ctx.save(balance)
            if balance.differs:
                _report(ctx, balance)
                found.append(pk)
        if lost := unbalanced(ctx):
            talk.notify(ctx, _administrators(ctx), talk.Notification.Kind.SYSTEM, note=str(
                _("%(count)s products moved in warehouses that have no balance of them.") % {"count": lost}))
    return found


def _report(ctx: Ctx, balance: StockBalance) -> None:
    moved, worth, held = sums_of(balance)
    words = str(_("“%(product)s” in “%(warehouse)s”: the balance says %(on_hand)s (%(value)s, %(reserved)s reserved), "
                  "its movements say %(moved)s (%(worth)s, %(held)s reserved).") % {
        "product": balance.product, "warehouse": balance.warehouse, "on_hand": rules.amount(balance.on_hand),
        "value": balance.value, "reserved": rules.amount(balance.reserved), "moved": rules.amount(moved), "worth": worth,
        "held": rules.amount(held)})
    ctx.note(balance, "differs", reason=words)
    talk.notify(ctx, _administrators(ctx), talk.Notification.Kind.SYSTEM, balance, note=words)


def _administrators(ctx: Ctx) -> list[int]:
    rows = ctx.find(policy.Holding).filter(role__administrator=True, role__deleted_at=None, user__is_active=True)
    return list(rows.values_list("user_id", flat=True).distinct())


def has_difference(balance: StockBalance) -> Answer:
    """Did the check find a difference?"""
    return Answer(balance.differs, "" if balance.differs else _("The balance agrees with its movements."))


@action(_("Repair"), verb="repair", where=has_difference, icon="tool", danger=True)
def repair_stock_balance(ctx: Ctx, balance: StockBalance) -> None:
    """Set the balance to what its movements and reservations add up to; for administrators."""
    if not (ctx.system or ctx.rights.administrator):
        raise Denied(_("Only administrators repair balances."), record=balance)
    found = with_sums(ctx.as_system("the sums of a balance").find(StockBalance)).get(pk=balance.pk)
    moved, worth, held = sums_of(found)
    unit_cost = rules.each(worth, moved) if moved else balance.unit_cost
    balance.take(rules.Stock(moved, held, worth, unit_cost))
    balance.differs = False
    ctx.save(balance)
