"""Django's entry to the kernel."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    name = "guanxi.kernel"
    label = "kernel"
    verbose_name = _("System")

    def ready(self) -> None:
        """Verbs, figures and pages register themselves when their modules are loaded."""
        autodiscover_modules("actions", "figures", "listeners")
