"""A promise: what was said to be done, by whom, to whom, until when — and whether it was."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.parties.models.contact import Contact
from guanxi.apps.parties.models.customer import Customer
from guanxi.kernel.api import About, Q, Record, f


class Promise(Record):
    """What we promised a customer, or a customer promised us."""

    class Side(f.Options):
        OURS = "ours", _("We promised")
        THEIRS = "theirs", _("The customer promised")

    class State(f.States):
        OPEN = "open", pgettext_lazy("promise", "Open")
        KEPT = "kept", _("Kept")
        LATE = "late", _("Kept late")
        BROKEN = "broken", _("Broken")

    customer = f.Link(Customer, _("Customer"))
    what = f.Name(_("What"), max_length=300)
    side = f.Choice(Side, _("Who promised"))
    contact = f.Link(Contact, _("Contact"), null=True)
    promised_on = f.Day(_("Promised on"), null=True)
    due_on = f.Day(_("Due on"), null=True)
    state = f.State(State, _("State"), colors={"open": "blue", "kept": "green", "late": "yellow", "broken": "red"})
    closed_on = f.Day(_("Closed on"), null=True, computed=True)
    outcome = f.Text(_("What came of it"), computed=True)
    source_text = f.Text(_("In what words"), help_text=_("The sentence of the mail, call or visit."))
    source_object = f.Name(_("Where it was said"), blank=True, max_length=80, computed=True)
    source_id = f.Integer(_("Record where it was said"), null=True, computed=True)

    about = About(one=_("promise"), many=_("promises"), icon="heart-handshake", area="sales", title=what,
                  subtitle=customer, parent=customer, board=state, calendar=due_on,
                  columns=(what, customer, side, contact, due_on, state, "owner"), search=(what, source_text),
                  filters=("owner", customer, side, state, due_on, promised_on), order="-id",
                  form=((customer, side), (what,), (contact, "owner"), (promised_on, due_on), (source_text,)),
                  side=("activities", "files", "history"))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("due_on",), name="parties_promise_due",
                                                      condition=Q(state="open", deleted_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(promised_on=None) | Q(due_on=None) | Q(due_on__gte=models.F("promised_on")),
                name="parties_promise_days",
                violation_error_message=_("A promise is due on the day it was made or later.")),
            models.CheckConstraint(
                condition=Q(state="open", closed_on=None) | ~Q(state="open") & Q(closed_on__isnull=False),
                name="parties_promise_closed",
                violation_error_message=_("A promise that is over has a day on which it ended."))]
