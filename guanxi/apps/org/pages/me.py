"""One's own settings, the language switch, and accepting an invitation."""

import secrets
import zoneinfo
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_template
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from guanxi.apps.org import setup
from guanxi.apps.org.actions.user import check_password
from guanxi.apps.org.models import User
from guanxi.apps.org.models.user import fresh_stamp
from guanxi.apps.org.pages.sign_in import let_in
from guanxi.apps.org.tokens import invited
from guanxi.kernel.api import Ctx, Refused
from guanxi.surfaces.web import base, cells
from guanxi.surfaces.web.cells import Item

#: What people may change about themselves; the rest is their administrator's.
OWN = ("name", "phone", "language", "time_zone")


@require_POST
def language(request: Any) -> HttpResponse:
    """Choose the language: kept in a cookie, and with the person who is signed in."""
    chosen, back = request.POST.get("language", ""), request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    if chosen in dict(settings.LANGUAGES):
        if request.user.is_authenticated and not request.ctx.read_only:
            system = request.ctx.as_system("a person chose a language")
            system.update(system.get(User, request.user.pk), language=chosen)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, secure=settings.SECURE,
                            samesite="Lax", httponly=True)
    return response


@base.page
def me(request: Any) -> HttpResponse:
    """My name, phone, language and time zone."""
    ctx = request.ctx
    system: Ctx = ctx.as_system("a person changed their own profile")
    user = system.get(User, ctx.user_id)
    items = [Item(view, cells.form_value(view, view.raw(user))) for view in cells.named(User, system, OWN)]
    errors: list[str] = []
    if request.method == "POST":
        given = {key: request.POST.get(key, "") for key in OWN}
        try:
            system.update(user, **given)
            if user.language:
                translation.activate(user.language)
            return base.done(request, _("Saved."), to="/me")
        except Refused as refusal:
            for item in items:
                item.value, item.errors = given[item.field.key], refusal.errors.get(item.field.key, [])
            errors = [] if any(item.errors for item in items) else [refusal.reason]
    return base.render(request, "org/me.html", {
        "title": _("My profile"), "items": items, "form_errors": errors, "zones": sorted(zoneinfo.available_timezones()),
        "person": user, "facts": _read_only(system, user)}, status=400 if request.method == "POST" else 200)


def _read_only(system: Ctx, user: User) -> list[tuple[str, str]]:
    views = cells.named(User, system, ("email", "username", "job_number", "title"))
    return [(view.label, text) for view in views if (text := view.text(view.raw(user)))]


@never_cache
@sensitive_post_parameters("password")
def accept(request: HttpRequest, key: str) -> HttpResponse:
    """An invited person chooses a password and is in. The link works once."""
    user = invited(key)
    if user is None:
        raise Http404
    item = Item(setup.question("password", _("Password"), kind="password", help=_("At least 10 characters.")))
    if request.method == "POST":
        try:
            return _join(request, user, request.POST.get("password", "")[:128])
        except Refused as refusal:
            item.errors = [refusal.reason]
    return render_template(request, "org/accept.html", {
        "name": user.name, "items": [item], "login": user.email or user.phone or user.username,
        "once": secrets.token_urlsafe(16)}, status=400 if request.method == "POST" else 200)


def _join(request: HttpRequest, user: User, password: str) -> HttpResponse:
    check_password(password, user)
    ctx = Ctx(user=user, via="page", client=request.META.get("REMOTE_ADDR", "")).as_system("an invitation was accepted")
    with ctx.door("org.user.join"):
        user.set_password(password)
        user.session_stamp = fresh_stamp()
        ctx.save(user)
        ctx.note(user, "password")
    let_in(request, user)
    return HttpResponseRedirect("/")


