"""Finding: the filter language, compiled to conditions on what the actor may see and said back in words.

A filter is JSON: ``[path, operator, value]``, or ``{"all": [...]}``, ``{"any": [...]}``, ``{"not": filter}``.
A path is a field's key, or a link's key and a field of the linked object: ``customer.city``.
"""

import datetime
import json
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import StrIndex, Upper
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import custom, facts, search_index
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Refused
from guanxi.language import periods
from guanxi.language.text import UNSTORABLE

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

MAX_DEPTH, MAX_CONDITIONS, MAX_VALUES, MAX_TEXT = 5, 50, 500, 500

OPERATORS: dict[str, Any] = {
    "contains": _("contains"), "is": _("is"), "isnot": _("is not"), "starts": _("starts with"), "empty": _("is empty"),
    "filled": _("is filled in"), "eq": "=", "ne": "≠", "gt": ">", "gte": "≥", "lt": "<", "lte": "≤",
    "between": _("is between"), "on": _("is on"), "before": _("is before"), "after": _("is after"),
    "within": _("is"), "in": _("is"), "notin": _("is not"), "has": _("includes"),
}


def read(text: str) -> Any:
    """A filter from its JSON text; empty text is no filter. Raises Refused."""
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(_("The filter cannot be read: it is not JSON."), field="filter") from error


def condition(ctx: "Ctx", model: type[Record], tree: Any) -> Q:
    """A filter as a condition. Fields the actor may not see do not exist; linked rows out of sight do not match."""
    return _Compiler(ctx).tree(model, tree, 0) if tree else Q()


class _Compiler:
    def __init__(self, ctx: "Ctx") -> None:
        self.ctx, self.count = ctx, 0

    def tree(self, model: type[Record], tree: Any, depth: int) -> Q:
        if depth > MAX_DEPTH:
            raise Refused(_("The filter is nested too deeply."), field="filter")
        match tree:
            case {"all": [*parts]} if len(tree) == 1:
                found = Q()
                for part in parts:
                    found &= self.tree(model, part, depth + 1)
                return found
            case {"any": [*parts]} if len(tree) == 1:
                found = Q()
                for part in parts:
                    found |= self.tree(model, part, depth + 1)
                return found
            case {"not": part} if len(tree) == 1:
                return ~self.tree(model, part, depth + 1)
            case [str(path), str(operator)]:
                return self.leaf(model, path, operator, None)
            case [str(path), str(operator), value]:
                return self.leaf(model, path, operator, value)
        raise Refused(_("The filter is not well-formed: a condition is [field, operator, value]."), field="filter")

    def leaf(self, model: type[Record], path: str, operator: str, value: Any) -> Q:
        self.count += 1
        if self.count > MAX_CONDITIONS:
            raise Refused(_("The filter has more than %(count)s conditions.") % {"count": MAX_CONDITIONS},
                          field="filter")
        if path == "*":
            return self.ctx.matching(model, _text(value, "*"))
        head, _dot, rest = path.partition(".")
        view = facts.field_of(model, self.ctx, head)
        if rest:
            if not view.target or view.masked:
                raise Refused(_("“%(field)s” links to nothing.") % {"field": view.label}, field=head)
            inner = self.tree(view.target_model, [rest, operator, value], 1)
            below = self.ctx.find(view.target_model).filter(inner).values("pk")
            return Q(**{f"{_column(view)}__in": below})
        if not view.filterable or operator not in view.ops:
            raise Refused(_("“%(field)s” cannot be filtered by “%(operator)s”.") % {
                "field": view.label, "operator": operator[:20]}, field=head)
        return self.compare(view, operator, value)

    def compare(self, view: FieldView, operator: str, value: Any) -> Q:
        if operator in ("empty", "filled"):
            found = _empty(view)
            return found if operator == "empty" else ~found
        try:
            if view.ops is facts.f.TEXT_OPS:
                return self.text(view, operator, _text(value, view.key))
            if view.target or view.kind in ("choice", "state"):
                return self.choice(view, operator, value)
            if view.ops is facts.f.TIME_OPS:
                return self.time(view, operator, value)
            if view.kind == "tags":
                return Q(**{f"{_column(view)}__contains": _text(value, view.key)}) if view.custom else \
                    Q(**{f"{view.key}__icontains": f'"{_text(value, view.key)}"'})
            return self.number(view, operator, value)
        except ValueError as error:
            raise Refused(str(error), field=view.key) from error

    def text(self, view: FieldView, operator: str, value: str) -> Q:
        column = _column(view)
        match operator:
            case "contains":
                found = Q(**{f"{column}__icontains": value})
                if view.key not in view.model.about.search_names or len(value) < 2:
                    return found
                if search_index.common(view.model, view.key, value):
                    return Q(GreaterThan(StrIndex(Upper(column), Upper(Value(value))), 0))  # one in three, for all it knows
                return self.ctx.matching(view.model, value) & found
            case "starts":
                return Q(**{f"{column}__istartswith": value})
            case "isnot":
                return ~Q(**{column: value})
        return Q(**{column: value})

    def choice(self, view: FieldView, operator: str, value: Any) -> Q:
        wanted = value if isinstance(value, list) else [value]
        if len(wanted) > MAX_VALUES:
            raise ValueError(_("At most %(count)s values fit.") % {"count": MAX_VALUES})
        plain: list[Any] = []
        for one in wanted:
            if one == "me" and view.kind == "user":
                plain.append(self.ctx.user_id)
            elif view.target:
                plain.append(_key(one))
            else:
                plain.append(view.source.parse(one))
        found = Q(**{f"{_column(view)}__in": plain})
        return found if operator == "in" else ~found | _empty(view) if view.target else ~found

    def time(self, view: FieldView, operator: str, value: Any) -> Q:
        first, last = self.span(view, operator, value)
        column = _column(view)
        if view.kind == "day":
            low, high, below = first, last, "lte"
        else:
            low, high = periods.instants(first, last)  # type: ignore[assignment]
            below = "lt"
        if view.custom:
            low, high = (view.source.plain(one) if one else None for one in (low, high))  # type: ignore[assignment]
        found = Q(**{f"{column}__isnull": False})
        if low is not None and first != periods.FIRST:
            found &= Q(**{f"{column}__gte": low})
        if high is not None and last != periods.LAST:
            found &= Q(**{f"{column}__{below}": high})
        return found

    def span(self, view: FieldView, operator: str, value: Any) -> tuple[datetime.date, datetime.date]:
        """First and last day that match."""
        if operator == "within":
            return periods.days_of(_text(value, view.key), self.ctx.today)
        day_kind = facts.f.Day()
        if operator == "between":
            low, high = value if isinstance(value, list) and len(value) == 2 else (None, None)
            return day_kind.parse(low) or periods.FIRST, day_kind.parse(high) or periods.LAST
        day = day_kind.parse(value)
        if day is None:
            raise ValueError(_("A date is needed."))
        one = datetime.timedelta(days=1)
        match operator:
            case "before":
                return periods.FIRST, day - one
            case "after":
                return day + one, periods.LAST
        return day, day

    def number(self, view: FieldView, operator: str, value: Any) -> Q:
        column = _column(view)
        if operator == "between":
            low, high = value if isinstance(value, list) and len(value) == 2 else (None, None)
            found = Q()
            if low not in (None, ""):
                found &= Q(**{f"{column}__gte": _number(view, low)})
            if high not in (None, ""):
                found &= Q(**{f"{column}__lte": _number(view, high)})
            return found
        parsed = _number(view, value)
        if operator == "ne":
            return ~Q(**{column: parsed})
        return Q(**{column if operator in ("eq", "is") else f"{column}__{operator}": parsed})


