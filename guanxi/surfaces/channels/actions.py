"""What one does with a mail that did not leave."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.api import Ctx, action, f
from guanxi.surfaces.channels import mail
from guanxi.surfaces.channels.models import OutgoingMail


@action(_("Send again"), verb="resend", when=OutgoingMail.State.FAILED, icon="refresh", inputs={
    "to": f.Text(pgettext_lazy("mail", "To"), help_text=_("Empty: the same addresses."))})
def resend_mail(ctx: Ctx, letter: OutgoingMail, *, to: str = "") -> None:
    """Try once more; where nobody knows whether the mail left, it may arrive twice."""
    mail.send_again(ctx, letter, to.strip())
