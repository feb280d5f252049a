"""Errors of the interface: one shape for all of them, and the refusals that only programs meet."""

import logging
import math
import uuid
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja.errors import HttpError, ValidationError

from guanxi.common import faults
from guanxi.kernel.records import object_name
from guanxi.kernel.refusal import Refused

log = logging.getLogger(__name__)


class Unauthenticated(Refused):
    """Nobody known asks."""

    status = 401
    code = "unauthenticated"


class Forbidden(Refused):
    """The browser's request does not come from our own pages."""

    status = 403
    code = "forbidden"


class WrongMethod(Refused):
    """The address exists, but not for this method."""

    status = 405
    code = "method_not_allowed"


class Stale(Refused):
    """The record is no longer the one the caller knows. ``found`` says what it is now."""

    status = 412
    code = "stale"

    def __init__(self, reason: Any, *, found: dict[str, Any], record: Any = None) -> None:
        super().__init__(reason, record=record)
        self.found = found


class TooLarge(Refused):
    """The body is larger than the interface takes."""

    status = 413
    code = "too_large"


class WrongType(Refused):
    """The body is of a kind that is not taken here."""

    status = 415
    code = "unsupported_media_type"


class NeedsVersion(Refused):
    """A change must say which version it changes."""

    status = 428
    code = "version_needed"


class TooMany(Refused):
    """The limit of requests is reached."""

    status = 429
    code = "rate_limited"

    def __init__(self, reason: Any, wait: float) -> None:
        super().__init__(reason)
        self.wait = wait


def request_id(request: Any) -> str:
    """The number under which the log knows the request."""
    if not hasattr(request, "api_trace"):
        request.api_trace = uuid.uuid4().hex
    return str(request.api_trace)


def body(request: Any, code: str, message: str, *, field: str | None = None, errors: dict[str, list[str]] | None = None,
         record: Any = None) -> dict[str, Any]:
    """The one shape of an error."""
    return {"error": {"code": code, "message": message, "field": field or None, "errors": errors or {},
                      "record": named(record), "request_id": request_id(request)}}


def named(record: Any) -> dict[str, Any] | None:
    """The record an error is about."""
    if record is None or record.pk is None:
        return None
    return {"object": object_name(record), "id": record.pk, "title": str(record)[:200]}


def refused(request: Any, refusal: Refused) -> HttpResponse:
    """A refusal as the answer a program gets."""
    data = body(request, refusal.code, refusal.reason, errors=refusal.errors, record=refusal.record,
                field=refusal.field or next((key for key in refusal.errors if key), None))
    response = JsonResponse(data, status=refusal.status)
    if isinstance(refusal, Stale):
        data["error"] |= refusal.found
        response = JsonResponse(data, status=refusal.status)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(max(1, math.ceil(refusal.wait)))
    if isinstance(refusal, Unauthenticated):
        response["WWW-Authenticate"] = 'Bearer realm="api"'
    return response


def invalid(request: Any, error: ValidationError) -> HttpResponse:
    """Wrong parameters of the address, by name."""
    found: dict[str, list[str]] = {}
    for one in error.errors:
        path = ".".join(str(part) for part in one["loc"][1:] if part != "asked") or str(one["loc"][0])
        found.setdefault(path, []).append(str(one["msg"]))
    key, texts = next(iter(found.items()))
    return JsonResponse(body(request, "refused", f"{key}: {texts[0]}", field=key, errors=found), status=400)


def missing(request: Any, _error: Exception) -> HttpResponse:
    """An address that does not exist."""
    return JsonResponse(body(request, "missing", _("This address does not exist.")), status=404)


def unreadable(request: Any, error: Exception) -> HttpResponse:
    """A request that breaks the rules of HTTP, or is too large for the server."""
    if isinstance(error, RequestDataTooBig):
        return refused(request, TooLarge(_("The request is too large.")))
    return JsonResponse(body(request, "refused", _("The request cannot be read.")), status=400)


def http(request: Any, error: HttpError) -> HttpResponse:
    """What the framework itself refuses."""
    return JsonResponse(body(request, "refused", str(error)), status=error.status_code)


def broken(request: Any, error: Exception) -> HttpResponse:
    """Our own mistake: the caller learns nothing but the number under which the log tells the rest. Faults of the
    machinery are told."""
    log.error("API request %s failed", request_id(request), exc_info=error)
    if (found := faults.meaning(error)) is not None:
        response = refused(request, found)
        response["Retry-After"] = str(found.wait)
        return response
    message = _("Something went wrong on our side. Tell an administrator the request id.")
    return JsonResponse(body(request, "server_error", message), status=500)
