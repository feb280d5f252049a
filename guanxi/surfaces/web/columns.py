"""The columns of a board: one for each state, option or linked record, with counts, sums and the first cards."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from guanxi.kernel import actions, paging, reading, stamps
from guanxi.kernel.actions import Action
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record, object_name
from guanxi.language import periods
from guanxi.surfaces.web import addresses, several
from guanxi.surfaces.web.looks import day_words, late_words
from guanxi.surfaces.web.question import Question, key_of
from guanxi.surfaces.web.sheet import grouped_number
from guanxi.surfaces.web.templatetags.web import compact

CARDS = 20
MOST_COLUMNS = 60
_EVERYWHERE = frozenset({"owner", "upper_owner", "created_by", "updated_by"})
#: A field of this name says when the next step is due; otherwise the calendar's day does.
NEXT_STEP = "next_contact_at"
#: Kinds of columns that close a record, with the verb by which an object that has it closes there.
CLOSING = {"won": "win", "lost": "lose"}


@dataclass(frozen=True)
class Column:
    """One column: ``value`` is what the board's field holds on its cards."""

    key: str
    value: Any
    label: str
    tone: str = "grey"
    folded: bool = False
    verb: str = ""
    group: int | None = None


@dataclass(frozen=True)
class Board:
    """The board of a list: its field, its columns, and the group shown where there are several."""

    view: FieldView
    columns: list[Column]
    group_view: FieldView | None = None
    groups: tuple[int, ...] = ()
    group: int | None = None


def board_of(asked: Question) -> Board:
    """The board of an object. Stages that belong to a pipeline are shown one pipeline at a time."""
    view = asked.view_of(key_of(asked.model.about.board))
    if not view.target:
        return Board(view, [Column(code, code, label, tone or "grey") for code, label, tone in view.choices])
    group_view = _group_field(asked, view)
    columns = _linked(asked, view.target_model, group_view.key if group_view else "")
    groups = tuple(dict.fromkeys(column.group for column in columns if column.group is not None))
    if group_view is None or len(groups) < 2:
        return Board(view, columns[:MOST_COLUMNS])
    wanted = asked.param("group")
    group = int(wanted) if wanted.isdecimal() and len(wanted) < 16 and int(wanted) in groups else groups[0]
    return Board(view, [column for column in columns if column.group == group][:MOST_COLUMNS], group_view, groups, group)


def _group_field(asked: Question, view: FieldView) -> FieldView | None:
    """The link that an object and the object of its board have in common, such as the pipeline of a stage."""
    own = {one.key: one for one in asked.views if one.target and not one.masked}
    for source in view.target_model._meta.concrete_fields:
        shared = own.get(source.name) if source.is_relation and source.name not in _EVERYWHERE else None
        if shared is not None and shared.target == source.related_model._meta.label_lower:  # type: ignore[union-attr]
            return shared
    return None


def _linked(asked: Question, target: Any, group: str) -> list[Column]:
    """A column for each linked record, in the order people gave them; those that close a record come folded."""
    def read() -> list[Column]:
        order = target.about.order
        rows = asked.ctx.find(target).order_by(order, "id")[:200]
        return [_column(row, group) for row in rows]

    if target.renews and target.about.scope == "everyone" and asked.ctx.may("view", target):
        return list(stamps.remembered(asked.ctx.mark, ("board", object_name(target), group), read))
    return read()


def _column(row: Record, group: str) -> Column:
    kind = next((source for source in row._meta.concrete_fields if source.name == "kind" and source.choices), None)
    value = getattr(row, "kind", "") if kind is not None else ""
    closing = kind is not None and value != str(kind.flatchoices[0][0])
    return Column(str(row.pk), row.pk, str(row), getattr(kind, "colors", {}).get(value, "grey"), closing,
                  CLOSING.get(value, ""), getattr(row, f"{group}_id") if group else None)


# counting ----------------------------------------------------------------------------------------


def figures(asked: Question, board: Board, found: QuerySet[Any]) -> dict[Any, dict[str, Any]]:
    """Count, sum and how many steps are late, due today or planned, for each column: one query."""
    wanted: dict[str, Any] = {"count": Count("pk")}
    if amount := _amount(asked):
        wanted["sum"] = Sum(amount.key)
    if step := step_field(asked):
        wanted |= _due(asked, step)
    grouped = within(board, found).order_by().values(board.view.attname).annotate(**wanted)
    return {row[board.view.attname]: row for row in grouped}


def within(board: Board, found: QuerySet[Any]) -> QuerySet[Any]:
    """The rows of the group that is shown."""
    return found if board.group is None else found.filter(**{f"{board.group_view.attname}": board.group})  # type: ignore[union-attr]


def _amount(asked: Question) -> FieldView | None:
    key = key_of(asked.model.about.amount) if asked.model.about.amount is not None else ""
    return next((view for view in asked.views if view.key == key and not view.masked), None)


