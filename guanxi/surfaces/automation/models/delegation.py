"""Delegation: somebody is away, and somebody else decides meanwhile."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import About, Record, f


class Delegation(Record):
    """For some days another person is asked for the approvals that its owner would be asked for."""

    to = f.Link(settings.AUTH_USER_MODEL, _("Stands in"))
    since = f.Day(_("From"))
    until = f.Day(_("Until"))
    note = f.Name(_("Note"), blank=True)

    about = About(one=_("stand-in"), many=_("stand-ins"), icon="user-share", slug="stand-ins", title=to, order="-since",
                  columns=("owner", to, since, until, note), filters=("owner", to, since, until),
                  form=((to,), (since, until), (note,)), side=("history",))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=("owner", "until"), name="automation_delegation_now")]

    def __str__(self) -> str:
        return f"{self.owner} → {self.to}"

    def clean(self) -> None:
        if self.until < self.since:
            raise ValidationError({"until": _("The last day lies before the first: choose a later one.")})
        if self.to_id == self.owner_id:
            raise ValidationError({"to": _("Nobody stands in for themselves: choose somebody else.")})
