"""The sample company beside one's own: the same as alone, and gone again, by command and by an administrator's button."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.org.models import Company, Department, Position, User
from guanxi.apps.org.tests.firm import found
from guanxi.apps.parties.models import Customer
from guanxi.apps.work.models import Activity
from guanxi.common.talk import Notification
from guanxi.kernel import worker
from guanxi.kernel.entries import broken_at
from guanxi.site.demo import company, load, remove
from guanxi.site.seed import seed_all
from tests.journeys.sample import PASSWORD, TODAY, live, portrait, system, together, told

HTMX = {"HX-Request": "true"}
pytestmark = [pytest.mark.django_db, pytest.mark.once("sqlite"), pytest.mark.covers("T63"), together]


@dataclass
class Beside:
    """A firm with a customer of its own, how many records it had before, and what was loaded then."""

    firm: Firm
    administrator: Person
    mine: Customer
    before: dict[str, int]
    portrait: dict[str, Any]


@pytest.fixture(scope="module")
def beside(django_db_setup: None, django_db_blocker: Any) -> Iterator[Beside]:
    with django_db_blocker.unblock(), transaction.atomic():
        firm = found()
        administrator = firm.add("admin", "administrator", department=firm.head_office)
        seed_all(firm.system)
        mine = administrator().create(Customer, name="我自己的客户有限公司")
        before = live()
        load.load(PASSWORD, today=TODAY)
        yield Beside(firm, administrator, mine, before, portrait())
        transaction.set_rollback(True)


def test_the_same_seed_and_day_give_the_same_company(beside: Beside, portraits: list[dict[str, Any]]) -> None:
    """Compared with the one that was loaded alone; where there is none, with another in its place."""
    if not portraits:
        remove.remove(system())
        load.load(PASSWORD, today=TODAY)
        portraits.append(portrait())
    for kind in ("customers", "deals", "days", "leads", "lines", "stock", "states"):
        there, here = portraits[0][kind], beside.portrait[kind]
        assert [row for row in here if beside.mine.name not in row][-len(there):] == there, kind
    assert broken_at() is None


def test_what_people_touched_stays(beside: Beside) -> None:
    firm, administrator, mine, before = beside.firm, beside.administrator, beside.mine, beside.before
    assert firm.system.find(User).count() == before["org.user"] + 27

    ctx = administrator()
    touched = system().find(Customer).exclude(pk=mine.pk).order_by("pk")[0]
    ctx.update(touched, note="这家以后真要联系")
    visited = system().find(Customer).exclude(pk=mine.pk).order_by("pk")[5]
    visit = ctx.run("parties.customer.log_follow_up", visited, text="电话聊过").record
    remove.remove(administrator())

    assert set(told(Customer, "pk")) == {(mine.pk,), (touched.pk,), (visited.pk,)}
    assert told(Activity, "pk") == [(visit.pk,)]
    kept = {visited.owner_id, touched.owner_id}
    assert {user.pk for user in system().find(User) if user.is_active} == set(
        firm.system.find(User).exclude(email__endswith=company.DOMAIN).values_list("pk", flat=True))
    assert {user.pk for user in system().find(User) if not user.is_active} == kept
    assert live() == before | {"parties.customer": 3, "work.activity": 1, "org.user": before["org.user"] + len(kept)}
    assert told(Department, "name") == [("Head office",), ("Sales",), ("East",), ("South",)]
    assert told(Position, "name") == [("Sales representative",)]


def test_the_button_takes_the_sample_company_away(beside: Beside) -> None:
    firm, administrator, mine = beside.firm, beside.administrator, beside.mine
    browser, place = administrator.client, firm.system.find(Company).get()
    url = f"/company/{place.pk}/do/remove_sample"
    assert f'href="{url}"' in browser.get(f"/company/{place.pk}").content.decode()
    dialog = browser.get(url, headers=HTMX).content.decode()
    assert "is-danger" in dialog and "what you added or changed since stays" in dialog
    assert firm.system.find(Customer).count() > 60

    assert browser.post(url, {"once": "once"}, headers=HTMX).status_code == 204
    assert browser.post(url, {"once": "once"}, headers=HTMX).status_code == 204
    worker.drain()

    assert [one.pk for one in firm.system.find(Customer)] == [mine.pk]
    assert not firm.system.find(User).filter(email__endswith=company.DOMAIN).exists()
    notes = list(Notification.objects.filter(user_id=administrator().user_id).values_list("note", flat=True))
    assert len([note for note in notes if note.startswith("The sample company is gone.")]) == 1
    page = browser.get(f"/company/{place.pk}").content.decode()
    assert f'href="{url}"' not in page and "There is no sample company." in page
    assert browser.post(url, {"once": "later"}, headers=HTMX).status_code == 422
