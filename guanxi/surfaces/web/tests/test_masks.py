"""Masked values: shown once to who may, with a reason that is kept; titles made of them tell nothing either."""

import json

import pytest

from guanxi.common import revealing
from guanxi.kernel import registry, search_index
from guanxi.kernel.api import Entry

HTMX = {"HX-Request": "true"}
SEE = {"view": "everyone", "update": "everyone"}
PHONE = [{"object": "parties.customer", "field": "phone", "level": "masked"}]
COMPANY = {"object": "sales.lead", "field": "company"}


@pytest.fixture
def acme(anna, customer):
    return anna().create(customer, name="深圳市小鹏科技有限公司", phone="0755-26001234")


@pytest.fixture
def clerk(person):
    return person("clerk", {"parties.customer": {**SEE, "reveal": "everyone"}}, masks=PHONE)


# one value ---------------------------------------------------------------------------------------


@pytest.mark.covers("PERM-19")
def test_a_masked_value_is_shown_for_a_reason_that_is_kept(clerk, acme):
    url = f"/customers/{acme.pk}/reveal/phone"
    page = clerk.client.get(f"/customers/{acme.pk}").content.decode()
    form = clerk.client.get(f"/customers/{acme.pk}/edit").content.decode()
    assert "26001234" not in page + form
    assert f'href="{url}"' in page and f'href="{url}"' in form

    asked = clerk.client.get(url, headers=HTMX).content.decode()
    assert 'name="reason"' in asked and "26001234" not in asked
    nothing = clerk.client.post(url, {"reason": "  "}, headers=HTMX)
    assert (nothing.status_code, Entry.objects.filter(verb="parties.customer.reveal").count()) == (422, 0)
    shown = clerk.client.post(url, {"reason": "They asked to be called back"}, headers=HTMX)

    assert "075526001234" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    entry = Entry.objects.get(verb="parties.customer.reveal")
    assert (entry.actor_id, entry.object_id, entry.inputs, entry.reason, entry.via) == (
        clerk.user.pk, acme.pk, {"field": "phone"}, "They asked to be called back", "page")
    assert "26001234" not in clerk.client.get(f"/customers/{acme.pk}").content.decode()


@pytest.mark.covers("PERM-19")
def test_without_the_right_there_is_no_button_and_no_way(person, acme, clerk, monkeypatch):
    reader = person("reader", {"parties.customer": SEE}, masks=PHONE)
    url = f"/customers/{acme.pk}/reveal/phone"
    assert "/reveal/" not in reader.client.get(f"/customers/{acme.pk}").content.decode()
    assert reader.client.get(url).status_code == 403
    assert reader.client.post(url, {"reason": "curious"}).status_code == 403
    monkeypatch.setattr(revealing, "DAILY_LIMIT", 1)
    assert clerk.client.post(url, {"reason": "once"}).status_code == 200
    refused = clerk.client.post(url, {"reason": "twice"}, headers=HTMX)
    assert (refused.status_code, "limit" in refused.content.decode()) == (403, True)
    assert Entry.objects.filter(verb="parties.customer.reveal").count() == 1


def test_what_is_not_masked_is_not_revealed(anna, person, acme):
    open_eyes = person("open", {"parties.customer": {**SEE, "reveal": "everyone"}})
    assert open_eyes.client.get(f"/customers/{acme.pk}/reveal/phone").status_code == 400
    assert "/reveal/" not in open_eyes.client.get(f"/customers/{acme.pk}").content.decode()


# titles ------------------------------------------------------------------------------------------


@pytest.fixture
def lead(system):
    return system.create(registry.model_of("sales.lead"), company="宁波沐泽生物医药有限公司", person="王芳",
                         mobile="13800138000")


@pytest.mark.covers("PERM-05")
@pytest.mark.parametrize("level", ["masked", "hidden"])
def test_a_title_made_of_a_masked_field_is_masked_everywhere(person, system, lead, level):
    who = person("carl", {"sales.lead": {**SEE, "export": "everyone"}, "org.user": {"view": "everyone"}},
                 masks=[{**COMPANY, "level": level}])
    paths = ("/leads/", f"/leads/{lead.pk}", f"/leads/{lead.pk}/edit", "/leads/?face=board", "/search?q=沐泽",
             "/palette?q=沐泽", "/leads/lookup?q=沐泽", f"/history/leads/{lead.pk}", "/", f"/leads/{lead.pk}/do/delete",
             f"/leads/{lead.pk}/timeline")
    told = {path: "沐泽" in who.client.get(path).content.decode().replace("q=沐泽", "").replace("“沐泽”", "").replace(
        'value="沐泽"', "") for path in paths}
    assert told == dict.fromkeys(paths, False)
    assert "宁****" in who.client.get(f"/leads/{lead.pk}").content.decode()
    assert json.loads(who.client.get("/leads/lookup").content)["results"][0]["text"] == "宁****"


@pytest.mark.covers("PERM-05")
def test_a_change_by_somebody_who_sees_no_title_stores_the_whole_one(person, lead):
    who = person("carl", {"sales.lead": SEE}, masks=[{**COMPANY, "level": "masked"}])
    who().update(who().get(type(lead), lead.pk), job_title="总经理")
    assert Entry.objects.filter(verb="sales.lead.update").get().title == "宁波沐泽生物医药有限公司"
    assert search_index.SearchDoc.objects.get(object_type="sales.lead").title == "宁波沐泽生物医药有限公司"


@pytest.mark.covers("PERM-05")
def test_a_number_never_becomes_a_whole_title(system):
    found = [str(system.create(registry.model_of(name), **values)) for name, values in (
        ("sales.lead", {"mobile": "13800138000"}), ("sales.lead", {"email": "wang.fang@example.com"}),
        ("sales.lead", {"wechat": "wangfang88"}), ("sales.prospect", {"phone": "13800138001"}))]
    assert found == ["138****8000", "wa*****@example.com", "w****", "138****8001"]
