"""Registers the REST interface with Django."""

from django.apps import AppConfig


class RestConfig(AppConfig):
    """Tokens, their page, and the description of the interface."""

    name = "guanxi.surfaces.rest"
    label = "rest"
