"""The short shared lists by which customers are sorted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import About, Q, Record, f


class Industry(Record):
    """A branch of business that customers work in."""

    name = f.Name(_("Name"))
    renews = True
    about = About(one=_("industry"), many=_("industries"), icon="building-factory", title=name, columns=(name,),
                  search=(name,), form=((name,),), scope="everyone", order="sort_key", match=(name,), side=("history",))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("name",), condition=Q(deleted_at=None), name="parties_industry_name",
            violation_error_message=_("There is an industry of this name already."))]


class Source(Record):
    """Where a customer or lead came from."""

    name = f.Name(_("Name"))
    renews = True
    about = About(one=_("source"), many=_("sources"), icon="world", slug="customer-sources", title=name,
                  columns=(name,), search=(name,),
                  form=((name,),), scope="everyone", order="sort_key", match=(name,), side=("history",))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("name",), condition=Q(deleted_at=None), name="parties_source_name",
            violation_error_message=_("There is a source of this name already."))]


class CustomerLevel(Record):
    """How much a customer matters, and after how many days without contact it needs one."""

    name = f.Name(_("Name"))
    rank = f.Integer(_("Rank"), default=1)
    contact_days = f.Integer(_("Contact at least every … days"), null=True)
    renews = True
    about = About(one=_("customer level"), many=_("customer levels"), icon="star", title=name,
                  columns=(name, rank, contact_days), search=(name,), form=((name, rank), (contact_days,)),
                  scope="everyone", order="rank", match=(name,), side=("history",))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=("name",), condition=Q(deleted_at=None), name="parties_level_name",
                                    violation_error_message=_("There is a customer level of this name already.")),
            models.CheckConstraint(condition=Q(contact_days=None) | Q(contact_days__gt=0), name="parties_level_days",
                                   violation_error_message=_("The number of days must be above zero."))]


class RelationType(Record):
    """A way in which two customers belong together, said from both sides."""

    name = f.Name(_("Seen from the first"), help_text=_("For example: supplies"))
    reverse = f.Name(_("Seen from the second"), help_text=_("For example: is supplied by"))
    renews = True
    about = About(one=_("relation type"), many=_("relation types"), icon="link", title=name,
                  columns=(name, reverse), search=(name, reverse), form=((name, reverse),), scope="everyone",
                  order="sort_key", match=(name,), side=("history",))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("name",), condition=Q(deleted_at=None), name="parties_relation_type_name",
            violation_error_message=_("There is a relation type of this name already."))]
