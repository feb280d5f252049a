"""What a list is asked: view, filter, words, order, columns and face — read from the address, written back to it."""

import copy
import json
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from guanxi.common import as_of
from guanxi.common.as_of_rows import Past
from guanxi.kernel import facts, finding, paging
from guanxi.kernel.api import Ctx
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Missing, Refused
from guanxi.surfaces.web import addresses
from guanxi.surfaces.web.base import MAX_PARAM
from guanxi.surfaces.web.cells import UNSHOWN
from guanxi.surfaces.web.tabs import Tab, chosen, tabs_of

#: Parameters that say what is looked at; others (page marks) are dropped when it changes.
ASKED = ("view", "f", "q", "sort", "face", "columns", "group", "by", "of", "as_of")
MAX_COLUMNS = 40
#: Kinds of fields by which a chart groups; days and moments by the month.
GROUPED = ("state", "choice", "link", "user", "day", "moment")


class Question:
    """A list as one person asked for it."""

    def __init__(self, ctx: Ctx, model: type[Record], params: QueryDict) -> None:
        self.ctx, self.model, self.params = ctx, model, params
        self.moment = as_of.moment_of(self.as_of, ctx.now) if self.as_of else None
        if self.moment is not None:  # what is shown as it was is looked at, not worked on
            self.ctx = copy.copy(ctx)
            self.ctx.read_only, self.ctx.now = True, self.moment

    def param(self, name: str) -> str:
        value = self.params.get(name, "") or ""
        if len(value) > MAX_PARAM:
            raise Refused(_("“%(name)s” is too long.") % {"name": name}, field=name)
        return str(value).replace("\x00", "")

    @property
    def as_of(self) -> str:
        """The moment as of which the list is shown, as the address has it; empty for today."""
        return self.param("as_of")

    @cached_property
    def tabs(self) -> list[Tab]:
        return tabs_of(self.ctx, self.model)

    @cached_property
    def tab(self) -> Tab:
        found = chosen(self.tabs, self.param("view"))
        if found is None:
            raise Missing(_("There is no such view."))
        return found

    @cached_property
    def tree(self) -> Any:
        """The filter people may change: from the address, otherwise as the view has it."""
        return finding.read(self.param("f")) if self.param("f") else self.tab.tree

    @cached_property
    def parts(self) -> list[Any]:
        """The filter as conditions that all hold: one chip each."""
        match self.tree:
            case None:
                return []
            case {"all": [*parts]}:
                return list(parts)
        return [self.tree]

    @cached_property
    def q(self) -> str:
        return (self.param("q") if "q" in self.params else self.tab.words)[: finding.MAX_TEXT].strip()

    @cached_property
    def sort(self) -> str:
        return self.param("sort") or self.tab.sort or paging.usual(self.ctx, self.model)

    @cached_property
    def face(self) -> str:
        wanted = self.param("face") or self.tab.face or "table"
        if wanted not in self.faces:
            raise Refused(_("This list has no face “%(face)s”.") % {"face": wanted[:20]}, field="face")
        return wanted

    @cached_property
    def faces(self) -> list[str]:
        """The ways this list can be shown."""
        known = {view.key for view in self.views}
        about = self.model.about
        faces = ["table"]
        if about.board is not None and key_of(about.board) in known:
            faces.append("board")
        if about.calendar is not None and key_of(about.calendar) in known:
            faces.append("calendar")
        if self.groupings:
            faces.append("chart")
        return faces

    @cached_property
    def groupings(self) -> list[FieldView]:
        """The fields by which a chart can group what was found."""
        return [view for view in self.views if view.kind in GROUPED and view.filterable and not view.custom]

    @property
    def by(self) -> str:
        """By which field the chart groups."""
        return self.param("by") or self.tab.by

    @property
    def of(self) -> str:
        """Which field the chart adds up; empty counts."""
        return self.param("of") if "of" in self.params or "by" in self.params else self.tab.of

    @property
    def board_key(self) -> str:
        return key_of(self.model.about.board) if self.model.about.board is not None else ""

    @cached_property
    def views(self) -> list[FieldView]:
        return facts.fields(self.model, self.ctx)

    def view_of(self, key: str) -> FieldView:
        return facts.field_of(self.model, self.ctx, key)

    @cached_property
    def columns(self) -> list[FieldView]:
        """The fields shown, in order; the address wins over the view, the view over the object."""
        known = {view.key: view for view in self.views if view.kind not in UNSHOWN}
        asked = [key for key in self.param("columns").split(",") if key][:MAX_COLUMNS]
        wanted = asked or self.tab.columns or list(self.model.about.column_names)
        shown = [known[key] for key in dict.fromkeys(wanted) if key in known]
        return shown or [view for view in self.views if view.key == self.model.about.title_name] or self.views[:1]

    @property
    def changed(self) -> bool:
        """Does the address ask for something else than the view holds?"""
        return any(name in self.params for name in ("f", "q", "sort", "columns", "face", "by", "of") if self.param(name))

    def found(self, verb: str = "view") -> QuerySet[Any]:
        """The rows asked for, within the actor's rights; as they were where a moment is named."""
        return self.select(self.ctx if self.moment is None else Past.of(self.ctx, self.moment), verb)

    def select(self, ctx: Ctx, verb: str = "view") -> QuerySet[Any]:
        """The rows asked for, in a context."""
        trees = [tree for tree in (self.tab.base, self.tree) if tree]
        rows = finding.select(ctx, self.model, tree={"all": trees} if trees else None, typed=self.q, verb=verb)
        return rows.filter(self.tab.condition) if self.tab.condition is not None else rows

    # addresses ---------------------------------------------------------------------------------

    def asked(self, **changes: Any) -> dict[str, Any]:
        """The parameters of this question with some changed; None removes one."""
        kept = {name: self.param(name) for name in ASKED if self.param(name)}
        return {name: value for name, value in {**kept, **changes}.items() if value not in (None, "")}

    def url(self, **changes: Any) -> str:
        """The address of the list with something changed; page marks are dropped."""
        return addresses.list_url(self.model, **self.asked(**changes))

    def below(self, path: str, **changes: Any) -> str:
        """The address of something that belongs to this list, with the question along."""
        return addresses.with_query(f"{addresses.list_url(self.model)}{path}", **self.asked(**changes))

    @property
    def query(self) -> str:
        """The question as text, for what is to be done with all its rows."""
        return addresses.with_query("", **self.asked()).lstrip("?")

    def with_parts(self, parts: list[Any]) -> str:
        """The list with other filters. An emptied filter of a saved view must say so."""
        return self.url(f=written({"all": parts}) if parts or self.tab.tree else None)


def written(tree: Any) -> str:
    """A filter as the address carries it."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def key_of(ref: Any) -> str:
    """The key of a field named in an object's About."""
    return ref if isinstance(ref, str) else str(ref.name)
