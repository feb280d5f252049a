"""How signing in is bound to this installation: closed registration, and links that trust no request header."""

from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from guanxi.apps.org.pages.sign_in import SignIn


class ConfiguredSite:
    """What allauth calls the site, taken from the settings and never from the Host header."""

    name = "Guanxi"
    domain = urlsplit(settings.GUANXI_PUBLIC_URL).netloc


class Adapter(SignIn):
    """People are added by an administrator; mails carry the configured address only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a reset mail: a forged Host header must not decide where the key goes."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return urljoin(settings.GUANXI_PUBLIC_URL, path.replace("UID-KEY", quote(key)))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, {**context, "current_site": ConfiguredSite})

    def format_email_subject(self, subject: str) -> str:
        return f"[{ConfiguredSite.name}] {subject}"
