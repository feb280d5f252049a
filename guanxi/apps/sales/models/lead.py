"""Leads: somebody might buy, and somebody is finding out."""

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.parties.models import Identity, Industry, Recognised, Source
from guanxi.apps.sales.models.master import CloseReason
from guanxi.apps.sales.models.pool import Pool, PoolMove, pools_of
from guanxi.apps.sales.models.prospect import title_of_contact
from guanxi.kernel.api import About, Ctx, Q, Record, Refused, Section, f

#: How long members of a pool are told who took a lead.
RECENT = datetime.timedelta(days=1)
#: What may still change on a lead that has been converted.
LOOSE = frozenset({"owner_id", "upper_owner_id", "version", "updated_at", "updated_by_id", "sort_key", "deleted_at",
                   "pool_id", "former_owner_id", "pool_since", "next_contact_at", "last_follow_up_at"})


class Lead(Recognised, Record):
    """Somebody who might become a customer. Owned by a person, or waiting in a pool until somebody claims it."""

    class Status(f.States):
        NEW = "new", pgettext_lazy("lead", "New")
        CONTACTED = "contacted", _("Contacted")
        QUALIFIED = "qualified", _("Qualified")
        CONVERTED = "converted", _("Converted")
        DISQUALIFIED = "disqualified", _("Given up")

    company = f.Name(_("Company"), blank=True)
    person = f.PersonName(_("Contact person"), blank=True)
    name = f.Name(_("Name"), computed=True, blank=True)
    job_title = f.Name(_("Job title"), blank=True)
    phone = f.Phone(_("Phone"), blank=True)
    mobile = f.Phone(_("Mobile"), blank=True)
    email = f.Email(_("E-mail"), blank=True)
    wechat = f.Name(_("WeChat"), blank=True, personal=True)
    website = f.Url(_("Website"), blank=True)
    industry = f.Link(Industry, _("Industry"), null=True)
    employees = f.Integer(_("Employees"), null=True)
    address = f.Name(_("Address"), max_length=400, blank=True)
    source = f.Link(Source, _("Source"), null=True)
    status = f.State(Status, _("Status"), importable=True, colors={
        "new": "blue", "contacted": "cyan", "qualified": "green", "converted": "purple", "disqualified": "gray"})
    requirement = f.Text(_("What they need"))
    amount = f.Money(_("Expected amount"), null=True)
    expected_close = f.Day(_("Expected close"), null=True)
    next_contact_at = f.Moment(_("Next contact"), null=True)
    last_follow_up_at = f.Moment(_("Last follow-up"), null=True, computed=True, importable=True)
    note = f.Text(_("Note"))
    pool = f.Link(Pool, _("Pool"), null=True)
    pool_since = f.Moment(_("In the pool since"), null=True, computed=True)
    former_owner = f.Link(settings.AUTH_USER_MODEL, _("Former owner"), null=True, computed=True)
    lost_reason = f.Link(CloseReason, _("Given up because"), null=True, computed=True)
    customer = f.Link("parties.Customer", _("Customer"), null=True, computed=True)
    contact = f.Link("parties.Contact", _("Contact"), null=True, computed=True)
    opportunity = f.Link("sales.Opportunity", _("Opportunity"), null=True, computed=True)
    converted_at = f.Moment(_("Converted"), null=True, computed=True)

    about = About(
        one=_("lead"), many=_("leads"), icon="user-search", area="sales", title=name, title_from=(company, person),
        subtitle=source,
        columns=(name, person, phone, source, status, "owner", pool, next_contact_at),
        search=(name, person, phone, mobile, email, wechat), board=status, amount=amount, calendar=next_contact_at,
        filters=(status, source, "owner", pool, industry, next_contact_at, last_follow_up_at, amount),
        form=((company, person), (job_title, source), (phone, mobile), (email, wechat),
              Section(_("Need"), ((requirement,), (amount, expected_close), (next_contact_at, pool))),
              Section(_("Company"), ((industry, employees), (website, address), (note,)))),
        order="-id", match=(company, phone, mobile, email))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes,
                   models.Index(fields=("pool", "status", "id"), name="sales_lead_pool", condition=Q(owner=None)),
                   models.Index(fields=("owner", "next_contact_at"), name="sales_lead_next"),
                   models.Index(fields=("company",), name="sales_lead_company"),
                   models.Index(fields=("phone",), name="sales_lead_phone"),
                   models.Index(fields=("mobile",), name="sales_lead_mobile"),
                   models.Index(fields=("email",), name="sales_lead_email")]

    @property
    def unowned(self) -> bool:
        """A lead put straight into a pool has no owner."""
        return self.pool_id is not None

    @property
    def in_pool(self) -> bool:
        return self.owner_id is None and self.pool_id is not None

    def prepare(self) -> None:
        self.name = self.company or self.person or title_of_contact(self.mobile or self.phone, self.email, self.wechat)
        if self.in_pool and self.pool_since is None:
            self.pool_since = self.updated_at

    def clean(self) -> None:
        if not self.name:
            raise ValidationError({"company": _("Give a company, a person, a phone number or an e-mail address.")})
        if self._state.adding or not self.status == self.loaded.get("status") == self.Status.CONVERTED:
            return
        for source in self._meta.concrete_fields:
            if source.attname not in LOOSE and getattr(self, source.attname) != self.loaded.get(source.attname):
                raise ValidationError({source.name: _("A converted lead stays as it was: change the customer, the "
                                                      "contact or the opportunity, or undo the conversion.")})

    @property
    def identity(self) -> Identity:
        """What is known of it, for the search for duplicates."""
        phones = tuple(filter(None, (self.phone, self.mobile)))
        return Identity(name=self.company or self.person, phones=phones, person=not self.company,
                        emails=(self.email,) if self.email else ())

    @property
    def standing(self) -> str:
        return str(_("in the pool") if self.in_pool else self.Status(self.status).label)

    @classmethod
    def open_rows(cls, ctx: Ctx) -> Q | None:
        """Members of a pool see what waits in it."""
        pools = pools_of(ctx) if ctx.user_id else frozenset()
        return Q(owner=None, pool_id__in=sorted(pools)) if pools else None

    @classmethod
    def why_gone(cls, ctx: Ctx, pk: int) -> Refused | None:
        """A member of the pool is told who was quicker."""
        moves = ctx.as_system("who was quicker").find(PoolMove).filter(
            lead_id=pk, lead__deleted_at=None, pool_id__in=pools_of(ctx), created_at__gte=ctx.now - RECENT)
        last = moves.select_related("lead", "user").order_by("-pk").first()
        if last is None or last.kind == PoolMove.Kind.RETURN:
            return None
        return Refused(_("“%(lead)s” belongs to %(person)s now: somebody was quicker.") % {
            "lead": last.lead, "person": last.user}, record=last.lead)
