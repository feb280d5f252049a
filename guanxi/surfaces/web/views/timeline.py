"""The timeline of a record: comments, files, field changes and activities in one stream, newest first, page by page."""

import datetime
import re
from collections import deque
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render as render_template
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from guanxi.common import past, talk
from guanxi.common.talk import Attachment
from guanxi.kernel import facts, reading, registry
from guanxi.kernel.api import Ctx, Entry, Refused
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Denied
from guanxi.surfaces.web import addresses, base, menu, panels, several, summary
from guanxi.surfaces.web.base import PageRequest, page
from guanxi.surfaces.web.told import tell
from guanxi.surfaces.web.views import related
from guanxi.surfaces.web.views.files import file_row, file_url

LIMIT = 20
MENTION = re.compile(r"@\[(\d{1,12})\]")
#: Fields by which a piece of work belongs to a record of any object.
_SUBJECT = frozenset({"subject_type", "subject_id"})
_SHOWS = ("", "talk", "activities", "changes", "files")


@dataclass
class Event:
    """One thing in the stream, before it is put into words."""

    at: datetime.datetime
    source: str
    pk: int
    who: int | None
    what: Any = None


def stream(ctx: Ctx, record: Record, params: QueryDict, files: list[Attachment] | None = None) -> dict[str, Any]:
    """The variables of ``web/panels/timeline.html``: a page of events from the marks in the address on.

    ``files`` are all files of the record, where the page has read them anyway.
    """
    show = params.get("show", "")
    if show not in _SHOWS:
        raise Refused(_("The timeline cannot show “%(show)s”.") % {"show": show[:20]}, field="show")
    wanted = {"": ("e", "c", "n", "a"), "talk": ("c",), "changes": ("e",), "files": ("n",), "activities": ("a",)}[show]
    marks = {name: _mark(params, name) for name in wanted}
    activities = Activities.of(ctx, type(record)) if "a" in wanted else None
    sources: list[list[Event]] = []
    if "e" in wanted:
        sources.append([Event(row.at, "e", row.pk, row.actor_id, row)
                        for row in past.entries_of(record, marks["e"], LIMIT + 1)])
    if "c" in wanted:
        sources.append([Event(row.created_at, "c", row.pk, row.created_by_id, row)
                        for row in past.comments_of(record, marks["c"], LIMIT + 1)])
    if "n" in wanted:
        loose = past.files_of(ctx, record, marks["n"], LIMIT + 1) if files is None else [
            row for row in files if row.comment_id is None and (marks["n"] is None or row.pk < marks["n"])][: LIMIT + 1]
        sources.append([Event(row.created_at, "n", row.pk, row.created_by_id, row) for row in loose])
    if activities is not None:
        sources.append(activities.events(ctx, record.pk, params.get("at", ""), _mark(params, "place") or 0, marks["a"]))
    found = _merged(sources)
    shown, more = found[:LIMIT], len(found) > LIMIT
    later = _next_marks(record, show, shown, params) if more else ""
    return {
        "events": Told(ctx, record, activities, files).all(shown), "events_next_url": later,
        "timeline_filters": [{"label": label, "active": key == show, "url": addresses.with_query(
            addresses.record_url(type(record), record.pk), show=key, list=params.get("list", ""))}
            for key, label in zip(_SHOWS, (_("All"), _("Talk"), _("Activities"), _("Changes"), _("Files")), strict=True)]}


def _merged(sources: list[list[Event]]) -> list[Event]:
    """The sources as one stream; each keeps its own order, so that its mark never skips anything."""
    queues = [deque(source) for source in sources if source]
    found: list[Event] = []
    while queues and len(found) <= LIMIT:
        first = max(queues, key=lambda queue: queue[0].at)
        found.append(first.popleft())
        queues = [queue for queue in queues if queue]
    return found


def _mark(params: QueryDict, name: str) -> int | None:
    value = params.get(name, "")
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise Refused(_("The page mark does not fit this timeline: start again from the top."), field=name)
    return int(value)


