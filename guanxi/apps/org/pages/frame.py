"""What the organisation adds to the frame of every page: the company's name, my menu, and the banner of view-as."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org.models import Company, User
from guanxi.kernel.api import Ctx, policy
from guanxi.surfaces.web import menu


def company_name(ctx: Ctx) -> str:
    """The company's short name, remembered until the organisation changes."""
    def read() -> str:
        company = ctx.as_system("the name in the frame").find(Company).first()
        return (company.short_name or company.name) if company else ""

    return str(policy.stamps.remembered(ctx.rights.mark, ("company", "name"), read))


def part(request: Any) -> dict[str, Any]:
    """Variables of the frame."""
    ctx = request.ctx
    return {
        "organisation": company_name(ctx),
        "view_as": {"name": str(ctx.user), "stop_url": reverse("view_as_stop")} if ctx.read_only else None,
        "links": [] if ctx.read_only else [
            {"label": _("My profile"), "url": reverse("me"), "icon": "user"},
            {"label": _("Password"), "url": reverse("account_change_password"), "icon": "lock"},
            {"label": _("Second factor and passkeys"), "url": reverse("mfa_index"), "icon": "shield-check"},
            {"label": _("Where I am signed in"), "url": reverse("usersessions_list"), "icon": "eye"},
        ],
    }


menu.add_part(part)
menu.add_link("work", _("Staff directory"), "/directory", "address-book", lambda ctx: ctx.may("view", User), 900)
menu.add_link("settings", _("Roles and rights"), "/rights", "shield-check", lambda ctx: ctx.rights.administrator, 5)
