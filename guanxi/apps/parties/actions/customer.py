"""What people do with a customer, and what a customer never becomes: its own parent company."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.actions.group import above
from guanxi.apps.parties.models import Customer
from guanxi.kernel.api import Ctx, Refused, action, after


@action(_("Lock"), where=lambda customer: not customer.locked, icon="lock", right="assign")
def lock_customer(ctx: Ctx, customer: Customer) -> None:
    """Keep the customer with its owner: it does not go to a pool by itself."""
    customer.locked = True
    ctx.save(customer)


@action(_("Unlock"), where=lambda customer: customer.locked, icon="lock-open", right="assign")
def unlock_customer(ctx: Ctx, customer: Customer) -> None:
    """Let the rules of the pools apply to the customer again."""
    customer.locked = False
    ctx.save(customer)


def refuse_ring(ctx: Ctx, customer: Customer) -> None:
    """A group has a top: going up from a company never leads back to it."""
    if customer.parent_company_id and customer.pk in above(ctx, customer):
        raise Refused(_("“%(customer)s” would be its own parent company, through “%(parent)s”. Choose another parent "
                        "company, or clear that of “%(parent)s” first.") % {
            "customer": customer, "parent": customer.parent_company}, field="parent_company", record=customer)


@after(Customer, "update")
def no_ring_of_companies(ctx: Ctx, customer: Customer, _value: Any) -> None:
    """Checked after every change, in the same transaction."""
    refuse_ring(ctx, customer)
