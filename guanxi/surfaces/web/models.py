"""What people keep of their lists: saved views."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import About, Record, f

States = models.TextChoices


class SavedView(Record):
    """A way of looking at a list, kept under a name: filter, columns, order and face.

    With ``stands_for`` it is what one person changed about a view that everybody has.
    """

    class Face(States):
        TABLE = "table", _("Table")
        BOARD = "board", _("Board")
        CALENDAR = "calendar", _("Calendar")
        CHART = "chart", _("Chart")

    object_type = f.Name(_("Object"), max_length=80, computed=True)
    name = f.Name(_("Name"), max_length=80)
    audience = f.Name(_("Who sees it"), max_length=40, default="me", help_text=_(
        "Others see through the view what their own rights give."))
    face = f.Choice(Face, _("Shown as"))
    columns = f.Json(_("Columns"), default=list, computed=True)
    tree = f.Json(_("Filter"), computed=True)
    words = f.Name(_("Search words"), blank=True, computed=True)
    sort = f.Name(_("Order"), blank=True, max_length=80, computed=True)
    group_by = f.Name(_("Grouped by"), blank=True, max_length=80, computed=True)
    board_field = f.Name(_("Sum of"), blank=True, max_length=80, computed=True)
    stands_for = f.Name(_("Instead of"), blank=True, max_length=20, computed=True)
    pinned = f.Flag(_("In front of the others"))
    is_default = f.Flag(_("Opens with the list"))
    position = f.Integer(_("Order among views"), default=100)

    about = About(one=_("view"), many=_("views"), icon="table", title=name, columns=(name,), scope="everyone", side=(),
                  verbs=())

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes,
                   models.Index(fields=("object_type", "position", "id"), name="web_savedview_object")]

    @property
    def column_keys(self) -> list[str]:
        return [str(column.get("key", "")) for column in self.columns if isinstance(column, dict)]

    @property
    def widths(self) -> dict[str, Any]:
        return {str(column.get("key")): column.get("width") for column in self.columns if isinstance(column, dict)}
