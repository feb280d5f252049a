"""A series: the rule by which an activity comes back, by the clock on the wall where it was planned."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from guanxi.apps.work.rules import recurrence
from guanxi.kernel.api import About, Record, f


class Series(Record):
    """Activities that come back: from when, how often, until when, and in which time zone the clock is read."""

    name = f.Name(_("What it is about"))
    rule = f.Name(_("Rule"), help_text=_("As in calendars: FREQ=WEEKLY;BYDAY=MO"))
    starts_at = f.Moment(_("From"))
    time_zone = f.Name(_("Time zone"), max_length=64)
    until = f.Day(_("Until"), null=True)
    planned_to = f.Moment(_("Planned until"), null=True, computed=True)
    ended = f.Flag(_("Ended"), computed=True)

    about = About(one=_("series"), many=_("series of activities"), icon="repeat", title=name, slug="series", area="",
                  columns=(name, rule, starts_at, until, "owner", ended), search=(), filters=("owner", ended),
                  form=((name,), (rule, until)), verbs=("view",), side=("history",))

    def clean(self) -> None:
        try:
            recurrence.check(self.rule)
        except ValueError as error:
            raise ValidationError({"rule": explain(error)}) from error


def explain(error: ValueError) -> Any:
    """Why a rule cannot be used, in words."""
    return _("“%(rule)s” is no rule by which activities come back (%(why)s). An example: FREQ=WEEKLY;BYDAY=MO") % {
        "rule": error.args[0], "why": error.args[1]}
