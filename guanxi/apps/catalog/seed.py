"""The units a company starts with."""

from django.utils import translation
from django.utils.translation import pgettext_lazy

from guanxi.apps.catalog.models import Unit
from guanxi.apps.org.models import Company
from guanxi.kernel.api import Ctx

UNITS = (
    (pgettext_lazy("unit", "piece"), 0),
    (pgettext_lazy("unit", "set"), 0),
    (pgettext_lazy("unit", "box"), 0),
    (pgettext_lazy("unit", "kilogram"), 3),
    (pgettext_lazy("unit", "metre"), 2),
    (pgettext_lazy("unit", "litre"), 2),
    (pgettext_lazy("unit", "hour"), 2),
    (pgettext_lazy("unit", "person-day"), 1),
    (pgettext_lazy("unit", "month"), 0),
    (pgettext_lazy("unit", "year"), 0),
    (pgettext_lazy("unit", "licence"), 0),
)


def seed(ctx: Ctx) -> None:
    """Fill the list of units while nobody has touched it, in the company's language."""
    system = ctx.as_system("the units every company starts with")
    if system.find(Unit).exists() or system.binned(Unit).exists():
        return
    company = system.find(Company).first()
    with translation.override(company.language if company else translation.get_language()), system.door("seed"):
        system.save_all([Unit(name=str(name), decimals=decimals) for name, decimals in UNITS])
