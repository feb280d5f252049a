"""Prospects: raw data collected in a resource library, before anybody works on them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.models import Industry, Source
from guanxi.apps.sales.models.master import Library
from guanxi.kernel.api import About, Record, f, facts


def title_of_contact(phone: str, email: str = "", wechat: str = "") -> str:
    """A title where no name is known: titles are read by people who may not see numbers, so most of one is left out."""
    return facts.masked("phone", phone) or facts.masked("email", email) or facts.masked("name", wechat)


class Prospect(Record):
    """A row of raw data on somebody who might buy. Checked rows become leads, the others are discarded."""

    class Status(f.States):
        RAW = "raw", _("Raw")
        QUALIFIED = "qualified", _("Qualified")
        DISCARDED = "discarded", _("Discarded")

    company = f.Name(_("Company"), blank=True)
    person = f.PersonName(_("Contact person"), blank=True)
    name = f.Name(_("Name"), computed=True, blank=True)
    job_title = f.Name(_("Job title"), blank=True)
    phone = f.Phone(_("Phone"), blank=True)
    email = f.Email(_("E-mail"), blank=True)
    website = f.Url(_("Website"), blank=True)
    industry = f.Link(Industry, _("Industry"), null=True)
    address = f.Name(_("Address"), max_length=400, blank=True)
    requirement = f.Text(_("What they need"))
    library = f.Link(Library, _("Resource library"), null=True)
    source = f.Link(Source, _("Source"), null=True)
    batch = f.Name(_("Batch"), blank=True, help_text=_("Which list, fair or file the row came with."))
    status = f.State(Status, _("Status"), colors={"raw": "gray", "qualified": "green", "discarded": "red"})
    discard_note = f.Name(_("Discarded because"), blank=True, computed=True)
    lead = f.Link("sales.Lead", _("Lead"), null=True, computed=True)
    note = f.Text(_("Note"))

    about = About(one=_("prospect"), many=_("prospects"), icon="file-search", area="sales", title=name,
                  title_from=(company, person),
                  columns=(name, phone, email, library, source, batch, status), board=status,
                  search=(name, phone, email), filters=(status, library, source, batch, industry),
                  form=((company, person), (job_title, industry), (phone, email), (website, address),
                        (library, source), (batch,), (requirement,), (note,)), order="-id",
                  match=(company, phone, email))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("company",), name="sales_prospect_company"),
                   models.Index(fields=("phone",), name="sales_prospect_phone"),
                   models.Index(fields=("email",), name="sales_prospect_email")]

    def prepare(self) -> None:
        self.name = self.company or self.person or title_of_contact(self.phone, self.email)
