"""Read tables that people bring: row by row, exactly, with every oddity explained."""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

import python_calamine
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.language.text import half_width
from guanxi.surfaces.impex import sizing
from guanxi.surfaces.impex.opening import Source, Unreadable, counts_from_1904, encoding_of, kind_of, open_source

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Cell = str | int | Decimal | bool | date | datetime | None

MAX_ROWS = 1_048_576
MAX_COLUMNS = 1_000
PREVIEW_ROWS = 5
ENCODINGS = ("utf-8-sig", "utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "big5")
_LOOK_AT = 30
_DELIMITERS = ",;\t|，"
_EXACT = 10**15
_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file is understood; replace a value to override the guess, then read with it."""

    kind: str
    encoding: str
    delimiter: str
    sheets: tuple[str, ...]
    sheet: str
    header_row: int  # counted from 1, as spreadsheets do
    columns: tuple[str, ...]
    rows: tuple["Row", ...]
    warnings: "tuple[_StrPromise | str, ...]"
    date_1904: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the header; `problems` names the cells that cannot be used, and why."""

    number: int
    cells: dict[str, Cell]
    problems: "dict[str, _StrPromise | str]"


def sniff(
    source: Source, filename: str = "", *, encoding: str = "", delimiter: str = "", sheet: str = "", header_row: int = 0
) -> Preview:
    """Say what the file is and show its first rows; what is given is not guessed."""
    kind = kind_of(source)
    sheets: tuple[str, ...] = ()
    warnings: list[_StrPromise | str] = []
    if kind == "csv":
        encoding = _known_encoding(encoding) or encoding_of(source)
        delimiter = delimiter or _guess_delimiter(source, encoding)
    else:
        sizing.check(source, kind, MAX_ROWS)
        sheets, sheet = _sheets(source, sheet)
        if len(sheets) > 1:
            warnings.append(format_lazy(_("Only the sheet “{sheet}” is read."), sheet=sheet))
    extension = filename.rpartition(".")[2].lower()
    if extension in ("xlsx", "xls", "ods", "csv") and extension != kind:
        warnings.append(
            format_lazy(_("The file is named .{name} but holds {kind}."), name=extension, kind=kind.upper())
        )
    with _records(source, kind, encoding, delimiter, sheet) as records:
        first = list(islice(records, _LOOK_AT))
    header_row = header_row or _guess_header(first)
    names = next((cells for number, cells in first if number == header_row), None)
    if names is None:
        raise Unreadable("header", _("There is no header row. Name the columns in the first row."))
    columns, notes = _columns(names, first, header_row)
    warnings += notes
    if kind in ("xlsx", "xls"):
        warnings += _merged(source, sheet, header_row)
    body = (record for record in first if record[0] > header_row)
    rows_ = tuple(islice((row for number, cells in body if (row := _row(number, cells, columns))), PREVIEW_ROWS))
    is_1904 = kind == "xlsx" and counts_from_1904(source)
    return Preview(
        kind, encoding, delimiter, sheets, sheet, header_row, columns, rows_, tuple(warnings), date_1904=is_1904
    )


def rows(source: Source, preview: Preview) -> Iterator[Row]:
    """All rows under the header, empty ones left out."""
    with _records(source, preview.kind, preview.encoding, preview.delimiter, preview.sheet) as records:
        for number, cells in records:
            if number > MAX_ROWS:
                message = _("The file has more than {most} rows. Split it and import the parts.")
                raise Unreadable("rows", message, most=MAX_ROWS)
            if number > preview.header_row and (row := _row(number, cells, preview.columns)):
                yield row


# -- records: row number and raw cells --------------------------------------------------------

Record = tuple[int, Sequence[object]]


@contextmanager
def _records(source: Source, kind: str, encoding: str, delimiter: str, sheet: str) -> Iterator[Iterator[Record]]:
    with open_source(source) as file:
        if kind == "csv":
            with io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="") as text:
                yield _csv_records(text, delimiter)
        else:
            try:
                book = python_calamine.CalamineWorkbook.from_filelike(file)
                table = book.get_sheet_by_name(sheet)
            except python_calamine.CalamineError as error:
                raise _damaged(error) from None
            yield enumerate(table.iter_rows(), start=1)


def _damaged(error: Exception) -> Unreadable:
    if isinstance(error, python_calamine.PasswordError):
        return Unreadable("password", _("The file is locked with a password. Save it without one."))
    return Unreadable("damaged", _("The file is damaged. Save it again and upload it anew."))


def _csv_records(text: io.TextIOWrapper, delimiter: str) -> Iterator[Record]:
    number = 0
    reader = csv.reader(text, delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, start=1):
            if number == 1 and len(cells) <= 2 and re.fullmatch(r"sep=.?", cells[0] if cells else "", re.IGNORECASE):
                continue
            yield number, [_unmarked(cell) for cell in cells]
    except UnicodeDecodeError:
        message = _("After row {row} the characters cannot be read. Choose another encoding.")
        raise Unreadable("encoding", message, row=number) from None
    except csv.Error:
        message = _("After row {row} a cell never ends. Look for a quotation mark that is not closed.")
        raise Unreadable("quote", message, row=number) from None


def _unmarked(cell: str) -> str:
    """Take back the mark that our own export sets before a formula."""
    marked = cell.startswith("'") and half_width(cell.lstrip("'")[:1]) in _RISKY
    return cell[1:] if marked else cell