def _number(view: FieldView, value: Any) -> Any:
    parsed = view.source.parse(value)
    if parsed is None:
        raise ValueError(_("A number is needed."))
    return facts.comparable(view, parsed)


def _key(value: Any) -> int:
    """An id no database stumbles over."""
    if not isinstance(value, str | int):
        raise ValueError(_("A number is needed."))
    key = int(value)
    if not 0 <= key < 2**63:
        raise ValueError(_("The number is too large."))
    return key


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise Refused(_("A text is needed."), field=field)
    words = str(value)
    if len(words) > MAX_TEXT or UNSTORABLE.search(words):
        raise Refused(_("This text is too long to be looked for."), field=field)
    return words


def _column(view: FieldView) -> str:
    """The name under which a query reaches a field; custom ones are added by ``with_extra``."""
    return f"x_{view.key}" if view.custom else view.attname


def _empty(view: FieldView) -> Q:
    column = _column(view)
    if view.kind == "tags" and not view.custom:
        return Q(**{column: []})
    found = Q(**{f"{column}__isnull": True})
    if not view.target and view.ops in (facts.f.TEXT_OPS, facts.f.CHOICE_OPS, ("empty", "filled")):
        found |= Q(**{column: ""})
    return found


def with_extra(ctx: "Ctx", found: QuerySet[Any], model: type[Record]) -> QuerySet[Any]:
    """Make custom fields reachable by conditions and sorting; costs nothing where they are not used."""
    extras = {f"x_{view.key}": custom.ExtraValue("extra", view.key, view.kind)
              for view in facts.fields(model, ctx) if view.custom}
    return found.alias(**extras) if extras else found


def select(ctx: "Ctx", model: type[Record], *, tree: Any = None, typed: str = "", verb: str = "view") -> QuerySet[Any]:
    """The rows the actor may see that match a filter and what was typed into the search box."""
    found = with_extra(ctx, ctx.find(model, verb), model)
    if tree:
        found = found.filter(condition(ctx, model, tree))
    if typed.strip():
        found = found.filter(ctx.matching(model, typed[:MAX_TEXT]))
    return found


def from_params(ctx: "Ctx", model: type[Record], params: dict[str, list[str]]) -> Any:
    """A filter from plain parameters such as ``stage=won``, ``amount__gt=1000``, ``close_date__within=today``."""
    parts: list[Any] = []
    for name, values in params.items():
        path, _mark, operator = name.partition("__")
        path = path.replace("~", ".")
        if not operator:
            head = facts.field_of(model, ctx, path.partition(".")[0])
            operator = head.ops[1] if head.ops is facts.f.TEXT_OPS and "." not in path else (head.ops or ("is",))[0]
        if operator in ("in", "notin"):
            parts.append([path, operator, [one for value in values for one in value.split(",")]])
        elif operator == "between":
            parts.append([path, operator, values[-1].split(",", 1)])
        else:
            parts += [[path, operator, value] for value in values]
    return {"all": parts} if parts else None
