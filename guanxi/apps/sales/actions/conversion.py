"""A lead becomes a customer, a contact and an opportunity: in one operation, losing nothing, undone as one."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales.actions.mapping import Row, Target, fill
from guanxi.apps.sales.models import Lead, Opportunity, OpportunityContact
from guanxi.apps.work.actions import move
from guanxi.common import talk
from guanxi.kernel.api import Ctx, Denied, Record, Refused, action, policy

S = Lead.Status


@dataclass
class Plan:
    """What a conversion will make of a lead, and where each of its values goes."""

    customer: Target
    contact: Target | None
    opportunity: Target | None
    rows: list[Row]

    @property
    def kept(self) -> list[Row]:
        """Values without a place: they are kept in a note."""
        return [row for row in self.rows if not row.goes_to]


def plan(ctx: Ctx, lead: Lead, *, customer: Customer | None = None, contact: Contact | None = None,
         opportunity: Opportunity | None = None, with_opportunity: bool = True, subject: str = "") -> Plan:
    """Work out a conversion without writing anything: what the preview shows is what will be done."""
    if customer is None:
        customer = next((one.customer for one in (opportunity, contact) if one is not None and one.customer_id), None)
    alone = not lead.company and customer is None and contact is None
    company = Target(Customer, customer)
    person = Target(Contact, contact) if contact is not None or (lead.person and not alone) else None
    deal = Target(Opportunity, opportunity) if opportunity is not None or with_opportunity else None
    rows = fill(ctx, lead, [target for target in (company, person, deal) if target is not None], alone)
    if customer is None:
        company.values.setdefault("name", lead.name)
        company.values["kind"] = "person" if alone else "company"
    if person is not None and contact is None:
        person.values.setdefault("name", lead.name)
    if deal is not None and opportunity is None:
        deal.values["name"] = subject or lead.name
    return Plan(company, person, deal, rows)


@action(_("Preview conversion"), verb="preview", when=(S.NEW, S.CONTACTED, S.QUALIFIED), right="view", quiet=True,
        inputs={"customer": _("Existing customer"), "contact": _("Existing contact"),
                "opportunity": _("Existing opportunity"), "with_opportunity": _("With an opportunity")})
def preview_conversion(ctx: Ctx, lead: Lead, *, customer: Customer | None = None, contact: Contact | None = None,
                       opportunity: Opportunity | None = None, with_opportunity: bool = True) -> list[dict[str, Any]]:
    """Show where each value of the lead will go, and which ones will be kept in a note."""
    planned = plan(ctx, lead, customer=customer, contact=contact, opportunity=opportunity,
                   with_opportunity=with_opportunity)
    return [{"key": row.key, "label": row.label, "value": row.text, "goes_to": row.goes_to}
            for row in planned.rows if not row.masked]


@action(_("Convert"), when=(S.NEW, S.CONTACTED, S.QUALIFIED), right="update", icon="transform", undo=True, inputs={
    "customer": _("Existing customer (empty: a new one)"), "contact": _("Existing contact (empty: a new one)"),
    "opportunity": _("Existing opportunity (empty: a new one)"), "with_opportunity": _("With an opportunity"),
    "subject": _("Subject of the opportunity")})
def convert_lead(ctx: Ctx, lead: Lead, *, customer: Customer | None = None, contact: Contact | None = None,
                 opportunity: Opportunity | None = None, with_opportunity: bool = True, subject: str = "") -> None:
    """Make a customer, a contact and an opportunity of the lead, with everything that belongs to it."""
    _check(lead, customer, contact, opportunity)
    planned = plan(ctx, lead, customer=customer, contact=contact, opportunity=opportunity,
                   with_opportunity=with_opportunity, subject=subject)
    company = _settle(ctx, lead, planned.customer, {})
    person = _settle(ctx, lead, planned.contact, {"customer": company.pk})
    deal = _settle(ctx, lead, planned.opportunity, {"customer": company.pk})
    system = ctx.as_system("the lead is converted")
    if deal is not None:
        _tie(system, lead, deal, person)
    _carry(system, lead, company, person, deal, planned.kept)
    lead.status, lead.converted_at = S.CONVERTED, ctx.now
    lead.customer, lead.contact, lead.opportunity = company, person, deal
    ctx.save(lead)


def _check(lead: Lead, customer: Customer | None, contact: Contact | None, opportunity: Opportunity | None) -> None:
    """What was chosen must fit together."""
    wanted = customer or (opportunity.customer if opportunity is not None else None)
    if opportunity is not None and customer is not None and opportunity.customer_id not in (None, customer.pk):
        raise Refused(_("“%(opportunity)s” belongs to another customer than “%(customer)s”.") % {
            "opportunity": opportunity, "customer": customer}, field="opportunity", record=lead)
    if contact is not None and wanted is not None and contact.customer_id not in (None, wanted.pk):
        raise Refused(_("“%(contact)s” belongs to another customer than “%(customer)s”.") % {
            "contact": contact, "customer": wanted}, field="contact", record=lead)
    if opportunity is not None and opportunity.status != Opportunity.Status.OPEN:
        raise Refused(_("“%(opportunity)s” is closed: choose an open one.") % {"opportunity": opportunity},
                      field="opportunity", record=lead)


def _settle(ctx: Ctx, lead: Lead, target: Target | None, links: dict[str, Any]) -> Any:
    """Create the target, or fill what an existing one lacks; within the actor's rights."""
    if target is None:
        return None
    system = ctx.as_system("the lead is converted")
    if target.record is None:
        if not (answer := ctx.may("create", target.model)):
            raise Denied(_("You may not create %(object)s: %(reason)s") % {
                "object": target.model.about.many, "reason": answer.reason}, record=lead)
        owner = {"owner": lead.owner_id} if lead.owner_id else {}
        return system.create(target.model, **target.values, **links, **owner)
    lacking = {key: pk for key, pk in links.items() if getattr(target.record, f"{key}_id") is None}
    if values := {**target.values, **lacking}:
        if not (answer := ctx.may("update", target.record)):
            raise Denied(_("You may not change “%(record)s”: %(reason)s") % {
                "record": target.record, "reason": answer.reason}, record=lead)
        return system.update(target.record, **values)
    return target.record


