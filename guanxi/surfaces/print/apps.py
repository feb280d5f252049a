"""Registers printing with Django."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class PrintConfig(AppConfig):
    """Records on paper."""

    name = "guanxi.surfaces.print"
    label = "print"
    verbose_name = _("Printing")

    def ready(self) -> None:
        """Apps declare their sheets in a module of that name."""
        autodiscover_modules("sheets")
