"""The past: every change of a record with its fields restored one by one, and the whole log for auditors."""

import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.common import past
from guanxi.kernel import actions, door, entries, facts, policy, reading, registry
from guanxi.kernel import fields as f
from guanxi.kernel.api import Ctx, Entry, Refused
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Denied, Missing
from guanxi.surfaces.web import addresses, base, cells, menu
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.told import VERBS, reason, tell
from guanxi.surfaces.web.views.records import once_key
from guanxi.surfaces.web.views.timeline import MENTION

LIMIT = 50


@page(methods=("GET",))
def record_history(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """Every change of a record's fields, newest first; each older value can be put back."""
    ctx, model = request.ctx, base.model_or_missing(request, slug)
    record = ctx.get(model, pk)
    key = base.param(request, "field")
    rows = past.entries_of(record, base.number(request, "before"), LIMIT + 1)
    may_restore = "update" in model.about.verbs and not ctx.read_only and bool(ctx.may("update", record))
    told = _told(ctx, rows[:LIMIT], {object_name(model): model})
    for row in told:
        row["changes"] = [change for change in row["changes"] if not key or change["key"] == key]
        for change in row["changes"]:
            change["can_restore"] = may_restore and row["word"] != "create" and change["editable"]
    views = [view for view in facts.fields(model, ctx) if not view.masked and view.kind not in cells.UNSHOWN]
    return base.render(request, "web/history.html", {
        "title": _("History of “%(record)s”") % {"record": record}, "record": record, "field": key,
        "object": base.about_object(request, model), "record_url": addresses.record_url(model, pk),
        "fields": views, "rows": [row for row in told if row["changes"] or not key],
        "restore_url": f"/history/{slug}/{pk}/restore", "once": once_key(), "version": record.version,
        "next_url": addresses.with_query(f"/history/{slug}/{pk}", field=key, before=rows[LIMIT - 1].pk)
        if len(rows) > LIMIT else ""})


@page(methods=("POST",))
def restore(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """Put back what a field held before one of its changes."""
    ctx, model = request.ctx, base.model_or_missing(request, slug)
    record = ctx.get(model, pk)
    key, number = request.POST.get("field", ""), request.POST.get("entry", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Missing(_("There is no such change."))
    entry = next(iter(past.entries_of(record, int(number) + 1, 1)), None)
    change = next((one for one in past.changes_of(ctx, entry, model) if one.view.key == key), None) if entry else None
    if entry is None or entry.pk != int(number) or change is None:
        raise Missing(_("There is no such change."))
    if not cells.is_editable(change.view):
        raise Denied(_("“%(field)s” cannot be changed.") % {"field": change.view.label}, field=key, record=record)
    value = change.old if change.view.target or change.old is None else change.view.source.plain(change.old)
    given = {key: "" if value is None else value}
    outcome = door.run(ctx, actions.verb_of(model, "update"), record, given, key=base.once(request))
    if outcome.asked:
        return base.sent(request, record, outcome.asked[0])
    return base.done(request, _("“%(field)s” of “%(record)s” is as it was before.") % {
        "field": change.view.label, "record": record})


def _told(ctx: Ctx, rows: list[Entry], models: dict[str, Any]) -> list[dict[str, Any]]:
    """Entries in words, titles of links and people looked up together."""
    people = get_user_model()._meta.label_lower
    by_entry = {row.pk: past.changes_of(ctx, row, models[row.object_type]) if models.get(row.object_type) else []
                for row in rows}
    wanted = {(people, pk) for row in rows for pk in (row.actor_id, row.real_actor_id) if pk}
    for changes in by_entry.values():
        for change in changes:
            wanted |= change.links()
        wanted |= {(people, int(pk)) for change in changes if change.view.kind == "text"
                   for pk in MENTION.findall(str(change.new))}
    known = reading.titles(ctx, wanted)
    return [_row(ctx, row, by_entry[row.pk], known, people, models.get(row.object_type)) for row in rows]


def _row(ctx: Ctx, row: Entry, changes: list[past.Change], known: reading.Titles, people: str,
         model: type[Record] | None) -> dict[str, Any]:
    title = "" if model is not None and policy.title_withheld(ctx, model) else _named(row.title, known, people)
    what, icon = tell(model, row.word) if model is not None else (row.word, "history")
    return {
        "pk": row.pk, "at": row.at, "who": known.get((people, row.actor_id or 0), "" if row.actor_id else _("The system")),
        "for": known.get((people, row.real_actor_id or 0), ""), "what": what, "icon": icon, "word": row.word,
        "via": str(_VIA.get(row.via, row.via)), "client": row.client, "reason": reason(row.reason), "verb": row.verb,
        "title": title, "trace": row.trace, "object": str(model.about.one) if model is not None else row.object_type,
        "changes": [{"key": change.view.key, "label": change.view.label, "old": _words(change, change.old, known, people),
                     "new": _words(change, change.new, known, people), "editable": cells.is_editable(change.view)}
                    for change in changes]}


def _words(change: past.Change, value: Any, known: reading.Titles, people: str) -> str:
    """A value of the account: objects by their names, mentioned people by theirs."""
    words = change.words(value, known)
    if change.view.key == "object_type" and words:
        return next((str(model.about.one) for model in registry.objects() if object_name(model) == words), words)
    return _named(words, known, people)


def _named(words: str, known: reading.Titles, people: str) -> str:
    """Mentioned people by their names."""
    return MENTION.sub(lambda found: f"@{known.get((people, int(found[1])), '…')}", words)


_VIA = {
    "page": gettext_lazy("form"), "api": gettext_lazy("API"), "import": gettext_lazy("import"),
    "job": gettext_lazy("background work"), "command": gettext_lazy("command line"), "rule": gettext_lazy("rule"),
}


# the whole account -------------------------------------------------------------------------------


@page(methods=("GET",))
def audit(request: PageRequest) -> HttpResponse:
    """The whole log: who did what to which record, when and from where; and whether its seals hold."""
    ctx = request.ctx
    name = base.param(request, "object")
    given = {"actor": base.number(request, "actor"), "name": name, "pk": base.number(request, "record"),
             "verb": base.param(request, "verb"), "since": _day(request, "since", 0), "until": _day(request, "until", 1)}
    rows = past.account(ctx, **given, before=base.number(request, "before"), limit=LIMIT + 1)  # type: ignore[arg-type]
    models = {object_name(model): model for model in registry.objects()}
    told = _told(ctx, rows[:LIMIT], models)
    kept = {key: base.param(request, key) for key in ("actor", "object", "record", "verb", "since", "until")}
    person = _person_item(ctx, kept["actor"])
    return base.render(request, "web/audit.html", {
        "title": _("Audit log"), "rows": told, "asked": kept, "person": person,
        "verbs": [(code, label) for code, (label, _icon) in VERBS.items()],
        "objects": sorted(((key, str(model.about.many)) for key, model in models.items()), key=lambda pair: pair[1]),
        "check": _check(request), "check_url": addresses.with_query("/audit", check=1),
        "next_url": addresses.with_query("/audit", **kept, before=rows[LIMIT - 1].pk) if len(rows) > LIMIT else ""})


def _person_item(ctx: Ctx, chosen: str) -> cells.Item:
    """The picker of a person."""
    source = f.Link(get_user_model(), _("Person"), null=True)
    source.set_attributes_from_name("actor")
    target = get_user_model()._meta.label_lower
    view = facts.FieldView(key="actor", label=_("Person"), kind="user", source=source, target=target)
    return cells.item(view, chosen, cells.titles_for(ctx, [(view, chosen)]))


def _check(request: PageRequest) -> dict[str, Any] | None:
    """The chain of seals, checked from its beginning when asked for."""
    if request.GET.get("check") != "1":
        return None
    broken = entries.broken_at()
    return {"whole": broken is None, "broken_at": broken}


def _day(request: PageRequest, name: str, later: int) -> datetime.datetime | None:
    text = base.param(request, name)
    if not text:
        return None
    try:
        day = f.Day().parse(text) + datetime.timedelta(days=later)
    except ValueError as error:
        raise Refused(str(error), field=name) from error
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


menu.add_link("settings", gettext_lazy("Audit log"), "/audit", "list-search", past.may_audit, 900)
