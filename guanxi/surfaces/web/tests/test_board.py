"""Board and calendar: columns with counts and sums, cards moved through the door, days changed by dragging."""

from typing import Any

import pytest
from django.utils import timezone

from guanxi.kernel import registry
from guanxi.kernel.api import Ctx
from guanxi.surfaces.web.tests.conftest import OWN

SHARED = ("org.user", "sales.pipeline", "sales.stage", "sales.closereason", "sales.competitor")


def stage_of(system: Ctx, pipeline: Any, name: str, position: int, probability: int, kind: str = "open") -> Any:
    stage = registry.model_of("sales.stage")
    return system.create(stage, name=name, pipeline=pipeline.pk, position=position, probability=probability, kind=kind)


@pytest.fixture
def seller(person: Any) -> Any:
    everything = {"parties.customer": OWN, "sales.opportunity": OWN}
    return person("sofia", {**everything, **{name: {"view": "everyone"} for name in SHARED}})


@pytest.fixture
def pipeline(system: Ctx) -> Any:
    return system.create(registry.model_of("sales.pipeline"), name="Standard", default=True, position=1)


@pytest.fixture
def stages(system: Ctx, pipeline: Any) -> list[Any]:
    return [stage_of(system, pipeline, "First talk", 10, 10), stage_of(system, pipeline, "Offer", 20, 50),
            stage_of(system, pipeline, "Signed", 30, 100, "won"), stage_of(system, pipeline, "Gone", 40, 0, "lost")]


@pytest.fixture
def deals(seller: Any, stages: list[Any]) -> list[Any]:
    ctx, model = seller(), registry.model_of("sales.opportunity")
    return [ctx.create(model, name=f"Deal {place}", stage=stages[place % 2].pk, amount=f"{100 * (place + 1)}")
            for place in range(5)]


def columns(response: Any) -> list[tuple[str, str, str, list[str]]]:
    assert response.status_code == 200, response.content.decode()[-800:]
    return [(column["label"], column["count_text"], column["sum_title"], [card["title"] for card in column["cards"]])
            for column in response.context["board_columns"]]


@pytest.mark.covers("T3")
def test_columns_count_and_sum_what_is_found(seller: Any, deals: Any) -> None:
    assert columns(seller.client.get("/opportunities/?face=board")) == [
        ("First talk", "3", "900.00", ["Deal 4", "Deal 2", "Deal 0"]), ("Offer", "2", "600.00", ["Deal 3", "Deal 1"]),
        ("Signed", "0", "0.00", []), ("Gone", "0", "0.00", [])]
    assert columns(seller.client.get("/opportunities/?face=board&q=Deal 3"))[:2] == [
        ("First talk", "0", "0.00", []), ("Offer", "1", "400.00", ["Deal 3"])]


@pytest.mark.covers("T3")
def test_columns_that_close_come_folded_and_cards_know_their_moves(seller: Any, deals: Any, stages: Any) -> None:
    shown = seller.client.get("/opportunities/?face=board").context["board_columns"]
    assert [column["folded"] for column in shown] == [False, False, True, True]
    card = shown[0]["cards"][0]
    assert card["move_url"] == f"/opportunities/{card['record'].pk}/move"


@pytest.mark.covers("T3", "P16")
def test_a_card_moves_through_the_door_once(seller: Any, deals: Any, stages: Any) -> None:
    deal, model = deals[0], type(deals[0])
    url = f"/opportunities/{deal.pk}/move?to={stages[1].pk}"
    for _click in range(2):
        response = seller.client.post(url, {"version": deal.version, "once": "k1"}, headers={"hx-request": "true"})
        assert (response.status_code, "done" in response["HX-Trigger"]) == (204, True)
    moved = seller().get(model, deal.pk)
    assert (moved.stage_id, moved.version) == (stages[1].pk, deal.version + 1)


@pytest.mark.covers("T3")
def test_a_card_that_somebody_moved_meanwhile_is_refused(seller: Any, deals: Any, stages: Any) -> None:
    deal, model = deals[0], type(deals[0])
    seller().update(deal, name="Renamed")
    response = seller.client.post(f"/opportunities/{deal.pk}/move?to={stages[1].pk}", {"version": 1, "once": "k"},
                                  headers={"hx-request": "true"})
    assert response.status_code == 409
    assert 'role="alert"' in response.content.decode()
    assert seller().get(model, deal.pk).stage_id == stages[0].pk


