"""查重: whether a company or person is here already, whoever looks after it."""

import re
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.apps.parties.actions import Hit, ask_for_access, claim, find_duplicates
from guanxi.apps.parties.models import Customer, Identity
from guanxi.apps.parties.pages.hints import asked_url, identity_of
from guanxi.apps.parties.rules.identity import credit_code_valid, mail_key, phone_key
from guanxi.kernel.api import Ctx, Denied, Refused, registry
from guanxi.surfaces.web import addresses, base, menu

_DIGITS = re.compile(r"[0-9]")
FOUND = 20
#: Who looks for a number or an address alone wants every record that has it.
ENOUGH = 0.5


def may_check(ctx: Ctx) -> bool:
    return bool(ctx.may("view", Customer))


menu.add_link("sales", gettext_lazy("Duplicate check"), "/duplicate-check", "copy", may_check, place=90)


def read(words: str) -> list[Identity]:
    """What one box was given: a credit code, a mail address, a phone number, or a name of a company or person."""
    words = words.strip()[:200]
    if not words:
        return []
    if credit_code_valid(words):
        return [Identity(credit_code=words)]
    if mail_key(words):
        return [Identity(emails=(words,)), Identity(emails=(words,), person=True)]
    if _DIGITS.search(words) and phone_key(words):
        return [Identity(phones=(words,)), Identity(phones=(words,), person=True)]
    return [Identity(name=words), Identity(name=words, person=True)]


def shown(hit: Hit) -> dict[str, Any]:
    """One line of the answer."""
    return {"hit": hit, "url": addresses.record_url(registry.model_of(hit.object), hit.pk) if hit.visible else "",
            "ask_url": asked_url("ask", hit) if not hit.visible and hit.owned else "",
            "claim_url": asked_url("claim", hit) if not hit.visible and not hit.owned else ""}


@base.page(methods=("GET",))
def index(request: base.PageRequest) -> HttpResponse:
    """Type a company, phone, mail address or credit code; see where it stands."""
    if not may_check(request.ctx):
        raise Denied(_("You may not see customers, so you may not look for duplicates of them."))
    words = base.param(request, "q")
    hits = find_duplicates(request.ctx, read(words), limit=FOUND, least=ENOUGH)
    return base.render(request, "parties/duplicate_check.html", {
        "title": _("Duplicate check"), "q": words, "rows": [shown(hit) for hit in hits]})


@base.page(methods=("GET",))
def programs(request: base.PageRequest) -> HttpResponse:
    """The same check for scripts: what may be the same as the values given, as JSON."""
    if not may_check(request.ctx):
        raise Denied(_("You may not see customers, so you may not look for duplicates of them."))
    model = registry.model_of(base.param(request, "object", "parties.customer"))
    names = ("name", "phone", "mobile", "email", "credit_code", "city")
    values = {name: base.param(request, name) for name in names}
    person = model is not Customer or base.param(request, "kind") == "person"
    hits = find_duplicates(request.ctx, identity_of(values, person), limit=FOUND)
    return JsonResponse({"duplicates": [{
        "object": hit.object, "id": hit.pk if hit.visible else None, "title": hit.title, "score": hit.score,
        "reasons": [str(reason) for reason in hit.reasons], "visible": hit.visible, "status": str(hit.standing),
        "owner": hit.owner, "department": hit.department, "last_active": hit.last_active} for hit in hits]})


def _target(request: base.PageRequest) -> tuple[str, int]:
    pk = base.number(request, "record")
    if pk is None:
        raise Refused(_("Say which record."), field="record")
    return base.param(request, "object"), pk


@base.page
def ask(request: base.PageRequest) -> HttpResponse:
    """Ask the owner of a record for access, saying why."""
    return _asked(request, ask_for_access, _("Ask for access"), _("Its owner is told, and can share the record with you."),
                  _("The owner was asked."), needs_words=True)


@base.page
def take(request: base.PageRequest) -> HttpResponse:
    """Claim a record that nobody owns."""
    return _asked(request, claim, _("Claim"), _("Nobody owns this record. You become its owner."), _("It is yours now."))


def _asked(request: base.PageRequest, action: Any, title: str, what: str, done: str, needs_words: bool = False
           ) -> HttpResponse:
    name, pk = _target(request)
    if request.method != "POST":
        return base.render(request, "parties/ask.html", {
            "title": title, "what": what, "needs_words": needs_words, "url": request.get_full_path()})
    words: dict[str, Any] = {"message": request.POST.get("message", "")[:200]} if needs_words else {}
    request.ctx.run(action, object=name, record=pk, **words)
    model = registry.model_of(name)
    return base.done(request, done, to="/duplicate-check" if needs_words else addresses.record_url(model, pk))
