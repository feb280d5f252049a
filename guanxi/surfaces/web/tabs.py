"""The views of a list: those every object has, and those people saved."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.kernel.api import Ctx, Scope
from guanxi.kernel.policy import Role
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.web import audiences
from guanxi.surfaces.web.models import SavedView

Model = type[Record]


@dataclass
class Tab:
    """One view: ``base`` is the part of the filter that belongs to it for good, ``tree`` what people may change."""

    key: str
    label: str
    base: Any = None
    condition: Q | None = None
    tree: Any = None
    words: str = ""
    sort: str = ""
    face: str = ""
    by: str = ""
    of: str = ""
    columns: list[str] = field(default_factory=list)
    widths: dict[str, Any] = field(default_factory=dict)
    saved: SavedView | None = None
    mine: bool = False
    below: list[int] = field(default_factory=list)

    @property
    def private(self) -> bool:
        return self.saved is not None and not self.saved.stands_for and self.saved.audience == audiences.ME


def kept(ctx: Ctx, model: Model) -> list[SavedView]:
    """The views of a list this person may use. They are no business data: everybody may keep views of their own."""
    reach = Q(audience__in=audiences.reached(ctx), stands_for="") | Q(owner_id=ctx.user_id)
    found = ctx.as_system("saved views").find(SavedView).filter(reach, object_type=object_name(model))
    return list(found.order_by("-pinned", "position", "id")[:100])


def tabs_of(ctx: Ctx, model: Model) -> list[Tab]:
    """Every view of a list in order: own defaults, what was saved, what every object has."""
    saved = kept(ctx, model)
    changed = {view.stands_for: view for view in saved if view.stands_for}
    tabs = [_overlaid(tab, changed.get(tab.key)) for tab in system_tabs(ctx, model)]
    own = [_tab(ctx, view) for view in saved if not view.stands_for]
    return [*[tab for tab in own if tab.saved and tab.saved.pinned], *tabs,
            *[tab for tab in own if tab.saved and not tab.saved.pinned]]


def system_tabs(ctx: Ctx, model: Model) -> list[Tab]:
    """The views every object has, as far as they make sense for this person."""
    tabs = [Tab("all", _("All"))]
    if model.about.scope == "owner":
        tabs.append(Tab("mine", _("Mine"), condition=Q(owner_id=ctx.user_id)))
        if below := below_me(ctx):
            tabs.append(Tab("below", _("My people's"), condition=Q(owner_id__in=below), below=below))
    tabs.append(Tab("recent", _("Recently changed"), base=["updated_at", "within", "last_7_days"], sort="-updated_at"))
    tabs.append(Tab("today", _("Created today"), base=["created_at", "within", "today"], sort="-created_at"))
    return tabs


def below_me(ctx: Ctx) -> list[int]:
    """Ids of everybody below the person in the line of superiors."""
    reached = ctx.rights.reach([(Role(), {"scope": Scope.BELOW})]) or frozenset()
    return sorted(reached - {ctx.user_id})


def _overlaid(tab: Tab, view: SavedView | None) -> Tab:
    """A view everybody has, as this person arranged it."""
    if view is not None:
        tab.columns, tab.widths, tab.saved, tab.mine = view.column_keys, view.widths, view, True
        tab.sort = view.sort or tab.sort
    return tab


def _tab(ctx: Ctx, view: SavedView) -> Tab:
    mine = view.owner_id == ctx.user_id or bool(ctx.rights.administrator)
    return Tab(str(view.pk), view.name, tree=view.tree or None, words=view.words, sort=view.sort, face=view.face,
               by=view.group_by, of=view.board_field, columns=view.column_keys, widths=view.widths, saved=view, mine=mine)


def chosen(tabs: list[Tab], key: str) -> Tab | None:
    """The view asked for; without a wish the default one."""
    if key:
        return next((tab for tab in tabs if tab.key == key), None)
    defaults = [tab for tab in tabs if tab.saved is not None and tab.saved.is_default]
    defaults.sort(key=lambda tab: not tab.private)
    return defaults[0] if defaults else next(tab for tab in tabs if tab.key == "all")
