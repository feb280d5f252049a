"""The button that takes the sample company away, driven as an administrator presses it."""

import datetime

import pytest

from guanxi.apps.conftest import Firm, Person, administrator, firm  # noqa: F401  fixtures
from guanxi.apps.org.models import Company, User
from guanxi.apps.parties.models import Customer
from guanxi.common.talk import Notification
from guanxi.kernel import worker
from guanxi.site.demo import company, load
from guanxi.site.seed import seed_all

HTMX = {"HX-Request": "true"}


@pytest.mark.django_db
@pytest.mark.covers("T63")
def test_the_button_takes_the_sample_company_away(firm: Firm, administrator: Person) -> None:  # noqa: F811
    seed_all(firm.system)
    mine = administrator().create(Customer, name="我自己的客户有限公司")
    load.load("a-sample-password-7", today=datetime.date(2026, 11, 18))
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
