"""Reading for people: titles of linked records for a whole page at once, and filters said back in words."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import facts, finding, policy, stamps
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record
from guanxi.language import periods

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

Titles = dict[tuple[str, int], str]
_SMALL = 5000


def titles(ctx: "Ctx", wanted: Iterable[tuple[str, int]]) -> Titles:
    """Titles of records by object and id: one query per object. What the actor may not see is absent."""
    by_object: dict[str, set[int]] = {}
    for name, pk in wanted:
        if pk is not None:
            by_object.setdefault(name, set()).add(pk)
    found: Titles = {}
    for name, ids in by_object.items():
        model = apps.get_model(name)
        shared = model.renews and model.about.scope == "everyone" and ctx.may("view", model)
        if shared and not policy.title_withheld(ctx, model):
            known = stamps.remembered(ctx.mark, ("titles", name, get_language()), partial(_all_titles, model))
            found |= {(name, pk): known[pk] for pk in ids if pk in known}
        else:
            rows = ctx.find(model).filter(pk__in=ids)
            if vars(Record)["__str__"] is model.__str__:  # it needs no more than the title
                rows = rows.only("pk", model.about.title_name)
            found |= {(name, row.pk): str(row) for row in rows}
    return found


def _all_titles(model: Any) -> dict[int, str]:
    return {row.pk: str(row) for row in model._default_manager.filter(deleted_at=None)[:_SMALL]}


def titles_of(ctx: "Ctx", rows: Iterable[Record], views: Iterable[FieldView]) -> Titles:
    """The titles of everything the links of some rows point to."""
    links = [view for view in views if view.target]
    return titles(ctx, {(view.target, view.raw(row)) for row in rows for view in links})


def text(view: FieldView, record: Record, known: Titles) -> str:
    """One field of a record as the actor reads it."""
    value = view.raw(record)
    if view.target and not view.masked:
        return "" if value is None else known.get((view.target, value)) or str(_("(no access)"))
    return view.text(value)


def sentence(ctx: "Ctx", model: type[Record], tree: Any) -> str:
    """A filter as a sentence in the reader's language."""
    match tree:
        case {"all": [*parts]}:
            return str(_(" and ")).join(_part(ctx, model, part) for part in parts)
        case {"any": [*parts]}:
            return str(_(" or ")).join(_part(ctx, model, part) for part in parts)
        case {"not": part}:
            return str(_("not (%(condition)s)") % {"condition": sentence(ctx, model, part)})
        case [path, operator, *rest]:
            return _leaf(ctx, model, str(path), str(operator), rest[0] if rest else None)
    return ""


def _part(ctx: "Ctx", model: type[Record], part: Any) -> str:
    words = sentence(ctx, model, part)
    return f"({words})" if isinstance(part, dict) and len(next(iter(part.values()))) > 1 else words


def _leaf(ctx: "Ctx", model: type[Record], path: str, operator: str, value: Any) -> str:
    if path == "*":
        return str(_("anything contains “%(words)s”") % {"words": value})
    head, _dot, rest = path.partition(".")
    view = facts.field_of(model, ctx, head)
    if rest:
        return f"{view.label} · {_leaf(ctx, view.target_model, rest, operator, value)}"
    return f"{view.label} {finding.OPERATORS.get(operator, operator)} {_value(ctx, view, operator, value)}".strip()


def _value(ctx: "Ctx", view: FieldView, operator: str, value: Any) -> str:
    if value is None or operator in ("empty", "filled"):
        return ""
    if operator == "within":
        return periods.name_of(str(value))
    parts = value if isinstance(value, list) else [value]
    if operator == "between":
        return " – ".join(_number(view, part) for part in parts)
    if view.target:
        known = titles(ctx, {(view.target, int(part)) for part in parts if part != "me" and str(part).isdigit()})
        return ", ".join(str(_("me")) if part == "me" else known.get((view.target, int(part)), "?") for part in parts)
    if view.kind in ("choice", "state"):
        return ", ".join(view.source.text(part) for part in parts)
    return ", ".join(_number(view, part) for part in parts)


def _number(view: FieldView, value: Any) -> str:
    """A number as the reader writes it, anything else as it is."""
    try:
        return str(view.source.text(view.source.parse(value))) if view.align == "end" else str(value)
    except ValueError:
        return str(value)
