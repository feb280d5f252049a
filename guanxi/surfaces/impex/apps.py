"""Registers import and export with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImpexConfig(AppConfig):
    """Tables that come in and go out."""

    name = "guanxi.surfaces.impex"
    label = "impex"
    verbose_name = _("Import and export")
