"""Controls: fields as the dialog of an action shows them, and what was typed into them as the door takes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from guanxi.kernel.api import Ctx
from guanxi.kernel.facts import FieldView
from guanxi.surfaces.web import cells
from guanxi.surfaces.web.cells import Item


@dataclass
class Named(Item):
    """A control whose name is not its field's key."""

    name: str = ""


def controls(ctx: Ctx, views: Iterable[FieldView], values: Mapping[str, Any],
             errors: Mapping[str, list[str]] | None = None) -> list[Item]:
    """The controls of a form with what is typed in them so far; links show the title of what is chosen."""
    shown = list(views)
    known = cells.titles_for(ctx, [(view, values.get(view.key)) for view in shown])
    made = [cells.item(view, values.get(view.key, ""), known, (errors or {}).get(view.key, ())) for view in shown]
    return [cells.may_create(ctx, one) for one in made]


def posted(request: HttpRequest, views: Iterable[FieldView]) -> dict[str, Any]:
    """What a form sent for some fields: raw values for the door, which parses and checks them."""
    given = {}
    for view in views:
        value = request.FILES.get(view.key) if view.kind == "file" else cells.typed(view, request.POST)
        if value is not None:
            given[view.key] = value
    return given


def summary(errors: Mapping[str, list[str]], views: Iterable[FieldView]) -> list[dict[str, str]]:
    """The errors of a form with the label and the place of their field."""
    labels = {view.key: view.label for view in views}
    return [{"id": f"id_{key}", "label": labels[key], "message": text}
            for key, texts in errors.items() if key in labels for text in texts]
