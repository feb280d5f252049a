"""The preview of a custom field on its own page: the control people will meet in the form."""

from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel import facts, registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.custom import CustomField
from guanxi.surfaces.web import cells
from guanxi.surfaces.web.panels import panel


@panel("preview", on=CustomField, place="side", order=1, template="web/panels/preview.html", later=False)
def preview(ctx: Ctx, record: CustomField, request: Any) -> dict[str, Any] | None:
    """The field as the form of its object shows it; nothing for one that is hidden or that the reader may not see."""
    views = facts.fields(registry.model_of(record.object_type), ctx)
    view = next((view for view in views if view.custom and view.key == record.key), None)
    if view is None:
        return None
    return {"title": _("Preview"), "item": cells.item(view, "", {})}
