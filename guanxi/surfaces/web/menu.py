"""The frame around every page: areas and objects for the rail by role, quick create, and what apps add to it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from guanxi.kernel import registry
from guanxi.kernel.records import Record
from guanxi.surfaces.web import addresses, several

if TYPE_CHECKING:
    from guanxi.kernel.api import Ctx

#: Areas in the order of the rail.
AREAS: dict[str, Any] = {
    "sales": gettext_lazy("Sales"), "work": gettext_lazy("Work"), "products": gettext_lazy("Products"),
    "marketing": gettext_lazy("Marketing"),
    "service": gettext_lazy("Service"), "orders": gettext_lazy("Orders"), "stock": gettext_lazy("Stock"),
    "money": gettext_lazy("Money"), "analysis": gettext_lazy("Analysis"), "knowledge": gettext_lazy("Knowledge"),
    "settings": gettext_lazy("Settings"),
}
DOCK_SIZE = 3
MOST_COUNTED = 100
NOTIFICATIONS = "/notifications"
CREATES = 12


@dataclass(frozen=True)
class Link:
    """A page that is no list of an object: shown in an area to those for whom ``may`` is true."""

    area: str
    label: Any
    url: str
    icon: str
    may: Callable[["Ctx"], Any]
    place: int = 100


_links: list[Link] = []
_counts: dict[str, Callable[["Ctx"], QuerySet[Any] | None]] = {}
_parts: list[Callable[[Any], dict[str, Any]]] = []


def add_link(area: str, label: Any, url: str, icon: str, may: Callable[["Ctx"], Any], place: int = 100) -> None:
    """Called once at start by whoever brings a page of its own."""
    link = Link(area, label, url, icon, may, place)
    if link.url not in {known.url for known in _links}:
        _links.append(link)


def add_count(url: str, waiting: Callable[["Ctx"], QuerySet[Any] | None]) -> None:
    """Called once at start: what waits behind an address, as far as rights, settings and the day decide. All that waits
    is counted together."""
    _counts[url] = waiting


def add_part(part: Callable[[Any], dict[str, Any]]) -> None:
    """Called once at start: ``part(request)`` gives more variables of the frame, such as unread, todo, organisation."""
    if part not in _parts:
        _parts.append(part)


def shell(request: Any) -> dict[str, Any]:
    """Everything ``web/base.html`` shows around a page. ``here`` are the addresses of the rail that lead to this page."""
    ctx, user = request.ctx, request.user
    areas = areas_of(request)
    items = [item for area in areas for item in area["items"]]
    frame: dict[str, Any] = {
        "areas": areas, "creates": creates_of(ctx), "dock": kept(ctx, "dock", lambda: dock_of(areas)),
        "here": [item["url"] for item in items if _leads(item["url"], request.path)],
        "counts": counts_of(ctx),
        "unread": 0, "todo": 0, "todo_url": "/", "view_as": None, "health": [], "organisation": "", "links": [],
        "languages": [{"code": code, "label": _native(code), "active": code == get_language()}
                      for code, _name in settings.LANGUAGES],
        "user_name": str(user), "user_email": getattr(user, "email", ""), "logout_url": reverse("account_logout"),
    }
    frame["unread"] = frame["counts"].get(NOTIFICATIONS, 0)
    for part in _parts:
        frame |= part(request)
    return frame


def counts_of(ctx: "Ctx") -> dict[str, int]:
    """How much waits, by address, each up to a hundred: one query."""
    def make() -> dict[str, several.Part | None]:
        asked = {url: waiting(ctx) for url, waiting in _counts.items()}
        return {url: several.Part.counting(rows, MOST_COUNTED - 1) for url, rows in asked.items() if rows is not None}

    parts: dict[str, several.Part | None] = kept(ctx, ("counts", timezone.localdate()), make)
    return dict(zip(parts, several.counts(list(parts.values()), 0), strict=True))


def dock_of(areas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a thumb reaches on a phone: the first list of all, then what people move from stage to stage and day to day."""
    items = [item for area in areas if area["key"] != "settings" for item in area["items"]]
    daily = {addresses.list_url(model) for model in registry.objects()
             if model.about.area and None not in (model.about.board, model.about.calendar, model.about.amount)}
    first = [area["items"][0] for area in areas[:1]]
    moved = [next((item for item in area["items"] if item["url"] in daily), None) for area in areas]
    wanted = [*first, *(item for item in moved if item is not None), *items]
    return list({item["url"]: item for item in wanted}.values())[:DOCK_SIZE]


def _native(code: str) -> str:
    return {"en": "English", "zh-hans": "简体中文", "zh-hant": "繁體中文"}.get(code, code)


def objects_of(ctx: "Ctx") -> list[type[Record]]:
    """The objects with pages that the actor may look at."""
    return [model for model in registry.objects() if "view" in model.about.verbs and ctx.may("view", model)]


def kept(ctx: "Ctx", name: Hashable, make: Callable[[], Any]) -> Any:
    """What a person's rights and language decide: worked out once, until a right or setting changes."""
    return ctx.remembered((name, ctx.user_id, ctx.real_user_id, get_language()), make)


def areas_of(request: Any) -> list[dict[str, Any]]:
    """The rail: areas in order, each with the objects and pages this person may use; empty ones are left out."""
    found: list[dict[str, Any]] = kept(request.ctx, "areas", lambda: _areas(request.ctx))
    return found


def _areas(ctx: "Ctx") -> list[dict[str, Any]]:
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for place, model in enumerate(model for model in objects_of(ctx) if _in_rail(ctx, model)):
        item = _item(str(model.about.many), addresses.list_url(model), model.about.icon)
        found.setdefault(model.about.area, []).append((place, item))
    for link in _links:
        if link.may(ctx):
            found.setdefault(link.area, []).append((link.place, _item(str(link.label), link.url, link.icon)))
    order = [*AREAS, *(area for area in found if area not in AREAS)]
    return [{"key": area, "label": str(AREAS.get(area, area.capitalize())),
             "items": [item for _place, item in sorted(found[area], key=lambda pair: pair[0])]}
            for area in order if area in found]


def _in_rail(ctx: "Ctx", model: type[Record]) -> bool:
    """Settings stand in the rail only of those who may change something there."""
    return bool(model.about.area) and (model.about.area != "settings" or any(
        verb in model.about.verbs and ctx.may(verb, model) for verb in ("create", "update")))


def _item(label: str, url: str, icon: str) -> dict[str, Any]:
    return {"label": label[:1].upper() + label[1:], "url": url, "icon": icon}


def _leads(url: str, here: str) -> bool:
    return here == url or here.startswith(url if url.endswith("/") else f"{url}/")


def creates_of(ctx: "Ctx") -> list[dict[str, Any]]:
    """Quick create: the everyday objects the actor may create, settings left out."""
    found: list[dict[str, Any]] = kept(ctx, "creates", lambda: [] if ctx.read_only else _creates(ctx))
    return found


def _creates(ctx: "Ctx") -> list[dict[str, Any]]:
    models = [model for model in objects_of(ctx)
              if model.about.area not in ("", "settings") and "create" in model.about.verbs and ctx.may("create", model)]
    return [{"label": _("New %(one)s") % {"one": model.about.one}, "url": addresses.new_url(model),
             "icon": model.about.icon} for model in models[:CREATES]]


def help_of(model: type[Record]) -> str:
    """What an object is for: its docstring, in the reader's language."""
    words = " ".join((model.__doc__ or "").split())
    return _(words) if words else ""
