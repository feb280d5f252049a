"""The first visit: set-up, the three doors, and the steps on the home page."""

import secrets
import zoneinfo
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_template
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from guanxi.apps.org import setup
from guanxi.apps.org.actions import begin_company, hide_steps_company, load_sample_company
from guanxi.apps.org.models import Company, Language
from guanxi.apps.org.models.company import Currency
from guanxi.apps.org.pages.sign_in import let_in
from guanxi.kernel.api import Ctx, Missing, Refused, policy, registry
from guanxi.surfaces.web import base, panels
from guanxi.surfaces.web.cells import Item

_ZONES = {"zh-tw": "Asia/Taipei", "zh-hk": "Asia/Hong_Kong", "zh-mo": "Asia/Macau", "zh-sg": "Asia/Singapore",
          "ja": "Asia/Tokyo", "ko": "Asia/Seoul", "en-gb": "Europe/London", "de": "Europe/Berlin", "fr": "Europe/Paris"}
_CURRENCIES = {"Asia/Taipei": "TWD", "Asia/Hong_Kong": "HKD", "Asia/Macau": "MOP", "Asia/Singapore": "SGD",
               "Asia/Tokyo": "JPY", "Asia/Seoul": "KRW", "Europe/London": "GBP", "Europe/Berlin": "EUR",
               "Europe/Paris": "EUR"}


def guess_zone(request: HttpRequest) -> str:
    """The browser's own zone where its page has told it, otherwise what its first language suggests."""
    told = request.COOKIES.get("time_zone", "")
    if told in zoneinfo.available_timezones():
        return told
    first = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip().lower()
    return _ZONES.get(first) or _ZONES.get(first[:2]) or str(settings.GUANXI_TIME_ZONE)


def _questions(request: HttpRequest) -> list[Item]:
    zone, posted, zones = guess_zone(request), request.POST, sorted(zoneinfo.available_timezones())
    asked = [
        (setup.question("company", _("Company")), ""),
        (setup.question("name", _("Your name")), ""),
        (setup.question("login", _("E-mail or phone"), help=_("You sign in with it.")), ""),
        (setup.question("password", _("Password"), kind="password", help=_("At least 10 characters.")), ""),
        (setup.question("language", _("Language"), choices=list(Language.choices)), get_language()),
        (setup.question("time_zone", _("Time zone"), choices=[(one, one) for one in zones]),
         zone),
        (setup.question("currency", _("Currency"), choices=list(Currency.choices)), _CURRENCIES.get(zone, "CNY")),
    ]
    return [Item(view, posted.get(view.key, "") if posted and view.kind != "password" else start)
            for view, start in asked]


@never_cache
@sensitive_post_parameters("password")
def set_up(request: HttpRequest) -> HttpResponse:
    """The first account. Without the secret, and once anybody exists, there is no such page."""
    token = request.GET.get("token", "")
    if not setup.fits(token):
        raise Http404
    items, errors = _questions(request), []
    if request.method == "POST":
        given = {item.field.key: request.POST.get(item.field.key, "").strip()[:200] for item in items}
        given["password"] = request.POST.get("password", "")[:128]
        try:
            return _enter(request, given, items)
        except Missing as missing:
            raise Http404 from missing
        except Refused as refusal:
            known = {item.field.key: item for item in items}
            for key, texts in refusal.errors.items():
                if key in known:
                    known[key].errors += texts
            if not any(item.errors for item in items):
                errors = [refusal.reason]
    return render_template(request, "web/setup.html", {
        "action_url": request.get_full_path(), "items": items, "form_errors": errors, "once": secrets.token_urlsafe(16)},
        status=400 if request.method == "POST" else 200)


def _enter(request: HttpRequest, given: dict[str, str], items: list[Item]) -> HttpResponse:
    missing = [item.field.key for item in items if not given[item.field.key]]
    if missing:
        raise Refused(_("This field is needed."), errors={key: [_("This field is needed.")] for key in missing})
    for item in items:
        if item.field.choices and given[item.field.key] not in {code for code, *_rest in item.field.choices}:
            raise Refused(_("Choose one of the list."), field=item.field.key)
    user = setup.set_up(Ctx(via="page", client=request.META.get("REMOTE_ADDR", "")), **given)
    let_in(request, user)
    return HttpResponseRedirect(reverse("doors"))


@base.page(methods=("GET",))
def doors(request: Any) -> HttpResponse:
    """Three ways to begin."""
    company = request.ctx.get(Company, _company_id(request.ctx), "update")
    known = {policy.object_name(model): registry.slug(model) for model in registry.objects()}
    slug = known.get("parties.customer")
    return render_template(request, "web/doors.html", {
        "name": str(request.ctx.user), "import_url": f"/{slug}/import" if slug else "/", "company": company,
        "sample_url": reverse("doors_sample"), "empty_url": reverse("doors_empty")})


def _company_id(ctx: Ctx) -> int | None:
    return ctx.find(Company).values_list("pk", flat=True).first()


@base.page(methods=("POST",))
def start_empty(request: Any) -> HttpResponse:
    """Begin with nothing but the seeded lists."""
    request.ctx.run(begin_company, _company_id(request.ctx))
    return HttpResponseRedirect("/")


@base.page(methods=("POST",))
def start_with_sample(request: Any) -> HttpResponse:
    """Begin with the sample company, which is loaded in the background."""
    request.ctx.run(load_sample_company, _company_id(request.ctx))
    return base.done(request, _("The sample company is being loaded; it is there in a minute."), to="/")


@base.page(methods=("POST",))
def hide_steps(request: Any) -> HttpResponse:
    """Take the first steps off the home page."""
    request.ctx.run(hide_steps_company, _company_id(request.ctx))
    return base.done(request, _("Hidden."), to="/")


@panels.doors
def ask_how_to_begin(ctx: Ctx) -> str:
    """An administrator of a company that has not begun is led to the doors."""
    if not ctx.rights.administrator:
        return ""
    if not ctx.find(Company).filter(begun=False).exists():
        return ""
    imported = any(step.done(ctx) for step in setup.steps() if step.url.endswith("/import"))
    return "" if imported else reverse("doors")


@panels.checklist
def first_steps(ctx: Ctx) -> dict[str, Any] | None:
    """The first steps of an administrator, until all are done or hidden."""
    if not ctx.rights.administrator or ctx.find(Company).filter(first_steps_hidden=False).count() == 0:
        return None
    steps = [{"label": step.label, "url": step.url, "done": step.done(ctx)} for step in setup.steps()]
    done = sum(1 for step in steps if step["done"])
    if done == len(steps):
        return None
    return {"done": done, "total": len(steps), "share": round(100 * done / len(steps)), "steps": steps,
            "hide_url": reverse("first_steps_hide")}
