"""The chart of a list: groups within rights and filters, in one query, and a way from each to its rows."""

import datetime
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.surfaces.web.models import SavedView

#: Session, person, roles, shared records, views, the groups, unread notifications.
CHART_QUERIES = 7


@pytest.fixture
def rows(anna, bert, customer):
    """Five of Anna's customers in three stages, and one of Bert's."""
    for place, (stage, limit, day) in enumerate((("potential", 10, 3), ("potential", 20, 31), ("actual", 5, 3),
                                                 ("actual", None, None), ("loyal", 7, 3))):
        when = datetime.datetime(2026, 3, day, 9, tzinfo=datetime.UTC) if day else None
        anna().create(customer, name=f"Customer {place}", life_stage=stage, credit_limit=limit, next_contact_at=when,
                      city="深圳" if place < 3 else "上海")
    bert().create(customer, name="Foreign", life_stage="potential", credit_limit=1000)


def chart(who, query):
    return who.client.get(f"/customers/?face=chart&{query}").context["chart"]


def told(who, query):
    return [(row["label"], row["text"]) for row in chart(who, query)["rows"]]


def test_rows_are_counted_by_a_choice_within_rights_and_filters(anna, rows):
    made = chart(anna, "by=life_stage")
    south = 'f=["city","is","深圳"]'
    labels = [row["label"] for row in made["rows"]]

    assert [row["text"] for row in made["rows"]] == ["2", "2", "1"] and made["total"] == "5"
    assert [row["share"] for row in made["rows"]] == ["40 %", "40 %", "20 %"]
    assert told(anna, f"by=life_stage&{south}") == [(labels[0], "2"), (labels[1], "1")]
    assert told(anna, f"by=life_stage&of=credit_limit&{south}") == [(labels[0], "30.00"), (labels[1], "5.00")]


def test_a_bar_opens_its_rows_with_the_filters_kept(anna, rows):
    south = 'f=["city","is","深圳"]'
    first = chart(anna, f"by=life_stage&{south}")["rows"][0]
    assert {row.record.name for row in anna.client.get(first["url"]).context["rows"]} == {"Customer 0", "Customer 1"}


def test_months_stand_in_their_order_and_open_their_rows(anna, rows):
    anna.client.post("/language", {"language": "en"})
    made = chart(anna, "by=next_contact_at")
    assert [(row["label"], row["text"]) for row in made["rows"]] == [("March 2026", "4"), ("none", "1")]
    for row, names in zip(made["rows"], ({"Customer 0", "Customer 1", "Customer 2", "Customer 4"}, {"Customer 3"}),
                          strict=True):
        assert {one.record.name for one in anna.client.get(row["url"]).context["rows"]} == names


def test_people_are_groups_by_name_and_the_table_says_what_the_bars_say(anna, boss, rows):
    assert told(boss, "by=owner") == [("anna", "5"), ("bert", "1")]
    page = boss.client.get("/customers/?face=chart&by=owner").content.decode()
    table = page[page.index("chart-table"):page.index("</table>", page.index("chart-table"))]
    data = chart(boss, "by=owner")["data"]
    assert all(row["label"] in table and row["text"] in table for row in data)
    assert json.loads(json.dumps(data)) == data


@pytest.mark.covers("PERM-05")
@pytest.mark.parametrize("level", ["masked", "hidden"])
def test_a_withheld_field_is_neither_group_nor_figure(person, rows, level):
    carl = person("carl", {"parties.customer": {"view": "everyone"}}, masks=[
        {"object": "parties.customer", "field": field, "level": level} for field in ("credit_limit", "life_stage")])
    for query in ("by=life_stage", "by=owner&of=credit_limit", "by=name", "by=nonsense"):
        assert carl.client.get(f"/customers/?face=chart&{query}").status_code == 400
    made = chart(carl, "by=owner")
    assert {"life_stage", "credit_limit"} & {one["key"] for one in (*made["groups"], *made["figures"])} == set()


@pytest.mark.covers("T1")
def test_a_view_keeps_its_chart(anna, rows, system):
    asked = "face=chart&by=life_stage&of=credit_limit"
    answer = anna.client.post(f"/customers/views?{asked}", {"name": "By stage", "position": "1"})
    view = system.find(SavedView).get()
    assert (answer.status_code, view.face, view.group_by, view.board_field) == (302, "chart", "life_stage", "credit_limit")
    made = anna.client.get(f"/customers/?view={view.pk}").context["chart"]
    assert (made["total"], [one["key"] for one in made["groups"] if one["chosen"]]) == ("42.00", ["life_stage"])


@pytest.mark.covers("B02")
@pytest.mark.parametrize("count", [10, 1000])
def test_a_chart_costs_the_same_at_any_size(anna, many, settings, count):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    many(anna, count)
    for query in ("by=life_stage", "by=owner"):
        path = f"/customers/?face=chart&{query}"
        anna.client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert anna.client.get(path).context["chart"]["total"] == f"{count:,}"
        assert len(asked) <= CHART_QUERIES, "\n".join(query["sql"][:200] for query in asked)
