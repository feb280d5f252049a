"""What each person wants to be reminded of."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import About, Q, Record, f


class ReminderChoice(Record):
    """A person's choice about one kind of reminder. Without a choice, reminders come."""

    class Kind(f.Options):
        ACTIVITY = "activity", _("activities with a customer")
        TO_DO = "to_do", _("to-dos")
        NEXT_CONTACT = "next_contact", _("next contact due")

    kind = f.Choice(Kind, _("Reminders of"))
    wanted = f.Flag(_("Remind me"), default=True)

    about = About(one=_("reminder choice"), many=_("reminder choices"), icon="bell", title=kind, area="",
                  columns=(kind, wanted, "owner"), search=(), filters=(kind, wanted), form=((kind, wanted),), side=())

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("owner", "kind"), condition=Q(deleted_at=None), name="work_reminder_choice_once",
            violation_error_message=_("This choice has been made already: change it."))]

    def fill_sort_key(self) -> None:
        """Choices stand in the order of their kinds."""
        self.sort_key = self.kind
