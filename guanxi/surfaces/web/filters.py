"""Filters of a list as people handle them: chips with a sentence, a menu of fields, one condition as a form."""

import dataclasses
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from guanxi.kernel import facts, finding, reading
from guanxi.kernel.facts import FieldView
from guanxi.kernel.refusal import Refused
from guanxi.language import periods
from guanxi.surfaces.web.controls import Named
from guanxi.surfaces.web.question import Question, written

#: Operators that take no value.
BARE = frozenset({"empty", "filled"})


def chips(asked: Question) -> list[dict[str, Any]]:
    """The conditions of a list, each as a sentence that can be changed or removed."""
    parts = asked.parts
    return [{"sentence": reading.sentence(asked.ctx, asked.model, part),
             "remove_url": asked.with_parts(parts[:place] + parts[place + 1:]),
             "edit_url": asked.below("filter", at=place) if _simple(part) else asked.with_parts(parts)}
            for place, part in enumerate(parts)]


def _simple(part: Any) -> bool:
    return isinstance(part, list) and len(part) in (2, 3) and part[0] != "*"


def field_menu(asked: Question, head: str = "") -> list[dict[str, str]]:
    """The fields one can filter by: the usual ones first; a link also leads to the fields of what it links to."""
    model = asked.view_of(head).target_model if head else asked.model
    usual = model.about.filter_names
    views = [view for view in facts.fields(model, asked.ctx) if view.filterable]
    views.sort(key=lambda view: (usual.index(view.key) if view.key in usual else len(usual)))
    found = [{"key": f"{head}.{view.key}" if head else view.key, "label": view.label} for view in views]
    if not head:
        found += [{"key": f"{view.key}.", "label": f"{view.label} …"} for view in views
                  if view.target and not view.masked and asked.ctx.may("view", view.target_model)]
    return found


def view_at(asked: Question, path: str) -> FieldView:
    """The field a path of at most one step leads to."""
    head, _dot, rest = path.partition(".")
    view = asked.view_of(head)
    if not rest:
        return view
    if not view.target or view.masked:
        raise Refused(_("“%(field)s” links to nothing.") % {"field": view.label}, field=head)
    return facts.field_of(view.target_model, asked.ctx, rest)


def form(asked: Question, params: QueryDict) -> dict[str, Any]:
    """The form of one condition: a new one for ``field``, or the one ``at`` a place."""
    at, path = _place(asked, params), asked_text(params, "field")
    part = asked.parts[at] if at is not None else [path, "", None]
    if not _simple(part):
        raise Refused(_("This condition cannot be changed here: remove it and make a new one."), field="f")
    path, operator = str(part[0]), str(part[1])
    value = part[2] if len(part) == 3 else None
    view = view_at(asked, path)
    if not view.filterable:
        raise Refused(_("“%(field)s” cannot be filtered by.") % {"field": view.label}, field="field")
    operator = operator or ("in" if "in" in view.ops else view.ops[0])
    return form_context(asked, view, path, at, operator, value)


def form_context(asked: Question, view: FieldView, path: str, at: int | None, operator: str, value: Any,
                 errors: tuple[str, ...] = ()) -> dict[str, Any]:
    """The variables of ``parts/filter_form.html``."""
    shown = _control(view)
    low, high = value if operator == "between" and isinstance(value, list) and len(value) == 2 else (value, "")
    if shown.kind != "tags" and isinstance(low, list):
        low = low[0] if low else ""
    words = _words(view)
    word = str(low) if (operator == "within" or low == "me") else ""
    known = reading.titles(asked.ctx, [(view.target, int(low))]) if view.target and str(low or "").isdigit() else {}
    item = Named(shown, "" if word or low is None else low, next(iter(known.values()), ""), list(errors), name="value")
    hidden = [*asked.asked().items(), ("field", path), ("apply", "1"), *([("at", at)] if at is not None else [])]
    return {
        "item": item, "operator": operator, "words": words, "word": word, "hidden": hidden,
        "operators": [(op, finding.OPERATORS[op]) for op in view.ops if op != "within"],
        "between": Named(shown, high, name="value_to") if "between" in view.ops else None,
        "word_blank": _("A certain day") if view.kind in ("day", "moment") else _("A certain person"),
        "filter_action": asked.below("filter").partition("?")[0],
    }


def _control(view: FieldView) -> FieldView:
    """The control by which a value to compare with is given."""
    kind = {"choice": "tags", "state": "tags", "flag": "choice", "moment": "day", "text": "name"}.get(view.kind, view.kind)
    kind = "name" if kind in ("email", "phone", "url", "number", "color") else kind
    choices = [("true", str(_("Yes")), ""), ("false", str(_("No")), "")] if view.kind == "flag" else view.choices
    return dataclasses.replace(view, kind=kind, choices=choices, required=False, readonly=False, help="")


def _words(view: FieldView) -> list[tuple[str, str]]:
    if "within" in view.ops:
        counted = ("last_7_days", "last_30_days", "next_7_days", "next_30_days", "older_30_days")
        return [(key, periods.name_of(key)) for key in (*periods.PERIODS, *counted)]
    return [("me", _("me"))] if view.kind == "user" else []


def apply(asked: Question, params: QueryDict) -> str:
    """The list with the condition given by the form; Refused where it makes no sense."""
    path, at = asked_text(params, "field"), _place(asked, params)
    view = view_at(asked, path)
    part = condition(view, path, params)
    finding.condition(asked.ctx, asked.model, part)
    parts = list(asked.parts)
    if at is None:
        parts.append(part)
    else:
        parts[at] = part
    return asked.url(f=written({"all": parts}))


def condition(view: FieldView, path: str, params: QueryDict) -> list[Any]:
    """One condition from the fields of the form."""
    operator, word = asked_text(params, "op"), asked_text(params, "word")
    values = [value for value in params.getlist("value") if value != ""]
    if operator in BARE:
        return [path, operator]
    if word:
        return [path, "within", word] if "within" in view.ops else [path, operator or "in", [word]]
    if operator == "between":
        return [path, operator, [values[0] if values else None, asked_text(params, "value_to") or None]]
    if not values:
        raise Refused(_("Say what to compare with."), field="value")
    return [path, operator, values if operator in ("in", "notin") else values[0]]


def asked_text(params: QueryDict, name: str) -> str:
    return str(params.get(name, ""))[: finding.MAX_TEXT].replace("\x00", "")


def _place(asked: Question, params: QueryDict) -> int | None:
    text = asked_text(params, "at")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) < len(asked.parts)):
        raise Refused(_("There is no such condition."), field="at")
    return int(text)


