"""Rows of a table that are one document: its own columns stand in the first row, and are repeated or left empty below."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from guanxi.surfaces.impex.matching import EXTERNAL_KEY
from guanxi.surfaces.impex.plan import Plan
from guanxi.surfaces.impex.reading import Row


class Grouping:
    """Tells which rows of a table belong together: by the key of a document, or because they say nothing else."""

    def __init__(self, plan: Plan) -> None:
        by_key = {view.key: column for column, view in plan.columns}
        matched = [by_key[key] for key in plan.match if key in by_key and key != EXTERNAL_KEY]
        self.keys = [plan.external] if plan.external else [plan.number] if plan.number else matched
        self.own = list(dict.fromkeys([*self.keys, *(column for column, _view in plan.columns)]))
        self.began: dict[tuple[str, ...], int] = {}

    def groups(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        """The rows of one document after the other."""
        group: list[Row] = []
        for row in rows:
            if group and not self._goes_on(group[0], row):
                yield group
                group = []
            group.append(row)
        if group:
            yield group

    def chunks(self, rows: Iterable[Row], size: int, after: int, most: int) -> Iterator[list[Row]]:
        """About so many rows at a time, no document cut in two; those up to the row ``after`` are only remembered."""
        chunk: list[Row] = []
        done = 0
        for group in self.groups(rows):
            if (key := self._key(group[0])) is not None:
                self.began.setdefault(key, group[0].number)
            if group[0].number <= after:
                continue
            chunk += group
            if len(chunk) >= size or (most and done + len(chunk) >= most):
                yield chunk
                done, chunk = done + len(chunk), []
            if most and done >= most:
                return
        if chunk:
            yield chunk

    def _key(self, row: Row) -> tuple[str, ...] | None:
        cells = [row.cells.get(column) for column in self.keys]
        return None if not cells or None in cells else tuple(str(cell) for cell in cells)

    def _goes_on(self, head: Row, row: Row) -> bool:
        """A row with a key belongs to the document of that key, one without to the document above unless it differs."""
        key = self._key(row)
        return key == self._key(head) if key is not None else not list(self._other(head, row))

    def _other(self, head: Row, row: Row) -> Iterator[tuple[str, Any, Any]]:
        for column in self.own:
            mine, theirs = row.cells.get(column), head.cells.get(column)
            if mine is not None and mine != theirs:
                yield column, mine, theirs

    def head(self, group: list[Row]) -> Row:
        """What the rows say of the document itself."""
        first = group[0]
        cells = {column: next((cell for row in group if (cell := row.cells.get(column)) is not None), None)
                 for column in self.own}
        problems = {column: words for row in reversed(group) for column, words in row.problems.items()
                    if column in self.own}
        return Row(first.number, {**first.cells, **cells}, {**first.problems, **problems})

    def faults(self, group: list[Row], head: Row) -> Iterator[tuple[int, str]]:
        """Row and reason where the rows of a document do not agree, or do not stand together."""
        key = self._key(head)
        if key is not None and (began := self.began.get(key, head.number)) != head.number:
            yield head.number, _("The rows of one document must follow one another: “%(key)s” began in row %(row)s.") % {
                "key": " ".join(key)[:80], "row": began}
        for row in group:
            for column, mine, theirs in self._other(head, row):
                yield row.number, _("%(column)s: “%(value)s” here, but “%(other)s” further up in the same document.") % {
                    "column": column, "value": str(mine)[:80], "other": str(theirs)[:80]}
