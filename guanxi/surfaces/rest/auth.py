"""Who asks: a program with a token, or our own pages with the session of somebody signed in."""

import dataclasses
import zoneinfo
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from guanxi.kernel.api import Ctx
from guanxi.kernel.refusal import Denied
from guanxi.surfaces.rest import limits, tokens
from guanxi.surfaces.rest.errors import Forbidden, Unauthenticated, request_id

_SAFE = ("GET", "HEAD", "OPTIONS")


class Caller(AuthBase):
    """Gives the request its ``Ctx``, or refuses it; every request passes here and is counted here."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: Any) -> Ctx:
        header = request.headers.get("Authorization", "")
        ctx, token = _by_token(request, header) if header else (_by_session(request), None)
        lane = "bulk" if "/bulk" in request.path else "calls"
        limits.spend(request, lane, token, ctx.user_id or 0)
        if request.method in _SAFE and ctx.scopes is not None and not ctx.scopes & {tokens.READ, tokens.WRITE}:
            raise Denied(_("This token may not read."))
        return ctx


def _circumstances(request: Any) -> dict[str, Any]:
    known = getattr(request, "ctx", None)
    client = known.client if known is not None else request.META.get("REMOTE_ADDR", "")
    return {"via": "api", "client": client, "trace": request_id(request)}


def _by_token(request: Any, header: str) -> tuple[Ctx, int]:
    """The person a token speaks for, with the token's scopes. Every wrong token gets the same answer."""
    kind, _space, value = header.partition(" ")
    nobody = Ctx(**_circumstances(request))
    token = tokens.holder(value.strip(), nobody) if kind.lower() == "bearer" else None
    if token is None:
        raise Unauthenticated(_("The token is unknown, expired or revoked."))
    tokens.used(token, nobody)
    _speak(request, token.user)
    request.api_token = token
    return Ctx(user=token.user, scopes=frozenset(map(str, token.scopes)), **_circumstances(request)), token.pk


def _speak(request: Any, user: Any) -> None:
    """The person's language, unless the program names one, and the person's time zone."""
    if getattr(user, "language", "") and "Accept-Language" not in request.headers:
        translation.activate(user.language)
    if getattr(user, "time_zone", ""):
        timezone.activate(zoneinfo.ZoneInfo(user.time_zone))


def _by_session(request: Any) -> Ctx:
    """Somebody signed in, asking from one of our own pages."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        raise Unauthenticated(_("Send a token: Authorization: Bearer gx_…"))
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden(_("Pages of other sites may not use the interface with your session."))
    if request.method not in _SAFE and check_csrf(request) is not None:
        raise Forbidden(_("The CSRF token is missing or wrong: programs use a token instead of a session."))
    known = getattr(request, "ctx", None)
    if known is None:
        return Ctx(user=user, **_circumstances(request))
    found = dataclasses.replace(known, via="api", trace=request_id(request))
    found.rights = known.rights
    return found
