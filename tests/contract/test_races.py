"""Two people change the same value: the second sees both, by inline edit, form, board, calendar, mass edit and interface."""

import html

import pytest

from guanxi.apps.parties.models import Customer
from guanxi.kernel import registry
from tests.contract.factory import make
from tests.contract.test_api import JSON, program
from tests.contract.walk import changed, dump

pytestmark = [pytest.mark.django_db, pytest.mark.covers("CONC-02")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def acme(administrator):
    made = administrator().create(Customer, name="Acme", city="Shenzhen")
    administrator().update(made, name="Theirs")  # what the second person has not seen: version 2
    return made


@pytest.fixture
def olga(person):
    """Another administrator, who is quicker."""
    return person("olga", "administrator")


def row(record):
    return type(record)._base_manager.get(pk=record.pk)


@pytest.mark.parametrize(("path", "status"), [("cell/name", 409), ("edit", 409)])
def test_the_second_sees_both_values_and_whose(path, status, acme, manager, administrator):
    answer = administrator.client.post(f"/customers/{acme.pk}/{path}", {"name": "Mine", "version": "1"}, headers=HTMX)
    text = answer.content.decode()
    assert answer.status_code == status
    assert "Mine" in text and "Theirs" in text and "Acme" in text and "admin" in text
    assert (row(acme).name, row(acme).version) == ("Theirs", 2)


@pytest.fixture
def stages(administrator):
    """Three open stages of one pipeline."""
    line = administrator().create(registry.model_of("sales.pipeline"), name="Standard", default=True, position=1)
    return [administrator().create(registry.model_of("sales.stage"), name=name, pipeline=line.pk, position=place, probability=10)
            for place, name in enumerate(("First talk", "Offer", "Signing"))]


@pytest.mark.parametrize("page", [True, False], ids=["script", "page"])
def test_a_dragged_card_overwrites_nobody(page, stages, administrator, olga):
    deal = administrator().create(registry.model_of("opportunities"), name="Deal", stage=stages[0].pk)
    olga().run("sales.opportunity.move", deal.pk, stage=stages[1].pk)
    before = dump()
    answer = administrator.client.post(f"/opportunities/{deal.pk}/move?to={stages[2].pk}", {"version": "1", "once": "k"},
                                       headers=HTMX if page else {})
    assert answer.status_code == 409
    assert ("“Deal” was changed by olga (just now): it is in “Offer” now, you moved it to “Signing”. Look at it again."
            in html.unescape(answer.content.decode()))
    assert changed(before, dump()) == []
    assert row(deal).stage_id == stages[1].pk


def test_a_dragged_day_overwrites_nobody(administrator):
    deal = make(administrator(), registry.model_of("opportunities"))
    administrator().update(deal, expected_close="2026-05-01")
    answer = administrator.client.post(f"/opportunities/{deal.pk}/day", {"day": "2026-06-01", "version": "1"}, headers=HTMX)
    assert answer.status_code == 409
    assert str(row(deal).expected_close) == "2026-05-01"


def mass_edit(person, rows, *fields):
    """What the dialog of a mass edit sends back when it is filled and confirmed."""
    shown = person.client.get("/customers/do/update", {"ids": [one.pk for one in rows], "fields": fields})
    assert shown.status_code == 200
    sent = {"once": shown.context["once"]}
    for key, value in shown.context["hidden"]:
        sent.setdefault(key, []).append(str(value))
    return sent


def test_a_mass_edit_shows_what_others_typed_into_the_same_field(acme, administrator, olga):
    other = administrator().create(Customer, name="Bright", city="Shenzhen")
    dialog = mass_edit(administrator, [acme, other], "city")
    olga().update(acme, city="Guangzhou")
    answer = administrator.client.post("/customers/do/update", {**dialog, "city": "Xiamen"}, headers=HTMX)
    assert answer.status_code == 200
    assert [(one["title"], one["reason"]) for one in answer.context["refused"]] == [
        ("Theirs", "“City” was changed to “Guangzhou” by olga (just now). You chose “Xiamen”.")]
    assert [line["count"] for line in answer.context["lines"]] == ["1", "0", "1"]
    assert [(row(one).city, row(one).version) for one in (acme, other)] == [("Guangzhou", 3), ("Xiamen", 2)]


def test_a_mass_edit_that_comes_too_late_everywhere_changes_nothing(acme, administrator, olga):
    dialog = mass_edit(administrator, [acme], "city")
    olga().update(acme, city="Guangzhou")
    before = dump()
    answer = administrator.client.post("/customers/do/update", {**dialog, "city": "Xiamen"}, headers=HTMX)
    assert [one["title"] for one in answer.context["refused"]] == ["Theirs"]
    assert changed(before, dump()) == []
    again = mass_edit(administrator, [acme], "city")
    assert administrator.client.post("/customers/do/update", {**again, "city": "Xiamen"}, headers=HTMX).status_code == 204
    assert (row(acme).name, row(acme).city) == ("Theirs", "Xiamen")


def test_a_mass_edit_keeps_what_others_typed_elsewhere(acme, administrator, olga):
    dialog = mass_edit(administrator, [acme], "city")
    olga().update(acme, name="Later")
    assert administrator.client.post("/customers/do/update", {**dialog, "city": "Xiamen"}, headers=HTMX).status_code == 204
    assert (row(acme).name, row(acme).city) == ("Later", "Xiamen")


def test_a_mass_edit_with_a_strange_moment_is_refused(acme, administrator):
    before = dump()
    for moment in ("x", "2026-13-45T00:00:00+00:00", "2026-01-01T00:00:00"):
        answer = administrator.client.post("/customers/do/update", {
            "ids": [str(acme.pk)], "fields": ["city"], "city": "X", "once": "k", "seen": moment})
        assert answer.status_code == 400
    assert changed(before, dump()) == []


def test_a_program_must_say_which_version_it_changes(acme, administrator):
    api, path = program(administrator), f"/api/v1/customers/{acme.pk}"
    without = api.patch(path, {"name": "Mine"}, **JSON)
    stale = api.patch(path, {"name": "Mine"}, headers={"If-Match": '"1"'}, **JSON)
    assert [without.status_code, stale.status_code] == [428, 412]
    assert stale.json()["error"]["values"]["name"] == {"mine": "Mine", "theirs": "Theirs", "original": "Acme"}
    assert (row(acme).name, row(acme).version) == ("Theirs", 2)
