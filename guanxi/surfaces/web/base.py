"""The plumbing all pages share: sign-in by default, the actor, answers to refusals, fragments and whole pages."""

import json
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.shortcuts import render as render_template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.kernel import registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Denied, Missing, Refused
from guanxi.surfaces.web import addresses, menu

View = Callable[..., HttpResponse]
FULL, FRAGMENT = "web/base.html", "web/fragment.html"
#: Longer values of parameters are no question a person asks.
MAX_PARAM = 20_000


class PageRequest(HttpRequest):
    """A request of somebody signed in."""

    ctx: Ctx


def page(view: View | None = None, *, methods: tuple[str, ...] = ("GET", "POST")) -> Any:
    """Make a function a page: only for people signed in, with ``request.ctx``; a refusal becomes its answer."""
    def decorate(inner: View) -> View:
        @wraps(inner)
        def answer(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                response = _sign_in(request)
            elif request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
                response = HttpResponseNotAllowed(methods)
            else:
                response = _run(inner, request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "private, no-store")
            patch_vary_headers(response, ("HX-Request",))
            return response
        return answer
    return decorate(view) if view is not None else decorate


def _run(view: View, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    if getattr(request, "ctx", None) is None:
        request.ctx = Ctx(user=request.user, via="page", client=request.META.get("REMOTE_ADDR", ""))
    try:
        return view(request, *args, **kwargs)
    except Refused as refusal:
        return fault(request, refusal)


def _sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back. Scripts are told where to go, so that what was typed stays on the page."""
    if wants_json(request):
        return JsonResponse({"code": "signed_out", "message": _("Sign in to go on.")}, status=401)
    if not request.headers.get("HX-Request"):
        return redirect_to_login(request.get_full_path())
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = redirect_to_login(f"{here.path or '/'}{'?' if here.query else ''}{here.query}")
    return _note(_("Sign in to go on."), 401, {"HX-Redirect": back["Location"]})


def _note(message: str, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    text = message.replace("&", "&amp;").replace("<", "&lt;")
    return HttpResponse(f'<div class="note-box is-wrong" role="alert">{text}</div>', status=status, headers=headers)


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def is_fragment(request: HttpRequest) -> bool:
    """Is only a part of the page wanted?"""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def layout(request: HttpRequest) -> str:
    """The template a page extends: the whole frame, or the bare content for a dialog or region."""
    return FRAGMENT if is_fragment(request) else FULL


def render(request: Any, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page, or its content alone where a fragment was asked for."""
    frame = layout(request)
    whole = {"layout": frame, "ctx": request.ctx, **context}
    if frame == FULL and "shell" not in whole:
        whole["shell"] = menu.shell(request)
    return render_template(request, template, whole, status=status)


def fault(request: Any, refusal: Refused) -> HttpResponse:
    """What a refusal looks like: JSON for programs, a note for scripts, a page for people."""
    if wants_json(request):
        return JsonResponse({"code": refusal.code, "message": refusal.reason, "errors": refusal.errors},
                            status=refusal.status)
    if is_fragment(request):
        return _note(refusal.reason, refusal.status)
    titles = {403: _("Not allowed"), 404: _("Not found"), 409: _("Changed by somebody else meanwhile")}
    back = request.headers.get("Referer", "")
    same = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return render(request, "web/fault.html", {
        "title": titles.get(refusal.status, _("This was refused")), "reason": refusal.reason, "code": refusal.status,
        "errors": [text for key, texts in refusal.errors.items() if key for text in texts if text != refusal.reason],
        "back_url": back if same else "/"}, status=refusal.status)


def unavailable(request: Any, refusal: Refused) -> HttpResponse:
    """A refusal that nothing of ours stands behind: a page that asks no database."""
    if wants_json(request):
        return JsonResponse({"code": refusal.code, "message": refusal.reason, "errors": {}}, status=refusal.status)
    if is_fragment(request):
        return _note(refusal.reason, refusal.status)
    return HttpResponse(render_to_string("503.html", {"reason": refusal.reason, "language": get_language()}),
                        status=refusal.status)


# answers -----------------------------------------------------------------------------------------


def done(request: HttpRequest, message: Any, *, undo: int | None = None, to: str = "", **more: Any) -> HttpResponse:
    """Something was done: a toast (with Undo) and fresh regions for scripts, a message and a page without them.

    ``to`` is the page to go on with; where a fragment was asked for, without it the reader stays.
    """
    detail = {"message": str(message), **more}
    if undo:
        detail["undo"] = addresses.undo_url(undo)
    if is_fragment(request) and not to:
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"done": detail})})
    messages.success(request, str(message), extra_tags=f"undo:{detail['undo']}" if undo else "")
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    return HttpResponseRedirect(to or back(request))


