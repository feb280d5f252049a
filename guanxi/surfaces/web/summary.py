"""Summaries: the few facts by which a record is recognised in a card, read as plain columns."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast

from guanxi.kernel import facts, paging, reading
from guanxi.kernel import fields as f
from guanxi.kernel.about import ref_name
from guanxi.kernel.api import Ctx
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record
from guanxi.surfaces.web import addresses

Model = type[Record]
COLUMNS = ("pk", "card_title", "card_badge", "card_amount", "card_when", "card_sub")


@dataclass(frozen=True)
class Plan:
    """Which columns of an object its card shows: title, state or stage, amount, day, a word more."""

    model: Model
    title: FieldView | None
    badge: FieldView | None
    amount: FieldView | None
    when: FieldView | None
    sub: FieldView | None

    @classmethod
    def of(cls, model: Model, ctx: Ctx, within: str = "") -> "Plan":
        """``within`` is the link to the record whose card it is: its rows are not all called like that record."""
        known = {view.key: view for view in facts.fields(model, ctx) if not view.masked and not view.secret}
        about = model.about

        def pick(ref: Any) -> FieldView | None:
            return known.get(ref_name(ref)) if ref else None

        state = next((view for view in known.values() if view.kind == "state"), None)
        plain = [known[name] for name in about.column_names if name in known and name != about.title_name]
        sub = next((view for view in plain if view.kind == "name" and not view.target and not view.custom), None)
        badge = pick(about.board) or state
        title = pick(about.title)
        if within and title is not None and title.key == within:
            others = [view for view in (pick(about.parent), *plain) if view is not None and view.key != within
                      and not view.custom]
            title = next((view for view in others if view.target), next(iter(others), title))
            sub = sub if sub is not title else None
        return cls(model, title, badge, pick(about.amount), pick(about.calendar), sub)

    @property
    def links(self) -> list[tuple[int, FieldView]]:
        """Columns that hold ids, with their place in a row."""
        return [(place, view) for place, view in ((1, self.title), (2, self.badge)) if view is not None and view.target]

    def columns(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """The selection as rows of COLUMNS: all but the first as text, so that objects mix."""
        named = (("title", self.title), ("badge", self.badge), ("amount", self.amount), ("when", self.when),
                 ("sub", self.sub))
        return found.annotate(**{f"card_{name}": _text(view) for name, view in named}).values_list(*COLUMNS)

    def first(self, ctx: Ctx, found: QuerySet[Any], limit: int) -> QuerySet[Any]:
        """The first rows in the object's own order."""
        order = paging.order_of(ctx, self.model, "")
        mark = "-" if order.descending else ""
        keys = [f"{mark}id"] if order.column.startswith(("id", "x_")) else [f"{mark}{order.column}", f"{mark}id"]
        return self.columns(found.order_by(*keys))[:limit]

    def row(self, values: tuple[Any, ...], known: reading.Titles) -> dict[str, Any]:
        """One row as ``web/panels/related.html`` shows it."""
        pk, title, badge, amount, when, sub = values
        url = addresses.record_url(self.model, pk) if "view" in self.model.about.verbs else ""
        return {"pk": pk, "url": url, "title": _words(self.title, title, known) or f"{self.model.about.one} {pk}",
                "badge": self._badge(badge, known), "amount": self._amount(amount), "subtitle": sub or "",
                "when": moment(self.when, when)}

    def _badge(self, value: Any, known: reading.Titles) -> dict[str, str] | None:
        text = _words(self.badge, value, known)
        tones = {code: colour for code, _label, colour in self.badge.choices} if self.badge else {}
        return {"text": text, "tone": tones.get(str(value)) or "grey"} if text else None

    def _amount(self, value: Any) -> str:
        return self.amount.text(Decimal(value)) if self.amount is not None and value not in (None, "") else ""


def titles(ctx: Ctx, plans: list[Plan], rows: list[list[tuple[Any, ...]]]) -> reading.Titles:
    """The titles of everything the rows of several plans link to."""
    return reading.titles(ctx, {(view.target, int(values[place])) for plan, group in zip(plans, rows, strict=True)
                                for values in group for place, view in plan.links if values[place]})


def _text(view: FieldView | None) -> Any:
    return Cast(F(view.attname), CharField()) if view is not None and not view.custom else Value("", CharField())


def _words(view: FieldView | None, value: Any, known: reading.Titles) -> str:
    if view is None or value in (None, ""):
        return ""
    return known.get((view.target, int(value)), "") if view.target else view.text(value)


def moment(view: FieldView | None, value: Any) -> datetime.date | datetime.datetime | None:
    """A day or an instant that travelled as text."""
    if view is None or not value:
        return None
    if isinstance(view.source, f.Moment):
        found = datetime.datetime.fromisoformat(str(value))
        return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
    return datetime.date.fromisoformat(str(value)[:10])
