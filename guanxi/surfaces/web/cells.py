"""Cells: one field of one record as templates show it and as its form control holds it."""

import decimal
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as given
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.common import conditions
from guanxi.kernel import facts, reading, registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.facts import FieldView
from guanxi.kernel.reading import Titles
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.web import addresses

#: Kinds that only code reads; people neither see nor type them.
UNSHOWN = frozenset({"json"})
_UNTYPED = UNSHOWN | {"file"}
#: Fields with a control of their own, by object and key: the options of a choice, and names of objects.
CONTROLS = {("kernel.customfield", "options"): "options", ("kernel.customfield", "object_type"): "object",
            ("kernel.customfield", "target"): "object"}
_CONTROLLED = frozenset(key for _object, key in CONTROLS)
#: The parts of one option as the table of options posts them.
OPTION_PARTS = ("value", "label", "en", "color", "active")


@dataclass
class Cell:
    """One value shown: ``value`` is what templates may look at, never more than the actor may see."""

    field: FieldView
    value: Any
    text: str
    url: str = ""
    editable: bool = False
    edit_url: str = ""
    late: bool = False
    reveal_url: str = ""


@dataclass
class Item:
    """One control of a form: ``value`` is what the control holds, ``text`` the words of a chosen link."""

    field: FieldView
    value: Any = ""
    text: str = ""
    errors: list[str] = given(default_factory=list)
    create_url: str = ""
    create_label: str = ""
    chosen: list[tuple[str, str]] = given(default_factory=list)

    @property
    def id(self) -> str:
        return f"id_{self.field.key}"


def cell(view: FieldView, record: Record, known: Titles, may_edit: bool = False, may_reveal: bool = False) -> Cell:
    """One field of a record. Masked and secret values leave only what is left of them."""
    raw = view.raw(record)
    text = reading.text(view, record, known)
    if is_condition(view) and not view.masked:
        text = known.get(_words_of(view, record), text)
    if view.key in _CONTROLLED and (shown := controlled(view)) is not view:
        text = next((label for code, label, _tone in shown.choices if code == raw), "")
    if view.masked or view.secret:
        hidden = may_reveal and view.masked and text
        return Cell(view, text, text, reveal_url=addresses.reveal_url(type(record), record.pk, view.key) if hidden else "")
    editable = may_edit and is_editable(view) and not is_condition(view)
    return Cell(
        view, raw, text, url=_url(view, record, raw, known), editable=editable,
        edit_url=f"{addresses.cell_url(type(record), record.pk, view.key)}?place=fact" if editable else "")


def cells(views: Iterable[FieldView], record: Record, known: Titles, may_edit: bool = False,
          may_reveal: bool = False) -> list[Cell]:
    """Several fields of a record, in the order given."""
    return [cell(view, record, known, may_edit, may_reveal) for view in views]


def _url(view: FieldView, record: Record, raw: Any, known: Titles) -> str:
    """Where the shown value leads: the linked record if it may be seen, the record itself from its title."""
    if view.target:
        model = view.target_model
        seen = raw is not None and (view.target, raw) in known
        return addresses.record_url(model, raw) if seen and "view" in model.about.verbs else ""
    if view.key == record.about.title_name and "view" in record.about.verbs:
        return addresses.record_url(type(record), record.pk)
    return ""


def titles_of(ctx: Ctx, rows: Iterable[Record], views: Iterable[FieldView]) -> Titles:
    """The titles of what some rows link to, and the words of their conditions."""
    rows, views = list(rows), list(views)
    told = {_words_of(view, row): conditions.words(ctx, row, view.source)
            for view in views if is_condition(view) and not view.masked for row in rows}
    return {**reading.titles_of(ctx, rows, views), **told}


def is_condition(view: FieldView) -> bool:
    """Does the field keep a filter?"""
    return isinstance(view.source, conditions.Condition)


def _words_of(view: FieldView, record: Record) -> tuple[str, int]:
    return f"{object_name(record)}.{view.key}", int(record.pk or 0)


