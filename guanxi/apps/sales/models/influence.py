"""Who decides and who sells with us: the people of a deal, their influence, our team and our competitors."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.sales.models.competitor import Competitor
from guanxi.apps.sales.models.opportunity import Opportunity
from guanxi.kernel.api import About, Q, Record, f


class Influence(f.Options):
    """The four buying influences of a deal."""

    COACH = "coach", _("Coach")
    USER = "user", pgettext_lazy("influence", "User")
    TECHNICAL = "technical", _("Technical selector")
    ECONOMIC = "economic", _("Economic decision maker")


class OpportunityContact(Record):
    """A contact with a part in the deal: which influences the person has, and how the person stands to us."""

    class Attitude(f.Options):
        AGAINST = "-2", _("Strongly against")
        DOUBTFUL = "-1", _("Rather against")
        NEUTRAL = "0", _("Neutral")
        FOR = "1", _("Supports us")
        STRONGLY = "2", _("Strongly supports us")

    class Weight(f.Options):
        HIGH = "high", _("High")
        MEDIUM = "medium", _("Medium")
        LOW = "low", _("Low")

    opportunity = f.Link(Opportunity, _("Opportunity"))
    contact = f.Link("parties.Contact", _("Contact"))
    roles = f.Tags(_("Roles"), words=Influence)
    attitude = f.Choice(Attitude, _("Attitude"), default="0", colors={
        "-2": "red", "-1": "orange", "0": "gray", "1": "teal", "2": "green"})
    influence = f.Choice(Weight, _("Influence"), default="medium")
    note = f.Text(_("Note"))

    about = About(one=_("contact of the opportunity"), many=_("contacts of the opportunity"), icon="affiliate",
                  area="", title=contact, parent=opportunity, slug="opportunity-contacts",
                  columns=(contact, roles, attitude, influence, note), filters=(opportunity, contact, roles, attitude),
                  form=((opportunity, contact), (roles,), (attitude, influence), (note,)), side=("history",))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("opportunity", "contact"), condition=Q(deleted_at=None), name="sales_opportunitycontact_once",
            violation_error_message=_("The contact belongs to this opportunity already."))]


class OpportunityMember(Record):
    """A colleague who works on the deal and may see and change it."""

    class Role(f.Options):
        SALES = "sales", pgettext_lazy("team", "Sales")
        PRESALES = "presales", _("Pre-sales")
        TECHNICAL = "technical", _("Technical support")
        MANAGER = "manager", pgettext_lazy("team", "Manager")
        OTHER = "other", _("Other")

    opportunity = f.Link(Opportunity, _("Opportunity"))
    user = f.Link(settings.AUTH_USER_MODEL, _("Person"))
    role = f.Choice(Role, _("Part in the team"))

    about = About(one=_("team member"), many=_("team members"), icon="users-group", area="", title=user,
                  parent=opportunity, slug="opportunity-members", columns=(user, role),
                  filters=(opportunity, user, role), form=((opportunity,), (user, role)), side=("history",))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("opportunity", "user"), condition=Q(deleted_at=None), name="sales_opportunitymember_once",
            violation_error_message=_("This person belongs to the team already."))]


class OpportunityCompetitor(Record):
    """A competitor in a deal: how it stands, and which buying influences it holds."""

    class Position(f.Options):
        AHEAD = "ahead", _("Ahead of us")
        LEVEL = "level", _("On a level")
        BEHIND = "behind", _("Behind us")
        UNKNOWN = "unknown", _("Unknown")

    opportunity = f.Link(Opportunity, _("Opportunity"))
    competitor = f.Link(Competitor, _("Competitor"))
    position = f.Choice(Position, _("Standing"), default="unknown", colors={
        "ahead": "red", "level": "orange", "behind": "green"})
    holds = f.Tags(_("Influences it holds"), words=Influence)
    contact = f.Link("parties.Contact", _("Closest to"), null=True)
    strengths = f.Text(_("Strengths"))
    weaknesses = f.Text(_("Weaknesses"))
    chances = f.Text(pgettext_lazy("SWOT", "Opportunities"))
    threats = f.Text(_("Threats"))

    about = About(one=_("competitor in the opportunity"), many=_("competitors in the opportunity"), icon="swords",
                  area="", title=competitor, parent=opportunity, slug="opportunity-competitors",
                  columns=(competitor, position, holds, contact), filters=(opportunity, competitor, position),
                  form=((opportunity, competitor), (position, contact), (holds,), (strengths, weaknesses),
                        (chances, threats)), side=("history",))

    class Meta(Record.Meta):
        indexes = [models.Index(fields=("sort_key", "id"), name="sales_oppcompetitor_key"),
                   models.Index(fields=("owner", "sort_key", "id"), name="sales_oppcompetitor_own",
                                condition=Q(deleted_at=None))]
        constraints = [models.UniqueConstraint(
            fields=("opportunity", "competitor"), condition=Q(deleted_at=None), name="sales_opportunitycompetitor_once",
            violation_error_message=_("The competitor is listed already."))]
