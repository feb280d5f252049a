"""Registers the web surface with Django."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WebConfig(AppConfig):
    """Templates, static files, translations and template tags of the pages."""

    name = "guanxi.surfaces.web"
    label = "web"

    def ready(self) -> None:
        """What apps add to pages registers itself when their ``pages`` modules are loaded."""
        autodiscover_modules("pages")