@pytest.mark.covers("T3")
def test_dropping_into_a_closing_column_asks_why(seller: Any, deals: Any, stages: Any, system: Ctx) -> None:
    deal, model = deals[0], type(deals[0])
    url = f"/opportunities/{deal.pk}/move?to={stages[3].pk}"
    asked = seller.client.post(url, {"version": deal.version, "once": "a"}, headers={"hx-request": "true"})
    assert asked.status_code == 422
    assert {item.field.key for item in asked.context["items"]} >= {"reason", "note"}
    assert seller().get(model, deal.pk).status == "open"
    reason = system.create(registry.model_of("sales.closereason"), name="Price", kind="loss", position=1)
    done = seller.client.post(url, {"version": deal.version, "once": "b", "asked": "1", "reason": reason.pk},
                              headers={"hx-request": "true"})
    assert done.status_code == 204, done.content.decode()
    assert (seller().get(model, deal.pk).status, seller().get(model, deal.pk).stage_id) == ("lost", stages[3].pk)


@pytest.mark.covers("T3")
def test_cards_of_others_do_not_exist(bert: Any, seller: Any, person: Any, deals: Any, stages: Any) -> None:
    other = person("olga", {"sales.opportunity": OWN, "sales.stage": {"view": "everyone"}})
    response = other.client.post(f"/opportunities/{deals[0].pk}/move?to={stages[1].pk}", {"version": 1})
    assert response.status_code == 404
    assert seller().get(type(deals[0]), deals[0].pk).stage_id == stages[0].pk


def test_further_cards_follow_the_first_twenty(seller: Any, stages: Any) -> None:
    ctx, model = seller(), registry.model_of("sales.opportunity")
    for place in range(23):
        ctx.create(model, name=f"Deal {place:02}", stage=stages[0].pk)
    column = seller.client.get("/opportunities/?face=board").context["board_columns"][0]
    assert (len(column["cards"]), column["more_text"]) == (20, "3 more")
    more = seller.client.get(column["more_url"], headers={"hx-request": "true"})
    assert [card["title"] for card in more.context["column"]["cards"]] == ["Deal 02", "Deal 01", "Deal 00"]
    assert more.context["column"]["more_url"] == ""


def test_one_pipeline_is_shown_at_a_time(seller: Any, deals: Any, system: Ctx) -> None:
    second = system.create(registry.model_of("sales.pipeline"), name="Partners", position=2)
    stage_of(system, second, "Found", 10, 20)
    page = seller.client.get("/opportunities/?face=board")
    assert [group["label"] for group in page.context["board_groups"]] == ["Standard", "Partners"]
    assert [column[0] for column in columns(page)] == ["First talk", "Offer", "Signed", "Gone"]
    assert [column[:2] for column in columns(seller.client.get(page.context["board_groups"][1]["url"]))] == [("Found", "0")]


# calendar ----------------------------------------------------------------------------------------


def test_the_calendar_gives_the_rows_of_its_span(seller: Any, stages: Any) -> None:
    ctx, model = seller(), registry.model_of("sales.opportunity")
    deals = [ctx.create(model, name=f"Deal {day}", stage=stages[0].pk, expected_close=f"2026-03-{day:02}") for day in (1, 15, 31)]
    page = seller.client.get("/opportunities/?face=calendar")
    assert page.context["calendar"]["move_url"] == "/opportunities/{id}/day"
    events = seller.client.get("/opportunities/events?start=2026-03-02T00:00:00%2B08:00&end=2026-03-31").json()
    assert events == [{"id": str(deals[1].pk), "title": "Deal 15", "url": f"/opportunities/{deals[1].pk}",
                       "start": "2026-03-15", "allDay": True, "extendedProps": {"version": 1}}]
    assert seller.client.get("/opportunities/events?start=2020-01-01&end=2026-03-31").status_code == 400


def test_dragging_changes_the_day_unless_somebody_else_did(seller: Any, stages: Any) -> None:
    ctx, model = seller(), registry.model_of("sales.opportunity")
    deal = ctx.create(model, name="Deal", stage=stages[0].pk, expected_close="2026-03-01")
    url, script = f"/opportunities/{deal.pk}/day", {"hx-request": "true"}
    assert seller.client.post(url, {"day": "2026-03-09", "version": "1"}, headers=script).status_code == 204
    assert seller().get(model, deal.pk).expected_close.isoformat() == "2026-03-09"
    assert seller.client.post(url, {"day": "2026-03-20", "version": "1"}, headers=script).status_code == 409
    assert seller.client.post(url, {"day": "soon", "version": "2"}, headers=script).status_code == 400
    assert seller().get(model, deal.pk).expected_close.isoformat() == "2026-03-09"


def test_a_moment_keeps_its_time_when_it_is_dragged_to_another_day(anna: Any, customer: Any) -> None:
    row = anna().create(customer, name="Acme", next_contact_at="2026-03-01 14:30")
    before = timezone.localtime(row.next_contact_at)
    response = anna.client.post(f"/customers/{row.pk}/day", {"day": "2026-03-05", "version": "1"}, headers={"hx-request": "true"})
    assert response.status_code == 204, response.content.decode()
    after = anna().get(customer, row.pk).next_contact_at
    assert (timezone.localtime(after).date().isoformat(), (after - row.next_contact_at).days) == ("2026-03-05", 4)
    assert before.minute == 30
