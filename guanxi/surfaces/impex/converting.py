"""Rows of a table become values of fields: exactly, with every fault named."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import object_name
from guanxi.surfaces.impex import plan as plans
from guanxi.surfaces.impex.matching import bare
from guanxi.surfaces.impex.plan import Plan
from guanxi.surfaces.impex.reading import Row
from guanxi.surfaces.impex.resolving import SEVERAL, Resolver

#: Between the day counts of files that begin in 1904 and of all others.
_MAC_DAYS = 1462
_REPEATING = frozenset({"choice", "state", "flag", "day", "percent", "integer", "money"})
_REMEMBERED = 20_000


@dataclass
class Prepared:
    """One row as values; ``faults`` say why it cannot go in, ``later`` are links to rows of the same table."""

    number: int
    values: dict[FieldView, Any] = field(default_factory=dict)
    empty: list[FieldView] = field(default_factory=list)
    external: str = ""
    later: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Converter:
    """Turns rows into values, a chunk at a time."""

    def __init__(self, ctx: Ctx, plan: Plan, resolver: Resolver, date_1904: bool, own_titles: set[str]) -> None:
        self.ctx, self.plan, self.resolver, self.date_1904 = ctx, plan, resolver, date_1904
        self.own_titles = own_titles
        self.owners = self._owners()
        self.links = [(column, view) for column, view in plan.columns if view.target]
        self.remembered: dict[tuple[str, Any], Any] = {}
        #: Texts of the chunk in hand, read by another process; see ``ahead``.
        self.foreseen: dict[tuple[str, str], Any] = {}

    def _owners(self) -> frozenset[int] | None:
        """To whom this person may give records; None for everybody."""
        ctx = self.ctx
        if ctx.system or ctx.migrating or ctx.rights.administrator:
            return None
        reach = ctx.rights.reach(ctx.rights.grants(object_name(self.plan.model), "assign"))
        return None if reach is None else reach | {ctx.user_id or 0}

    def prepare(self, rows: Sequence[Row]) -> list[Prepared]:
        """The rows of a chunk; links are looked up once for all of them."""
        for column, view in self.links:
            self.resolver.load(view, {str(cell) for row in rows if (cell := row.cells.get(column)) is not None})
        for view, raw in self.plan.constants.items():
            if view.target:
                self.resolver.load(view, {str(raw)})
        return [self._row(row) for row in rows]

    def _row(self, row: Row) -> Prepared:
        made = Prepared(row.number)
        if "" in row.problems:
            made.faults.append(str(row.problems[""]))
        if self.plan.external and (key := row.cells.get(self.plan.external)) is not None:
            made.external = str(key)[:200]
        for column, view in self.plan.columns:
            if column in row.problems:
                made.faults.append(f"{column}: {row.problems[column]}")
            else:
                self._cell(made, view, row.cells.get(column))
        for view, raw in self.plan.constants.items():
            if view not in made.values and view not in [known for _column, known in self.plan.columns]:
                self._put(made, view, raw)
        return made

    def _cell(self, made: Prepared, view: FieldView, cell: Any) -> None:
        if cell is None:
            if view in self.plan.constants:
                self._put(made, view, self.plan.constants[view])
            else:
                made.empty.append(view)
            return
        said = self.plan.replaced(view, cell) if self.plan.values else None
        match said:
            case None:
                self._put(made, view, cell)
            case plans.CREATE:
                self._make(made, view, str(cell).strip())
            case plans.BLANK:
                made.empty.append(view)
            case plans.REFUSE:
                made.faults.append(str(_("%(field)s: “%(value)s” was not to be imported.") % {
                    "field": view.label, "value": str(cell)[:80]}))
            case plans.ME:
                self._take(made, view, self.ctx.user_id)
            case _ if said.startswith(plans.CREATE_AS):
                self._make(made, view, said.removeprefix(plans.CREATE_AS))
            case _ if said.startswith(plans.ROW):
                self._take(made, view, int(said.removeprefix(plans.ROW)))
            case _:
                self._put(made, view, said.removeprefix(plans.TEXT))

    def _put(self, made: Prepared, view: FieldView, raw: Any) -> None:
        if view.target:
            self._link(made, view, str(raw).strip())
            return
        key = (view.key, raw)
        if view.kind in _REPEATING:
            if key in self.remembered:
                made.values[view] = self.remembered[key]
                return
        elif key in self.foreseen and isinstance(raw, str):
            made.values[view] = self.foreseen[key]
            return
        try:
            value = view.parse(self._dated(view, raw), self.ctx)
        except Refused as refusal:
            made.faults.append(f"{view.label}: {refusal.reason}")
            return
        made.values[view] = value
        if view.kind in _REPEATING and len(self.remembered) < _REMEMBERED:
            self.remembered[key] = value

    def _dated(self, view: FieldView, raw: Any) -> Any:
        """A day counted from 1904 as one counted from 1900."""
        counted = self.date_1904 and view.kind in ("day", "moment") and isinstance(raw, int | Decimal)
        return raw + _MAC_DAYS if counted and not isinstance(raw, bool) else raw

    def _link(self, made: Prepared, view: FieldView, raw: str) -> None:
        pk = self.resolver.find(view, raw)
        if pk is None and raw.startswith(plans.ROW) and raw[3:].isdigit():
            pk = int(raw[3:])
        own = object_name(self.plan.model) == view.target
        if pk is None and own and bare(raw) in self.own_titles and not view.required:
            made.later.append((view.key, raw))
        elif pk is None or pk == SEVERAL:
            made.faults.append(f"{view.label}: {self.resolver.unknown(view, raw)}")
        else:
            self._take(made, view, pk)

    def _make(self, made: Prepared, view: FieldView, raw: str) -> None:
        """A link to a record that is created where there is none yet."""
        try:
            self.resolver.load(view, [raw])
            if self.resolver.find(view, raw) is None:
                self.resolver.make(view, raw)
            self._link(made, view, raw)
        except Refused as refusal:
            made.faults.append(f"{view.label}: {refusal.reason}")

    def _take(self, made: Prepared, view: FieldView, pk: int | None) -> None:
        """A link by its id, if the record may be seen and, for owners, be given to."""
        if view.key == "owner" and view.target == settings.AUTH_USER_MODEL.lower() and not self._may_own(pk):
            made.faults.append(str(_("%(field)s: you may not give %(objects)s to this person.") % {
                "field": view.label, "objects": self.plan.model.about.many}))
            return
        me = pk == self.ctx.user_id and view.target == settings.AUTH_USER_MODEL.lower()
        if pk is not None and (me or self.resolver.may_see(view, pk)):
            made.values[view] = pk
        else:
            made.faults.append(str(_("%(field)s: there is no such %(object)s.") % {
                "field": view.label, "object": view.target_model.about.one}))

    def _may_own(self, pk: int | None) -> bool:
        return self.owners is None or pk in self.owners
