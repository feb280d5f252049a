"""Product categories: a tree without a limit of depth."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.api import About, Q, Record, f


class ProductCategory(Record):
    """A group of products, within another one or at the top."""

    name = f.Name(_("Name"))
    parent = f.Link("catalog.ProductCategory", pgettext_lazy("tree", "Within"), null=True)
    note = f.Text(_("Note"))

    renews = True
    about = About(one=_("product category"), many=_("product categories"), icon="category", area="products", title=name,
                  subtitle=parent, slug="product-categories", columns=(name, parent, note), search=(name,),
                  filters=(parent,), form=((name, parent), (note,)), scope="everyone", order="sort_key",
                  match=(name,), side=("history",))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=("parent", "name"), condition=Q(deleted_at=None), name="catalog_category_name",
                violation_error_message=_("There is a category of this name here already.")),
            models.UniqueConstraint(
                fields=("name",), condition=Q(deleted_at=None, parent=None), name="catalog_category_top",
                violation_error_message=_("There is a category of this name at the top already."))]
