"""The seeded lists as the sample company uses them: by key or by the English name they were seeded from."""

from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext, pgettext

from guanxi.apps.catalog.models import Unit
from guanxi.apps.org.models import Company
from guanxi.apps.parties.models import CustomerLevel, Industry, RelationType, Source
from guanxi.apps.sales.models import CloseReason, Library, Pool, Stage
from guanxi.apps.work.models import ActivityType
from guanxi.kernel.api import Ctx


@dataclass
class Lists:
    """Ids of list entries. An entry that the company has deleted is left out, and so is what would have used it."""

    language: str
    industries: dict[str, int]
    named_sources: dict[str, int]
    relations: dict[str, int]
    sources: list[int]
    levels: list[int]
    types: dict[str, int]
    stages: dict[str, int]
    reasons: dict[str, int]
    units: dict[str, int]
    pool: int | None
    library: int | None

    def industry(self, english: str) -> int | None:
        return self._named(self.industries, english)

    def source(self, english: str) -> int | None:
        return self._named(self.named_sources, english)

    def relation(self, english: str) -> int | None:
        return self._named(self.relations, english)

    def unit(self, english: str) -> int:
        """A unit as seeded, or any other where the company has deleted it."""
        with translation.override(self.language):
            known = self.units.get(pgettext("unit", english))
        return known if known is not None else min(self.units.values())

    def _named(self, known: dict[str, int], english: str) -> int | None:
        with translation.override(self.language):
            return known.get(gettext(english))


def read(system: Ctx) -> Lists:
    """What is there now."""
    company = system.find(Company).first()
    pool = system.find(Pool).order_by("-default", "pk").first()
    library = system.find(Library).order_by("-default", "pk").first()
    return Lists(
        language=company.language if company else "en",
        industries=_by(system, Industry, "name"), named_sources=_by(system, Source, "name"),
        relations=_by(system, RelationType, "name"),
        sources=list(system.find(Source).order_by("pk").values_list("pk", flat=True)),
        levels=list(system.find(CustomerLevel).order_by("rank", "pk").values_list("pk", flat=True)),
        types=_by(system, ActivityType, "key"), stages=_by(system, Stage, "key"), reasons=_by(system, CloseReason, "key"),
        units=_by(system, Unit, "name") or {"": _unit(system)},
        pool=pool.pk if pool else None, library=library.pk if library else None)


def _unit(system: Ctx) -> int:
    """What is sold needs a unit, also in a company that has none."""
    with system.door("demo"):
        return system.save(Unit(name="件")).pk


def _by(system: Ctx, model: Any, name: str) -> dict[str, int]:
    return dict(system.find(model).values_list(name, "pk"))
