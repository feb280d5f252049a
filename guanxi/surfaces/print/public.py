"""What a customer sees under a link: the title, a passcode if one is set, and the file. No sign-in, nothing else."""

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from guanxi.common.files import clean_name
from guanxi.kernel import registry
from guanxi.kernel.api import Missing, Refused
from guanxi.surfaces.print import links, sheets
from guanxi.surfaces.print.models import SheetLink
from guanxi.surfaces.print.views import given

#: Seconds for which a passcode holds in one browser.
ENTERED = 3600
_SALT = "guanxi.sheet.entered"


def show(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a link; posting the passcode lets in for an hour."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(("GET", "POST"))
    link = links.open_link(token)
    if link is None:
        return _answer(request, {"gone": True}, 404)
    with translation.override(link.language):
        if request.method == "POST":
            return _enter(request, link, token)
        return _answer(request, {"link": link, "token": token, "entered": _is_in(request, link)})


def download(request: HttpRequest, token: str) -> HttpResponse:
    """The file itself, for who has been let in."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(("GET",))
    link = links.open_link(token)
    if link is None:
        return _answer(request, {"gone": True}, 404)
    with translation.override(link.language):
        if not _is_in(request, link):
            return _answer(request, {"link": link, "token": token}, 403)
        try:
            made = links.file_of(link)
        except Refused:  # drawing failed; the job that does the same is on the page of health
            return _answer(request, {"link": link, "token": token, "late": True}, 503)
        links.looked(link, _client(request))
        return given(made, clean_name(f"{link.title}.pdf"), "application/pdf")


def _enter(request: HttpRequest, link: SheetLink, token: str) -> HttpResponse:
    look = links.begin(link, _client(request))
    if look is None:
        words = _("Too many wrong passcodes. Try again in an hour.")
        return _answer(request, {"link": link, "token": token, "wrong": words}, 429)
    if not links.fits(link, request.POST.get("passcode", "")[:200]):
        return _answer(request, {"link": link, "token": token, "wrong": _("This is not the passcode.")}, 403)
    links.let_in(look, _client(request))
    response = _answer(request, {"link": link, "token": token, "entered": True})
    response.set_cookie(f"sheet{link.pk}", signing.dumps([link.pk, link.nonce], salt=_SALT), max_age=ENTERED, httponly=True,
                        secure=request.is_secure(), samesite="Lax", path="/s/")
    return response


def _is_in(request: HttpRequest, link: SheetLink) -> bool:
    if not link.passcode:
        return True
    try:
        return bool(signing.loads(request.COOKIES.get(f"sheet{link.pk}", ""), salt=_SALT, max_age=ENTERED) == [
            link.pk, link.nonce])
    except signing.BadSignature:
        return False


def _answer(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    link = context.get("link")
    label = "" if link is None else _kind(link)
    response = render(request, "print/public.html", {**context, "label": label}, status=status)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _kind(link: SheetLink) -> str:
    """What kind of sheet it is; nothing for one that this version does not know any more."""
    try:
        return str(sheets.sheet_of(registry.model_of(link.object_type), link.sheet).label)
    except Missing:
        return ""


def _client(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