def _next_marks(record: Record, show: str, shown: list[Event], params: QueryDict) -> str:
    """Where the next page begins: for each source behind the last one shown, so that nothing repeats or is missed."""
    marks: dict[str, Any] = {name: params.get(name, "") for name in ("e", "c", "n", "a", "at", "place")}
    for event in shown:
        marks[event.source] = event.pk
        if event.source == "a":
            marks |= {"at": event.at.isoformat(), "place": event.what["place"]}
    url = f"{addresses.record_url(type(record), record.pk)}/timeline"
    return addresses.with_query(url, show=show, list=params.get("list", ""), **marks)


class Activities:
    """What happened below a record: calls, visits, tasks — every visible piece of daily work that names it."""

    def __init__(self, ctx: Ctx, model: type[Record]) -> None:
        self.kinds = _kinds(ctx, model)
        self.plans = [summary.Plan.of(other, ctx) for other, _linked in self.kinds]
        self.words = [_words_of(other, ctx) for other, _linked in self.kinds]
        self.newest = [several.Part.of(self._part(ctx, number)) for number in range(len(self.kinds))]

    @classmethod
    def of(cls, ctx: Ctx, model: type[Record]) -> "Activities":
        """The same for every record of an object; ``several.HERE`` stands for the one asked about."""
        found: Activities = menu.kept(ctx, ("activities", model, timezone.localdate()), lambda: cls(ctx, model))
        return found

    def events(self, ctx: Ctx, here: int, at: str, place: int, pk: int | None) -> list[Event]:
        """The newest activities behind a mark, all objects in one query."""
        parts, before = self.newest, _instant(at) if at else None
        if before is not None and pk is not None:
            parts = [several.Part.of(self._part(ctx, number, before, place, pk)) for number in range(len(self.kinds))]
        rows = several.rows(parts, here)
        found = [Event(_instant(values[-2]), "a", values[0], values[-1], {"place": number, "row": values})
                 for number, group in enumerate(rows) for values in group]
        return sorted(found, key=lambda event: (event.at, -event.what["place"], event.pk), reverse=True)

    def _part(self, ctx: Ctx, number: int, before: datetime.datetime | None = None, place: int = 0,
              pk: int | None = None) -> QuerySet[Any]:
        model, linked = self.kinds[number]
        found = ctx.find(model).filter(linked)
        if before is not None and pk is not None:
            same = Q(created_at=before, pk__lt=pk) if number == place else Q(created_at=before) if number > place else Q()
            found = found.filter(Q(created_at__lt=before) | same) if same else found.filter(created_at__lt=before)
        texts: list[Any] = [part for view in self.words[number] for part in (Value("\n"), F(view.attname))]
        words = Concat(Value(""), *texts, output_field=TextField()) if texts else Value("", TextField())
        columns = self.plans[number].columns(found.order_by("-created_at", "-pk")).annotate(
            card_words=words, card_at=Cast(F("created_at"), CharField()))
        return columns.values_list(*summary.COLUMNS, "card_words", "card_at", "created_by_id")[: LIMIT + 1]


def _kinds(ctx: Ctx, model: type[Record]) -> list[tuple[type[Record], Q]]:
    """The objects of daily work the actor may see, each with how it names a record."""
    kinds: dict[type[Record], Q] = {}
    for other in registry.objects():
        if not related.is_activity(other) or not ctx.may("view", other):
            continue
        known = {view.key for view in facts.fields(other, ctx)}
        if known >= _SUBJECT:
            kinds[other] = Q(subject_type=object_name(model), subject_id=several.HERE)
        for linking, source in registry.links_to(model):
            if linking is other and source.name in known:
                kinds[other] = kinds.get(other, Q()) | Q(**{source.name: several.HERE})
    return list(kinds.items())


def _words_of(model: type[Record], ctx: Ctx) -> list[FieldView]:
    """The texts that tell what was planned and what came of it: the first long ones of the form."""
    names = model.about.form_names
    views = [view for view in facts.fields(model, ctx) if view.kind == "text" and not view.custom and not view.masked]
    return sorted((view for view in views if view.key in names), key=lambda view: names.index(view.key))[:2]


def _instant(text: Any) -> datetime.datetime:
    try:
        found = datetime.datetime.fromisoformat(str(text))
    except ValueError as error:
        raise Refused(_("The page mark does not fit this timeline: start again from the top."), field="at") from error
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