def _tie(system: Ctx, lead: Lead, deal: Opportunity, person: Contact | None) -> None:
    """The deal knows the lead it came from, and its first contact."""
    if deal.lead_id is None:
        deal.lead = lead
        system.save(deal)
    ties = system.find(OpportunityContact).filter(opportunity=deal, contact=person)
    if person is not None and not ties.exists():
        system.save(OpportunityContact(opportunity=deal, contact=person, owner_id=deal.owner_id))


def _carry(system: Ctx, lead: Lead, company: Customer, person: Contact | None, deal: Opportunity | None,
           kept: list[Row]) -> None:
    """Comments and files move, activities show on both; collaborators of the lead may do the same with what came of it."""
    main: Record = deal or company
    talk.carry(system, lead, main)
    move(system, lead, company.pk, person.pk if person is not None else None)
    for share in system.find(policy.Share).filter(object_type="sales.lead", object_id=lead.pk):
        for record in (company, person, deal):
            if record is not None and record.owner_id == lead.owner_id:
                _share(system, share, record)
    if told := [f"{row.label}: {row.text}" for row in kept if not row.masked]:
        talk.comment(system, main, "\n".join([str(_("From the lead “%(lead)s”:") % {"lead": lead}), *told]))


def _share(system: Ctx, share: policy.Share, record: Record) -> None:
    name = record._meta.label_lower
    if not system.find(policy.Share).filter(object_type=name, object_id=record.pk, user_id=share.user_id).exists():
        system.save(policy.Share(object_type=name, object_id=record.pk, user_id=share.user_id, level=share.level,
                                 until=share.until))
