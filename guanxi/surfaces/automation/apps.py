"""Django's entry to approvals."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AutomationConfig(AppConfig):
    name = "guanxi.surfaces.automation"
    label = "automation"
    verbose_name = _("Approvals")
