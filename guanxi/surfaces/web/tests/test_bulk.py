"""Many rows at once: chosen or all found, edited, given away, deleted, and taken back."""

from typing import Any

import pytest

from guanxi.kernel.entries import Operation

SCRIPT = {"hx-request": "true"}


@pytest.mark.covers("T4")
def test_a_mass_edit_first_asks_which_fields(anna: Any, many: Any, customer: Any) -> None:
    rows = many(anna, 3)
    first = anna.client.get("/customers/do/update", {"ids": [row.pk for row in rows[:2]]})
    keys = [view.key for view in first.context["fields"]]
    assert "city" in keys
    assert "locked" not in keys
    second = anna.client.post("/customers/do/update", {"ids": [rows[0].pk, rows[1].pk], "fields": ["city"]}, headers=SCRIPT)
    assert [item.field.key for item in second.context["items"]] == ["city"]
    assert "2 customers" in second.context["what"]
    assert anna().get(customer, rows[0].pk).city == ""


@pytest.mark.covers("T4", "F2")
def test_a_mass_edit_says_what_changed_and_can_be_taken_back(anna: Any, many: Any, customer: Any) -> None:
    rows = many(anna, 3)
    anna().update(rows[2], city="深圳")
    data = {"ids": [row.pk for row in rows], "fields": "city", "city": "深圳", "once": "one"}
    response = anna.client.post("/customers/do/update", data, headers=SCRIPT)
    assert response.status_code == 204
    assert "Edit: 2 records; 1 had the value already" in response["HX-Trigger"]
    assert set(anna().find(customer).values_list("city", flat=True)) == {"深圳"}
    operation = Operation.objects.get(kind="update")
    assert f"/undo/{operation.pk}" in response["HX-Trigger"]
    again = anna.client.post("/customers/do/update", data, headers=SCRIPT)
    assert "done already" in again["HX-Trigger"]
    undone = anna.client.post(f"/undo/{operation.pk}", headers=SCRIPT)
    assert "2 records put back" in undone["HX-Trigger"]
    assert sorted(anna().find(customer).values_list("city", flat=True)) == ["", "", "深圳"]


@pytest.mark.covers("F2")
def test_undo_leaves_what_was_changed_since_and_names_it(anna: Any, bert: Any, many: Any, customer: Any) -> None:
    rows = many(anna, 2)
    anna.client.post("/customers/do/update", {"ids": [row.pk for row in rows], "fields": "city", "city": "A", "once": "x"})
    anna().update(anna().get(customer, rows[0].pk), city="B")
    operation = Operation.objects.get(kind="update")
    assert bert.client.post(f"/undo/{operation.pk}", headers=SCRIPT).status_code == 400
    page = anna.client.post(f"/undo/{operation.pk}")
    assert [row["title"] for row in page.context["refused"]] == [str(rows[0])]
    assert page.context["refused"][0]["reason"] == "“City” was changed since."
    assert sorted(anna().find(customer).values_list("city", flat=True)) == ["", "B"]
    assert anna.client.get(f"/undo/{operation.pk}").status_code == 405


@pytest.mark.covers("T2", "T4")
def test_all_results_are_those_of_the_filter_not_of_the_page(anna: Any, bert: Any, many: Any, customer: Any, system: Any) -> None:
    many(anna, 60)
    many(bert, 5)
    anna().create(customer, name="Acme")
    query = "q=%E5%AE%A2%E6%88%B7"
    dialog = anna.client.get("/customers/do/update", {"all": "1", "query": query, "fields": "city"})
    assert "60 customers" in dialog.context["what"]
    hidden = dict(dialog.context["hidden"])
    response = anna.client.post("/customers/do/update", {**hidden, "city": "深圳", "once": "y"}, headers=SCRIPT)
    assert response.status_code == 204
    assert anna().find(customer).filter(city="深圳").count() == 60
    assert system.find(customer).filter(city="").count() == 6


def test_results_that_have_changed_meanwhile_are_looked_at_again(anna: Any, many: Any, customer: Any) -> None:
    many(anna, 3)
    data = {"all": "1", "query": "", "expected": "2", "fields": "city", "city": "X", "once": "z"}
    assert anna.client.post("/customers/do/update", data, headers=SCRIPT).status_code == 422
    assert set(anna().find(customer).values_list("city", flat=True)) == {""}


