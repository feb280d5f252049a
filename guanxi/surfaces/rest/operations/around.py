"""Around a record: its history, what people said, and its files."""

from typing import Any

from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from guanxi.common import past, talk
from guanxi.common.talk import Attachment, Comment
from guanxi.kernel.api import Ctx, Entry
from guanxi.kernel.fields import Moment
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Denied, Missing, Refused
from guanxi.surfaces.rest import bodies, tokens, values
from guanxi.surfaces.rest.errors import WrongType
from guanxi.surfaces.rest.operations.router import router

#: A file that is opened in a browser may do nothing at all.
_NOTHING = "default-src 'none'; sandbox"


class Back(Schema):
    """From which row on, towards the past."""

    before: int = Field(2**63 - 1, ge=1, le=2**63 - 1, description="The id of the last row of the page before.")
    limit: int = Field(50, ge=1, le=200, description="Rows on a page.")


def _record(request: Any, slug: str, pk: int) -> tuple[Ctx, Record]:
    ctx: Ctx = request.auth
    return ctx, ctx.get(values.model_of(ctx, slug), pk)


def _may_write(ctx: Ctx, record: Record, verb: str) -> None:
    """Comments and files are no action of the object: the token's scope is asked here."""
    if ctx.scopes is not None and not ctx.scopes & {tokens.WRITE, f"{object_name(record)}.{verb}"}:
        raise Denied(_("This token may only read."))


def _page(rows: list[dict[str, Any]], limit: int) -> HttpResponse:
    return values.answer({"rows": rows, "before": rows[-1]["id"] if len(rows) == limit else None})


@router.get("/{slug}/{int:pk}/history", operation_id="history", summary="History")
def history(request: Any, slug: str, pk: int, asked: Query[Back]) -> HttpResponse:
    """What happened to the record, newest first, field by field as far as the caller may see the fields."""
    ctx, record = _record(request, slug, pk)
    entries = past.entries_of(record, asked.before, asked.limit)
    return _page([_entry(ctx, entry, type(record)) for entry in entries], asked.limit)


def _entry(ctx: Ctx, entry: Entry, model: type[Record]) -> dict[str, Any]:
    changes = {change.view.key: [values.plain(change.view, change.old), values.plain(change.view, change.new)]
               for change in past.changes_of(ctx, entry, model)}
    return {"id": entry.pk, "at": Moment().plain(entry.at), "actor": entry.actor_id, "real_actor": entry.real_actor_id,
            "via": entry.via, "verb": entry.verb, "version": entry.version, "changes": changes,
            "operation": entry.operation_id, "request_id": entry.trace}


@router.get("/{slug}/{int:pk}/comments", operation_id="comments", summary="Comments")
def comments(request: Any, slug: str, pk: int, asked: Query[Back]) -> HttpResponse:
    """What people said about the record, newest first."""
    _ctx, record = _record(request, slug, pk)
    found = past.comments_of(record, asked.before, asked.limit)
    files = past.files_with(found)
    return _page([_comment(one, files.get(one.pk, [])) for one in found], asked.limit)


def _comment(one: Comment, files: list[Attachment]) -> dict[str, Any]:
    return {"id": one.pk, "text": one.text, "pinned": one.pinned, "created_by": one.created_by_id,
            "created_at": Moment().plain(one.created_at), "files": [_file(file) for file in files]}


def _file(one: Attachment) -> dict[str, Any]:
    return {"id": one.pk, "name": one.name, "size": one.size, "media_type": one.media_type,
            "created_by": one.created_by_id, "created_at": Moment().plain(one.created_at)}


@router.post("/{slug}/{int:pk}/comments", operation_id="comment", summary="Comment")
def comment(request: Any, slug: str, pk: int) -> HttpResponse:
    """Say something about the record; ``@[17]`` mentions the person with this id."""
    ctx, record = _record(request, slug, pk)
    _may_write(ctx, record, "comment")
    given = bodies.read(request)
    bodies.known(given, "text")
    made, _unable = talk.comment(ctx, record, bodies.member(given, "text", str))
    return values.answer(_comment(made, []), 201)


@router.get("/{slug}/{int:pk}/files", operation_id="files", summary="Files")
def files(request: Any, slug: str, pk: int, asked: Query[Back]) -> HttpResponse:
    """The files of the record that came without a comment, newest first."""
    ctx, record = _record(request, slug, pk)
    return _page([_file(one) for one in past.files_of(ctx, record, asked.before, asked.limit)], asked.limit)


@router.post("/{slug}/{int:pk}/files", operation_id="attach", summary="Attach a file")
def attach(request: Any, slug: str, pk: int) -> HttpResponse:
    """Keep a file with the record: a form with the one part ``file``."""
    ctx, record = _record(request, slug, pk)
    _may_write(ctx, record, "attach")
    if request.content_type != "multipart/form-data":
        raise WrongType(_("Send files as multipart/form-data."))
    if "file" not in request.FILES:
        raise Refused(_("This field is needed."), field="file")
    return values.answer(_file(talk.attach(ctx, record, request.FILES["file"])), 201)


def _stored(request: Any, slug: str, pk: int, file: int) -> tuple[Ctx, Record, Attachment]:
    ctx, record = _record(request, slug, pk)
    found = talk.open_attachment(ctx, file)
    if (found.object_type, found.object_id) != (object_name(record), record.pk):
        raise Missing(_("There is no such file."))
    return ctx, record, found


@router.get("/{slug}/{int:pk}/files/{int:file}", operation_id="download", summary="Read a file")
def download(request: Any, slug: str, pk: int, file: int) -> HttpResponse | FileResponse:
    """The content of a file, as a download."""
    found = _stored(request, slug, pk, file)[2]
    if not found.file.storage.exists(found.file.name or ""):
        raise Missing(_("The file “%(name)s” is no longer in the store: ask an administrator for a backup.") % {
            "name": found.name})
    response = FileResponse(found.file.open("rb"), content_type=found.media_type)
    response["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _NOTHING
    return response


@router.delete("/{slug}/{int:pk}/files/{int:file}", operation_id="remove_file", summary="Remove a file")
def remove_file(request: Any, slug: str, pk: int, file: int) -> HttpResponse:
    """Take a file away: by who put it there, or by who may change the record."""
    ctx, record, found = _stored(request, slug, pk, file)
    _may_write(ctx, record, "attach")
    talk.remove_attachment(ctx, found.pk)
    return values.answer(None, 204)
