"""How much a table would take once it is open, found out before it is: a few cells far apart stand for all between them.

Run as ``python -m guanxi.surfaces.impex.sizing`` it opens a table in a process of its own, with bounded time and memory.
"""

import io
import re
import resource
import subprocess
import sys
import zipfile
from contextlib import suppress
from typing import BinaryIO

import python_calamine
from django.utils.translation import gettext_lazy as _

from guanxi.surfaces.impex.opening import Source, Unreadable, open_source

#: Cells that may lie between the first and the last one without asking further.
CELLS = 4_000_000
#: Bytes and seconds a table may take in any case, and how many of them more for each of its own bytes.
MEMORY, MEMORY_EACH, MEMORY_MOST = 256 * 2**20, 40, 4 * 2**30
SECONDS, BYTES_A_SECOND = 5, 2 * 2**20
_CHUNK = 2**20
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_COLUMN = re.compile(rb"""\br\s*=\s*["']([A-Z]+)\d""")
_NUMBER = re.compile(rb"""\br\s*=\s*["'][A-Z]*(\d+)["']""")
#: What may be cut in two by the end of a chunk.
_SEAM = 40


def check(source: Source, kind: str, most_rows: int) -> None:
    """Refuse a table that takes far more than its size to open."""
    with open_source(source) as file:
        if kind == "xlsx":
            rows, cells = of_xlsx(file, most_rows)
            if rows > most_rows:
                message = _("The file has more than {most} rows. Split it and import the parts.")
                raise Unreadable("rows", message, most=most_rows)
            if cells <= CELLS:
                return
        file.seek(0)
        if not opens(file.read()):
            message = _("The cells of the file lie so far apart that it cannot be opened. Copy the table into a new file.")
            raise Unreadable("bomb", message)


def of_xlsx(file: BinaryIO, most_rows: int) -> tuple[int, int]:
    """The elements for rows in the fullest part, and the cells between the first and the last one of the widest."""
    rows = cells = 0
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".bin"):
                cells = CELLS + 1  # only opening it tells
                continue
            found, width, height, rest = 0, 1, 1, b""
            with archive.open(member) as part:
                while found <= most_rows and (read := part.read(_CHUNK)):
                    block = rest + read
                    found += len(_ROW.findall(block)) - len(_ROW.findall(rest))
                    width = max(width, *map(_letters, {b"A", *_COLUMN.findall(block)}))
                    height = max(height, _highest(_NUMBER.findall(block)))
                    rest = block[-_SEAM:]
            rows, cells = max(rows, found), max(cells, width * max(height, found))
    return rows, cells


def _highest(numbers: list[bytes]) -> int:
    """The highest of many; the longest ones are compared as they stand."""
    longest = max(map(len, numbers), default=0)
    return int(max((one for one in numbers if len(one) == longest), default=b"0")[:9])


def _letters(name: bytes) -> int:
    """The number of a column: A is 1, Z 26, AA 27."""
    number = 0
    for sign in name[:4]:
        number = number * 26 + sign - 64
    return number


def opens(table: bytes) -> bool:
    """Can it be opened within what a table of its size may take?"""
    memory = min(MEMORY + MEMORY_EACH * len(table), MEMORY_MOST)
    seconds = SECONDS + len(table) // BYTES_A_SECOND
    command = [sys.executable, "-m", __name__, str(memory), str(seconds)]
    return subprocess.run(command, input=table, capture_output=True, check=False).returncode == 0  # noqa: S603  our own


def main() -> None:
    """Open every sheet of the table that comes in. One that is damaged is for the reader to tell."""
    memory, seconds = (int(one) for one in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with suppress(python_calamine.CalamineError):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        for name in book.sheet_names:
            book.get_sheet_by_name(name)


if __name__ == "__main__":
    main()
