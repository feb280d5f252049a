"""The lines of a document in its form: a table one types into; the document itself works out what follows."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from guanxi.kernel import documents, facts
from guanxi.kernel.api import Ctx, Refused, f
from guanxi.kernel.facts import FieldView
from guanxi.kernel.reading import Titles
from guanxi.kernel.records import Record
from guanxi.surfaces.web import cells, panels

Model = type[Record]
#: Where a line that has no number yet is kept for scripts to copy.
BLANK = "new"
_NUMBERS = ("money", "decimal", "percent", "integer")


@dataclass
class Control(cells.Item):
    """A value of one line; its name says where it stands: ``lines.2.quantity``."""

    place: str = ""
    shown: bool = False

    @property
    def name(self) -> str:
        return f"{self.place}.{self.field.key}"

    @property
    def id(self) -> str:
        return f"id_{self.name}"

    @property
    def spoken(self) -> str:
        """What the control is called where the head of its column is its label."""
        return self.field.label


@dataclass
class Row:
    """One line: its id if it is stored, and its values in the order of the columns."""

    place: str
    pk: str = ""
    controls: list[Control] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass
class Table:
    """The lines of one list with its columns; ``totals`` are what the document makes of them."""

    name: str
    label: str
    columns: list[FieldView]
    rows: list[Row]
    blank: Row
    totals: list[tuple[FieldView, str]]
    errors: list[str]


def posted(lines: f.Lines, data: QueryDict) -> list[dict[str, Any]] | None:
    """The lines of a posted form in order, empty ones left out; None where the form did not have them."""
    if f"{lines.name}.count" not in data:
        return None
    found: dict[int, dict[str, Any]] = {}
    pattern = re.compile(rf"{re.escape(lines.name)}\.(\d{{1,5}})\.(\w+)")
    for name in data:
        if match := pattern.fullmatch(name):
            found.setdefault(int(match[1]), {})[match[2]] = str(data[name]).replace("\x00", "")
    rows = [found[number] for number in sorted(found)]
    return [row for row in rows if row.get("id") or any(value for key, value in row.items() if key != "id")]


def stored(ctx: Ctx, record: Record, lines: f.Lines) -> list[dict[str, Any]]:
    """The lines of a record as its form holds them."""
    views = [view for view in columns(ctx, lines) if cells.is_editable(view)]
    return [{"id": str(row.pk or ""), **{view.key: cells.form_value(view, view.raw(row)) for view in views}}
            for row in getattr(record, lines.name)]


def columns(ctx: Ctx, lines: f.Lines) -> list[FieldView]:
    """What a line shows, in order: what one may type and what follows from it."""
    link = lines.model.about.parent_name
    views = cells.named(lines.model, ctx, lines.model.about.column_names)
    return [cells.controlled(view) for view in views if view.key not in (link, "position")]


def table(ctx: Ctx, record: Record, lines: f.Lines, rows: list[dict[str, Any]], errors: Mapping[str, list[str]]) -> Table:
    """The table as the form shows it, with what was typed, what follows, and what is wrong where."""
    views = columns(ctx, lines)
    known = cells.titles_for(ctx, [(view, row.get(view.key, "")) for row in rows for view in views])
    results, _wrong = drafted(ctx, record, lines, rows)
    made = [_row(ctx, lines, number, row, views, known, errors, result)
            for number, (row, result) in enumerate(zip(rows, results, strict=True), 1)]
    blank = _row(ctx, lines, BLANK, {}, views, {}, {}, None)
    loose = [text for key, texts in errors.items() if key == lines.name for text in texts]
    return Table(lines.name, str(lines.verbose_name), views, made, blank, totals(ctx, record), loose)


def _row(ctx: Ctx, lines: f.Lines, number: int | str, given: dict[str, Any], views: list[FieldView], known: Titles,
         errors: Mapping[str, list[str]], result: Record | None) -> Row:
    place = f"{lines.name}.{number}"
    controls = []
    for view in views:
        shown = not cells.is_editable(view)
        value = given.get(view.key, "")
        if shown and result is not None:
            value = view.text(view.raw(result))
        made = cells.item(view, value, known, errors.get(f"{place}.{view.key}", ()))
        text = made.text or (value if view.target else "")
        control = Control(view, value, text, made.errors, place=place, shown=shown)
        controls.append(control)
        cells.may_create(ctx, control)
    loose = [text for key, texts in errors.items() if key in (place, f"{place}.id") for text in texts]
    return Row(place, str(given.get("id") or ""), controls, loose)


def drafted(ctx: Ctx, record: Record, lines: f.Lines, given: list[dict[str, Any]]) -> tuple[list[Record],
                                                                                           dict[str, list[str]]]:
    """Let a document work out what follows from these lines, unsaved; returns a record for each line, and what is wrong.

    What cannot be read is told by its place; a line that lacks something does not count yet.
    """
    errors: dict[str, list[str]] = {}
    known = {str(row.pk): row for row in getattr(record, lines.name) if row.pk}
    views = {view.key: view for view in columns(ctx, lines) if cells.is_editable(view)}
    rows: list[Record] = []
    seen: dict[tuple[str, str], Any] = {}
    for number, one in enumerate(given, 1):
        row = known.get(str(one.get("id") or "")) or lines.model()
        for key, view in views.items():
            raw = one.get(key, "")
            try:
                if (key, raw) not in seen:
                    seen[key, raw] = view.parse(raw, ctx)
                view.put(row, seen[key, raw])
            except Refused as refusal:
                if raw:
                    errors[f"{lines.name}.{number}.{key}"] = [refusal.reason]
        rows.append(row)
    setattr(record, lines.name, rows)
    documents.fill(ctx, record, lines)
    setattr(record, lines.name, [row for row in rows if not any(
        view.required and view.raw(row) in (None, "") for view in views.values())])
    record.prepare()
    return rows, errors


def headed(ctx: Ctx, model: Model, record: Record | None, given: Mapping[str, Any]) -> Record:
    """The head of a document with what was typed so far, unsaved."""
    made = record if record is not None else model()
    if record is None:
        made.owner_id = ctx.user_id
    for key, raw in given.items():
        try:
            for view, value in facts.parse_all(ctx, model, {key: raw}, creating=False).items():
                view.put(made, value)
        except Refused:
            continue
    return made


def totals(ctx: Ctx, record: Record) -> list[tuple[FieldView, str]]:
    """What a document works out of its lines."""
    model = type(record)
    shown = {*model.about.column_names, *model.about.form_names}
    views: Iterable[FieldView] = facts.fields(model, ctx)
    return [(view, view.text(view.raw(record))) for view in views
            if view.kind in _NUMBERS and view.key in shown and view.readonly and not view.masked and not view.custom]


def answer(ctx: Ctx, record: Record, lines: f.Lines, given: list[dict[str, Any]]) -> dict[str, Any]:
    """What follows from the lines typed so far, for the page to show: values by place, totals by field, errors."""
    rows, errors = drafted(ctx, record, lines, given)
    views = columns(ctx, lines)
    known = cells.titles_for(ctx, [(view, view.raw(row) or "") for row in rows for view in views if view.target])
    found = []
    for one, row in zip(given, rows, strict=True):
        values: dict[str, Any] = {}
        for view in views:
            raw = view.raw(row)
            if not cells.is_editable(view):
                values[view.key] = {"text": view.text(raw)}
            elif str(cells.form_value(view, raw)) != str(one.get(view.key, "")):
                words = known.get((view.target, raw), "") if view.target else ""
                values[view.key] = {"value": cells.form_value(view, raw), "text": words}
        found.append(values)
    return {"rows": found, "totals": {view.key: text for view, text in totals(ctx, record)}, "errors": errors}


def _telling(views: list[FieldView], rows: list[list[cells.Cell]]) -> dict[str, Any]:
    """Columns and rows without what says nothing: a column that is empty, or repeats the words before it, in every line."""
    texts = [[str(row[place].text) for row in rows] for place in range(len(views))]
    same = [place > 0 and views[place].align != "end" and texts[place] == texts[place - 1] for place in range(len(views))]
    kept = [place for place, column in enumerate(texts) if not rows or (any(column) and not same[place])]
    return {"columns": [views[place] for place in kept], "rows": [[row[place] for place in kept] for row in rows]}


@panels.panel("lines", place="main", order=1, template="web/panels/lines.html")
def card(ctx: Ctx, record: Record, _request: Any) -> dict[str, Any] | None:
    """The lines of a document on its page."""
    if not record.line_lists:
        return None
    found = []
    for lines in record.line_lists:
        views, rows = columns(ctx, lines), getattr(record, lines.name)
        known = cells.titles_of(ctx, rows, views)
        found.append({"label": str(lines.verbose_name),
                      **_telling(views, [cells.cells(views, row, known) for row in rows])})
    shown = [(view, text) for view, text in totals(ctx, record) if text]
    return {"tables": found, "totals": shown}
