"""Django's entry to the reference."""

from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    name = "guanxi.surfaces.reference"
    label = "reference"
