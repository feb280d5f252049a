"""Write tables that spreadsheets open safely: nothing runs, no digit is lost."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from guanxi.language.parsing import ParseError
from guanxi.language.text import half_width

MAX_ROWS = 1_048_576
_MAX_TEXT = 32_767
_EXACT_DIGITS = 15
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_NEGATIVE = re.compile(r"-[0-9]+(?:\.[0-9]+)?")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BOM = b"\xef\xbb\xbf"
_EPOCH = date(1900, 3, 1)
_VALIDATED_ROWS = 5_000

Target = str | Path | BinaryIO


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column of an import template."""

    name: str
    example: object = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be imported, with the user's own cells."""

    number: int
    cells: Mapping[str, object]
    reason: str


# -- CSV --------------------------------------------------------------------------------------


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """A CSV file piece by piece: UTF-8 with BOM, so that Excel reads Chinese."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    yield _BOM
    writer.writerow([csv_cell(name) for name in header])
    for row in rows:
        writer.writerow([csv_cell(value) for value in row])
        if buffer.tell() > 65_536:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def write_csv(target: Target, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file."""
    if isinstance(target, (str, Path)):
        with Path(target).open("wb") as file:
            file.writelines(csv_chunks(header, rows))
    else:
        target.writelines(csv_chunks(header, rows))


def csv_cell(value: object) -> str:
    """Text of a cell in which no spreadsheet finds a formula."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "seconds")
    if isinstance(value, (int, Decimal, float, date)):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = str(value)
    if not text.isascii():
        text = _SURROGATES.sub("\ufffd", text)
    first = text.lstrip("'")[:1]
    if text and not first.isalnum() and half_width(first) in _RISKY and not _NEGATIVE.fullmatch(text):
        return "'" + text
    return text


# -- XLSX -------------------------------------------------------------------------------------


class _Sheets:
    """A workbook in constant memory, in which text stays text."""

    def __init__(self, target: Target) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
            "remove_timezone": True,
        }
        self.book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, options)
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.text = self.book.add_format({"num_format": "@"})
        self.head = self.book.add_format({"bold": True, "num_format": "@"})

    def write(self, sheet: Worksheet, row: int, column: int, value: object) -> None:
        if value is None or value == "":
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, (int, Decimal, float)):
            self._number(sheet, row, column, value)
        elif isinstance(value, datetime) and value.date() >= _EPOCH:
            sheet.write_datetime(row, column, value, self.moment)
        elif isinstance(value, date) and not isinstance(value, datetime) and value >= _EPOCH:
            sheet.write_datetime(row, column, value, self.day)
        else:
            text = _SURROGATES.sub("\ufffd", str(value))
            sheet.write_string(row, column, text[:_MAX_TEXT], self.text)

    def _number(self, sheet: Worksheet, row: int, column: int, value: int | Decimal | float) -> None:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if number.is_finite() and len(number.normalize().as_tuple().digits) <= _EXACT_DIGITS >= abs(number.adjusted()):
            sheet.write_number(row, column, float(number))
        else:
            sheet.write_string(row, column, f"{number:f}" if number.is_finite() else str(number), self.text)


def write_xlsx(target: Target, header: Sequence[str], rows: Iterable[Sequence[object]], sheet: str = "") -> None:
    """Write a spreadsheet row by row."""
    sheets = _Sheets(target)
    try:
        page = sheets.book.add_worksheet(_sheet_name(sheet))
        page.freeze_panes(1, 0)
        for column, name in enumerate(header):
            page.set_column(column, column, min(40, max(10, 2 * len(name) + 2)))
            page.write_string(0, column, _SURROGATES.sub("\ufffd", name)[:_MAX_TEXT], sheets.head)
        for number, row in enumerate(rows, start=1):
            if number >= MAX_ROWS:
                raise ParseError("rows", _("A sheet holds at most 1,048,576 rows. Export to CSV instead."))
            for column, value in enumerate(row):
                sheets.write(page, number, column, value)
    finally:
        sheets.book.close()


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff]", " ", name).strip(" '")[:31] or "Sheet1"


# -- template and reject file -----------------------------------------------------------------


def write_template(target: Target, columns: Sequence[TemplateColumn], sheet: str = "") -> None:
    """An empty table to fill in: header, drop-down lists, one example row."""
    sheets = _Sheets(target)
    page = sheets.book.add_worksheet(_sheet_name(sheet))
    lists = sheets.book.add_worksheet("_lists")
    lists.hide()
    page.freeze_panes(1, 0)
    required = sheets.book.add_format({"bold": True, "num_format": "@", "font_color": "#C0262D"})
    for index, column in enumerate(columns):
        page.set_column(index, index, max(12, 2 * len(column.name) + 2), None if column.choices else sheets.text)
        page.write_string(0, index, column.name, required if column.required else sheets.head)
        if column.note:
            page.write_comment(0, index, column.note)
        if column.choices:
            source = f"=_lists!${_letter(index)}$1:${_letter(index)}${len(column.choices)}"
            rule = {"validate": "list", "source": source, "error_message": _("Choose a value from the list.")}
            page.data_validation(1, index, _VALIDATED_ROWS, index, rule)
    for index, column in enumerate(columns):
        sheets.write(page, 1, index, column.example)
    for row in range(max((len(c.choices) for c in columns), default=0)):
        for index, column in enumerate(columns):
            if row < len(column.choices):
                lists.write_string(row, index, column.choices[row])
    sheets.book.close()


def _letter(index: int) -> str:
    return xlsxwriter.utility.xl_col_to_name(index)


def write_rejects(target: Target, columns: Sequence[str], rejects: Iterable[Reject], kind: str = "xlsx") -> None:
    """The rows that failed, in the user's own columns, with row number and reason."""
    header = [*columns, _("row no."), _("reason")]
    rows = ([*(r.cells.get(name) for name in columns), r.number, r.reason] for r in rejects)
    if kind == "csv":
        write_csv(target, header, rows)
    else:
        write_xlsx(target, header, rows, _("Rejected rows"))
