"""Django's entry to activities."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkConfig(AppConfig):
    name = "guanxi.apps.work"
    label = "work"
    verbose_name = _("Activities")
