"""Related cards: what links to a record, with counts and first rows, in two queries however many objects there are."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.kernel import facts, registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.records import Record
from guanxi.surfaces.web import addresses, menu, several
from guanxi.surfaces.web.question import written
from guanxi.surfaces.web.several import Part
from guanxi.surfaces.web.summary import Plan, titles

ROWS, CAP = 5, 999


@dataclass(frozen=True)
class Link:
    """An object that points here, through which field."""

    model: type[Record]
    field: str
    label: str
    below: bool
    alone: bool

    @property
    def title(self) -> str:
        many = str(self.model.about.many)
        many = many[:1].upper() + many[1:]
        return many if self.alone else f"{many} · {self.label}"


def is_activity(other: type[Record]) -> bool:
    """Daily work with a day — calls, visits, tasks — is told in the timeline."""
    return bool(other.about.calendar) and other.about.area == "work"


def links_of(ctx: Ctx, model: type[Record]) -> list[Link]:
    """The links to an object that this person may know of: children first."""
    found = registry.links_to(model)
    seen = [(other, source) for other, source in found
            if "view" in other.about.verbs and registry.document(other) is None and ctx.may("view", other)
            and any(view.key == source.name and not view.masked for view in facts.fields(other, ctx))]
    times: dict[type[Record], int] = {}
    for other, _source in seen:
        times[other] = times.get(other, 0) + 1
    links = [Link(other, source.name, str(source.verbose_name), other.about.parent_name == source.name, times[other] == 1)
             for other, source in seen if not (is_activity(other) and not other.about.board)]
    return sorted(links, key=lambda link: not link.below)


@dataclass(frozen=True)
class Asked:
    """What is asked for every record of an object: its links, how their rows are counted, and the first of them."""

    links: list[Link]
    counts: list[Part | None]
    firsts: dict[int, tuple[Plan, Part | None]] = field(default_factory=dict)

    def first(self, ctx: Ctx, place: int) -> tuple[Plan, Part | None]:
        """Put into SQL when first needed: most links of most records lead nowhere."""
        if place not in self.firsts:
            link = self.links[place]
            plan = Plan.of(link.model, ctx, link.field)
            self.firsts[place] = plan, Part.of(plan.first(ctx, _selection(ctx, link), ROWS))
        return self.firsts[place]


def _selection(ctx: Ctx, link: Link) -> QuerySet[Any]:
    return ctx.find(link.model).filter(**{link.field: several.HERE})


def _asked(ctx: Ctx, model: type[Record]) -> Asked:
    def make() -> Asked:
        links = links_of(ctx, model)
        return Asked(links, [Part.counting(_selection(ctx, link), CAP) for link in links])

    found: Asked = menu.kept(ctx, ("related", model, timezone.localdate()), make)
    return found


def cards(ctx: Ctx, record: Record) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Cards of what is there, and the buttons for what is not there yet."""
    asked = _asked(ctx, type(record))
    links, totals = asked.links, several.counts(asked.counts, record.pk)
    full = [place for place, total in enumerate(totals) if total]
    firsts = [asked.first(ctx, place) for place in full]
    plans = [plan for plan, _part in firsts]
    rows = several.rows([part for _plan, part in firsts], record.pk)
    known = titles(ctx, plans, rows)
    made = [_card(ctx, record, links[place], totals[place], [plan.row(values, known) for values in group])
            for place, plan, group in zip(full, plans, rows, strict=True)]
    missing = [{"label": _("New %(one)s") % {"one": link.model.about.one}, "icon": link.model.about.icon, "url": url}
               for link, total in zip(links, totals, strict=True) if not total and link.alone
               and (url := create_url(ctx, record, link))]
    return made, missing


def _card(ctx: Ctx, record: Record, link: Link, total: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "template": "web/panels/related.html", "key": f"{registry.slug(link.model)}-{link.field}", "title": link.title,
        "icon": link.model.about.icon, "count": total if total <= CAP else f"{CAP}+", "rows": rows,
        "all_url": all_url(record, link) if total > len(rows) else "",
        "create_url": create_url(ctx, record, link)}


def all_url(record: Record, link: Link) -> str:
    """The list of everything that links here."""
    return addresses.list_url(link.model, f=written({"all": [[link.field, "in", [record.pk]]]}))


def create_url(ctx: Ctx, record: Record, link: Link) -> str:
    """The form of a new record that already names this one; empty where the person may not create it."""
    may = "create" in link.model.about.verbs and not ctx.read_only and ctx.may("create", link.model)
    return addresses.new_url(link.model, **{link.field: record.pk, "stay": 1}) if may else ""
