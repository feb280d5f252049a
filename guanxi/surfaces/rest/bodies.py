"""Bodies of requests: JSON of bounded size and depth, and values of the type their field wants."""

import json
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel import facts
from guanxi.kernel import fields as f
from guanxi.kernel.api import Ctx
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Refused
from guanxi.language.text import UNSTORABLE
from guanxi.surfaces.rest.errors import TooLarge, WrongType

MAX_BYTES = 5 * 2**20
MAX_DEPTH = 20
_NUMBERS = ("integer", "decimal", "money", "percent")


def read(request: Any) -> dict[str, Any]:
    """The JSON object in the body; no body is an empty one. Anything but JSON is refused."""
    if not (request.META.get("CONTENT_LENGTH") or "0").isdecimal():
        raise Refused(_("The length of the request is not a number."), field="Content-Length")
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        raise TooLarge(_("The request is larger than %(size)s MB.") % {"size": MAX_BYTES // 2**20})
    if not request.META.get("CONTENT_LENGTH") or request.META["CONTENT_LENGTH"] == "0":
        return {}
    if request.content_type != "application/json":
        raise WrongType(_("Send the body as application/json."))
    if len(request.body) > MAX_BYTES:
        raise TooLarge(_("The request is larger than %(size)s MB.") % {"size": MAX_BYTES // 2**20})
    found = parse(request.body, "body")
    if not isinstance(found, dict):
        raise Refused(_("The body must be a JSON object."), field="body")
    return found


def parse(text: str | bytes, field: str) -> Any:
    """JSON with bounds: no endless nesting, no numbers that are none, no signs that no database can hold."""
    try:
        found = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused(_("This is not JSON: %(why)s") % {"why": str(error)[:100]}, field=field) from error
    _inspect(found, field, 1)
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _inspect(value: Any, path: str, depth: int) -> None:
    """Refuse what is nested too deeply, and texts with signs that cannot be stored."""
    if depth > MAX_DEPTH:
        raise Refused(_("The JSON is nested more than %(count)s levels deep.") % {"count": MAX_DEPTH}, field=path[:200])
    if isinstance(value, str) and UNSTORABLE.search(value):
        raise Refused(_("This text holds a sign that cannot be stored."), field=path[:200])
    parts: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        parts = value.items()
        for key in value:
            _inspect(key, path, depth)
    elif isinstance(value, list):
        parts = enumerate(value)
    for key, part in parts:
        _inspect(part, str(key) if path == "body" else f"{path}.{key}", depth + 1)


def known(given: dict[str, Any], *allowed: str) -> None:
    """Refuse members that the request does not have."""
    errors = {key: [_("Unknown member “%(key)s”.") % {"key": key[:60]}] for key in given if key not in allowed}
    if errors:
        raise Refused(errors=errors)


def member(given: dict[str, Any], key: str, kind: type, default: Any = None) -> Any:
    """One member of a given JSON type; without default it is needed."""
    if key not in given:
        if default is None:
            raise Refused(_("This field is needed."), field=key)
        return default
    if not isinstance(given[key], kind) or (kind is int and isinstance(given[key], bool)):
        names = {dict: _("an object"), list: _("a list"), int: _("a whole number"), str: _("a text"), bool: _("yes or no")}
        raise Refused(_("“%(key)s” must be %(kind)s.") % {"key": key, "kind": names[kind]}, field=key)
    return given[key]


def check(ctx: Ctx, model: type[Record], given: dict[str, Any]) -> None:
    """Refuse values of a JSON type that no field of the object, or of its lines, can mean."""
    check_types(facts.fields(model, ctx), given)
    for lines in model.line_lists:
        rows = given.get(lines.name)
        if lines.name in given and not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
            raise Refused(_("“%(field)s” must be %(kind)s.") % {
                "field": lines.verbose_name, "kind": _("a list of objects")}, field=lines.name)
        for number, row in enumerate(rows or (), 1):
            try:
                check_types(facts.fields(lines.model, ctx), row)
                member(row, "id", int, 0)
            except Refused as refusal:
                errors = refusal.errors or {refusal.field or "": [refusal.reason]}
                raise Refused(refusal.reason, errors={
                    f"{lines.name}.{number}.{key}": texts for key, texts in errors.items()}) from refusal


def check_types(views: Iterable[FieldView], given: dict[str, Any]) -> None:
    """Refuse values of a JSON type that their field cannot mean; what remains is for the field to parse."""
    by_key = {view.key: view for view in views}
    errors = {}
    for key, value in given.items():
        view = by_key.get(key)
        if view is not None and value is not None and (wanted := _misfit(view, value)):
            errors[key] = [_("“%(field)s” must be %(kind)s.") % {"field": view.label, "kind": wanted}]
    if errors:
        raise Refused(errors=errors)


def _misfit(view: FieldView, value: Any) -> str:
    """What the field wants where the value is of another JSON type; empty where it fits."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if view.kind == "links":
        whole = all(isinstance(one, int | str) and not isinstance(one, bool) for one in value) \
            if isinstance(value, list) else False
        return "" if whole else _("a list of ids")
    if view.target:
        return "" if isinstance(value, int | str) and not isinstance(value, bool) else _("an id")
    if view.kind == "tags":
        return "" if isinstance(value, str) or (
            isinstance(value, list) and all(isinstance(one, str) for one in value)) else _("a list of texts")
    if view.kind == "flag":
        return "" if isinstance(value, bool | str) or (number and value in (0, 1)) else _("true or false")
    if view.kind in _NUMBERS:
        return "" if number or isinstance(value, str) else _("a number")
    if isinstance(view.source, f.Json):
        return "" if view.model is not None and _is_input(view) else _("left out: only the product itself writes it")
    return "" if isinstance(value, str) or number else _("a text")


def _is_input(view: FieldView) -> bool:
    """An input of an action, not a stored field: the action itself checks what it is given."""
    return view.source not in view.model._meta.concrete_fields
