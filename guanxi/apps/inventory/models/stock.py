"""Stock: what moved, what is there, and what is promised."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.models import Price, Product, Quantity
from guanxi.apps.inventory import rules
from guanxi.apps.inventory.models.append_only import AppendOnly
from guanxi.apps.inventory.models.document import DIGITS, StockDocument, StockLine
from guanxi.apps.inventory.models.warehouse import Warehouse
from guanxi.kernel.api import About, Q, Record, f


class StockMovement(Record):
    """Goods came into a warehouse or went out of it. Written by confirming and cancelling documents, and never changed."""

    class Kind(f.Options):
        RECEIPT = "receipt", _("Stock-in")
        ISSUE = "issue", _("Stock-out")
        TRANSFER_OUT = "transfer_out", _("Transferred out")
        TRANSFER_IN = "transfer_in", _("Transferred in")
        COUNT = "count", _("Stocktake")
        OPENING = "opening", _("Opening stock")
        REVERSAL = "reversal", _("Reversal")

    product = f.Link(Product, _("Product"), computed=True)
    warehouse = f.Link(Warehouse, _("Warehouse"), computed=True)
    kind = f.Choice(Kind, _("Kind"), computed=True, colors={
        "receipt": "green", "issue": "orange", "transfer_out": "blue", "transfer_in": "blue", "count": "purple",
        "opening": "teal", "reversal": "red"})
    quantity = Quantity(_("Quantity"), computed=True)
    unit_cost = Price(_("Unit cost"), sensitive=True, computed=True)
    value = f.Money(_("Amount"), sensitive=True, computed=True)
    moment = f.Moment(_("When"), computed=True)
    document = f.Link(StockDocument, _("Document"), computed=True)
    line = f.Link(StockLine, _("Line"), computed=True)
    reverses = f.Link("inventory.StockMovement", _("Reverses"), null=True, computed=True)

    about = About(one=_("stock movement"), many=_("stock movements"), icon="arrows-exchange", area="stock", title=product,
                  slug="stock-movements", columns=(moment, product, warehouse, kind, quantity, unit_cost, value, document),
                  filters=(product, warehouse, kind, moment, document), scope="everyone", order="-id",
                  board=kind, amount=quantity, calendar=moment,
                  form=((product, warehouse), (kind, moment), (quantity, unit_cost), (value, document), (reverses,)),
                  verbs=("view", "export"), side=())

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes,
                   models.Index(fields=("warehouse", "product", "id"), name="inventory_movement_stock")]
        constraints = [
            models.UniqueConstraint(
                fields=("line", "kind"), condition=Q(reverses=None), name="inventory_movement_once",
                violation_error_message=_("This line has moved its goods already.")),
            models.UniqueConstraint(
                fields=("reverses",), condition=Q(reverses__isnull=False), name="inventory_movement_reversed_once",
                violation_error_message=_("This movement has been reversed already.")),
            AppendOnly(name="inventory_movement_append_only")]

    def clean(self) -> None:
        super().clean()
        if not self._state.adding:
            raise ValidationError(_("A movement is never changed: cancel the document that made it."))


class StockBalance(Record):
    """How much of a product a warehouse has: always the sum of its movements, and what of it is reserved."""

    product = f.Link(Product, _("Product"), computed=True)
    warehouse = f.Link(Warehouse, _("Warehouse"), computed=True)
    on_hand = Quantity(_("On hand"), default=rules.ZERO, computed=True)
    reserved = Quantity(_("Reserved"), default=rules.ZERO, computed=True)
    available = Quantity(_("Available"), default=rules.ZERO, computed=True)
    unit_cost = Price(_("Average cost"), sensitive=True, default=rules.ZERO, computed=True)
    value = f.Money(_("Stock value"), sensitive=True, default=rules.ZERO, computed=True)
    minimum = Quantity(_("Minimum"), null=True, computed=True)
    short = f.Flag(_("Below the minimum"), computed=True)
    differs = f.Flag(_("Does not agree with its movements"), computed=True)

    about = About(one=_("stock balance"), many=_("stock balances"), icon="packages", area="stock", title=product,
                  slug="stock-balances", subtitle=warehouse,
                  columns=(product, warehouse, on_hand, reserved, available, minimum, short, value),
                  filters=(product, warehouse, short, on_hand, available, differs), scope="everyone", order="id",
                  board=warehouse, amount=value,
                  form=((product, warehouse), (on_hand, reserved), (available, minimum), (unit_cost, value),
                        (short, differs)), verbs=("view", "export"), side=("history",))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("warehouse", "product"), name="inventory_stockbalance_once",
            violation_error_message=_("The warehouse has a balance of this product already."))]

    @property
    def stock(self) -> rules.Stock:
        return rules.Stock(self.on_hand, self.reserved, self.value, self.unit_cost)

    def take(self, stock: rules.Stock) -> None:
        """Hold what a movement or a reservation has left."""
        self.on_hand, self.reserved = stock.on_hand, stock.reserved
        self.value, self.unit_cost = stock.value, stock.unit_cost

    def prepare(self) -> None:
        self.available = self.on_hand - self.reserved
        self.short = rules.below(self.minimum, self.available)


class Reservation(Record):
    """Goods in a warehouse set aside for something, until they are issued, released, or the day has passed."""

    class Status(f.States):
        ACTIVE = "active", _("Set aside")
        RELEASED = "released", _("Released")
        CONSUMED = "consumed", _("Used up")

    product = f.Link(Product, _("Product"))
    warehouse = f.Link(Warehouse, _("Warehouse"))
    quantity = Quantity(_("Quantity"), max_digits=DIGITS)
    purpose = f.Name(_("For"))
    until = f.Day(_("Until"), null=True)
    status = f.State(Status, _("Status"), colors={"active": "blue", "released": "gray", "consumed": "green"})
    note = f.Text(_("Note"))

    about = About(one=_("reservation"), many=_("reservations"), icon="lock", area="stock", title=purpose,
                  subtitle=product, columns=(purpose, product, warehouse, quantity, until, status, "owner"),
                  search=(purpose, note), filters=(product, warehouse, status, until, "owner"),
                  form=((product, warehouse), (quantity, until), (purpose,), (note,)),
                  verbs=("view", "create", "update", "export", "import"))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(
            fields=("warehouse", "product"), name="inventory_reservation_stock", condition=Q(status="active"))]
        constraints = [models.CheckConstraint(
            condition=Q(quantity__gt=0), name="inventory_reservation_quantity",
            violation_error_message=_("Set aside more than nothing."))]

    def clean(self) -> None:
        super().clean()
        for name in ("product", "warehouse", "quantity"):
            source: Any = self._meta.get_field(name)
            if not self._state.adding and self.loaded[source.attname] != getattr(self, source.attname):
                raise ValidationError({name: _(
                    "“%(field)s” of a reservation stands: release it and set aside anew.") % {
                    "field": source.verbose_name}})
