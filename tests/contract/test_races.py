"""Two people change the same value: the second sees both, by inline edit, form, board, calendar, mass edit and interface."""

import pytest

from guanxi.apps.parties.models import Customer
from guanxi.kernel import registry
from tests.contract.factory import make
from tests.contract.test_api import JSON, program

pytestmark = [pytest.mark.django_db, pytest.mark.covers("CONC-02")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def acme(administrator):
    made = administrator().create(Customer, name="Acme", city="Shenzhen")
    administrator().update(made, name="Theirs")  # what the second person has not seen: version 2
    return made


def row(record):
    return type(record)._base_manager.get(pk=record.pk)


@pytest.mark.parametrize("path", ["cell/name", "edit"])
def test_the_second_sees_both_values_and_whose(path, acme, manager, administrator):
    answer = administrator.client.post(f"/customers/{acme.pk}/{path}", {"name": "Mine", "version": "1"}, headers=HTMX)
    text = answer.content.decode()
    assert answer.status_code in (409, 422)
    assert "Mine" in text and "Theirs" in text and "Acme" in text and "admin" in text
    assert (row(acme).name, row(acme).version) == ("Theirs", 2)


def test_a_dragged_card_overwrites_nobody(administrator):
    deal = make(administrator(), registry.model_of("opportunities"))
    stages = [make(administrator(), registry.model_of("stages")) for _ in range(2)]
    administrator().update(deal, name="Changed")
    before = row(deal)
    answer = administrator.client.post(f"/opportunities/{deal.pk}/move?to={stages[0].pk}&group={stages[0].pipeline_id}", {
        "version": "1", "stage": str(stages[0].pk)}, headers=HTMX)
    assert answer.status_code in (400, 404, 409)
    assert (row(deal).stage_id, row(deal).version) == (before.stage_id, before.version)


def test_a_dragged_day_overwrites_nobody(administrator):
    deal = make(administrator(), registry.model_of("opportunities"))
    administrator().update(deal, expected_close="2026-05-01")
    answer = administrator.client.post(f"/opportunities/{deal.pk}/day", {"day": "2026-06-01", "version": "1"}, headers=HTMX)
    assert answer.status_code == 409
    assert str(row(deal).expected_close) == "2026-05-01"


def test_a_mass_edit_keeps_what_others_typed_elsewhere_and_is_undone_alone(acme, administrator):
    administrator.client.post("/customers/do/update", {
        "ids": [str(acme.pk)], "fields": ["city"], "city": "Guangzhou", "once": "k"})
    assert (row(acme).name, row(acme).city) == ("Theirs", "Guangzhou")


def test_a_program_must_say_which_version_it_changes(acme, administrator):
    api, path = program(administrator), f"/api/v1/customers/{acme.pk}"
    without = api.patch(path, {"name": "Mine"}, **JSON)
    stale = api.patch(path, {"name": "Mine"}, headers={"If-Match": '"1"'}, **JSON)
    assert [without.status_code, stale.status_code] == [428, 412]
    assert stale.json()["error"]["values"]["name"] == {"mine": "Mine", "theirs": "Theirs", "original": "Acme"}
    assert (row(acme).name, row(acme).version) == ("Theirs", 2)
