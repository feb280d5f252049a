"""The time machine: lists and records as of a moment, the way back to today, and nothing that could be changed there."""

import datetime
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.kernel.api import Ctx
from guanxi.surfaces.web.tests.conftest import OWN
from guanxi.surfaces.web.views import time_machine

pytestmark = [pytest.mark.django_db, pytest.mark.covers("F3")]
#: Queries of a past list and of a past record, for ten rows or changes and for a hundred.
LIST_QUERIES, RECORD_QUERIES = 9, 7


def at(day: int, hour: int = 9) -> datetime.datetime:
    return datetime.datetime(2026, 3, day, hour, tzinfo=datetime.UTC)


def by(who: Any, when: datetime.datetime) -> Ctx:
    """Somebody at work at a moment."""
    return Ctx(user=who.user, via="page", clock=lambda: when)


@pytest.fixture
def acme(anna: Any, customer: Any) -> Any:
    """A customer of March 2026, renamed and moved on the 10th."""
    made = by(anna, at(2)).create(customer, name="Acme", city="深圳", note="first", phone="13800138000")
    return by(anna, at(10)).update(made, name="Acme Ltd", city="上海", note="")


def shown(client: Any, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def titles(page: str) -> list[str]:
    return re.findall(r'<td class="col-title[^"]*"[^>]*><div class="cell"><a[^>]*>([^<]*)</a>', page)


@pytest.mark.covers("SAL-25")
def test_a_list_is_what_it_was_and_says_so(anna: Any, acme: Any, customer: Any) -> None:
    by(anna, at(6)).create(customer, name="Later", city="深圳")
    query = 'f=["city","is","深圳"]&columns=name,city'
    assert titles(shown(anna.client, f"/customers/?{query}")) == ["Later"]
    past = shown(anna.client, f"/customers/?{query}&as_of=2026-03-05")
    assert titles(past) == ["Acme"]
    assert "As it stood at the end of March 5, 2026" in past
    assert f'href="/customers/{acme.pk}?as_of=2026-03-05"' in past
    back = re.search(r'class="button is-small is-primary" href="([^"]+)">Back to today', past)
    assert back is not None
    assert "as_of" not in back[1]
    assert titles(shown(anna.client, back[1].replace("&amp;", "&"))) == ["Later"]
    assert sorted(titles(shown(anna.client, f"/customers/?{query}&as_of=2026-03-07"))) == ["Acme", "Later"]
    assert titles(shown(anna.client, "/customers/?q=Ltd&as_of=2026-03-05")) == []
    assert titles(shown(anna.client, "/customers/?q=Ltd&as_of=2026-03-10T10:00Z")) == ["Acme Ltd"]


def test_nothing_can_be_done_in_the_past(anna: Any, acme: Any) -> None:
    page = shown(anna.client, "/customers/?as_of=2026-03-05")
    for command in ("data-edit", "/new", "data-pick-row", "/export", "/import", "/edit", "/log", "/bin"):
        assert command not in page.split('<main', 1)[1].split("</main>")[0], command
    record = shown(anna.client, f"/customers/{acme.pk}?as_of=2026-03-05").split("<main", 1)[1].split("</main>")[0]
    for command in ("data-edit", "/do/", "/edit", "data-post", "<form", "/share", "reveal"):
        assert command not in record, command
    query = "all=1&query=as_of%3D2026-03-05"
    assert anna.client.get(f"/customers/do/update?{query}").status_code == 403
    assert anna.client.get("/customers/export?all=1&as_of=2026-03-05").status_code == 403
    assert anna.client.post("/customers/do/update", {
        "all": "1", "query": "as_of=2026-03-05", "expected": "1", "field": "city", "city": "X"}).status_code == 403
    assert anna().get(type(acme), acme.pk).city == "上海"


def test_a_record_stands_beside_today(anna: Any, acme: Any) -> None:
    page = shown(anna.client, f"/customers/{acme.pk}?as_of=2026-03-05")
    assert "<h1>Acme</h1>" in page
    facts = dict(re.findall(r'<dd data-key="(\w+)">((?:(?!</dd>).)*)</dd><dd class="as-of-today">', page))
    assert set(facts) >= {"city", "note"}
    assert not {"phone", "owner", "updated_at"} & set(facts)
    assert re.search(r"\d fields are different today\.", page)
    assert "深圳" in facts["city"]
    assert re.search(r'data-key="city">.*?</dd><dd class="as-of-today"><span class="faint small">Today</span>.*?上海', page)
    same = shown(anna.client, f"/customers/{acme.pk}?as_of=2026-03-11")
    assert "Nothing has changed since." in same
    assert "as-of-today" not in same


def test_what_is_in_the_bin_today_was_there_then(anna: Any, acme: Any) -> None:
    by(anna, at(12)).delete(acme)
    page = shown(anna.client, f"/customers/{acme.pk}?as_of=2026-03-05")
    assert "Today it is in the recycle bin." in page
    assert titles(shown(anna.client, "/customers/?as_of=2026-03-05")) == ["Acme"]
    early, gone = (anna.client.get(f"/customers/{acme.pk}?as_of={day}") for day in ("2026-03-01", "2026-03-13"))
    assert (early.status_code, gone.status_code) == (404, 404)
    assert "was not there yet" in early.content.decode()
    assert "was in the recycle bin at that moment" in gone.content.decode()


@pytest.mark.covers("PERM-14")
def test_unseen_records_stay_unseen_and_covered_fields_covered(anna: Any, bert: Any, person: Any, acme: Any) -> None:
    assert bert.client.get(f"/customers/{acme.pk}?as_of=2026-03-05").status_code == 404
    assert titles(shown(bert.client, "/customers/?as_of=2026-03-05")) == []
    masks = [{"object": "parties.customer", "field": "phone", "level": "masked"},
             {"object": "parties.customer", "field": "city", "level": "hidden"}]
    carl = person("carl", {"parties.customer": {**OWN, "view": "everyone"}}, masks=masks)
    by(anna, at(11)).update(acme, phone="13900139000")
    pages = [shown(carl.client, url) for url in (
        f"/customers/{acme.pk}?as_of=2026-03-05", "/customers/?as_of=2026-03-05&columns=name,phone,city")]
    for page in pages:
        assert "138****8000" in page
        for secret in ("13800138000", "13900139000", "139****9000", "深圳", "上海"):
            assert secret not in page
    assert carl.client.get('/customers/?as_of=2026-03-05&f=["city","is","深圳"]').status_code == 400


def test_one_chooses_a_day(anna: Any, acme: Any) -> None:
    for url in ("/customers/?q=Ac", f"/customers/{acme.pk}"):
        assert "Time machine…" in shown(anna.client, url)
    form = shown(anna.client, "/customers/as-of?q=Ac&as_of=2026-03-05")
    assert 'name="q" value="Ac"' in form
    assert 'name="as_of" value="2026-03-05"' in form
    assert "action=\"/customers/\"" in form
    assert f'action="/customers/{acme.pk}"' in shown(anna.client, f"/customers/{acme.pk}/as-of")
    assert [day.isoformat() for _label, day in time_machine.often(datetime.date(2026, 5, 7))] == [
        "2026-05-06", "2026-04-30", "2026-04-30", "2026-03-31", "2025-12-31"]
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    for wrong in (tomorrow.isoformat(), "someday"):
        assert anna.client.get(f"/customers/?as_of={wrong}").status_code == 400
        assert anna.client.get(f"/customers/{acme.pk}?as_of={wrong}").status_code == 400


def test_the_history_leads_to_each_moment(anna: Any, acme: Any) -> None:
    page = shown(anna.client, f"/history/customers/{acme.pk}")
    links = re.findall(rf'href="(/customers/{acme.pk}\?as_of=[^"]+)"', page)
    assert ["<h1>Acme Ltd</h1>" in shown(anna.client, url) for url in links] == [True, False]


@pytest.mark.parametrize("face", ["board", "calendar", "chart"])
def test_other_faces_show_the_same_past(anna: Any, acme: Any, customer: Any, face: str) -> None:
    by(anna, at(10)).update(acme, next_contact_at=at(20))
    page = anna.client.get(f"/customers/?face={face}&by=life_stage&as_of=2026-03-05")
    if face == "board" and page.status_code == 400:
        return  # this object has none
    assert page.status_code == 200
    assert "As it stood at the end of" in page.content.decode()
    span = "start=2026-03-01&end=2026-04-01"
    assert anna.client.get(f"/customers/events?{span}&as_of=2026-03-05").json() == []
    assert [one["url"] for one in anna.client.get(f"/customers/events?{span}&as_of=2026-03-11").json()] == [
        f"/customers/{acme.pk}?as_of=2026-03-11"]


@pytest.mark.covers("B02")
@pytest.mark.parametrize("count", [10, 100])
def test_the_past_takes_the_same_few_queries_at_any_size(anna: Any, customer: Any, settings: Any, count: int) -> None:
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    ctx = by(anna, at(2))
    with ctx.door("test"):
        rows = [row for row, _fault in ctx.save_all([customer(name=f"Firm {place:04}") for place in range(count)])]
    for turn in range(count // 10):
        by(anna, at(10)).run_many("parties.customer.update", rows, city=f"City {turn}")
    found = []
    for url in ('/customers/?as_of=2026-03-05&f=["city","empty"]&q=Firm', f"/customers/{rows[0].pk}?as_of=2026-03-05"):
        shown(anna.client, url)
        with CaptureQueriesContext(connection) as queries:
            shown(anna.client, url)
        found.append(len(queries))
    assert found == [LIST_QUERIES + (count > 50), RECORD_QUERIES]
