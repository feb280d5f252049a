"""Makes inventory an app."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "guanxi.apps.inventory"
    label = "inventory"
