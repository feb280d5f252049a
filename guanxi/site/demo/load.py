"""Loading the sample company: one operation, the same for the same seed and day."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from guanxi.apps.org.models import Company, User
from guanxi.kernel import operations
from guanxi.kernel.api import Ctx, Refused, policy
from guanxi.kernel.entries import Operation
from guanxi.site.demo import company, customers, days, deals, goods, leads, lists, offers, remove
from guanxi.site.demo.crowd import growth, tables
from guanxi.site.demo.crowd.load import Crowd, activities_for
from guanxi.site.demo.play import Play
from guanxi.site.seed import seed_all

KIND = remove.KIND
#: How many customers are rehearsed, and how many there can be.
REHEARSED, LEAST, MOST = customers.COMPANIES + customers.PRIVATE, 50, 1_000_000
#: Values of custom fields for the customers of the crowd, the common ones first.
Custom = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class SignIn:
    """Somebody to sign in as: one for each ready role."""

    role: str
    person: str
    post: str
    email: str


def load(password: str, *, seed: int = 7, today: datetime.date | None = None, customers: int = REHEARSED,
         custom: Custom | None = None) -> Operation:
    """Bring in the sample company. Refused while it is there; a failure takes away what had been made.

    Up to sixty customers are rehearsed, each step by the person who takes it; the others are a crowd, written in bulk.
    """
    if not LEAST <= customers <= MOST:
        raise Refused(_("The sample company has %(least)s to %(most)s customers.") % {"least": LEAST, "most": MOST})
    system = Ctx(system=True, via="command", reason="")
    if remove.loaded() is not None:
        raise Refused(_("The sample company is there already."))
    with timezone.override(settings.GUANXI_TIME_ZONE), transaction.atomic():
        operation = operations.begin(system, KIND, _("Sample company"))
        with operations.within(system, operation.pk):
            found = company.found_company(system)
    with translation.override(found.language), timezone.override(found.time_zone):
        seed_all(system)
        try:
            play = Play(system, operation, seed, today or timezone.localdate(), found.time_zone)
            _rehearse(play, password, min(customers, REHEARSED))
            crowd = _crowd(play, customers - REHEARSED, seed, custom) if customers > REHEARSED else {}
        except BaseException:
            operations.finish(operation.pk)
            remove.remove(Ctx(system=True, via="command", reason=""))
            raise
    operations.finish(operation.pk, seed=seed, today=play.today.isoformat(), last_entry=tables.last_entry(), **crowd)
    return operation


def _crowd(play: Play, count: int, seed: int, custom: Custom | None) -> dict[str, Any]:
    """As many more customers, and the people who look after them."""
    sellers = growth.grow(play, count)
    known = growth.known(play.system, lists.read(play.system), sellers)
    wares = growth.wares(play.system, sellers, play.people["stock"].pk)
    return Crowd(known, seed=seed, today=play.today, zone=str(play.zone), count=count, custom=custom, wares=wares,
                 many=activities_for(REHEARSED + count)).load()


def _rehearse(play: Play, password: str, count: int) -> None:
    company.people(play, password)
    rivals, known = deals.competitors(play), lists.read(play.system)
    firms = customers.cast(play, known, count)
    walked = deals.cast(play, firms)
    customers.enter(play, firms)
    customers.tie(play, known, firms)
    deals.enter(play, known, walked, rivals)
    offers.enter(play, known, walked, goods.enter(play, known, firms))
    leads.enter(play, known)
    days.enter(play, known, firms, walked)
    play.run()
    play.read_old_news()


def sign_ins() -> list[SignIn]:
    """One person of the sample company for each role, the leading ones first."""
    system = Ctx(system=True, reason="")
    there = {user.email: user for user in system.find(User).filter(email__endswith=f"@{company.DOMAIN}", is_active=True)}
    roles: dict[str, Any] = {role.key: role for role in system.find(policy.Role)}
    found: dict[str, SignIn] = {}
    for _key, name, _unit, post, role, _above, _years in company.PEOPLE:
        address = company.email(name)
        if role not in found and role in roles and address in there:
            found[role] = SignIn(str(roles[role]), name, post, address)
    return list(found.values())


def company_name() -> str:
    found = Ctx(system=True, reason="").find(Company).first()
    return str(found or company.NAME)
