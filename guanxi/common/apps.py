"""Django's entry to what every record shares."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "guanxi.common"
    label = "common"
    verbose_name = _("Common")
