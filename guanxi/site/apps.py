"""Django's entry to the product as a whole: its commands, and what spans all apps."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    name = "guanxi.site"
    label = "site"
    verbose_name = _("Product")
