"""Django's entry to customers and contacts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartiesConfig(AppConfig):
    name = "guanxi.apps.parties"
    label = "parties"
    verbose_name = _("Customers and contacts")
