"""Uploaded files: which kinds are let in, judged by name and content, and under which name they are kept."""

import re
import unicodedata
import uuid
from typing import Any

from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from guanxi.kernel.refusal import Refused

MAX_BYTES = 50 * 1024 * 1024
MAX_PIXELS = 60_000_000
_IMAGES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_FORMATS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "gif": "GIF", "webp": "WEBP"}
_OFFICE = "application/vnd.openxmlformats-officedocument"
_ZIP, _OLE = (b"PK\x03\x04", b"PK\x05\x06"), (b"\xd0\xcf\x11\xe0",)
#: Extension: media type, and how a true file of that kind begins (nothing to look for in plain text).
KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "docx": (f"{_OFFICE}.wordprocessingml.document", _ZIP), "xlsx": (f"{_OFFICE}.spreadsheetml.sheet", _ZIP),
    "pptx": (f"{_OFFICE}.presentationml.presentation", _ZIP), "zip": ("application/zip", _ZIP),
    "doc": ("application/msword", _OLE), "xls": ("application/vnd.ms-excel", _OLE),
    "ppt": ("application/vnd.ms-powerpoint", _OLE), "wps": ("application/vnd.ms-works", _OLE),
    "et": ("application/vnd.ms-excel", _OLE), "txt": ("text/plain", ()), "csv": ("text/csv", ()),
    "md": ("text/plain", ()), "mp3": ("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3")),
    "m4a": ("audio/mp4", ()), "wav": ("audio/wav", (b"RIFF",)), "mp4": ("video/mp4", ()),
    "eml": ("message/rfc822", ()),
}
_BAD = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]')


def stored_name(_record: Any, name: str) -> str:
    """A random place: nothing of what the user typed becomes a path."""
    token = uuid.uuid4().hex
    return f"files/{token[:2]}/{token}"


def clean_name(name: str) -> str:
    """The name people see: without paths, control signs and signs that turn the reading direction."""
    bare = _BAD.sub("_", unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])).strip(" .")
    stem, dot, extension = bare.rpartition(".")
    return f"{stem[:180]}{dot}{extension[:12]}" if dot else bare[:200]


def inspect(upload: Any) -> tuple[str, str]:
    """The clean name and media type of an upload. Refused for kinds not let in, and for false ones."""
    name = clean_name(upload.name or "")
    if not name or "." not in name:
        raise Refused(_("The file needs a name with an extension."), field="file")
    if not upload.size:
        raise Refused(_("The file “%(name)s” is empty.") % {"name": name}, field="file")
    if upload.size > MAX_BYTES:
        raise Refused(_("The file “%(name)s” is larger than %(size)s MB.") % {
            "name": name, "size": MAX_BYTES // 1024 // 1024}, field="file")
    extension = name.rsplit(".", 1)[-1].lower()
    upload.seek(0)
    head = upload.read(4096)
    upload.seek(0)
    if extension in _IMAGES:
        _check_image(upload, name, extension)
        return name, _IMAGES[extension]
    if extension not in KINDS:
        raise Refused(_("Files of the kind “.%(kind)s” are not accepted.") % {"kind": extension}, field="file")
    media_type, beginnings = KINDS[extension]
    if (beginnings and not head.startswith(beginnings)) or (media_type.startswith("text/") and b"\x00" in head):
        raise _false(name)
    return name, media_type


def _check_image(upload: Any, name: str, extension: str) -> None:
    try:
        with Image.open(upload, formats=[_FORMATS[extension]]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _too_large(name)
            image.verify()
    except Image.DecompressionBombError as error:
        raise _too_large(name) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _false(name) from error
    finally:
        upload.seek(0)


def _too_large(name: str) -> Refused:
    return Refused(_("The picture “%(name)s” has too many pixels.") % {"name": name}, field="file")


def _false(name: str) -> Refused:
    return Refused(_("“%(name)s” is not what its extension says.") % {"name": name}, field="file")
