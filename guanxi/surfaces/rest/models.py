"""What the interface keeps: the tokens by which programs act for people."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import About, Record, f


class ApiToken(Record):
    """A key with which a program acts for one person, never further than that person's rights."""

    name = f.Name(_("Name"), max_length=80)
    user = f.Link(settings.AUTH_USER_MODEL, _("Person"), computed=True)
    scopes = f.Json(_("What it may do"), default=list, computed=True)
    prefix = f.Name(_("Begins with"), max_length=12, computed=True)
    digest = f.Name(_("Seal"), max_length=64, unique=True, computed=True, secret=True)
    expires_at = f.Moment(_("Valid until"), computed=True)
    revoked_at = f.Moment(_("Revoked"), null=True, computed=True)
    last_used_at = f.Moment(_("Last used"), null=True, computed=True)
    last_used_from = f.Name(_("Last used from"), max_length=60, blank=True, computed=True)

    about = About(one=_("API token"), many=_("API tokens"), icon="key", title=name, columns=(name,), scope="everyone",
                  side=(), verbs=())
