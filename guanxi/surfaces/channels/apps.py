"""Registers the channels with Django."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    """Mail."""

    name = "guanxi.surfaces.channels"
    label = "channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        """Apps send from a module of that name."""
        autodiscover_modules("outgoing")
