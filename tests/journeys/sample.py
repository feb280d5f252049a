"""What tests of the sample company share: the day of it, one process for all of them, and what can be compared."""

import datetime
from typing import Any

import pytest

from guanxi.apps.inventory.models import StockMovement
from guanxi.apps.parties.models import Customer
from guanxi.apps.sales.models import Lead, Opportunity, Quote, QuoteLine
from guanxi.apps.work.models import Activity
from guanxi.kernel.api import Ctx, registry
from guanxi.kernel.entries import StateChange

TODAY = datetime.date(2026, 11, 18)
PASSWORD = "a-sample-password-7"
#: One process, so that each company is loaded once.
together = pytest.mark.xdist_group("sample company")


def system() -> Ctx:
    return Ctx(system=True, reason="test")


def live() -> dict[str, int]:
    """How many records there are of each object."""
    return {model._meta.label_lower: count for model in registry.objects() if (count := system().find(model).count())}


def told(model: Any, *names: str) -> list[tuple[Any, ...]]:
    return list(system().find(model).order_by("pk").values_list(*names))


def portrait() -> dict[str, Any]:
    """What can be compared from one load to the next: everything but ids."""
    return {
        "counts": live(),
        "customers": told(Customer, "name", "credit_code", "phone", "address", "owner__name", "created_at", "parent_company__name"),
        "deals": told(Opportunity, "name", "customer__name", "amount", "stage__key", "status", "created_at", "closed_on",
                      "close_reason__key", "stage_since"),
        "days": told(Activity, "name", "type__key", "status", "due_at", "actual_end", "owner__name", "customer__name"),
        "leads": told(Lead, "name", "mobile", "status", "owner__name", "pool__key"),
        "quotes": told(Quote, "number", "customer__name", "status", "currency", "gross", "discount_percent", "sent_on"),
        "lines": told(QuoteLine, "quote__customer__name", "text", "quantity", "price", "discount", "gross"),
        "stock": told(StockMovement, "product__name", "warehouse__name", "kind", "quantity", "value", "moment"),
        "states": list(StateChange.objects.order_by("pk").values_list("object_type", "field", "at", "actor__name")),
    }
