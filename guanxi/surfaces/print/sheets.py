"""Which sheets there are: an app declares each with the function that gathers what stands on it.

    @sheet("quotation", _("Quotation"), on=Quote, template="sales/quote/sheet.html")
    def quotation(ctx, quote):
        return {"quote": quote, "lines": [...]}

The same values fill the HTML template and every Word template that a company uploads for the object.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.common import showing
from guanxi.kernel import registry
from guanxi.kernel.api import Ctx, Refused, f
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Missing


class Language(f.Options):
    """The languages a sheet can be printed in, each in its own words."""

    SIMPLIFIED = "zh-hans", "简体中文"
    TRADITIONAL = "zh-hant", "繁體中文"
    ENGLISH = "en", "English"


@dataclass(frozen=True)
class Sheet:
    """One way to put a record on paper. ``gather`` gives plain values: no record leaves it.

    ``shows`` names the fields that stand on it, those of lines as ``lines.price``: nobody prints what is withheld.
    """

    key: str
    label: Any
    on: type[Record]
    template: str
    gather: Callable[[Ctx, Any], dict[str, Any]]
    shows: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The fields that stand on it, each with its object: ``sales.quoteline.price``."""
        owners = {"": object_name(self.on), **{one.name: object_name(one.model) for one in self.on.line_lists}}
        parts = (name.rpartition(".") for name in self.shows)
        return tuple(f"{owners[where]}.{key}" for where, _dot, key in parts)

    def withheld(self, ctx: Ctx) -> str:
        """The first field of the sheet that the actor may not read; empty where there is none."""
        return showing.withheld(ctx, self.shown)


_sheets: dict[tuple[type[Record], str], Sheet] = {}


def sheet(key: str, label: Any, *, on: type[Record], template: str, shows: tuple[str, ...] = ()) -> Callable[..., Any]:
    """Declare a sheet of an object."""
    def declare(function: Callable[[Ctx, Any], dict[str, Any]]) -> Any:
        _sheets[(on, key)] = Sheet(key, label, on, template, function, shows)
        return function
    return declare


def sheets_of(model: type[Record]) -> list[Sheet]:
    """The sheets of an object, in the order of their declaration."""
    return [one for (on, _key), one in _sheets.items() if on is model]


def printable(name: str) -> type[Record]:
    """The object of this name, if it has sheets. Refused where it has none or is none."""
    try:
        model = registry.model_of(name)
    except Missing:
        model = None
    if model is None or not sheets_of(model):
        raise Refused(_("“%(object)s” cannot be printed.") % {"object": name[:80]}, field="object_type")
    return model


def sheet_of(model: type[Record], key: str) -> Sheet:
    """One sheet of an object. Missing where there is none."""
    found = _sheets.get((model, key))
    if found is None:
        raise Missing(f"{model.about.one}: {key[:40]}")
    return found