def step_field(asked: Question) -> FieldView | None:
    """The day or moment of the next step."""
    about = asked.model.about
    keys = (NEXT_STEP, key_of(about.calendar) if about.calendar is not None else "")
    known = {view.key: view for view in asked.views if view.kind in ("day", "moment") and not view.masked}
    return next((known[key] for key in keys if key in known), None)


def _due(asked: Question, step: FieldView) -> dict[str, Any]:
    today = asked.ctx.today
    if step.kind == "day":
        first, last = today, today + datetime.timedelta(days=1)
    else:
        first, last = periods.instants(today, today)  # type: ignore[assignment]
    return {"late": Count("pk", filter=Q(**{f"{step.key}__lt": first})),
            "today": Count("pk", filter=Q(**{f"{step.key}__gte": first, f"{step.key}__lt": last})),
            "planned": Count("pk", filter=Q(**{f"{step.key}__gte": last}))}


# cards -------------------------------------------------------------------------------------------


def order(asked: Question) -> str:
    """The order inside a column, as the database knows it."""
    known = paging.order_of(asked.ctx, asked.model, asked.sort)
    if known.column.startswith("x_"):
        known = paging.order_of(asked.ctx, asked.model, paging.usual(asked.ctx, asked.model))
    return f"-{known.column}" if known.descending else known.column


def mover(asked: Question, view: FieldView, closing: str = "") -> Action | None:
    """How a card changes its column: closing verbs, the object's own ``move``, or an edit of the field."""
    model, ctx = asked.model, asked.ctx
    known = {action.verb: action for action in actions.actions_of(model) if action.takes == "record"}
    own = known.get(closing) or known.get("move")
    if own is None and not view.readonly and "update" in model.about.verbs:
        own = actions.verb_of(model, "update")
    return own if own is not None and not ctx.read_only and ctx.may(own.right, model) else None


def cards(asked: Question, board: Board, records: Iterable[Any]) -> dict[int, dict[str, Any]]:
    """What each card shows, by record; the queries are the same for one card and for a thousand."""
    rows, about = list(records), asked.model.about
    by_key = {view.key: view for view in asked.views}
    subtitle = by_key.get(key_of(about.subtitle)) if about.subtitle is not None else None
    owner, amount, step = by_key.get("owner"), _amount(asked), step_field(asked)
    titles = reading.titles_of(asked.ctx, rows, [view for view in (subtitle, owner) if view is not None])
    move = mover(asked, board.view)

    def text(view: FieldView | None, row: Any) -> str:
        return reading.text(view, row, titles) if view is not None else ""

    found = {}
    for row in rows:
        url = addresses.with_query(addresses.record_url(asked.model, row.pk), as_of=asked.as_of)
        when = step.raw(row) if step is not None else None
        late_text = late_words(when) if when is not None and asked.moment is None else ""
        late = asked.moment is None and (bool(late_text) or bool(getattr(row, "overdue", False)))
        found[row.pk] = {
            "record": row, "url": url, "title": str(row), "version": row.version,
            "subtitle": text(subtitle, row), "user": text(owner, row) if row.owner_id else "",
            "amount": text(amount, row), "when": when, "late": late,
            "late_text": late_text, "next_text": day_words(when) if when is not None else "",
            "move_url": f"{url}/move" if move is not None and move.available(row) else "",
        }
    return found


def shown(asked: Question, board: Board, found: QuerySet[Any], may_create: bool) -> list[dict[str, Any]]:
    """The columns as ``board_column.html`` shows them."""
    grouped = figures(asked, board, found)
    values = [column.value for column in board.columns if grouped.get(column.value)]
    firsts = several.first_of_each(found, board.view.attname, values, order(asked), CARDS)
    all_cards = cards(asked, board, [row for rows in firsts.values() for row in rows])
    amount = _amount(asked)
    result = []
    for column in board.columns:
        figure = grouped.get(column.value, {})
        count = figure.get("count", 0)
        rows = firsts.get(column.value, [])
        result.append({
            "key": column.key, "label": column.label, "tone": column.tone, "folded": column.folded,
            "count": count, "count_text": grouped_number(count),
            "sum_text": compact(figure.get("sum") or 0) if amount else "",
            "sum_title": amount.text(figure.get("sum") or 0) if amount else "",
            **{name: round(100 * figure.get(name, 0) / count) if count else 0 for name in ("late", "today", "planned")},
            "cards": [all_cards[row.pk] for row in rows], **more(asked, board, column, len(rows), count),
            "create_url": addresses.new_url(asked.model, **{board.view.key: column.key}) if may_create else "",
        })
    return result


def more(asked: Question, board: Board, column: Column, shown_: int, count: int) -> dict[str, str]:
    """The link to further cards of a column."""
    if count <= shown_:
        return {"more_url": "", "more_text": ""}
    return {"more_url": asked.below("column", face="board", key=column.key, skip=shown_, group=board.group),
            "more_text": _("%(n)s more") % {"n": grouped_number(count - shown_)}}

