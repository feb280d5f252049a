"""Mail that leaves the company, with what became of it."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.api import About, Record, f

#: People one mail may go to.
MOST = 50


class OutgoingMail(Record):
    """A mail about a record: to whom, what it says, which files go with it, and whether it has left."""

    class State(f.States):
        WAITING = "waiting", pgettext_lazy("mail", "Waits for approval")
        QUEUED = "queued", pgettext_lazy("mail", "Queued")
        SENT = "sent", pgettext_lazy("mail", "Sent")
        FAILED = "failed", pgettext_lazy("mail", "Failed")
        STOPPED = "stopped", pgettext_lazy("mail", "Not approved")

    object_type = f.Name(_("Object"), max_length=80, computed=True)
    object_id = f.Integer(_("Record"), computed=True)
    subject = f.Name(pgettext_lazy("mail", "Subject"))
    to = f.Text(pgettext_lazy("mail", "To"))
    copy_to = f.Text(_("Copy to"))
    body = f.Text(pgettext_lazy("mail", "Text"))
    reply_to = f.Email(_("Answers to"), blank=True, computed=True)
    files = f.Json(_("Files"), default=list, computed=True)
    enclosure = f.Name(_("Encloses"), blank=True, computed=True)
    state = f.State(State, _("State"), colors={"waiting": "orange", "queued": "blue", "sent": "green", "failed": "red",
                                              "stopped": "gray"})
    sent_at = f.Moment(_("Sent"), null=True, computed=True)
    error = f.Text(_("What went wrong"), computed=True)
    sendings = f.Integer(_("Sendings"), default=1, computed=True)
    message_id = f.Name(_("Message id"), blank=True, computed=True, max_length=200)

    about = About(
        one=_("outgoing mail"), many=_("outgoing mails"), icon="mail-forward", area="work", title=subject,
        slug="outgoing-mails", columns=(subject, to, state, sent_at, error, "owner"), search=(subject, to),
        filters=(state, sent_at, "owner"),
        form=((subject,), (to, copy_to), (body,)), verbs=("view",), order="-id", side=("history",))

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes,
                   models.Index(fields=("object_type", "object_id", "id"), name="channels_mail_object")]

    def prepare(self) -> None:
        self.to, self.copy_to = ", ".join(addresses(self.to)), ", ".join(addresses(self.copy_to))

    def clean(self) -> None:
        everybody = [*addresses(self.to), *addresses(self.copy_to)]
        if not addresses(self.to):
            raise ValidationError({"to": _("Say to whom it goes.")})
        if len(everybody) > MOST:
            raise ValidationError({"to": _("A mail goes to at most %(count)s people.") % {"count": MOST}})
        for name in ("to", "copy_to"):
            for one in addresses(getattr(self, name)):
                _check(name, one)
        if any(sign in self.subject for sign in "\r\n"):
            raise ValidationError({"subject": _("A subject has one line.")})


def addresses(text: str) -> list[str]:
    """The addresses in a text, separated by commas, semicolons or lines."""
    parts = text.replace(";", ",").replace("；", ",").replace("，", ",").replace("\n", ",").replace("\r", ",").split(",")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _check(name: str, address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError({name: _("“%(address)s” is no mail address.") % {"address": address}}) from error
