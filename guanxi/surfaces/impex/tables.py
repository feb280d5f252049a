"""The file of a run: how it is read, what is in it, and the rows that were rejected."""

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage
from django.utils.translation import gettext as _

from guanxi.kernel.api import Ctx, Refused
from guanxi.surfaces.impex import importing, reading, writing
from guanxi.surfaces.impex.models import ImportChunk, ImportRun
from guanxi.surfaces.impex.opening import Source, Unreadable

#: A column with more different values than this is no list of choices.
DISTINCT = 300
SAMPLES = 3
SHOWN = 5
_CUT = 120


def source_of(run: ImportRun) -> Source:
    """The file where it lies, or its content where it lies on no disk of ours."""
    if isinstance(run.file.storage, FileSystemStorage):
        return Path(run.file.path)
    with run.file.open("rb") as file:
        return bytes(file.read())


def table_of(run: ImportRun) -> reading.Preview:
    """How the file is read, as it was found or chosen."""
    kept = run.preview
    return reading.Preview(
        kept["kind"], kept["encoding"], kept["delimiter"], tuple(kept["sheets"]), kept["sheet"], kept["header_row"],
        tuple(kept["columns"]), (), (), date_1904=kept["date_1904"])


def rows_of(run: ImportRun) -> Iterator[reading.Row]:
    """Every row of the file."""
    return reading.rows(source_of(run), table_of(run))


def look(source: Source, file_name: str, **chosen: Any) -> dict[str, Any]:
    """Everything a person must know of a file before it is imported. Raises Refused for one that cannot be read."""
    try:
        found = reading.sniff(source, file_name, **chosen)
        return {
            "kind": found.kind, "encoding": found.encoding, "delimiter": found.delimiter, "sheets": list(found.sheets),
            "sheet": found.sheet, "header_row": found.header_row, "columns": list(found.columns),
            "date_1904": found.date_1904, "warnings": [str(warning) for warning in found.warnings],
            **_scan(source, found)}
    except Unreadable as error:
        raise Refused(str(error), field="file") from error


def _scan(source: Source, table: reading.Preview) -> dict[str, Any]:
    """Count the rows, and collect samples and the different values of each column, in one pass."""
    total = 0
    filled: Counter[str] = Counter()
    distinct: dict[str, Counter[str] | None] = {column: Counter() for column in table.columns}
    samples: dict[str, list[str]] = {column: [] for column in table.columns}
    first: list[list[str]] = []
    for row in reading.rows(source, table):
        total += 1
        if total <= SHOWN:
            first.append([shown(row.cells.get(column)) for column in table.columns])
        for column, cell in row.cells.items():
            if cell is None:
                continue
            filled[column] += 1
            words = distinct[column]
            if len(samples[column]) < SAMPLES and (text := shown(cell)) not in samples[column]:
                samples[column].append(text)
            if words is not None:
                words[str(cell)] += 1
                if len(words) > DISTINCT:
                    distinct[column] = None
    if not total:
        raise Unreadable("empty", _("There are no rows under the header."))
    return {"total": total, "filled": dict(filled), "samples": samples, "first": first,
            "distinct": {column: dict(words.most_common()) for column, words in distinct.items() if words is not None}}


def shown(cell: Any) -> str:
    """A cell as people read it, cut to fit."""
    text = "" if cell is None else str(cell)
    return text if len(text) <= _CUT else f"{text[:_CUT]}…"


def rejects_of(ctx: Ctx, run: ImportRun) -> dict[int, tuple[str, str]]:
    """Rows with words to them: kind and reason by row number."""
    found: dict[int, tuple[str, str]] = {}
    for chunk in ctx.as_system("rejected rows").find(ImportChunk).filter(run=run).order_by("pk"):
        for number, kind, reason in chunk.rejects:
            found[number] = (kind, f"{found[number][1]} {reason}" if number in found else reason)
    return found


def reject_file(ctx: Ctx, run: ImportRun, kind: str) -> bytes:
    """The rows that did not go in, in the user's own columns, with row number and reason."""
    reasons = rejects_of(ctx, run)

    def rejects() -> Iterator[writing.Reject]:
        for row in rows_of(run):
            if row.number in reasons:
                yield writing.Reject(row.number, row.cells, worded(*reasons[row.number]))

    target = io.BytesIO()
    writing.write_rejects(target, run.preview["columns"], rejects(), kind)
    return target.getvalue()


def worded(kind: str, reason: str) -> str:
    """A reason with what it meant for the row."""
    if kind == importing.NOTE:
        return _("Imported, but: %(reason)s") % {"reason": reason}
    if kind == importing.SKIPPED:
        return _("Left out: %(reason)s") % {"reason": reason}
    return reason
