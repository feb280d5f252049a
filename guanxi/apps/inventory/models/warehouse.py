"""Warehouses: the places where goods are kept."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org.models import Department
from guanxi.kernel.api import About, Q, Record, f


class Warehouse(Record):
    """A place where goods are kept: a shared list. Whoever may work on stock may use every warehouse that is in use."""

    code = f.Name(_("Code"), max_length=40)
    name = f.Name(_("Name"))
    department = f.Link(Department, _("Department"), null=True)
    manager = f.Link(settings.AUTH_USER_MODEL, _("Manager"), null=True)
    address = f.Name(_("Address"), max_length=400, blank=True)
    active = f.Flag(_("In use"), default=True)
    may_go_negative = f.Flag(_("Stock may go below zero"), help_text=_(
        "Only for places whose receipts are written down later than their issues."))
    note = f.Text(_("Note"))

    renews = True
    about = About(one=_("warehouse"), many=_("warehouses"), icon="building-warehouse", area="stock", title=name,
                  subtitle=code, columns=(name, code, department, manager, active, may_go_negative),
                  search=(name, code, address), filters=(department, manager, active, may_go_negative),
                  form=((name, code), (department, manager), (address,), (active, may_go_negative), (note,)),
                  scope="everyone", order="sort_key", match=(code, name))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=("code",), condition=Q(deleted_at=None), name="inventory_warehouse_code",
                                    violation_error_message=_("There is a warehouse with this code already.")),
            models.UniqueConstraint(fields=("name",), condition=Q(deleted_at=None), name="inventory_warehouse_name",
                                    violation_error_message=_("There is a warehouse of this name already."))]