class Told:
    """Events put into words, with the titles of everything they name looked up together."""

    def __init__(self, ctx: Ctx, record: Record, activities: Activities | None, files: list[Attachment] | None) -> None:
        self.ctx, self.record, self.activities, self.all_files = ctx, record, activities, files
        self.people = get_user_model()._meta.label_lower
        self.changes: dict[int, list[past.Change]] = {}
        self.files: dict[int, list[Attachment]] = {}
        self.known: reading.Titles = {}

    def all(self, events: list[Event]) -> list[dict[str, Any]]:
        comments = [event.what for event in events if event.source == "c"]
        self.files = self._files_with(comments)
        self.known = reading.titles(self.ctx, self._named(events, comments))
        found, day = [], None
        for event in events:
            made = getattr(self, f"_{event.source}")(event)
            if made is None:
                continue
            today = timezone.localtime(event.at).date()
            made |= {"moment": event.at, "who": self.name(event.who), "day_text": _day(today) if today != day else ""}
            found.append(made)
            day = today
        return found

    def _files_with(self, comments: list[Any]) -> dict[int, list[Attachment]]:
        if self.all_files is None:
            return past.files_with(comments) if comments else {}
        found: dict[int, list[Attachment]] = {}
        for row in reversed(self.all_files):
            found.setdefault(row.comment_id or 0, []).append(row)
        return found

    def _named(self, events: list[Event], comments: list[Any]) -> set[tuple[str, int]]:
        wanted = {(self.people, event.who) for event in events if event.who}
        for event in events:
            if event.source == "e":
                made = past.changes_of(self.ctx, event.what, type(self.record)) if event.what.word != "create" else []
                self.changes[event.pk] = made
                for change in made:
                    wanted |= change.links()
            elif event.source == "a" and self.activities is not None:
                row = event.what["row"]
                wanted |= {(view.target, int(row[place]))
                           for place, view in self.activities.plans[event.what["place"]].links if row[place]}
        wanted |= {(self.people, int(pk)) for row in comments for pk in MENTION.findall(row.text)}
        return wanted

    def name(self, pk: int | None) -> str:
        return self.known.get((self.people, pk), _("Somebody")) if pk else _("The system")

    def _e(self, event: Event) -> dict[str, Any] | None:
        entry: Entry = event.what
        changes = [{"label": change.view.label, "old": change.words(change.old, self.known),
                    "new": change.words(change.new, self.known)} for change in self.changes[event.pk]]
        what, icon = tell(type(self.record), entry.word)
        if entry.word == "update" and not changes:
            return None
        return {"what": what, "icon": icon, "minor": True, "changes": changes, "body": ""}  # reasons stand in the audit

    def _c(self, event: Event) -> dict[str, Any]:
        row = event.what
        return {"what": "", "icon": "message", "body": with_mentions(row.text, lambda pk: self.name(pk)),
                "files": [file_row(one) for one in self.files.get(row.pk, [])]}

    def _n(self, event: Event) -> dict[str, Any]:
        return {"what": _("added a file"), "icon": "paperclip", "files": [file_row(event.what)]}

    def _a(self, event: Event) -> dict[str, Any]:
        assert self.activities is not None
        place, row = event.what["place"], event.what["row"]
        plan = self.activities.plans[place]
        told = plan.row(row[:-3], self.known)
        body = (row[-3] or "").strip()
        same = body.strip() == told["title"].strip()
        what = f"{plan.model.about.one}{' · ' + told['badge']['text'] if told['badge'] else ''}"
        return {"what": what, "icon": plan.model.about.icon, "title": told["title"], "url": told["url"],
                "body": "" if same else body, "when": told["when"], "amount": told["amount"]}


def with_mentions(text: str, name: Any) -> SafeString:
    """The text of a comment, safe, with mentioned people by their names."""
    parts = MENTION.split(text)
    told = (format_html('<span class="mention">@{}</span>', name(int(part))) if place % 2 else part
            for place, part in enumerate(parts))
    return format_html_join("", "{}", ((part,) for part in told))


def _day(day: datetime.date) -> str:
    today = timezone.localdate()
    if day == today:
        return _("Today")
    if day == today - datetime.timedelta(days=1):
        return _("Yesterday")
    return day.isoformat()


# the composer --------------------------------------------------------------------------------------


