"""Units in which products are counted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import About, Ctx, Q, Record, f


class Unit(Record):
    """A unit in which products are counted, and how finely it may be divided."""

    name = f.Name(_("Name"), max_length=40)
    decimals = f.Integer(_("Decimals of a quantity"), default=0, help_text=_("0: only whole numbers; at most 4."))

    renews = True
    about = About(one=_("unit"), many=_("units"), icon="ruler-measure", title=name, columns=(name, decimals),
                  search=(name,), form=((name, decimals),), scope="everyone", order="sort_key", match=(name,),
                  side=("history",))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=("name",), condition=Q(deleted_at=None), name="catalog_unit_name",
                                    violation_error_message=_("There is a unit of this name already.")),
            models.CheckConstraint(condition=Q(decimals__gte=0, decimals__lte=4), name="catalog_unit_decimals",
                                   violation_error_message=_("A quantity has 0 to 4 decimals."))]


def units_now() -> dict[int, Unit]:
    """Every unit by its id: kept in memory until a shared list changes. To be read only."""
    ctx = Ctx(system=True, reason="the units")
    units: dict[int, Unit] = ctx.remembered("catalog units", lambda: {one.pk: one for one in ctx.find(Unit)})
    return units
