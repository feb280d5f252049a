"""Competitors: who else sells to our customers."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.api import About, Q, Record, Section, f


class Competitor(Record):
    """A company that sells against us, with what we know about it."""

    name = f.Name(_("Name"))
    website = f.Url(_("Website"), blank=True)
    products = f.Text(_("Products"))
    strengths = f.Text(_("Strengths"))
    weaknesses = f.Text(_("Weaknesses"))
    chances = f.Text(pgettext_lazy("SWOT", "Opportunities"))
    threats = f.Text(_("Threats"))
    advantages = f.Text(_("Our advantages over it"))
    note = f.Text(_("Note"))

    renews = True
    about = About(one=_("competitor"), many=_("competitors"), icon="swords", area="sales", title=name,
                  columns=(name, website, "updated_at"), search=(name, products), scope="everyone", order="sort_key",
                  form=((name, website), (products,),
                        Section(_("SWOT"), ((strengths, weaknesses), (chances, threats))),
                        Section(_("Comparison"), ((advantages,), (note,)))),
                  match=(name,))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("name",), condition=Q(deleted_at=None), name="sales_competitor_name",
            violation_error_message=_("There is a competitor of this name already."))]
