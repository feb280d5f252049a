"""The activity types every company starts with; each is data, to be changed in the settings."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from guanxi.apps.org.models import Company
from guanxi.apps.work.models import ActivityType
from guanxi.apps.work.models.choices import Before, Chain
from guanxi.kernel.api import Ctx

#: key, name, icon, minutes, counts as a follow-up, offered when one is logged, reminder
TWELVE: tuple[tuple[str, str, str, int, bool, bool, str], ...] = (
    ("to_do", _("To Do"), "checkbox", 30, False, False, Before.NONE),
    ("call_outbound", _("Call Outbound"), "phone-outgoing", 15, True, True, Before.QUARTER),
    ("call_inbound", _("Call Inbound"), "phone-incoming", 15, True, True, Before.NONE),
    ("meeting", _("Meeting"), "users", 60, True, True, Before.HALF),
    ("correspondence", _("Correspondence"), "mail", 15, True, True, Before.NONE),
    ("fax_outbound", _("Fax Outbound"), "printer", 10, True, False, Before.NONE),
    ("presentation", _("Presentation"), "presentation", 90, True, False, Before.HOUR),
    ("demonstration", _("Demonstration"), "device-desktop", 90, True, False, Before.HOUR),
    ("appointment", _("Appointment"), "calendar-event", 60, True, False, Before.HALF),
    ("milestone", _("Milestone"), "flag", 0, False, False, Before.DAY),
    ("event", _("Event"), "confetti", 120, False, False, Before.DAY),
    ("research", _("Research"), "search", 120, False, False, Before.NONE),
)
#: How people here really follow up, beside the twelve.
FURTHER: tuple[tuple[str, str, str, int, bool, bool, str], ...] = (
    ("wechat", _("WeChat"), "brand-wechat", 10, True, True, Before.NONE),
    ("visit", _("Visit"), "map-pin", 90, True, True, Before.HOUR),
)
#: What usually follows, suggested when the first is done: key, next key, days until then.
CHAINS = (("presentation", "call_outbound", 3), ("demonstration", "call_outbound", 3), ("fax_outbound", "call_outbound", 1),
          ("visit", "call_outbound", 7))


def seed(ctx: Ctx) -> dict[str, ActivityType]:
    """Create the types that do not exist yet, in the company's language; returns all of them by key.

    A type that somebody changed or put into the recycle bin stays as it is.
    """
    ctx = ctx.as_system("the activity types every company starts with")
    company = ctx.find(Company).first()
    with translation.override(company.language if company else translation.get_language()), ctx.door("seed"):
        known = {one.key: one for one in (*ctx.binned(ActivityType), *ctx.find(ActivityType)) if one.key}
        fresh = set()
        for place, row in enumerate((*TWELVE, *FURTHER), 1):
            if row[0] not in known:
                known[row[0]] = ctx.save(_made(place * 10, *row))
                fresh.add(row[0])
        for key, following, days in CHAINS:
            if key in fresh:
                known[key].chain, known[key].next_type, known[key].next_days = Chain.SUGGEST, known[following], days
                ctx.save(known[key])
    return known


def _made(place: int, key: str, name: str, icon: str, minutes: int, is_contact: bool, quick: bool,
          remind: Any) -> ActivityType:
    return ActivityType(key=key, name=gettext(name), icon=icon, minutes=minutes, is_contact=is_contact, quick=quick,
                        remind=remind, place=place)
