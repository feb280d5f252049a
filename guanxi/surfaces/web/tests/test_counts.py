"""How many queries a whole request takes, with a person of limited rights: the same for ten rows and for a thousand."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.kernel import registry
from guanxi.surfaces.web.tests.test_board import SHARED, stage_of

#: By address: for ten rows and for a thousand. A second page asks for the count. Session, person and unread
#: notifications are three of them; roles and shares are remembered.
LISTS = {
    "/customers/": (5, 6),
    "/customers/?sort=name&q=客户": (5, 6),
    "/customers/?columns=name,owner,level,parent_company": (6, 7),
    "/customers/lookup?q=客户": (3, 3),
    "/customers/?face=calendar": (4, 4),
    "/customers/events?start=2026-03-01&end=2026-04-01": (4, 4),
}
#: One for counts and sums, two for the cards, one for the customers on them.
BOARD = 8


@pytest.fixture(autouse=True)
def _without_the_journal_of_sessions(settings: Any) -> None:
    """It writes down when a session was last seen; no page has a part in that."""
    settings.USERSESSIONS_TRACK_ACTIVITY = False


def counted(client: Any, path: str) -> int:
    """Statements of one request after a first one has filled the memories of shared settings."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len([query for query in queries if "SAVEPOINT" not in query["sql"]])


@pytest.mark.covers("B02")
@pytest.mark.parametrize(("count", "place"), [(10, 0), (1000, 1)])
def test_lists_take_the_same_few_queries_at_any_size(anna: Any, many: Any, count: int, place: int) -> None:
    rows = many(anna, count, next_contact_at=datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC))
    for row in rows[-6:-1]:
        anna().update(row, parent_company=rows[-1].pk)
    assert {path: counted(anna.client, path) for path in LISTS} == {path: found[place] for path, found in LISTS.items()}


@pytest.mark.covers("B02", "T3")
@pytest.mark.parametrize("count", [10, 1000])
def test_a_board_takes_the_same_few_queries_at_any_size(person: Any, system: Any, customer: Any, count: int) -> None:
    own = {"view": "own", "create": "own", "update": "own"}
    seller = person("sofia", {"parties.customer": own, "sales.opportunity": own,
                              **{name: {"view": "everyone"} for name in SHARED}})
    pipeline = system.create(registry.model_of("sales.pipeline"), name="Standard", default=True, position=1)
    stages = [stage_of(system, pipeline, f"Stage {place}", place, 10 * place) for place in range(1, 6)]
    model, ctx = registry.model_of("sales.opportunity"), seller()
    buyer = ctx.create(customer, name="Acme")
    with ctx.door("test"):
        done = ctx.save_all([model(name=f"Deal {place}", stage=stages[place % 5], customer=buyer, amount=place)
                             for place in range(count)])
    assert [refusal for _row, refusal in done if refusal is not None] == []
    assert counted(seller.client, "/opportunities/?face=board") == BOARD