def sent(request: HttpRequest, record: Record, asked: Record) -> HttpResponse:
    """An action waits for the consent of others: to whom the request went, and where it stands."""
    words = getattr(asked, "announcement", "") or _("“%(record)s” waits for approval.") % {"record": record}
    to = "" if is_fragment(request) else addresses.record_url(type(record), record.pk)
    return done(request, words, to=to, url=addresses.record_url(type(asked), asked.pk), label=_("Open"))


def back(request: HttpRequest, otherwise: str = "/") -> str:
    """The page the reader came from, if it is one of ours."""
    came = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came, {request.get_host()}, require_https=request.is_secure()):
        return otherwise
    parts = urlsplit(came)
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"


# questions ---------------------------------------------------------------------------------------


def param(request: HttpRequest, name: str, default: str = "") -> str:
    """A parameter of the address; nothing a database cannot hold gets through."""
    value = request.GET.get(name, default)
    if len(value) > MAX_PARAM:
        raise Refused(_("“%(name)s” is too long.") % {"name": name}, field=name)
    return value.replace("\x00", "")


def number(request: HttpRequest, name: str, default: int | None = None) -> int | None:
    """A whole number of the address. Refused where it is none."""
    value = param(request, name)
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise Refused(_("“%(name)s” must be a whole number.") % {"name": name}, field=name)
    return int(value)


def posted_version(request: HttpRequest) -> int | None:
    """The version of the record the form was made from."""
    value = request.POST.get("version", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


def once(request: HttpRequest) -> str:
    """The key under which a request sent twice is done once."""
    return (request.POST.get("once") or request.headers.get("Idempotency-Key", ""))[:100].replace("\x00", "")


def new_key() -> str:
    """A fresh key for a form that is to be done once."""
    return uuid.uuid4().hex


def model_or_missing(request: Any, slug: str, verb: str = "view") -> type[Record]:
    """The object behind a slug, if it has pages and the actor may use the verb on it at all."""
    try:
        model = registry.model_of(slug)
    except Missing as missing:
        raise Missing(_("This page does not exist.")) from missing
    if "view" not in model.about.verbs or registry.slug(model) != slug:
        raise Missing(_("This page does not exist."))
    answer = request.ctx.may(verb, model)
    if not answer:
        raise Denied(_("You may not see %(objects)s: %(reason)s") % {
            "objects": model.about.many, "reason": answer.reason})
    return model


def about_object(request: Any, model: type[Record]) -> dict[str, Any]:
    """What templates say about an object: ``object`` in every page's variables."""
    ctx, about, url = request.ctx, model.about, addresses.list_url(model)

    def may(verb: str) -> bool:
        return verb in about.verbs and not ctx.read_only and bool(ctx.may(verb, model))

    return {
        "name": object_name(model), "slug": registry.slug(model), "one": str(about.one), "many": str(about.many),
        "icon": about.icon, "url": url, "help": menu.help_of(model), "can_create": may("create"),
        "can_import": may("import") and bool(ctx.may("create", model)), "import_url": f"{url}import",
        "can_export": "export" in about.verbs and bool(ctx.may("export", model)),
        "bin_url": f"/bin?object={registry.slug(model)}" if may("delete") else "",
    }


def sign_out_url() -> str:
    return reverse("account_logout")
