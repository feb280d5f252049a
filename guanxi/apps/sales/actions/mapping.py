"""Where each field of a lead goes when it is converted: nothing is left behind without being named."""

from dataclasses import dataclass, field
from typing import Any

from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales.models import Lead
from guanxi.kernel.api import Ctx, Record, Refused, facts

#: Field of the lead → field of the customer, the contact, the opportunity.
CUSTOMER = {"company": "name", "phone": "phone", "website": "website", "industry": "industry", "address": "address",
            "employees": "staff", "source": "source", "note": "note"}
PERSON = {"person": "name", "phone": "phone", "mobile": "mobile", "email": "email", "wechat": "wechat"}
CONTACT = {**PERSON, "job_title": "position"}
OPPORTUNITY = {"requirement": "description", "amount": "amount", "expected_close": "expected_close", "source": "source",
               "next_contact_at": "next_contact_at"}
#: Facts of the lead itself; they stay with it and are reached through the link.
OWN = frozenset({"name", "status", "owner", "pool", "pool_since", "former_owner", "last_follow_up_at", "lost_reason",
                 "customer", "contact", "opportunity", "converted_at", "created_at", "created_by", "updated_at",
                 "updated_by"})


@dataclass
class Row:
    """One filled field of the lead: what it holds and where it goes. ``goes_to`` is empty where it has no place."""

    key: str
    label: str
    text: str
    goes_to: list[str] = field(default_factory=list)
    masked: bool = False


@dataclass
class Target:
    """A record that comes out of the lead: an existing one, or a new one with its values."""

    model: type[Record]
    record: Any = None
    values: dict[str, Any] = field(default_factory=dict)

    def take(self, ctx: Ctx, source: facts.FieldView, key: str, value: Any) -> bool:
        """Give the target a value of the lead. False where it has no such field, or holds something else already."""
        view = next((one for one in facts.fields(self.model, ctx) if one.key == key), None)
        if view is None or view.readonly or view.target != source.target:
            return False
        try:
            given = view.parse(value if view.kind == source.kind else source.text(value), ctx)
        except Refused:
            return False
        held = view.raw(self.record) if self.record is not None else self.values.get(key)
        if held in (None, "", []) or view.kind == "flag":
            self.values[key] = given
            return True
        return bool(held == given)


def rules_of(model: type[Record], alone: bool) -> dict[str, str]:
    """The declared way of each field to an object; ``alone`` where the customer is the person itself."""
    if model is Customer:
        return {**CUSTOMER, **PERSON} if alone else CUSTOMER
    return CONTACT if model is Contact else OPPORTUNITY


def fill(ctx: Ctx, lead: Lead, targets: list[Target], alone: bool) -> list[Row]:
    """Spread every filled field of the lead, declared or custom, over the targets; returns what went where.

    A custom field goes to the field of the same key. What the actor may not read is moved, but never told.
    """
    system = ctx.as_system("every field of the lead")
    seen = {view.key: view for view in facts.fields(Lead, ctx)}
    views = [view for view in facts.fields(Lead, system) if view.key not in OWN]
    found = []
    for view in views:
        value = view.raw(lead)
        if value in (None, "", []) or (view.kind == "flag" and not value):
            continue
        row = Row(view.key, view.label, words(ctx, view, value), masked=view.key not in seen or seen[view.key].masked)
        for target in targets:
            key = view.key if view.custom else rules_of(target.model, alone).get(view.key)
            if key and target.take(system, view, key, value):
                row.goes_to.append(str(target.model.about.one))
        found.append(row)
    return found


def words(ctx: Ctx, view: facts.FieldView, value: Any) -> str:
    """A value as a person reads it; a link by its title, if the actor may see what it points to."""
    if not view.target:
        return str(view.text(value))
    return str(ctx.find(view.target_model).filter(pk=value).first() or value)
