"""Records as JSON, as far as the caller may see them, and the tags by which a version is known."""

import dataclasses
import datetime
import re
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from guanxi.kernel import facts, reading, registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Denied, Missing, Refused
from guanxi.surfaces.rest.errors import NeedsVersion

_DEEPEST = 8
_ETAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')


def exposed() -> list[type[Record]]:
    """The objects the interface knows: those people can look at."""
    return [model for model in registry.objects() if "view" in model.about.verbs]


def model_of(ctx: Ctx, slug: str) -> type[Record]:
    """The object of an address, if the caller may look at it at all."""
    model = registry.model_of(slug)
    if "view" not in model.about.verbs or registry.slug(model) != slug:
        raise Missing(_("There is no object “%(name)s”.") % {"name": slug[:80]})
    answer = ctx.may("view", model)
    if not answer:
        raise Denied(_("You may not see %(objects)s: %(reason)s") % {
            "objects": model.about.many, "reason": answer.reason})
    return model


def views_of(ctx: Ctx, model: type[Record], wanted: str = "") -> list[FieldView]:
    """The fields to be told: all of them, or those named. Unknown and hidden ones are refused alike."""
    if not wanted:
        return facts.fields(model, ctx)
    others = {"", "id", "version", *(lines.name for lines in model.line_lists)}
    return [facts.field_of(model, ctx, key) for key in dict.fromkeys(wanted.split(",")) if key not in others]


def plain(view: FieldView, value: Any) -> Any:
    """One value as JSON; files go by their name, never by their place."""
    return view.text(value) if view.kind == "file" else view.plain(value)


def record_json(record: Record, views: Iterable[FieldView]) -> dict[str, Any]:
    """A record with the fields the caller may see."""
    return {"id": record.pk, "version": record.version, **{view.key: plain(view, view.raw(record)) for view in views}}


def told(value: Any, depth: int = 0) -> Any:
    """What an action gave back, as JSON; records by object and id only."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Record):
        return {"object": value._meta.label_lower, "id": value.pk}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
    if isinstance(value, dict) and depth < _DEEPEST:
        return {str(key): told(part, depth + 1) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < _DEEPEST:
        return [told(part, depth + 1) for part in value]
    return value.isoformat() if isinstance(value, datetime.date | datetime.datetime) else str(value)


def rows_json(ctx: Ctx, rows: list[Any], views: list[FieldView], titles: bool) -> list[dict[str, Any]]:
    """Several records; with ``titles`` also what their links are called."""
    found = [record_json(row, views) for row in rows]
    if titles:
        known = reading.titles_of(ctx, rows, views)
        links = [view for view in views if view.target and not view.masked]
        for row, told in zip(rows, found, strict=True):
            told["titles"] = {view.key: known.get((view.target, view.raw(row))) for view in links
                              if view.raw(row) is not None}
    return found


def lines_json(ctx: Ctx, record: Record, wanted: str = "") -> dict[str, Any]:
    """The lines of a document, each with its id and the fields the caller may see."""
    told = {}
    for lines in record.line_lists:
        if not wanted or lines.name in wanted.split(","):
            link = lines.model.about.parent_name
            views = [view for view in facts.fields(lines.model, ctx) if view.key != link]
            told[lines.name] = [{"id": row.pk, **{view.key: plain(view, view.raw(row)) for view in views}}
                                for row in getattr(record, lines.name)]
    return told


def etag(record: Record) -> str:
    return f'"{record.version}"'


def version_wanted(request: Any, needed: bool = True) -> int | None:
    """The version the caller knows, from ``If-Match``. Without it nothing is changed."""
    given = request.headers.get("If-Match", "").strip()
    if (not given and needed) or given == "*":
        raise NeedsVersion(_("Say which version you change: If-Match with the ETag you were given."))
    match = _ETAG.fullmatch(given)
    if given and match is None:
        raise Refused(_("If-Match must be the ETag of the record."), field="If-Match")
    return int(match[1]) if match else None


def key_given(request: Any) -> str:
    """The caller's idempotency key."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > 100 or not key.isprintable():
        raise Refused(_("An idempotency key has at most 100 printable signs."), field="Idempotency-Key")
    return str(key)


def answer(data: Any, status: int = 200, *, record: Record | None = None, repeated: bool = False) -> HttpResponse:
    """An answer with the version of its record and whether it was given before."""
    response = JsonResponse(data, status=status) if status != 204 else HttpResponse(status=204)
    if record is not None:
        response["ETag"] = etag(record)
    if repeated:
        response["Idempotent-Replay"] = "true"
    return response


def as_told(ctx: Ctx, model: type[Record], pk: int) -> tuple[Record | None, dict[str, Any]]:
    """A record after it was written, as the caller may see it now; only its id where it is out of sight."""
    seen = ctx.find(model).filter(pk=pk).first()
    if seen is None:
        return None, {"id": pk}
    return seen, {**record_json(seen, facts.fields(model, ctx)), **lines_json(ctx, seen)}
