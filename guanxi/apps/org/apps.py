"""Django's entry to the organisation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrgConfig(AppConfig):
    name = "guanxi.apps.org"
    label = "org"
    verbose_name = _("Organisation")