@pytest.mark.covers("P33")
def test_deleting_many_asks_to_type_their_number_and_can_be_taken_back(anna: Any, many: Any, customer: Any) -> None:
    rows = many(anna, 3)
    data = {"ids": [row.pk for row in rows], "once": "d"}
    assert anna.client.get("/customers/do/delete", data).context["confirm_count"] == 3
    refused = anna.client.post("/customers/do/delete", {**data, "confirm_count": "2"}, headers=SCRIPT)
    assert refused.status_code == 422
    assert "Type 3 to confirm" in refused.content.decode()
    assert anna().find(customer).count() == 3
    assert anna.client.post("/customers/do/delete", {**data, "confirm_count": "3"}, headers=SCRIPT).status_code == 204
    assert anna().find(customer).count() == 0
    operation = Operation.objects.get(kind="delete")
    anna.client.post(f"/undo/{operation.pk}", headers=SCRIPT)
    assert anna().find(customer).count() == 3


@pytest.mark.covers("T4")
def test_rows_out_of_reach_are_refused_one_by_one(person: Any, anna: Any, many: Any, customer: Any) -> None:
    clerk = person("clerk", {"parties.customer": {"view": "everyone", "update": "own", "create": "own"}})
    mine, theirs = many(clerk, 1), many(anna, 1)
    page = clerk.client.post("/customers/do/update", {"ids": [mine[0].pk, theirs[0].pk, 987654], "fields": "city", "city": "X",
                                                      "once": "r"}, headers=SCRIPT)
    assert page.status_code == 200
    assert [line["count"] for line in page.context["lines"]] == ["1", "0", "2"]
    reasons = {row["title"]: row["reason"] for row in page.context["refused"]}
    assert reasons["987654"] == "There is no such customer."
    assert "do not reach this record" in reasons[str(theirs[0])]
    assert anna().get(customer, theirs[0].pk).city == ""


def test_without_the_right_nothing_is_offered_and_nothing_done(person: Any, anna: Any, many: Any, customer: Any) -> None:
    reader = person("reader", {"parties.customer": {"view": "everyone"}})
    rows = many(anna, 1)
    offered = {action["key"] for action in reader.client.get("/customers/").context["mass_actions"]}
    assert not offered & {"update", "assign", "delete", "export"}
    data = {"ids": [rows[0].pk], "fields": "city", "city": "X", "once": "n"}
    assert reader.client.post("/customers/do/update", data, headers=SCRIPT).status_code == 403
    assert anna().get(customer, rows[0].pk).city == ""


@pytest.mark.parametrize(("verb", "data"), [("nothing", {}), ("create", {}), ("update", {}), ("update", {"ids": "x"}),
                                            ("restore", {"ids": "1"})])
def test_what_makes_no_sense_is_refused(anna: Any, verb: str, data: Any) -> None:
    assert anna.client.get(f"/customers/do/{verb}", data).status_code == 400


def test_customers_are_given_to_somebody_else(boss: Any, bert: Any, many: Any, customer: Any) -> None:
    rows = many(boss, 2)
    response = boss.client.post("/customers/do/assign", {"ids": [row.pk for row in rows], "to": bert.user.pk, "once": "g"}, headers=SCRIPT)
    assert response.status_code == 204, response.content.decode()
    assert bert().find(customer).count() == 2


@pytest.mark.covers("P33", "T13")
def test_the_bin_shows_what_was_deleted_and_gives_it_back(anna: Any, bert: Any, many: Any, customer: Any) -> None:
    rows = many(anna, 2)
    anna().delete(rows[0])
    page = anna.client.get("/bin?object=customers")
    assert [row["title"] for row in page.context["rows"]] == [str(rows[0])]
    assert bert.client.get("/bin?object=customers").context["rows"] == []
    assert bert.client.post(f"/bin/customers/{rows[0].pk}").status_code == 404
    assert anna.client.post(page.context["rows"][0]["restore_url"]).status_code == 302
    assert anna().find(customer).count() == 2


def test_pickers_give_at_most_twenty_within_reach(anna: Any, bert: Any, many: Any, customer: Any) -> None:
    many(anna, 30)
    wanted = anna().create(customer, name="深圳市小鹏科技有限公司")
    assert len(anna.client.get("/customers/lookup").json()["results"]) == 20
    assert anna.client.get("/customers/lookup?q=xiaopeng").json() == {
        "results": [{"value": wanted.pk, "text": "深圳市小鹏科技有限公司", "subtitle": ""}]}
    assert bert.client.get("/customers/lookup?q=xiaopeng").json() == {"results": []}
