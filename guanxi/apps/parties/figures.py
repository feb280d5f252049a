"""The figures about customers: each is defined here once."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.models import Contact, Customer, Promise
from guanxi.common.measures import measure
from guanxi.kernel.api import Ctx

CUSTOMERS = measure("parties.customers", _("Customers"), _("All customers you may see."), Customer)
NEW_CUSTOMERS = measure("parties.new_customers", _("New customers this month"),
                        _("Customers created in this calendar month."), Customer,
                        tree=["created_at", "within", "this_month"])
SILENT_CUSTOMERS = measure(
    "parties.silent_customers", _("Customers without follow-up for 30 days"),
    _("Customers whose last follow-up is more than 30 days ago, or who never had one and are older than that."), Customer,
    tree={"any": [["last_follow_up_at", "within", "older_30_days"],
                  {"all": [["last_follow_up_at", "empty"], ["created_at", "within", "older_30_days"]]}]})
UNOWNED_CUSTOMERS = measure("parties.unowned_customers", _("Customers without owner"),
                            _("Customers that nobody looks after."), Customer, tree=["owner", "empty"])
CONTACTS = measure("parties.contacts", _("Contacts"), _("All contacts you may see."), Contact)
OPEN_PROMISES = measure("parties.open_promises", _("Open promises"), _("Promises that are neither kept nor broken."),
                        Promise, tree=["state", "in", ["open"]])


def _overdue(ctx: Ctx) -> Any:
    return {"all": [["state", "in", ["open"]], ["due_on", "before", ctx.today.isoformat()]]}


OVERDUE_PROMISES = measure("parties.overdue_promises", _("Overdue promises"),
                           _("Open promises whose day has passed."), Promise, tree=_overdue)
