"""The notification centre: what people should notice, told at reading time and only as far as they may see it."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _

from guanxi.common import past, talk
from guanxi.common.talk import Notification
from guanxi.kernel import reading, registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.refusal import Missing
from guanxi.surfaces.web import addresses, base, menu
from guanxi.surfaces.web.base import PageRequest, page

LIMIT, IN_MENU = 30, 8
ICONS = {"mention": "at", "comment": "message", "assigned": "user-share", "changed": "pencil", "reminder": "bell",
         "done": "circle-check", "system": "info-circle"}


@page(methods=("GET",))
def index(request: PageRequest) -> HttpResponse:
    """Notifications as page, and the newest of them as menu."""
    ctx, kind = request.ctx, base.param(request, "kind")
    kind = kind if kind in Notification.Kind.values else ""
    in_menu = base.is_fragment(request) and "kind" not in request.GET and "before" not in request.GET
    limit = IN_MENU if in_menu else LIMIT
    rows = past.notices(ctx, kind=kind, before=base.number(request, "before"), limit=limit + 1)
    waiting = past.unread_kinds(ctx)
    earlier = addresses.with_query("/notifications", kind=kind, before=rows[limit - 1].pk) if len(rows) > limit else ""
    context = {
        "notices": told(ctx, rows[:limit]), "kinds": _kinds(kind, waiting), "kind": kind,
        "read_all_url": addresses.with_query("/notifications/read", kind=kind) if waiting and not ctx.read_only else "",
        "next_url": earlier}
    return base.render(request, "web/notifications.html", context)


def _kinds(chosen: str, waiting: dict[str, int]) -> list[dict[str, Any]]:
    """A tab for each kind, with how many of it wait."""
    tabs = [{"label": _("All"), "url": "/notifications", "active": not chosen, "count": sum(waiting.values())}]
    return tabs + [{"label": KINDS[kind.value](), "url": addresses.with_query("/notifications", kind=kind.value),
                    "active": chosen == kind.value, "count": waiting.get(kind.value, 0)} for kind in Notification.Kind]


KINDS: dict[str, Any] = {
    "mention": lambda: _("Mentions"), "comment": lambda: _("Comments"), "assigned": lambda: _("Assigned"),
    "changed": lambda: _("Changes"), "reminder": lambda: _("Reminders"), "done": lambda: _("Finished"),
    "system": lambda: _("System"),
}


def told(ctx: Ctx, rows: list[Notification]) -> list[dict[str, Any]]:
    """Notifications in words. Several of one kind about one record that follow each other are one line."""
    people = ctx.user._meta.label_lower
    known = reading.titles(ctx, {(row.object_type, row.object_id) for row in rows if row.object_type and row.object_id}
                           | {(people, row.actor_id) for row in rows if row.actor_id})
    found: list[dict[str, Any]] = []
    for row in rows:
        last = found[-1] if found else None
        same = last is not None and last["same"] == (row.kind, row.object_type, row.object_id, row.read_at is None)
        if same and last is not None and row.kind in ("comment", "changed", "mention") and row.object_id:
            last["count"] += 1
            last["ids"].append(row.pk)
            also = ",".join(map(str, last["ids"]))
            last["open_url"] = addresses.with_query(f"/notifications/{last['pk']}/open", also=also)
            continue
        found.append(_told(row, known, people))
    return found


def _told(row: Notification, known: reading.Titles, people: str) -> dict[str, Any]:
    title = known.get((row.object_type, row.object_id or 0), "")
    actor = known.get((people, row.actor_id or 0), "")
    hidden = bool(row.object_id) and not title
    # What somebody may no longer see is not told either: neither its title nor the words written about it.
    words = _("A record you may no longer see") if hidden else title
    label = str(Notification.Kind(row.kind).label)
    head = _("%(person)s %(what)s: %(record)s") % {"person": actor, "what": label, "record": words} if actor else (
        _("%(what)s: %(record)s") % {"what": label.capitalize(), "record": words} if words else "")
    note = "" if hidden else row.note
    url = addresses.record_url(registry.model_of(row.object_type), row.object_id) if title else "/notifications"
    return {
        "pk": row.pk, "title": head or note or label.capitalize(), "body": note if head else "", "url": url,
        "open_url": f"/notifications/{row.pk}/open", "moment": row.at, "unread": row.read_at is None, "late": row.late,
        "icon": ICONS.get(row.kind, "bell"), "count": 1, "ids": [row.pk],
        "same": (row.kind, row.object_type, row.object_id, row.read_at is None)}


@page
def open_one(request: PageRequest, pk: int) -> HttpResponse:
    """On to what a notification is about; posted, it is read from then on."""
    ctx = request.ctx
    row = next(iter(past.notices(ctx, before=pk + 1, limit=1)), None)
    if row is None or row.pk != pk:
        raise Missing(_("There is no such notification."))
    url = told(ctx, [row])[0]["url"]
    if request.method != "POST":
        return HttpResponseRedirect(url)
    also = [int(part) for part in base.param(request, "also").split(",") if part.isascii() and part.isdigit()][:100]
    if not ctx.read_only:
        past.read_notices(ctx, [pk, *also])
    if base.is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


@page(methods=("POST",))
def read(request: PageRequest) -> HttpResponse:
    """Mark all as read, or all of one kind."""
    ctx, kind = request.ctx, base.param(request, "kind")
    ids = [row.pk for row in past.notices(ctx, kind=kind, limit=1000)] if kind else None
    past.read_notices(ctx, ids)
    return base.done(request, _("Marked as read."))


@page(methods=("GET",))
def count(request: PageRequest) -> HttpResponse:
    """The number at the bell, asked for again and again."""
    return render_template(request, "web/parts/unread.html", {"unread": talk.unread(request.ctx)})


menu.add_count(menu.NOTIFICATIONS, talk.unread_rows)
