"""The server's clock is UTC; each person's list, filter, calendar, export and programs go by the person's own clock."""

import csv
import datetime
import io
import json
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.utils import timezone

from guanxi.apps.parties.models import Customer
from tests.contract.test_api import program
from tests.contract.test_leaks import body

pytestmark = [pytest.mark.django_db, pytest.mark.covers("TIM-01")]
UTC = datetime.UTC
#: An instant that is late in the evening of the day for one person, and another day for the other.
CASES = [
    ("late in Shanghai", datetime.datetime(2026, 6, 15, 15, 30, tzinfo=UTC), "2026-06-15 23:30", "2026-06-15 08:30"),
    ("late in Los Angeles", datetime.datetime(2026, 6, 16, 6, 30, tzinfo=UTC), "2026-06-16 14:30", "2026-06-15 23:30"),
    ("clocks go forward", datetime.datetime(2026, 3, 8, 10, 30, tzinfo=UTC), "2026-03-08 18:30", "2026-03-08 03:30"),
    ("after midnight before that", datetime.datetime(2026, 3, 8, 8, 30, tzinfo=UTC), "2026-03-08 16:30", "2026-03-08 00:30"),
    ("clocks go back", datetime.datetime(2026, 11, 1, 9, 30, tzinfo=UTC), "2026-11-01 17:30", "2026-11-01 01:30"),
    ("late on that day", datetime.datetime(2026, 11, 2, 7, 30, tzinfo=UTC), "2026-11-02 15:30", "2026-11-01 23:30"),
]


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


def stopped(moment):
    """The class that Django's clock asks, standing still; everything else of it is as always."""
    class Kind(type):
        def __instancecheck__(cls, value):
            return isinstance(value, datetime.datetime)

    class Stopped(datetime.datetime, metaclass=Kind):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    return Stopped


@pytest.mark.parametrize(("moment", "shanghai", "los_angeles"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles"])
def test_everything_goes_by_ones_own_clock(firm, administrator, zone, moment, shanghai, los_angeles, monkeypatch):
    wall = shanghai if zone == "Asia/Shanghai" else los_angeles
    day = wall[:10]
    assert moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") == wall
    with firm.system.door("test"):
        administrator.user.time_zone = zone
        firm.system.save(administrator.user)
        firm.system.save(Customer(name="Due", next_contact_at=moment, birthday="2026-03-08", owner_id=administrator.id))
    monkeypatch.setattr(timezone, "datetime", stopped(moment))
    client, api = administrator.client, program(administrator)
    assert timezone.now() == moment

    tree = json.dumps(["next_contact_at", "within", "today"])
    found = api.get("/api/v1/customers", {"filter": tree, "count": "exact"}).json()
    assert found["count"] == 1, found
    told = found["rows"][0]
    assert datetime.datetime.fromisoformat(told["next_contact_at"]) == moment
    assert told["birthday"] == "2026-03-08"

    listed = body(client.get("/customers/?columns=name,next_contact_at,birthday"))
    assert moment.astimezone(ZoneInfo(zone)).strftime("%H:%M") in listed
    after = (datetime.date.fromisoformat(day) + datetime.timedelta(days=1)).isoformat()
    events = client.get("/customers/events", {"start": day, "end": after}).json()
    assert [(one["title"], one["start"][:16]) for one in events] == [("Due", wall.replace(" ", "T"))]
    later = (datetime.date.fromisoformat(day) + datetime.timedelta(days=30)).isoformat()
    assert client.get("/customers/events", {"start": after, "end": later}).json() == []

    written = client.post("/customers/export?" + urlencode({"all": "1"}), {
        "columns": ["name", "next_contact_at", "birthday"], "kind": "csv", "all": "1"}, follow=True)
    row = list(csv.reader(io.StringIO(body(written).lstrip("\ufeff"))))[1]
    assert row[1][:16] == wall
    assert row[2][:10] == "2026-03-08"
