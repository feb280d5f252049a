"""The interface as a whole: its operations, how every answer is finished, and how refusals and mistakes are told."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.urls import URLPattern, path, re_path
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from guanxi.kernel.refusal import Missing, Refused
from guanxi.surfaces.rest import errors, schema
from guanxi.surfaces.rest.auth import Caller
from guanxi.surfaces.rest.operations import router

View = Callable[..., HttpResponse]

api = NinjaAPI(title="Guanxi", version="1", urls_namespace="api", openapi_url=None, docs_url=None, auth=Caller(),
               description=schema.__doc__ or "")
api.add_router("", router.router)

Handler = Callable[[HttpRequest, Any], HttpResponse]
_HANDLERS: dict[type[Exception], Handler] = {
    Refused: errors.refused, ValidationError: errors.invalid, HttpError: errors.http, Http404: errors.missing,
    SuspiciousOperation: errors.unreadable, RequestDataTooBig: errors.unreadable, UnreadablePostError: errors.unreadable,
    MultiPartParserError: errors.unreadable, Exception: errors.broken,
}
for _kind, _handler in _HANDLERS.items():
    api.add_exception_handler(_kind, _handler)


@api.exception_handler(DataError)
@api.exception_handler(OverflowError)
@api.exception_handler(UnicodeEncodeError)
def _does_not_fit(request: HttpRequest, _error: Exception) -> HttpResponse:
    """A value that no column can hold, found by the database."""
    return errors.refused(request, Refused(_("A value is too large or holds signs that cannot be stored.")))


def finished(view: View) -> View:
    """Every answer carries its number, the caller's limits, and is kept by nobody in between."""
    @wraps(view)
    def answer(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        number = errors.request_id(request)
        response = view(request, *args, **kwargs)
        if response.status_code == 405 and not response.headers.get("Content-Type", "").startswith("application/json"):
            allowed = response.headers.get("Allow", "")
            refusal = errors.WrongMethod(_("Only these methods work here: %(methods)s.") % {"methods": allowed})
            response = errors.refused(request, refusal)
            response["Allow"] = allowed
        response["X-Request-Id"] = number
        for name, value in getattr(request, "api_headers", {}).items():
            response[name] = value
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        patch_vary_headers(response, ("Authorization", "Cookie", "Accept-Language"))
        return response
    return answer


def _as_caller(view: Callable[[Any], HttpResponse]) -> View:
    """A view beside the operations, for the same callers with the same errors."""
    def answer(request: Any) -> HttpResponse:
        try:
            request.auth = Caller()(request)
            return view(request)
        except Refused as refusal:
            return errors.refused(request, refusal)
    answer.csrf_exempt = True  # type: ignore[attr-defined]
    return answer


@_as_caller
def openapi(request: Any) -> HttpResponse:
    """The description of the interface as this caller has it, own fields of the company included."""
    return JsonResponse(schema.document(api, request.auth))


@_as_caller
def docs(request: Any) -> HttpResponse:
    """The description to read and try."""
    return render(request, "rest/docs.html", {"title": "Guanxi API"})


def nowhere(request: Any) -> HttpResponse:
    """Any other address."""
    return errors.refused(request, Missing(_("This address does not exist.")))


def addresses() -> list[URLPattern]:
    """The operations, their description, and an answer for every other address."""
    patterns: list[Any] = [path("openapi.json", openapi, name="openapi"), path("docs", docs, name="docs"),
                           *(one for one in api.urls[0] if getattr(one, "name", "") != "api-root"),
                           path("", nowhere, name="root"), re_path("", nowhere)]  # <path:rest> knows no line breaks
    nowhere.csrf_exempt = True  # type: ignore[attr-defined]
    for one in patterns:
        one.callback = finished(one.callback)
    return patterns
