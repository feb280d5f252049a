"""Activity types: what one does with customers, how long it takes, and what comes after it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.apps.work.models.choices import Before, Chain, ChainFrom
from guanxi.kernel.api import About, Q, Record, Section, f


class ActivityType(Record):
    """A kind of activity, with what a new one of its kind starts from and what usually follows it."""

    name = f.Name(_("Name"), max_length=60)
    key = f.Name(_("Key"), blank=True, max_length=40, computed=True)
    icon = f.Name(_("Icon"), blank=True, max_length=40, default="calendar-event")
    minutes = f.Integer(_("Usual length in minutes"), default=30)
    is_contact = f.Flag(_("Counts as a follow-up"), default=True,
                        help_text=_("When it is done, the customer has been followed up."))
    quick = f.Flag(_("Offered when a follow-up is logged"))
    remind = f.Choice(Before, _("Remind"), blank=True)
    person = f.Link(settings.AUTH_USER_MODEL, _("Usually done by"), null=True)
    words = f.Text(_("Usual text"))
    chain = f.Choice(Chain, _("Afterwards"), default=Chain.NONE)
    next_type = f.Link("work.ActivityType", _("Next type"), null=True)
    next_days = f.Integer(_("Days until the next"), default=1)
    next_from = f.Choice(ChainFrom, _("Counted from"))
    place = f.Integer(_("Place in lists"), default=100)
    retired = f.Flag(_("No longer used"))

    renews = True
    about = About(
        one=_("activity type"), many=_("activity types"), icon="category", title=name, scope="everyone", order="place",
        columns=(name, minutes, is_contact, quick, chain, next_type, retired), search=(name,),
        filters=(is_contact, quick, retired), match=(name,), side=("history",),
        form=((name, icon), (minutes, remind), (is_contact, quick), (person, place), (words,), (retired,),
              Section(_("What follows"), ((chain, next_type), (next_days, next_from)))))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=("name",), condition=Q(deleted_at=None), name="work_type_name",
                                    violation_error_message=_("There is an activity type of this name already.")),
            models.CheckConstraint(condition=Q(minutes__gte=0, minutes__lte=14400), name="work_type_minutes",
                                   violation_error_message=_("An activity takes between 0 and 14,400 minutes.")),
            models.CheckConstraint(condition=Q(next_days__gte=0, next_days__lte=3650), name="work_type_days",
                                   violation_error_message=_("The next one follows within 0 to 3,650 days.")),
            models.CheckConstraint(condition=Q(chain="none") | Q(next_type__isnull=False), name="work_type_next",
                                   violation_error_message=_("Say which type follows."))]