def controlled(view: FieldView) -> FieldView:
    """The field as its form control sees it."""
    if is_condition(view):
        return replace(view, kind="condition", help=str(_("Empty: always.")))
    kind = CONTROLS.get((object_name(view.model), view.key)) if view.model is not None and not view.custom else None
    if kind == "object":
        objects = [(object_name(model), str(model.about.one), "") for model in registry.objects()
                   if "view" in model.about.verbs]
        return replace(view, kind="choice", choices=sorted(objects, key=lambda one: one[1]))
    return replace(view, kind=kind) if kind else view


def is_editable(view: FieldView) -> bool:
    """May people type this field at all?"""
    return not (view.readonly or view.masked or view.kind in _UNTYPED)


def named(model: type[Record], ctx: Ctx, names: Sequence[str]) -> list[FieldView]:
    """The fields of an object by key, in the order asked for; what the actor may not know of is left out."""
    by_key = {view.key: view for view in facts.fields(model, ctx)}
    return [by_key[name] for name in names if name in by_key]


def form_value(view: FieldView, value: Any) -> Any:
    """A stored value as the form control of its kind holds it."""
    if value is None:
        return ""
    match view.kind:
        case "tags":
            return list(value)
        case "options":
            return [{"value": one.get("value", ""), "label": one.get("label", ""), "color": one.get("color", ""),
                     "en": one.get("labels", {}).get("en", ""), "active": one.get("active", True)} for one in value]
        case "flag":
            return "true" if value else ""
        case "day":
            return value.isoformat() if hasattr(value, "isoformat") else value
        case "moment":
            return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M") if hasattr(value, "isoformat") else value
        case "money" | "decimal" | "percent":
            return _bare(value)
        case "json":
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def _bare(value: Any) -> str:
    """A number as one types it: without grouping and without zeros that say nothing."""
    if not isinstance(value, decimal.Decimal):
        return str(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def typed(view: FieldView, data: QueryDict) -> Any:
    """What a posted form holds for a field, as typed; None where the form did not have the field."""
    if view.key not in data:
        return None
    values = [value.replace("\x00", "") for value in data.getlist(view.key)]
    if view.kind == "options":
        return _options(view.key, data)
    if view.kind in ("tags", "links"):
        return [value for value in values if value]
    return values[0]


def _options(key: str, data: QueryDict) -> list[dict[str, Any]]:
    """The rows of the table of options; a row without a label is none. A new option is kept under its label."""
    columns = [[one.replace("\x00", "").strip() for one in data.getlist(f"{key}.{part}")] for part in OPTION_PARTS]
    found = []
    for code, label, english, color, active in zip(*columns, strict=False):
        if label:
            found.append({"value": code or label, "label": label, "color": color, "active": bool(active),
                          **({"labels": {"en": english}} if english else {})})
    return found


def item(view: FieldView, value: Any, known: Titles, errors: Iterable[str] = ()) -> Item:
    """A control of a form; the words of a link come from titles looked up together."""
    text = ""
    if view.target and str(value).isdigit():
        text = known.get((view.target, int(value)), "")
    chosen = [(str(one), known.get((view.target, int(one)), str(one))) for one in several(value)
              if view.kind == "links" and _is_key(one)]
    return Item(view, value, text, list(errors), chosen=chosen)


def several(value: Any) -> list[Any]:
    """The values of a control that may hold many, or the one of another."""
    return list(value) if isinstance(value, list | tuple) else [value]


def may_create(ctx: Ctx, made: Item) -> Item:
    """A control that picks a linked record offers a new one, in a dialog above the form, to who may create it."""
    if made.field.target and made.field.kind in ("link", "links") and not ctx.read_only:
        target = made.field.target_model
        if {"view", "create"} <= set(target.about.verbs) and ctx.may("create", target):
            made.create_url = addresses.new_url(target, stay=1)
            made.create_label = _("New %(one)s") % {"one": target.about.one}
    return made


def titles_for(ctx: Ctx, pairs: Iterable[tuple[FieldView, Any]]) -> Titles:
    """The titles of what link controls hold."""
    return reading.titles(ctx, {(view.target, int(one)) for view, value in pairs if view.target
                                for one in several(value) if isinstance(one, str | int) and _is_key(one)})


def _is_key(value: str | int) -> bool:
    words = str(value)
    return words.isascii() and words.isdigit() and len(words) < 19
