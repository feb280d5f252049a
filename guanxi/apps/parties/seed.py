"""The lists a company starts with: industries, sources, levels, relation types."""

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from guanxi.apps.org.models import Company
from guanxi.apps.parties.models import CustomerLevel, Industry, RelationType, Source
from guanxi.kernel.api import Ctx

INDUSTRIES = (
    _("Manufacturing"), _("Information technology"), _("Trade and retail"), _("Construction and real estate"),
    _("Finance and insurance"), _("Health care and medicine"), _("Education and training"), _("Logistics and transport"),
    _("Energy and chemistry"), _("Agriculture and food"), _("Hotels and catering"), _("Culture and media"),
    _("Government and public service"), _("Professional services"), _("Other industries"))
SOURCES = (
    _("Referral by a customer"), _("Referral by a colleague"), _("Own search"), _("Website"), _("Telephone inquiry"),
    _("Trade fair"), _("Advertisement"), _("Social media"), _("Partner"), _("Purchased list"), _("Other sources"))
LEVELS = ((_("A – key customer"), 1, 14), (_("B – important customer"), 2, 30), (_("C – ordinary customer"), 3, 90))
RELATIONS = (
    (_("supplies"), _("is supplied by")), (_("distributes for"), _("is distributed by")),
    (_("invested in"), _("received investment from")), (_("recommended"), _("was recommended by")),
    (_("competes with"), _("competes with")), (_("works together with"), _("works together with")),
    (_("does projects for"), _("has projects done by")))


def seed(ctx: Ctx) -> None:
    """Fill each list that is still empty, in the company's language."""
    system = ctx.as_system("the lists every company starts with")
    company = system.find(Company).first()
    with translation.override(company.language if company else translation.get_language()), system.door("seed"):
        if not _touched(system, Industry):
            system.save_all([Industry(name=gettext(name)) for name in INDUSTRIES])
        if not _touched(system, Source):
            system.save_all([Source(name=gettext(name)) for name in SOURCES])
        if not _touched(system, CustomerLevel):
            system.save_all([CustomerLevel(name=gettext(name), rank=rank, contact_days=days)
                             for name, rank, days in LEVELS])
        if not _touched(system, RelationType):
            system.save_all([RelationType(name=gettext(name), reverse=gettext(reverse)) for name, reverse in RELATIONS])


def _touched(system: Ctx, model: type[Industry | Source | CustomerLevel | RelationType]) -> bool:
    """A list that somebody has filled, or emptied on purpose, stays as it is."""
    return system.find(model).exists() or system.binned(model).exists()
