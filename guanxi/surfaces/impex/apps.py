"""Registers import and export with Django."""

from django.apps import AppConfig


class ImpexConfig(AppConfig):
    """Tables that come in and go out."""

    name = "guanxi.surfaces.impex"
    label = "impex"
