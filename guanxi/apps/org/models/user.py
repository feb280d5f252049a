"""Somebody who works here and signs in by e-mail, phone or user name."""

import re
import secrets
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.org.models.company import Language, check_time_zone
from guanxi.kernel.api import About, Q, Record, Section, f

#: A user name can never be taken for an e-mail address or a phone number.
_USERNAME = re.compile(r"(?=.*[^\d._-])[\w.-]{2,60}")


def fresh_stamp() -> str:
    """A new value that no session, invitation or reset link made before knows."""
    return secrets.token_urlsafe(24)


class User(Record, AbstractBaseUser):
    """Somebody who works here. People are deactivated when they leave, so that their work keeps its author."""

    name = f.PersonName(pgettext_lazy("person", "Name"), max_length=80)
    email = f.Email(_("E-mail"), blank=True, personal=False)
    phone = f.Phone(_("Phone"), blank=True, personal=False)
    username = f.Name(_("User name"), null=True, unique=True, max_length=60)
    job_number = f.Name(_("Job number"), blank=True, max_length=40)
    title = f.Name(_("Job title"), blank=True, max_length=80)
    superior = f.Link("org.User", _("Superior"), null=True)
    hired_on = f.Day(_("Hired on"), null=True)
    language = f.Choice(Language, _("Language"), blank=True)
    time_zone = f.Name(_("Time zone"), blank=True, max_length=64)
    is_active = f.Flag(_("May sign in"), default=True, computed=True)
    joined_at = f.Moment(_("Joined"), null=True, computed=True)
    session_stamp = f.Name(_("Session mark"), default=fresh_stamp, computed=True, secret=True, max_length=64)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = BaseUserManager()  # what Django and allauth ask for by this name
    renews = True
    about = About(
        one=_("person"), many=_("people"), icon="user", title=name, subtitle=title, slug="people",
        columns=(name, title, phone, email, superior, is_active), search=(name, email, phone, username, job_number, title),
        filters=(superior, is_active, hired_on),
        form=((name, title), (email, phone), (username, job_number), (superior, hired_on),
              Section(_("Language and time"), ((language, time_zone),))),
        side=("memberships", "holdings", "history"), scope="everyone", order="sort_key",
        match=(email, phone, username, job_number))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=("email",), condition=Q(deleted_at=None) & ~Q(email=""), name="org_user_email",
                violation_error_message=_("Somebody else signs in with this e-mail address.")),
            models.UniqueConstraint(
                fields=("phone",), condition=Q(deleted_at=None) & ~Q(phone=""), name="org_user_phone",
                violation_error_message=_("Somebody else signs in with this phone number.")),
            models.UniqueConstraint(
                fields=("job_number",), condition=Q(deleted_at=None) & ~Q(job_number=""), name="org_user_job_number",
                violation_error_message=_("Somebody else has this job number.")),
        ]

    def prepare(self) -> None:
        self.username = self.username.lower() if self.username else None
        self.email = self.email.lower()

    def clean(self) -> None:
        super().clean()
        if not (self.email or self.phone or self.username):
            raise ValidationError({"email": _("Give an e-mail address, a phone number or a user name to sign in with.")})
        if self.username and not _USERNAME.fullmatch(self.username):
            raise ValidationError({"username": _(
                "A user name has 2 to 60 letters, digits, dots, dashes or underscores, and is not a mere number.")})
        check_time_zone(self.time_zone)

    def get_session_auth_hash(self) -> str:
        """A new password or a new mark ends every session made before."""
        return salted_hmac("guanxi.org.session", f"{self.password}{self.session_stamp}", algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> list[str]:
        """The key of this installation is not rotated."""
        return []

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name
