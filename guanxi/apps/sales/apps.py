"""Makes sales an app."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "guanxi.apps.sales"
    label = "sales"
