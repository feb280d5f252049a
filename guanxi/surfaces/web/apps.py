"""Registers the web surface with Django."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates, static files, translations and template tags of the pages."""

    name = "guanxi.surfaces.web"
    label = "web"
