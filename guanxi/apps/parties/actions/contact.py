"""What people do with a contact: change of job, and keeping the jobs of a person in order."""

import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.models import Contact, Customer, Employment
from guanxi.kernel.api import Ctx, Refused, action, after, f


@action(_("Change job"), icon="briefcase", right="update", inputs={
    "to": _("New customer"), "position": _("Position"), "department": _("Department"), "on": _("First day"),
    "left": f.Flag(_("Leaves the present job"), default=True)})
def change_job(ctx: Ctx, contact: Contact, *, to: Customer, position: str = "", department: str = "",
               on: datetime.date | None = None, left: bool = True) -> None:
    """The person begins to work for another customer; the job so far is kept with its last day."""
    if to.pk == contact.customer_id and position == contact.position:
        raise Refused(_("“%(contact)s” has this job already.") % {"contact": contact}, field="to", record=contact)
    day = on or ctx.today
    system = ctx.as_system("jobs of a person")
    if contact.customer_id:
        rows = system.find(Employment).filter(contact=contact, customer=contact.customer_id, ends_on=None)
        job = rows.order_by("-main", "pk").first() or Employment(
            contact=contact, customer_id=contact.customer_id, position=contact.position, department=contact.department)
        job.main = not left
        if left:
            job.ends_on = max(day - datetime.timedelta(days=1), job.starts_on or datetime.date.min)
        ctx.save(job)
    ctx.save(Employment(contact=contact, customer=to, position=position, department=department, starts_on=day, main=left))
    if left:
        contact.customer, contact.position, contact.department = to, position, department
        ctx.save(contact)


@after(Employment, "create")
@after(Employment, "update")
def follow_main_job(ctx: Ctx, job: Employment, _value: Any) -> None:
    """The main job is where the contact belongs; of several, the newest main one counts."""
    if not job.main:
        return
    system = ctx.as_system("jobs of a person")
    contact = system.get(Contact, job.contact_id)
    for other in system.find(Employment).filter(contact=contact, main=True).exclude(pk=job.pk):
        other.main = False
        ctx.save(other)
    contact.customer_id, contact.position = job.customer_id, job.position or contact.position
    contact.department = job.department or contact.department
    ctx.save(contact)
