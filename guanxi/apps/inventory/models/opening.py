"""Opening stock: what was there before the system was used, brought in by file and posted at once."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.apps.catalog.models import Price, Product, Quantity
from guanxi.apps.inventory.models.document import DIGITS, StockDocument
from guanxi.apps.inventory.models.warehouse import Warehouse
from guanxi.kernel.api import About, Q, Record, f

_KEPT = ("product_id", "warehouse_id", "quantity", "unit_cost")


class OpeningStock(Record):
    """What a warehouse had of a product when work with the system began: one row, usually of an imported file.

    Posting rows writes one stock document for each warehouse; a row that is posted stays as it is.
    """

    class Status(f.States):
        DRAFT = "draft", _("Draft")
        POSTED = "posted", _("Posted")

    product = f.Link(Product, _("Product"))
    warehouse = f.Link(Warehouse, _("Warehouse"))
    quantity = Quantity(_("Quantity"), max_digits=DIGITS)
    unit_cost = Price(_("Unit cost"), sensitive=True, null=True)
    status = f.State(Status, _("Status"), colors={"draft": "blue", "posted": "green"})
    document = f.Link(StockDocument, _("Document"), null=True, computed=True)

    about = About(one=_("opening stock"), many=_("opening stock"), icon="database-import", area="stock", title=product,
                  slug="opening-stock", subtitle=warehouse,
                  columns=(product, warehouse, quantity, unit_cost, status, document),
                  filters=(product, warehouse, status, document), form=((product, warehouse), (quantity, unit_cost)),
                  side=("history",))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=("warehouse", "product"), condition=Q(deleted_at=None), name="inventory_openingstock_once",
                violation_error_message=_("The opening stock of this product in this warehouse is there already.")),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inventory_openingstock_quantity",
                                   violation_error_message=_("A quantity is more than nothing.")),
            models.CheckConstraint(
                condition=Q(unit_cost=None) | Q(unit_cost__gte=0), name="inventory_openingstock_cost",
                violation_error_message=_("A cost is never negative."))]

    def clean(self) -> None:
        super().clean()
        if self._state.adding or self.loaded.get("status") == self.Status.DRAFT:
            return
        if any(self.loaded[name] != getattr(self, name) for name in (*_KEPT, "status")):
            raise ValidationError(_("It has been posted: cancel its stock document, or count the stock."))
