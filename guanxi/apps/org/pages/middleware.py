"""Every request learns who acts, in which language and time zone, and whether somebody looks through another's eyes."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org.models import Company, User
from guanxi.kernel.api import Ctx, Denied, policy
from guanxi.surfaces.web.base import fault

VIEW_AS = "view_as"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: What somebody who looks through another's eyes may still send.
_STILL = ("/view-as/stop", "/language", "/accounts/logout/")


class Acting:
    """Sets ``request.ctx``. A deactivated person is nobody from the next request on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.ctx = context(request)
        _speak(request)
        if request.ctx.read_only and request.method not in _SAFE and request.path not in _STILL:
            return fault(request, Denied(_("You are viewing as somebody else: nothing can be changed.")))
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def client_of(request: HttpRequest) -> str:
    """The address the request came from, behind trusted proxies only as far as they are trusted."""
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return ""


def context(request: Any) -> Ctx:
    """Who acts in this request."""
    if not request.user.is_authenticated:
        return Ctx(via="page", client=client_of(request))
    own = Ctx(user=request.user, via="page", client=client_of(request))
    wanted = request.session.get(VIEW_AS)
    if wanted is None:
        return own
    seen = own.as_system("view as").find(User).filter(pk=wanted, is_active=True).first()
    if seen is None or not own.rights.administrator:
        del request.session[VIEW_AS]
        return own
    return Ctx(user=seen, via="page", client=own.client, real_user=request.user, read_only=True)


def _speak(request: Any) -> None:
    """The person's own language and time zone; before sign-in what the browser asks for."""
    user = request.user if request.user.is_authenticated else None
    if user is not None and user.language:
        translation.activate(user.language)
        request.LANGUAGE_CODE = translation.get_language()
    timezone.activate(zoneinfo.ZoneInfo(zone_of(request.ctx, user)))


def zone_of(ctx: Ctx, user: User | None) -> str:
    """The person's time zone, otherwise the company's, otherwise that of the installation."""
    if user is None:
        return str(settings.GUANXI_TIME_ZONE)
    return user.time_zone or company_zone(ctx) or str(settings.GUANXI_TIME_ZONE)


def company_zone(ctx: Ctx) -> str:
    """The company's time zone, remembered until the organisation changes."""
    def read() -> str:
        company = ctx.as_system("the company's time zone").find(Company).first()
        return company.time_zone if company else ""

    return str(policy.stamps.remembered(ctx.rights.mark, ("company", "time_zone"), read))
