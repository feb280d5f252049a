"""Imports of documents with their lines: one row is one line, and a document goes in with all its rows or with none."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel import actions, door, external, facts, meanwhile
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.impex.converting import Converter, Prepared
from guanxi.surfaces.impex.grouping import Grouping
from guanxi.surfaces.impex.importing import FAILED, NOTE, Came, Engine, Figures
from guanxi.surfaces.impex.line_fields import number_key
from guanxi.surfaces.impex.matching import EXTERNAL_KEY
from guanxi.surfaces.impex.plan import Mode, Plan
from guanxi.surfaces.impex.reading import Row

#: A row, the record, and what came of it: written, nothing to write, or why not.
Result = tuple[Prepared, Record, Any]


@dataclass
class Document(Prepared):
    """The rows of one document as values; ``called`` is its number in the table, ``wrong`` says which row has faults."""

    rows: list[int] = field(default_factory=list)
    lines: dict[str, list[Prepared]] = field(default_factory=dict)
    called: str = ""
    wrong: dict[int, list[str]] = field(default_factory=dict)


@dataclass
class Account(Came):
    """What came of a chunk of documents; every row counts, whichever row was at fault."""

    documents: dict[int, Document] = field(default_factory=dict)

    def reject(self, number: int, kind: str, reason: Any) -> None:
        """As for a flat row, for all rows of the document that begins there."""
        if kind == NOTE or number not in self.documents:
            super().reject(number, kind, reason)
        else:
            self.leave_out(self.documents[number], {number: [str(reason)]}, kind)

    def leave_out(self, document: Document, reasons: dict[int, list[str]], kind: str = FAILED) -> None:
        """Each row that is at fault says why; the others say where to look."""
        first = min(reasons)
        for number in document.rows:
            why = reasons.get(number) or [_("Left out with its document: see row %(row)s.") % {"row": first}]
            super().reject(number, kind, " ".join(dict.fromkeys(why)))


class DocumentEngine(Engine):
    """Writes documents with their lines by a plan."""

    def __init__(self, ctx: Ctx, plan: Plan, *, date_1904: bool = False, own_titles: set[str] | None = None) -> None:
        super().__init__(ctx, plan, date_1904=date_1904, own_titles=own_titles)
        self.grouping = Grouping(plan)
        self.number = number_key(self.model)
        self.below = {name: Converter(ctx, part, self.resolver, date_1904, set()) for name, part in plan.lines.items()}

    def chunks(self, rows: Iterable[Row], size: int, after: int = 0, most: int = 0) -> Iterator[list[Row]]:
        """About so many rows at a time, no document cut in two."""
        return self.grouping.chunks(rows, size, after, most)

    def process(self, rows: Sequence[Row], *, together: bool = False) -> Came:
        """Find, create and update the documents of some rows."""
        found = self._documents(rows)
        came, self.together = Account(Figures(read=len(rows), documents=len(found))), together
        came.documents = {one.number: one for one in found}
        good: list[Prepared] = []
        for one in found:
            if one.wrong:
                came.leave_out(one, one.wrong)
            else:
                good.append(one)
        for wave in self._waves(good):
            self._wave(wave, came)
        came.rejects.sort(key=lambda reject: reject[0])
        return came

    # reading -------------------------------------------------------------------------------------

    def _documents(self, rows: Sequence[Row]) -> list[Document]:
        """The documents of some rows; links are looked up once for all of them."""
        groups = list(self.grouping.groups(rows))
        heads = [self.grouping.head(group) for group in groups]
        lines = {name: {made.number: made for made in converter.prepare(
            [row for row in rows if self._holds(converter, row)])} for name, converter in self.below.items()}
        return [self._document(made, group, head, lines) for made, group, head in zip(
            self.converter.prepare(heads), groups, heads, strict=True)]

    @staticmethod
    def _holds(converter: Converter, row: Row) -> bool:
        """Does a row have a line in this list?"""
        return any(row.cells.get(column) is not None for column, _view in converter.plan.columns)

    def _document(self, made: Prepared, group: list[Row], head: Row,
                  lines: dict[str, dict[int, Prepared]]) -> Document:
        one = Document(**vars(made), rows=[row.number for row in group])
        one.lines = {name: [known[number] for number in one.rows if number in known] for name, known in lines.items()}
        if self.plan.number and (called := head.cells.get(self.plan.number)) is not None:
            one.called = str(called)[:200]
            one.external = one.external or one.called
        faults = [*((one.number, words) for words in one.faults), *self.grouping.faults(group, head)]
        faults += [(line.number, words) for some in one.lines.values() for line in some for words in line.faults]
        for number, words in faults:
            one.wrong.setdefault(number, []).append(words)
        return one

    # finding -------------------------------------------------------------------------------------

    def _view(self, key: str) -> FieldView:
        return facts.field_of(self.model, self.ctx, key) if key == self.number else super()._view(key)

    def _key(self, row: Any) -> Any:
        if self.number not in self.plan.match:
            return super()._key(row)
        values = {view.key: value for view, value in row.values.items()}
        values |= {self.number: row.called, EXTERNAL_KEY: row.external}
        key = tuple(values.get(name) for name in self.plan.match)
        return None if any(part in (None, "") for part in key) else key

    def _existing(self, rows: list[Prepared]) -> dict[Any, list[Record]]:
        """By the number in the table: those that came in under it before, then those that have it here."""
        if self.plan.match != (self.number,):
            return super()._existing(rows)
        marks = external.ids_of(self.plan.source, self.model, [row.external for row in rows if row.external])
        there = self.ctx.find(self.model).select_for_update(of=("self",)).in_bulk(set(marks.values()))
        known = {mark: there[pk] for mark, pk in marks.items() if pk in there}
        found = super()._existing([row for row in rows if row.external not in known])
        within = self.ctx.find(self.model, "update").filter(pk__in=there)
        self.reached |= set(within.values_list("pk", flat=True))
        return found | {(mark,): [record] for mark, record in known.items()}

    # lines ---------------------------------------------------------------------------------------

    def _given(self, row: Any, record: Record | None) -> dict[str, Any]:
        """The lines as a program would give them; a document whose rows have none keeps those that it has."""
        given = {}
        for name, some in row.lines.items():
            stored = list(getattr(record, name)) if record is not None else []
            if some and not (stored and self.plan.mode == Mode.FILL):
                given[name] = [self._line(line, stored, name) for line in some]
        return given

    def _line(self, line: Prepared, stored: list[Any], name: str) -> dict[str, Any]:
        """A line is the first stored one with the same links, else with those the row fills, and where the table has no
        links the next one."""
        values: dict[str, Any] = {view.key: value for view, value in line.values.items()}
        links = [view for _column, view in self.plan.lines[name].columns if view.target]
        filled = [view for view in links if line.values.get(view) is not None]
        same = next((row for some in ([links, filled] if filled or not links else [links]) for row in stored
                     if all(view.raw(row) == line.values.get(view) for view in some)), None)
        if same is None:
            return values
        stored.remove(same)
        emptied = {view.key: None for view in line.empty} if self.plan.clear else {}
        return {**emptied, **values, "id": same.pk}

    # writing -------------------------------------------------------------------------------------

    def _write(self, creates: list[tuple[Prepared, Record]], updates: list[tuple[Prepared, Record]], came: Came) -> None:
        for pairs, verb in ((creates, "create"), (updates, "update")):
            if pairs:
                self._count([self._single(row, record, verb) for row, record in pairs], verb, came)

    def _single(self, row: Prepared, record: Record, verb: str) -> Result:
        """One document with its lines, and with those who listen; all of it or nothing."""
        mark, version = self.ctx.unit.mark(), record.version
        try:
            with meanwhile.looking(self.ctx):
                self.ctx.save(record)
                written = verb == "create" or record.version != version
                if written and self.listening[verb]:
                    door.listen(self.ctx, actions.verb_of(self.model, verb), record, record)
        except Refused as refusal:
            self.ctx.unit.back_to(mark)
            self.ctx.unit.indexed.pop((object_name(record), record.pk or 0), None)
            return row, record, refusal
        return row, record, written

    def _count(self, results: list[Any], verb: str, came: Came) -> None:
        """The rows of a document beyond the first, which is counted as any row; refused ones are counted already."""
        super()._count(results, verb, came)
        for row, _record, what in results:
            if not isinstance(what, Refused):
                name = "skipped" if not what else "created" if verb == "create" else "updated"
                setattr(came.figures, name, getattr(came.figures, name) + len(row.rows) - 1)

    def _refuse(self, row: Any, refusal: Refused, came: Came) -> None:
        """Say at each row what is wrong with its line, and at the first one what is wrong with the document."""
        wrong: dict[int, list[str]] = {}
        labels = {view.key: view.label for view in facts.fields(self.model, self.ctx)}
        for key, texts in refusal.errors.items():
            name, _dot, rest = key.partition(".")
            place, _dot, inner = rest.partition(".")
            if name in row.lines and place.isdecimal() and 0 < int(place) <= len(row.lines[name]):
                number = row.lines[name][int(place) - 1].number
                label = {view.key: view.label for view in facts.fields(
                    self.plan.lines[name].model, self.ctx)}.get(inner, "")
            else:
                number, label = row.number, labels.get(key, key)
            wrong.setdefault(number, []).extend(f"{label}: {text}" if label else text for text in texts)
        if isinstance(came, Account):
            came.leave_out(row, wrong or {row.number: [refusal.reason]})
