"""Who belongs together: customers with customers, people with people and organisations."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.parties.models.contact import Contact
from guanxi.apps.parties.models.customer import Customer
from guanxi.apps.parties.models.masters import RelationType
from guanxi.kernel.api import About, Q, Record, f


class Relation(Record):
    """Two customers that have to do with each other."""

    customer = f.Link(Customer, _("Customer"))
    kind = f.Link(RelationType, _("Relation"))
    other = f.Link(Customer, _("Other customer"))
    since = f.Day(_("Since"), null=True)
    until = f.Day(_("Ends on"), null=True)
    note = f.Text(_("Note"))

    about = About(one=_("customer relation"), many=_("customer relations"), icon="link", area="",
                  slug="customer-relations", title=kind, subtitle=other, parent=customer,
                  columns=(customer, kind, other, since, until), filters=(customer, kind, other, since),
                  form=((customer,), (kind, other), (since, until), (note,)), side=("history",))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=("customer", "kind", "other"), condition=Q(deleted_at=None),
                                    name="parties_relation_once",
                                    violation_error_message=_("This relation is there already.")),
            models.CheckConstraint(condition=~Q(customer=models.F("other")), name="parties_relation_self",
                                   violation_error_message=_("A customer has no relation to itself."))]


class SocialRelation(Record):
    """A tie of a customer's people: to whom, of what kind, how close."""

    class Kind(f.Options):
        FAMILY = "family", _("Family")
        CLASSMATE = "classmate", _("Classmate")
        HOMETOWN = "hometown", _("From the same town")
        COLLEAGUE = "colleague", _("Former colleague")
        COMRADE = "comrade", _("Served together")
        FRIEND = "friend", _("Friend")
        TEACHER = "teacher", _("Teacher and student")
        OFFICIAL = "official", _("Authority")
        ASSOCIATION = "association", _("Association")
        RIVAL = "rival", _("At odds")
        OTHER = "other", _("Other tie")

    class Closeness(f.Options):
        CLOSE = "close", pgettext_lazy("tie", "Close")
        GOOD = "good", pgettext_lazy("tie", "Good")
        DISTANT = "distant", _("Distant")

    customer = f.Link(Customer, _("Customer"))
    contact = f.Link(Contact, _("Whose tie"), null=True)
    kind = f.Choice(Kind, _("Kind"))
    other = f.Name(_("Person or organisation"))
    other_contact = f.Link(Contact, _("Is our contact"), null=True)
    other_customer = f.Link(Customer, _("Is our customer"), null=True)
    closeness = f.Choice(Closeness, _("How close"), blank=True)
    note = f.Text(_("Note"))

    about = About(one=_("social relation"), many=_("social relations"), icon="users", area="", title=other,
                  subtitle=customer, parent=customer, columns=(customer, contact, kind, other, closeness),
                  search=(other, note), filters=(customer, contact, kind, closeness), side=("history",),
                  form=((customer, contact), (kind, closeness), (other,), (other_contact, other_customer), (note,)))
