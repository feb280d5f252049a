"""Dated facts about a customer that are no work of ours."""

from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.models.contact import Contact
from guanxi.apps.parties.models.customer import Customer
from guanxi.kernel.api import About, Record, f


class CustomerEvent(Record):
    """Something that happens at a customer on a day: a move, a new chief, a listing, the end of a contract."""

    class Kind(f.Options):
        MOVE = "move", _("Relocation")
        MANAGEMENT = "management", _("Change of management")
        LISTING = "listing", _("Going public")
        FINANCING = "financing", _("Financing")
        MERGER = "merger", _("Merger or acquisition")
        CONTRACT_END = "contract_end", _("End of a contract")
        TENDER = "tender", _("Tender")
        LAWSUIT = "lawsuit", _("Lawsuit")
        ANNIVERSARY = "anniversary", _("Anniversary")
        BIRTHDAY = "birthday", _("Birthday")
        OTHER = "other", _("Other event")

    customer = f.Link(Customer, _("Customer"))
    kind = f.Choice(Kind, _("Kind"))
    title = f.Name(_("What happens"))
    happens_on = f.Day(_("Day"))
    contact = f.Link(Contact, _("Contact"), null=True)
    every_year = f.Flag(_("Every year"))
    note = f.Text(_("Note"))

    about = About(one=_("customer event"), many=_("customer events"), icon="calendar-event", area="sales", title=title,
                  subtitle=customer, parent=customer, columns=(happens_on, kind, title, customer, contact),
                  search=(title, note), filters=(customer, kind, happens_on, every_year), calendar=happens_on,
                  form=((customer, kind), (title,), (happens_on, every_year), (contact,), (note,)),
                  order="-happens_on", side=("files", "history"))