def composer(ctx: Ctx, record: Record, key: str, errors: list[str] | None = None) -> dict[str, Any] | None:
    """What one may log with a record: a comment always, and what an app lets one log."""
    if ctx.read_only:
        return None
    logger = panels.logger_of(type(record))
    kinds = [{"value": value, "label": label, "icon": icon} for value, label, icon in (logger.kinds(ctx) if logger else [])]
    kinds.append({"value": "comment", "label": _("Comment"), "icon": "message"})
    return {"url": f"{addresses.record_url(type(record), record.pk)}/timeline", "kinds": kinds, "kind": kinds[0]["value"],
            "once": key, "draft_key": f"log-{registry.slug(type(record))}-{record.pk}", "errors": errors or [],
            "dated": logger is not None, "mention_url": _mention_url(ctx)}


def _mention_url(ctx: Ctx) -> str:
    """Where people are looked up while a comment is typed; empty for those who may not see people."""
    model = get_user_model()
    return f"{addresses.list_url(model)}lookup" if "view" in model.about.verbs and ctx.may("view", model) else ""


@page
def timeline(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """A further page of the timeline, or something logged with the record."""
    model = base.model_or_missing(request, slug)
    record = request.ctx.get(model, pk)
    if request.method == "POST":
        return _log(request, record)
    if not base.is_fragment(request):
        return HttpResponseRedirect(addresses.with_query(addresses.record_url(model, pk), **request.GET.dict()))
    return render_template(request, "web/panels/timeline_events.html", stream(request.ctx, record, request.GET))


@page(methods=("GET",))
def log(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """The composer alone, for a row of a list."""
    ctx = request.ctx
    record = ctx.get(base.model_or_missing(request, slug), pk)
    made = composer(ctx, record, get_random_string(32))
    if made is None:
        raise Denied(_("You are viewing as somebody else: nothing can be changed."))
    return base.render(request, "web/log.html", {"title": str(record), "composer": made})


def _log(request: PageRequest, record: Record) -> HttpResponse:
    ctx, kind = request.ctx, request.POST.get("kind", "comment")
    text, logger = request.POST.get("text", "").replace("\x00", ""), panels.logger_of(type(record))
    if not text.strip():
        raise Refused(_("Write something first."), field="text", record=record)
    here = addresses.record_url(type(record), record.pk)
    if kind != "comment" and logger is not None:
        logger.keep(ctx, record, kind=kind, text=text, next_on=request.POST.get("next_on", ""), key=base.once(request),
                    files=request.FILES.getlist("file"))
        return base.done(request, _("Logged."))
    _made, unable = talk.comment(ctx, record, mentioned(ctx, text), request.FILES.getlist("file"))
    if unable and not base.wants_json(request):
        names = ", ".join(str(user) for user in unable)
        return base.done(
            request, _("%(names)s may not see this record and was not told.") % {"names": names},
            url=addresses.with_query(f"{here}/share", user=unable[0].pk), label=_("Share"))
    return base.done(request, _("Said."))


def mentioned(ctx: Ctx, text: str) -> str:
    """``@name`` becomes a mention where exactly one person the actor may see is called so; the longest name wins."""
    if "@" not in text:
        return text
    by_name: dict[str, list[int]] = {}
    for pk, name in ctx.find(get_user_model()).values_list("pk", get_user_model().about.title_name)[:5000]:
        by_name.setdefault(str(name), []).append(pk)
    names = sorted((name for name, ids in by_name.items() if name and len(ids) == 1), key=len, reverse=True)
    if not names:
        return text
    either = re.compile("@(" + "|".join(re.escape(name) for name in names) + ")")
    return either.sub(lambda found: f"@[{by_name[found[1]][0]}]", text)


@page(methods=("POST",))
def upload(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """Files dropped, pasted or chosen on a record's page."""
    record = request.ctx.get(base.model_or_missing(request, slug), pk)
    given = request.FILES.getlist("file")
    if not given:
        raise Refused(_("Choose a file first."), field="file", record=record)
    with request.ctx.door(f"{record._meta.label_lower}.attach"):
        made = [talk.attach(request.ctx, record, one) for one in given]
    if base.wants_json(request):
        return JsonResponse({"id": made[0].pk, "name": made[0].name, "url": file_url(made[0])})
    return base.done(request, format_html_join(", ", "{}", ((one.name,) for one in made)))
