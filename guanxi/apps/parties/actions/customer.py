"""What people do with a customer, and what a customer never becomes: its own parent company."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.actions.group import above
from guanxi.apps.parties.models import Contact, Customer, Employment
from guanxi.kernel.api import Ctx, Refused, action, after, policy


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


@after(Customer, "assign")
@after(Customer, "update")
def show_people_who_also_work_here(ctx: Ctx, customer: Customer, _value: Any) -> None:
    """The owner of a customer sees the people who work there besides their main job."""
    system = ctx.as_system("people with several jobs")
    jobs = system.find(Employment).filter(customer=customer)
    for contact in system.find(Contact).filter(pk__in=jobs.values("contact_id")).exclude(customer=customer):
        show_contact(ctx, contact, customer)


def show_contact(ctx: Ctx, contact: Contact, customer: Customer) -> None:
    """Make the owner of a customer a reader of a contact that mainly belongs elsewhere."""
    owner = customer.owner_id
    if owner is None or owner in (contact.owner_id, contact.upper_owner_id):
        return
    system = ctx.as_system("people with several jobs")
    shared = system.find(policy.Share).filter(object_type=contact._meta.label_lower, object_id=contact.pk, user_id=owner)
    if not shared.exists():
        ctx.save(policy.Share(object_type=contact._meta.label_lower, object_id=contact.pk, user_id=owner,
                              level=policy.Share.Level.READ))
