"""Files: handed out only to those who see their record, as downloads that no browser runs; pictures also small."""

import io
from typing import Any

from django.http import FileResponse, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.http import content_disposition_header, http_date
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from guanxi.common import talk
from guanxi.common.talk import Attachment
from guanxi.kernel.refusal import Missing
from guanxi.surfaces.web import base
from guanxi.surfaces.web.base import PageRequest, page

THUMB = 480
#: A file that is opened in a browser may do nothing at all.
NOTHING = "default-src 'none'; sandbox"


def file_url(one: Attachment) -> str:
    """Where a file is downloaded."""
    return reverse("file", args=(one.pk, one.name))


def file_row(one: Attachment) -> dict[str, Any]:
    """A file as cards and the timeline show it."""
    return {"name": one.name, "url": file_url(one), "size_text": filesizeformat(one.size), "moment": one.created_at,
            "image": one.is_image, "thumb": f"/files/{one.pk}/thumb" if one.is_image else "",
            "delete_url": f"/files/{one.pk}/delete"}


def _stored(request: PageRequest, pk: int) -> Attachment:
    found = talk.open_attachment(request.ctx, pk)
    if not found.file.storage.exists(str(found.file.name)):
        raise Missing(_("The file “%(name)s” is no longer in the store: ask an administrator for a backup.") % {
            "name": found.name})
    return found


@page(methods=("GET",))
def download(request: PageRequest, pk: int, name: str) -> HttpResponse | FileResponse:
    """A file under its own name; the address must name it rightly."""
    found = _stored(request, pk)
    if name != found.name:
        raise Missing(_("There is no such file."))
    response = FileResponse(found.file.open("rb"), content_type=_type(found))
    response["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    return _closed(response)


@page(methods=("GET",))
def thumb(request: PageRequest, pk: int) -> HttpResponse:
    """A small copy of a picture, painted anew so that nothing but pixels is left of it."""
    found = _stored(request, pk)
    if not found.is_image:
        raise Missing(_("There is no such file."))
    try:
        with found.file.open("rb") as stored, Image.open(stored, formats=["PNG", "JPEG", "GIF", "WEBP"]) as original:
            image = ImageOps.exif_transpose(original).convert("RGBA")
            image.thumbnail((THUMB, THUMB))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise Missing(_("There is no such file.")) from error
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80)
    response = HttpResponse(out.getvalue(), content_type="image/webp")
    response["Cache-Control"] = "private, max-age=86400"
    response["Last-Modified"] = http_date(found.created_at.timestamp())
    return _closed(response)


@page(methods=("POST",))
def delete(request: PageRequest, pk: int) -> HttpResponse:
    """Take a file away."""
    found = talk.open_attachment(request.ctx, pk)
    talk.remove_attachment(request.ctx, pk)
    return base.done(request, _("“%(name)s” was removed.") % {"name": found.name})


def _type(found: Attachment) -> str:
    return "text/plain; charset=utf-8" if found.media_type.startswith("text/") else found.media_type


def _closed(response: Any) -> Any:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = NOTHING
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
