"""While the database does not fit the program, or the disk is full, people read on and nothing is written."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error as broken

from guanxi.common import faults
from guanxi.common.faults import Unavailable
from guanxi.kernel.api import Ctx
from guanxi.site import fit, storage
from guanxi.surfaces.rest import errors
from guanxi.surfaces.web import base, health

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: Answers for the process alone, also when the database is away.
ALIVE = "/healthz"
#: With less than this no write is begun: what is under way needs it to come to its end.
LAST_BYTES = 32 * 2**20


def obstacle() -> Unavailable | None:
    """Why nothing may be written now; None where all is well."""
    found = fit.now()
    if not found.well:
        return Unavailable(found.text, wait=30)
    return faults.full() if health.space().free < LAST_BYTES else None


class Gate:
    """Refuses writes and makes every reader a reader only, as long as there is an obstacle."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        fit.known()  # what this process has loaded, before anybody puts newer files in its place

    def __call__(self, request: Any) -> HttpResponse:
        if request.path == ALIVE:
            return self.get_response(request)
        found = obstacle()
        if found is None:
            try:
                return self.get_response(request)
            finally:
                storage.sweep()
        if request.method not in _SAFE:
            return told(request, found)
        request.ctx = replace(request.ctx, read_only=True, views={})
        response = self.get_response(request)
        return told(request, found) if response.status_code == 500 else response


def told(request: Any, found: Unavailable) -> HttpResponse:
    """The answer to somebody who cannot be served now: a page, a note or JSON, and when to come again."""
    response = errors.refused(request, found) if request.path.startswith("/api/") else base.unavailable(request, found)
    response.headers["Retry-After"] = str(found.wait)
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def server_error(request: Any) -> HttpResponse:
    """An error nobody caught: the machinery's faults are told as such, all others are ours."""
    error = sys.exc_info()[1]
    found = faults.meaning(error)
    if isinstance(error, DatabaseError):
        try:
            found = obstacle() or found
        except DatabaseError:
            fit.forget()  # the database is away: what is meant stands in the first error
    return told(request, found) if found is not None else broken(request)


def warning(_ctx: Ctx) -> str:
    """What everybody reads above each page meanwhile."""
    found = obstacle()
    return found.reason if found is not None else ""


health.add_warning(warning)
