"""What forms say while a customer or contact is being typed: perhaps it is already here."""

from typing import Any

from guanxi.apps.parties.actions import Hit, find_duplicates
from guanxi.apps.parties.models import Contact, Customer, Identity
from guanxi.apps.parties.reasons import REASONS
from guanxi.kernel.api import Ctx, Record, registry
from guanxi.surfaces.web import addresses, panels

#: Hints under a form.
SHOWN = 5


def identity_of(values: dict[str, Any], person: bool) -> Identity:
    """What has been typed so far, whatever of it."""
    def typed(*names: str) -> tuple[str, ...]:
        return tuple(str(values[name])[:300] for name in names if values.get(name))
    return Identity(name="".join(typed("name"))[:200], phones=typed("phone", "mobile", "other_phone"), person=person,
                    emails=typed("email", "other_email"), credit_code="".join(typed("credit_code"))[:60],
                    city="".join(typed("city") or typed("province"))[:60])


def asked_url(page: str, hit: Hit) -> str:
    return addresses.with_query(f"/duplicate-check/{page}", object=hit.object, record=hit.pk)


def row(hit: Hit) -> dict[str, Any]:
    """One hint as forms show it."""
    seen = (str(hit.standing), hit.department, hit.last_active)
    blocking = {str(REASONS["credit_code"]), str(REASONS["mobile"])} & set(map(str, hit.reasons))
    return {"title": hit.title, "subtitle": " · ".join(filter(None, (hit.kind, *seen))), "owner": hit.owner,
            "why": hit.why, "block": hit.same and bool(blocking),
            "url": addresses.record_url(registry.model_of(hit.object), hit.pk) if hit.visible else "",
            "claim_url": "" if hit.visible else asked_url("ask" if hit.owned else "claim", hit)}


@panels.duplicate_check(Customer)
def customer_hints(ctx: Ctx, values: dict[str, Any], record: Record | None) -> list[dict[str, Any]]:
    """Customers and leads that may be the same as the customer being typed."""
    person = values.get("kind") == "person"
    asked = [identity_of(values, person)]
    if values.get("short_name"):
        asked.append(identity_of({**values, "name": values["short_name"]}, person))
    return [row(hit) for hit in find_duplicates(ctx, asked, without=record, limit=SHOWN)]


@panels.duplicate_check(Contact)
def contact_hints(ctx: Ctx, values: dict[str, Any], record: Record | None) -> list[dict[str, Any]]:
    """Contacts and leads that may be the same as the contact being typed."""
    customer = str(values.get("customer") or "")
    found = find_duplicates(ctx, identity_of(values, person=True), without=record, limit=SHOWN,
                            customer_id=int(customer) if customer.isascii() and customer.isdigit() else None)
    return [row(hit) for hit in found]
