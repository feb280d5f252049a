"""What has changed between two moments: rows that came, left or are otherwise, by the rights of today."""

import datetime
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.api import Ctx
from guanxi.surfaces.web.tests.conftest import OWN

pytestmark = [pytest.mark.django_db, pytest.mark.covers("F3", "SAL-25")]
QUERIES = 15
IN_SHENZHEN = 'f=["city","is","深圳"]'


def by(who: Any, day: int) -> Ctx:
    """Somebody at work on a day of March 2026."""
    return Ctx(user=who.user, via="page", clock=lambda: datetime.datetime(2026, 3, day, 9, tzinfo=datetime.UTC))


def compared(client: Any, query: str = "", first: int = 5, last: int | None = None) -> dict[str, tuple[str, str]]:
    """What the page calls each record's difference, and how its fields changed."""
    to = f"&to=2026-03-{last:02}" if last else ""
    response = client.get(f"/customers/compare?as_of=2026-03-{first:02}{to}&{query}")
    assert response.status_code == 200
    page = response.content.decode()
    rows = re.findall(r'class="compare-title"><a[^>]*>([^<]*)</a>.*?<span class="badge-soft[^>]*>([^<]*)</span>(.*?)</tr>', page)
    return {name: (label, re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", rest)).strip()) for name, label, rest in rows}


@pytest.fixture
def made(anna: Any, customer: Any) -> dict[str, Any]:
    """Customers of 2 March; what happened to each since is its name."""
    first = by(anna, 2)
    rows = {name: first.create(customer, name=name, city=city) for name, city in {
        "Same": "深圳", "Renamed": "深圳", "Moved away": "深圳", "Moved here": "上海", "Deleted": "深圳", "Back again": "深圳",
        "Elsewhere": "北京"}.items()}
    by(anna, 10).update(rows["Renamed"], name="Called otherwise")
    by(anna, 10).update(rows["Moved away"], city="广州")
    by(anna, 10).update(rows["Moved here"], city="深圳", note="a note")
    by(anna, 10).delete(rows["Deleted"])
    by(anna, 11).update(by(anna, 10).update(rows["Back again"], city="广州"), city="深圳")
    by(anna, 10).update(rows["Elsewhere"], note="still in Beijing")
    rows["New"] = by(anna, 12).create(customer, name="New", city="深圳")
    return rows


def test_each_record_is_called_what_became_of_it(anna: Any, made: dict[str, Any]) -> None:
    found = compared(anna.client, IN_SHENZHEN)
    assert {name: label for name, (label, _words) in found.items()} == {
        "New": "New", "Moved here": "Came into the list", "Deleted": "Deleted", "Moved away": "Left the list",
        "Called otherwise": "Changed"}
    assert "City: 深圳 → 广州" in found["Moved away"][1]
    assert "City: 上海 → 深圳" in found["Moved here"][1]
    assert "a note" in found["Moved here"][1]
    assert "Name: Renamed → Called otherwise" in found["Called otherwise"][1]
    assert "anna" in found["New"][1] and "→" not in found["New"][1]
    assert list(found) == ["Moved here", "New", "Deleted", "Moved away", "Called otherwise"]


def test_between_two_days_of_the_past(anna: Any, made: dict[str, Any]) -> None:
    assert set(compared(anna.client, IN_SHENZHEN, 10, 11)) == {"Back again"}
    assert compared(anna.client, IN_SHENZHEN, 5, 10)["Back again"][0] == "Left the list"
    assert "New" not in compared(anna.client, IN_SHENZHEN, 5, 11)
    assert compared(anna.client, IN_SHENZHEN, 12, 13) == {}
    assert set(compared(anna.client, "", 1, 3)) == {*made} - {"New"}


def test_the_list_says_how_many_there_were_and_leads_on(anna: Any, made: dict[str, Any]) -> None:
    page = anna.client.get(f"/customers/compare?as_of=2026-03-05&to=2026-03-20&{IN_SHENZHEN}").content.decode()
    assert re.search(r"<dt>Records</dt><dd class=\"num\"><span class=\"soft\">5</span> → <strong>5</strong></dd>", page)
    assert 'name="f" value="[&quot;city&quot;,&quot;is&quot;,&quot;深圳&quot;]"' in page
    link = re.search(rf'href="(/customers/{made["Renamed"].pk}\?[^"]*)"', page)
    assert link is not None
    both = anna.client.get(link[1].replace("&amp;", "&")).content.decode()
    assert "<h1>Renamed</h1>" in both
    assert "1 field was different on" in both
    assert re.search(r'<span class="faint small">03/20/2026</span>.*?Called otherwise', both)
    for url in (f"/customers/as-of?{IN_SHENZHEN}", f"/customers/?as_of=2026-03-05&{IN_SHENZHEN}"):
        assert "/customers/compare" in anna.client.get(url).content.decode()
    assert anna.client.get("/customers/compare").status_code == 200


def test_a_filter_by_today_means_the_later_day_at_both(anna: Any, customer: Any) -> None:
    due = datetime.datetime(2026, 4, 7, 9, tzinfo=datetime.UTC)
    row = by(anna, 2).create(customer, name="April", next_contact_at=due)
    by(anna, 20).update(row, note="later")
    query = 'f=["next_contact_at","within","this_month"]'
    to = "2026-04-02"
    page = anna.client.get(f"/customers/compare?as_of=2026-03-15&to={to}&{query}").content.decode()
    assert "Changed 1" in re.sub(r"<[^>]*>", "", page)


@pytest.mark.covers("PERM-14")
def test_rights_of_today_decide(anna: Any, bert: Any, person: Any, made: dict[str, Any]) -> None:
    assert compared(bert.client) == {}
    masks = [{"object": "parties.customer", "field": "phone", "level": "masked"},
             {"object": "parties.customer", "field": "city", "level": "hidden"}]
    carl = person("carl", {"parties.customer": {**OWN, "view": "everyone"}}, masks=masks)
    by(anna, 13).update(made["Same"], phone="13900139000")
    found = compared(carl.client)
    assert found["Moved here"] == ("Changed", "Note: a note")
    assert not {"Moved away", "Same"} & set(found)
    assert carl.client.get(f"/customers/compare?as_of=2026-03-05&{IN_SHENZHEN}").status_code == 400


@pytest.mark.parametrize("query", ["as_of=someday", "as_of=2999-01-01", "as_of=2026-03-05&to=someday",
                                   "as_of=2026-03-05&to=2026-03-04", "as_of=2026-03-05&to=2999-01-01"])
def test_moments_that_make_no_sense_are_refused(anna: Any, query: str) -> None:
    assert anna.client.get(f"/customers/compare?{query}").status_code == 400


@pytest.mark.covers("B02")
@pytest.mark.parametrize("count", [10, 100])
def test_a_comparison_takes_the_same_queries_at_any_size(anna: Any, customer: Any, settings: Any, count: int) -> None:
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    ctx = by(anna, 2)
    with ctx.door("test"):
        rows = [row for row, _fault in ctx.save_all([customer(name=f"Firm {place:04}") for place in range(count)])]
    by(anna, 10).run_many("parties.customer.update", rows, city="深圳")
    url = "/customers/compare?as_of=2026-03-05&to=2026-03-15"
    assert anna.client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        anna.client.get(url)
    assert len(queries) == QUERIES
