"""One's own tokens: made, shown once, revoked."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel import actions
from guanxi.kernel.refusal import Refused
from guanxi.surfaces.rest import tokens, values
from guanxi.surfaces.web import base, menu
from guanxi.surfaces.web.base import PageRequest, page


@page
def tokens_page(request: PageRequest) -> HttpResponse:
    """The list with a form; creating one asks for the password again if that was long ago."""
    if request.method == "POST":
        return _create(request)
    return _show(request)


@page(methods=("POST",))
def revoke(request: PageRequest, pk: int) -> HttpResponse:
    """End a token at once."""
    gone = tokens.revoke(request.ctx, pk)
    return base.done(request, _("“%(name)s” no longer works.") % {"name": gone.name}, to=reverse("tokens"))


@reauthentication_required
def _create(request: Any) -> HttpResponse:
    name, days = request.POST.get("name", ""), request.POST.get("days", "")
    scopes = [request.POST.get("access", tokens.READ)]
    if scopes == ["actions"]:
        scopes = request.POST.getlist("scopes")
    try:
        made, value = tokens.create(request.ctx, name, scopes, int(days) if days.isascii() and days.isdigit() else 0)
    except Refused as refusal:
        return _show(request, refusal=refusal, status=refusal.status)
    return _show(request, value=value, made=made)


def _show(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    ctx = request.ctx  # type: ignore[attr-defined]
    rows = [{"token": one, "revoke_url": reverse("token-revoke", args=(one.pk,)), "expired": one.expires_at <= ctx.now,
             "scopes": ", ".join(_scope(scope) for scope in one.scopes)} for one in tokens.of(ctx)]
    return base.render(request, "rest/tokens.html", {
        "title": _("API tokens"), "rows": rows, "days": [(days, _("%(days)s days") % {"days": days})
                                                        for days in tokens.DAYS],
        "groups": _groups(ctx), "docs_url": reverse("api:docs"), "typed": request.POST, **more}, status=status)


def _scope(name: str) -> str:
    return {tokens.READ: _("read"), tokens.WRITE: _("read and write")}.get(name, name)


def _groups(ctx: Any) -> list[dict[str, Any]]:
    """Actions the person has, by object: what a narrow token may be allowed."""
    return [{"label": str(model.about.many), "actions": found} for model in values.exposed() if ctx.may("view", model)
            and (found := [(action.name, str(action.label)) for action in actions.actions_of(model)
                           if ctx.may(action.right, model)])]


menu.add_link("settings", gettext_lazy("API tokens"), "/me/tokens", "key", lambda ctx: not ctx.read_only, 950)

urlpatterns = [
    path("me/tokens", tokens_page, name="tokens"),
    path("me/tokens/<int:pk>/revoke", revoke, name="token-revoke"),
]