def _known_encoding(name: str) -> str:
    name = name.lower().replace("gbk", "gb18030").replace("gb2312", "gb18030")
    if name and name not in ENCODINGS:
        raise Unreadable("encoding", _("The encoding “{name}” is not known."), name=name[:40])
    return name


def _guess_delimiter(source: Source, encoding: str) -> str:
    with open_source(source) as file, io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="") as text:
        sample = text.read(65_536)
    if hint := re.match(r"sep=([^\r\n])[\r\n]", sample, re.IGNORECASE):
        return hint[1]
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        try:
            widths = [
                len(r) for r in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), _LOOK_AT)
            ]
        except csv.Error:
            continue
        width, times = Counter(w for w in widths if w > 1).most_common(1)[0] if any(w > 1 for w in widths) else (1, 0)
        if times * min(width, 4) > most:
            best, most = delimiter, times * min(width, 4)
    return best


def _sheets(source: Source, wanted: str) -> tuple[tuple[str, ...], str]:
    with open_source(source) as file:
        try:
            book = python_calamine.CalamineWorkbook.from_filelike(file)
            shown = [s.name for s in book.sheets_metadata if s.visible == python_calamine.SheetVisibleEnum.Visible]
            filled = next((s for s in shown if book.get_sheet_by_name(s).height), "")
        except python_calamine.CalamineError as error:
            raise _damaged(error) from None
    if wanted and wanted not in shown:
        raise Unreadable("sheet", _("There is no sheet “{sheet}”."), sheet=wanted[:40])
    if not wanted and not filled:
        raise Unreadable("empty", _("The file is empty."))
    return tuple(shown), wanted or filled


# -- header -----------------------------------------------------------------------------------


def _filled(cells: Sequence[object]) -> list[object]:
    return [c for c in cells if c is not None and str(c).strip()]


def _guess_header(first: list[Record]) -> int:
    """The first row that is about as wide as the table and holds nothing but words."""
    widest = max((len(_filled(cells)) for _, cells in first), default=0)
    if not widest:
        raise Unreadable("empty", _("The file is empty."))
    for number, cells in first:
        filled = _filled(cells)
        if len(filled) >= max(1, 0.6 * widest) and all(isinstance(c, str) for c in filled):
            return number
    return next(number for number, cells in first if _filled(cells))


def _columns(
    names: Sequence[object], first: list[Record], header_row: int
) -> tuple[tuple[str, ...], "list[_StrPromise | str]"]:
    notes: list[_StrPromise | str] = []
    if any(_filled(cells) for number, cells in first if number < header_row):
        notes.append(format_lazy(_("The rows above row {row} look like a title and are left out."), row=header_row))
    width = max((i + 1 for _, cells in first for i, c in enumerate(cells) if _filled([c])), default=0)
    if width > MAX_COLUMNS:
        raise Unreadable("columns", _("The file has more than {most} columns."), most=MAX_COLUMNS)
    columns: list[str] = []
    for index in range(width):
        name = re.sub(r"\s+", " ", str(names[index])).strip() if index < len(names) and names[index] is not None else ""
        if not name:
            name = str(format_lazy(_("Column {letter}"), letter=column_letter(index)))
            notes.append(format_lazy(_("Column {letter} has no name."), letter=column_letter(index)))
        elif name in columns:
            plain, count = name, 2
            while (name := f"{plain} ({count})") in columns:
                count += 1
            text = _("The column “{name}” is there more than once; column {letter} is called “{new}”.")
            notes.append(format_lazy(text, name=plain, letter=column_letter(index), new=name))
        columns.append(name)
    return tuple(columns), notes


def column_letter(index: int) -> str:
    """0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _merged(source: Source, sheet: str, header_row: int) -> "list[_StrPromise | str]":
    with open_source(source) as file:
        ranges = python_calamine.CalamineWorkbook.from_filelike(file).get_sheet_by_name(sheet).merged_cell_ranges or []
    below = [(a, b) for a, b in ranges if b[0] >= header_row - 1]
    if not below:
        return []
    (top, left), (bottom, right) = below[0]
    where = f"{column_letter(left)}{top + 1}:{column_letter(right)}{bottom + 1}"
    text = _("There are merged cells ({where} and so on: {count}). Only the first cell of each holds the value.")
    return [format_lazy(text, where=where, count=len(below))]


# -- cells ------------------------------------------------------------------------------------


def _row(number: int, raw: Sequence[object], columns: tuple[str, ...]) -> Row | None:
    if not _filled(raw):
        return None
    problems: dict[str, _StrPromise | str] = {}
    cells: dict[str, Cell] = dict.fromkeys(columns)
    for name, value in zip(columns, raw, strict=False):
        cells[name] = _cell(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= _EXACT:
            text = _(
                "The number {value} has lost digits in the spreadsheet. Format the column as text, enter it again."
            )
            problems[name] = format_lazy(text, value=str(cells[name]))
    if extra := _filled(raw[len(columns) :]):
        text = _("The row has more cells than the header (“{value}”).")
        problems[""] = format_lazy(text, value=str(extra[0])[:40])
    return Row(number, cells, problems)


def _cell(value: object) -> Cell:
    if isinstance(value, float):
        if not math.isfinite(value) or abs(value) >= _EXACT:
            return repr(value)
        # Spreadsheets promise 15 digits; what follows is noise of the binary number.
        return int(value) if value.is_integer() else Decimal(format(value, ".15g"))
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, time):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, date)):
        return value
    return str(value)
