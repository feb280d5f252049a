"""Files made to exhaust the server are refused by a process that may take five seconds and 200 MB for them."""

import io
import os
import resource
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.common import files
from guanxi.kernel.refusal import Refused
from guanxi.surfaces.impex.opening import Unreadable
from guanxi.surfaces.impex.reading import rows, sniff

pytestmark = pytest.mark.covers("FILE-02")
SECONDS, MEMORY = 5, 200 * 2**20
NAMES = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def bounded(what: Callable[[], str], folder: Path) -> str:
    """What it answers, in a copy of this process that is ended when it takes more."""
    told = folder / "told"
    child = os.fork()
    if not child:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
        spent = int(sum(os.times()[:2])) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS, spent + SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            answer = what()
        except (Unreadable, Refused) as refused:
            answer = str(getattr(refused, "code", "") if isinstance(refused, Unreadable) else refused.reason)
        except MemoryError:
            answer = "memory"
        told.write_text(answer)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return told.read_text() if status == 0 else f"ended by {status}"


def table(sheet: bytes, before: bytes = b"") -> bytes:
    """A spreadsheet whose only sheet holds these rows."""
    honest, out = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(honest) as book:
        book.add_worksheet("S")
    with zipfile.ZipFile(honest) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name in parts.namelist():
            packed.writestr(name, parts.read(name) if name != "xl/worksheets/sheet1.xml" else (
                before + f"<worksheet {NAMES}><sheetData>".encode() + sheet + b"</sheetData></worksheet>"))
    return out.getvalue()


def cell(place: str, text: str) -> bytes:
    number = "".join(sign for sign in place if sign.isdigit())
    return f'<row r="{number}"><c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>'.encode()


@pytest.mark.parametrize(("name", "sheet", "code"), [
    ("ten million empty rows", lambda: b"<row/>" * 10_000_000, "rows"),
    ("two corners", lambda: cell("XFD1048576", "x"), "bomb"),
    ("a row that cannot be", lambda: cell("A99999999", "x"), "bomb"),
])
def test_a_table_that_would_fill_the_memory(tmp_path, name, sheet, code):
    made = table(cell("A1", "Name") + sheet())
    assert bounded(lambda: str(sniff(made, "a.xlsx")), tmp_path) == code


def test_a_table_with_a_wide_gap_that_is_small_enough_is_read(tmp_path):
    made = table(cell("A1", "Name") + cell("A2", "Acme") + cell("A90000", "Beta") + cell("ZZ90001", "x"))
    assert len(made) < 8000
    assert bounded(lambda: sniff(made, "a.xlsx").columns[0], tmp_path) == "bomb"
    narrow = table(cell("A1", "Name") + cell("A2", "Acme") + cell("A90000", "Beta"))
    assert bounded(lambda: str([(row.number, row.cells["Name"]) for row in rows(narrow, sniff(narrow))]), tmp_path) == (
        "[(2, 'Acme'), (90000, 'Beta')]")


def test_entities_are_neither_fetched_nor_multiplied(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    outside = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode()
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 20}">'.encode() for n in range(12)) + b"]>"
    for before, name in ((outside, "e"), (laughs, "m")):
        made = table(cell("A1", "Name") + cell("A2", f"&{name};"), before)
        told = bounded(lambda made=made: str([row.cells for row in rows(made, sniff(made, "a.xlsx"))]), tmp_path)
        assert "secret" not in told and "haha" not in told
        assert told in ("[]", "[{'Name': '&e;'}]", "[{'Name': '&m;'}]", "damaged"), told


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * (100 * 2**20))
    return out.getvalue()


def png(width: int, height: int) -> bytes:
    """A picture that says how large it is, and holds one line."""
    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + part(b"IDAT", zlib.compress(b"\0" * 1000)) + part(b"IEND", b""))


@pytest.mark.parametrize(("name", "body", "reason"), [
    ("huge.png", png(30_000, 30_000), "The picture “huge.png” has too many pixels."),
    ("picture.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "Files of the kind “.svg” are not accepted."),
])
def test_an_upload_that_would_fill_the_memory(tmp_path, name, body, reason):
    def upload() -> str:
        return str(files.inspect(SimpleUploadedFile(name, body)))

    assert bounded(upload, tmp_path) == reason


def test_a_bomb_is_refused_as_a_table_and_only_kept_as_a_file(tmp_path):
    made = bomb()
    assert bounded(lambda: str(sniff(made, "a.xlsx")), tmp_path) == "bomb"

    def keep() -> Any:
        return str(files.inspect(SimpleUploadedFile("a.zip", made)))

    assert bounded(keep, tmp_path) == "('a.zip', 'application/zip')"
