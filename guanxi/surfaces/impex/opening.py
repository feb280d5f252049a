"""Find out what an uploaded file is, within limits that keep the server alive."""

import codecs
import io
import re
import zipfile
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from guanxi.language.parsing import ParseError

MAX_BYTES = 200 * 1024 * 1024
MAX_UNPACKED = 2 * 1024 * 1024 * 1024
MAX_RATIO = 250
_RATIO_COUNTS_FROM = 20 * 1024 * 1024
_MAX_MEMBERS = 5_000
_CHUNK = 1024 * 1024

Source = str | Path | bytes


class Unreadable(ParseError):
    """The file as a whole cannot be read; nothing of it was used."""


def open_source(source: Source) -> BinaryIO:
    """Open a file or bytes, refusing what is too large or empty."""
    size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
    if size > MAX_BYTES:
        message = _("The file is larger than {most} MB. Split it and import the parts.")
        raise Unreadable("size", message, most=MAX_BYTES // 1024 // 1024)
    if not size:
        raise Unreadable("empty", _("The file is empty."))
    return io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb")


def kind_of(source: Source) -> str:
    """What the content is, whatever its name says: xlsx, xls, ods or csv."""
    with open_source(source) as file:
        head = file.read(8)
        if head.startswith(b"PK\x03\x04"):
            file.seek(0)
            return _kind_of_zip(file)
    if head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "xls"
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise _not_a_table()
    return "csv"


def _not_a_table() -> Unreadable:
    return Unreadable("kind", _("This is not a table. Use an XLSX, XLS, ODS or CSV file."))


def _kind_of_zip(file: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Unreadable("damaged", _("The file is damaged. Save it again and upload it anew.")) from None
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    bomb = unpacked > _RATIO_COUNTS_FROM and unpacked / packed > MAX_RATIO
    if unpacked > MAX_UNPACKED or bomb or len(members) > _MAX_MEMBERS:
        raise Unreadable("bomb", _("The file unpacks to far more than its size and was refused."))
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    raise _not_a_table()


def counts_from_1904(source: Source) -> bool:
    """Whether an XLSX file counts its days from 1904, as old Macs did."""
    try:
        with open_source(source) as file, zipfile.ZipFile(file) as archive, archive.open("xl/workbook.xml") as part:
            text = part.read(_CHUNK)
    except (KeyError, zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        return False
    return bool(re.search(rb"""date1904\s*=\s*["'](1|true)""", text))


def encoding_of(source: Source) -> str:
    """BOM, then strict UTF-8, then GB18030, then UTF-16 without a mark."""
    with open_source(source) as file:
        head = file.read(_CHUNK)
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    if b"\0" in head:
        name = "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
        tried: tuple[str, ...] = (name,)
    else:
        tried = ("utf-8", "gb18030")
    for name in tried:
        if _decodes(source, name):
            return name
    message = _("The characters of the file cannot be read. Save it as “CSV UTF-8” or choose the encoding.")
    raise Unreadable("encoding", message)


def _decodes(source: Source, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with open_source(source) as file:
        try:
            while chunk := file.read(_CHUNK):
                text = decoder.decode(chunk)
                if "\0" in text:
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
