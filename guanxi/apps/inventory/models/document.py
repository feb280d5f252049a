"""Stock documents: what brings goods in, takes them out, moves them or counts them, with its lines."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.catalog.models import Price, Product, Quantity
from guanxi.apps.inventory import rules
from guanxi.apps.inventory.models.warehouse import Warehouse
from guanxi.kernel.api import About, Ctx, Q, Record, f

#: What may still change once a document has been confirmed.
LOOSE = frozenset({"owner_id", "upper_owner_id", "version", "updated_at", "updated_by_id", "sort_key", "deleted_at",
                   "note", "extra", "status", "cancelled_at", "cancelled_by_id", "cancel_reason"})
#: What a line says that a person has typed.
TYPED = ("product_id", "quantity", "unit_cost", "reservation_id", "note")
#: Digits of a quantity, four of them decimals: what every database keeps exactly.
DIGITS = 15


class StockDocument(Record):
    """A receipt, an issue, a transfer, a stocktake or the stock at the beginning: one shape, told apart by its kind.

    It moves nothing until it is confirmed, and is never changed after that: it is cancelled by movements that reverse
    it. Documents follow their owner, the one who wrote them, like everything people work on; a role reaches those of
    its department. What they leave behind, balances and movements, is shared by all who may see stock.
    """

    class Kind(f.Options):
        RECEIPT = "receipt", _("Stock-in")
        ISSUE = "issue", _("Stock-out")
        TRANSFER = "transfer", pgettext_lazy("stock", "Transfer")
        COUNT = "count", _("Stocktake")
        OPENING = "opening", _("Opening stock")

    class Status(f.States):
        DRAFT = "draft", _("Draft")
        CONFIRMED = "confirmed", _("Confirmed")
        CANCELLED = "cancelled", pgettext_lazy("document", "Cancelled")

    number = f.Number(_("No."), pattern="ST-{yyyy}-{n:05}")
    kind = f.Choice(Kind, _("Kind"), colors={
        "receipt": "green", "issue": "orange", "transfer": "blue", "count": "purple", "opening": "teal"})
    status = f.State(Status, _("Status"), colors={"draft": "blue", "confirmed": "green", "cancelled": "gray"})
    warehouse = f.Link(Warehouse, _("Warehouse"))
    to_warehouse = f.Link(Warehouse, _("To warehouse"), null=True, help_text=_("Only for transfers."))
    date = f.Day(_("Date"), null=True)
    reference = f.Name(_("Reference"), blank=True, help_text=_("The delivery note, order or form that it belongs to."))
    note = f.Text(_("Note"))
    lines = f.Lines("inventory.StockLine", _("Lines"))
    value = f.Money(_("Amount"), null=True, computed=True)
    confirmed_at = f.Moment(_("Confirmed"), null=True, computed=True)
    confirmed_by = f.Link(settings.AUTH_USER_MODEL, _("Confirmed by"), null=True, computed=True)
    cancelled_at = f.Moment(pgettext_lazy("document", "Cancelled"), null=True, computed=True)
    cancelled_by = f.Link(settings.AUTH_USER_MODEL, pgettext_lazy("document", "Cancelled by"), null=True, computed=True)
    cancel_reason = f.Name(pgettext_lazy("document", "Cancelled because"), blank=True, computed=True)

    about = About(
        one=_("stock document"), many=_("stock documents"), icon="clipboard-list", area="stock", title=number,
        slug="stock-documents", subtitle=kind,
        columns=(number, kind, status, warehouse, to_warehouse, date, reference, value, "owner"),
        search=(number, reference, note), filters=(kind, status, warehouse, to_warehouse, date, "owner"),
        form=((kind, date), (warehouse, to_warehouse), (reference,), (lines,), (note,)), board=status, calendar=date,
        amount=value, match=(number,))

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="transfer", to_warehouse__isnull=False) | ~Q(kind="transfer") & Q(to_warehouse=None),
                name="inventory_stockdocument_target",
                violation_error_message=_("A transfer names the warehouse it goes to; nothing else does.")),
            models.CheckConstraint(
                condition=~Q(warehouse=models.F("to_warehouse")), name="inventory_stockdocument_other",
                violation_error_message=_("Goods are transferred to another warehouse than their own."))]

    def prepare(self) -> None:
        if self._state.adding and self.date is None:
            self.date = timezone.localdate(self.created_at)
        if self.status == self.Status.DRAFT and (self._state.adding or "lines" in self.held_lines):
            self.value = rules.total((line.quantity, line.unit_cost) for line in self.lines)

    def clean(self) -> None:
        super().clean()
        if self._state.adding or self.loaded.get("status") == self.Status.DRAFT:
            return
        if self.status == self.Status.DRAFT:
            raise ValidationError({"status": _("It has been confirmed: cancel it instead.")})
        for name, value in self.loaded.items():
            if name not in LOOSE and getattr(self, name) != value:
                raise _fixed(str(self._meta.get_field(name.removesuffix("_id")).verbose_name), name)  # type: ignore[union-attr]
        if "lines" in self.held_lines and self._lines_differ():
            raise _fixed(str(type(self).lines.verbose_name), "lines")

    def _lines_differ(self) -> bool:
        rows = self.held_lines["lines"]
        if any(row._state.adding or any(row.loaded[name] != getattr(row, name) for name in TYPED) for row in rows):
            return True
        system = Ctx(system=True, reason="the lines of a confirmed document")
        return system.find(StockLine).filter(document_id=self.pk).count() != len(rows)


def _fixed(label: str, name: str) -> ValidationError:
    """What a confirmed document says stands."""
    words = _("The document has been confirmed: “%(field)s” cannot be changed any more. Cancel it and write a new one.")
    return ValidationError({} | {name.removesuffix("_id") if name != "lines" else "__all__": words % {"field": label}})


class StockLine(Record):
    """A product of a stock document and how many; in a stocktake, how many were counted."""

    document = f.Link(StockDocument, _("Document"))
    position = f.Integer(_("Position"), computed=True, default=0)
    product = f.Link(Product, _("Product"))
    quantity = Quantity(_("Quantity"), max_digits=DIGITS)
    unit_cost = Price(_("Unit cost"), sensitive=True, null=True, help_text=_(
        "Of what comes in; empty: the average so far."))
    reservation = f.Link("inventory.Reservation", _("Reservation"), null=True, help_text=_(
        "What was set aside for this issue; it is used up."))
    book_quantity = Quantity(_("By the books"), null=True, computed=True)
    difference = Quantity(_("Difference"), null=True, computed=True)
    note = f.Name(_("Note"), blank=True)

    about = About(one=_("stock line"), many=_("stock lines"), icon="list", area="", title=product, parent=document,
                  slug="stock-lines", columns=(product, quantity, unit_cost, book_quantity, difference, note),
                  filters=(document, product), form=((product, quantity), (unit_cost, reservation), (note,)), side=(),
                  verbs=("view", "export"), order="position")

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=0), name="inventory_stockline_quantity",
                                   violation_error_message=_("A quantity is never negative.")),
            models.CheckConstraint(condition=Q(unit_cost=None) | Q(unit_cost__gte=0), name="inventory_stockline_cost",
                                   violation_error_message=_("A cost is never negative."))]
