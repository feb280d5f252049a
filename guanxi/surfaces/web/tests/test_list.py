"""The list of an object: rows within rights, search, filters, views, columns, order, pages, totals."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from guanxi.surfaces.web.models import SavedView

pytestmark = pytest.mark.in_turn

NAME = re.compile(r'<tr data-row="(\d+)"')


def ids(response: Any) -> list[int]:
    assert response.status_code == 200, response.content.decode()[-800:]
    return [int(found) for found in NAME.findall(response.content.decode())]


def test_nobody_sees_a_page_without_signing_in(db: None) -> None:
    response = Client().get("/customers/?q=a")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/customers/%3Fq%3Da")


def test_scripts_learn_where_to_sign_in_and_come_back_to_the_page(db: None) -> None:
    response = Client().get("/customers/", headers={"hx-request": "true", "hx-current-url": "http://testserver/customers/?q=a"})
    assert (response.status_code, response["HX-Redirect"]) == (401, "/accounts/login/?next=/customers/%3Fq%3Da")


def test_programs_are_told_in_json_that_nobody_is_signed_in(db: None) -> None:
    response = Client().get("/customers/lookup", headers={"accept": "application/json"})
    assert (response.status_code, response.json()["code"]) == (401, "signed_out")


@pytest.mark.covers("T1")
def test_list_shows_only_rows_within_reach_and_is_kept_by_no_cache(anna: Any, bert: Any, many: Any) -> None:
    mine, theirs = many(anna, 2), many(bert, 3)
    response = anna.client.get("/customers/")
    assert sorted(ids(response)) == sorted(row.pk for row in mine)
    assert sorted(ids(bert.client.get("/customers/"))) == sorted(row.pk for row in theirs)
    assert response["Cache-Control"] == "private, no-store"


def test_who_lacks_the_right_is_told_so(person: Any) -> None:
    response = person("carl", {"org.user": {"view": "own"}}).client.get("/customers/")
    assert response.status_code == 403
    assert "You may not see customers: No role of yours includes this right." in response.content.decode()


@pytest.mark.parametrize("address", ["/nothing/", "/customer/", "/web.savedview/", "/savedviews/"])
def test_what_has_no_pages_is_missing(boss: Any, address: str) -> None:
    assert boss.client.get(address).status_code == 404


@pytest.mark.covers("T1")
def test_views_everybody_has_limit_the_rows(anna: Any, boss: Any, many: Any) -> None:
    rows, own = many(anna, 2), many(boss, 1)
    assert sorted(ids(boss.client.get("/customers/?view=all"))) == sorted(row.pk for row in [*rows, *own])
    assert ids(boss.client.get("/customers/?view=mine")) == [own[0].pk]
    assert len(ids(boss.client.get("/customers/?view=today"))) == 3
    assert boss.client.get("/customers/?view=below").status_code == 404


@pytest.mark.covers("T1")
def test_the_people_below_are_a_view_for_their_superior(person: Any, many: Any) -> None:
    chief = person("chief", {"parties.customer": {"view": "below", "create": "own"}, "org.user": {"view": "everyone"}})
    below = person("below", {"parties.customer": {"view": "own", "create": "own"}}, superior=chief)
    many(chief, 1)
    rows = many(below, 2)
    assert sorted(ids(chief.client.get("/customers/?view=below"))) == sorted(row.pk for row in rows)


@pytest.mark.covers("T2")
def test_filters_of_the_address_are_chips_with_a_sentence(anna: Any, many: Any, customer: Any) -> None:
    many(anna, 2)
    ctx = anna()
    wanted = ctx.create(customer, name="深圳市小鹏科技有限公司", city="深圳")
    tree = {"all": [["city", "is", "深圳"], ["created_at", "within", "today"]]}
    response = anna.client.get(f"/customers/?{urlencode({'f': json.dumps(tree)})}")
    assert ids(response) == [wanted.pk]
    chips = [chip["sentence"] for chip in response.context["filters"]]
    assert chips == ["City is 深圳", "Created is today"]
    without = anna.client.get(response.context["filters"][0]["remove_url"])
    assert len(ids(without)) == 3
    assert [chip["sentence"] for chip in without.context["filters"]] == ["Created is today"]


@pytest.mark.covers("T2")
def test_conditions_reach_one_object_further(anna: Any, many: Any, customer: Any) -> None:
    top, below, _other = many(anna, 3)
    anna().update(below, parent_company=top.pk)
    tree = json.dumps(["parent_company.name", "is", top.name])
    assert ids(anna.client.get("/customers/", {"f": tree})) == [below.pk]


@pytest.mark.covers("T2")
@pytest.mark.parametrize(("field", "given", "part"), [
    ("name", {"op": "contains", "value": "0001"}, ["name", "contains", "0001"]),
    ("life_stage", {"op": "in", "value": ["potential", "loyal"]}, ["life_stage", "in", ["potential", "loyal"]]),
    ("created_at", {"op": "on", "word": "this_month"}, ["created_at", "within", "this_month"]),
    ("staff", {"op": "between", "value": "10", "value_to": "20"}, ["staff", "between", ["10", "20"]]),
    ("owner", {"op": "notin", "word": "me"}, ["owner", "notin", ["me"]]),
    ("industry.name", {"op": "empty"}, ["industry.name", "empty"]),
])
def test_the_form_of_a_condition_leads_to_the_filtered_list(anna: Any, field: str, given: Any, part: Any) -> None:
    form = anna.client.get("/customers/filter", {"field": field})
    assert (form.status_code, form.context["item"].field.label != "") == (200, True)
    assert 'name="value"' in form.content.decode()
    response = anna.client.get("/customers/filter", {"field": field, "apply": "1", **given})
    assert response.status_code == 302, response.content.decode()
    applied = anna.client.get(response["Location"])
    assert applied.status_code == 200
    assert json.loads(applied.wsgi_request.GET["f"]) == {"all": [part]}


@pytest.mark.covers("T2")
def test_a_condition_that_makes_no_sense_comes_back_with_the_reason(anna: Any) -> None:
    response = anna.client.get("/customers/filter", {"field": "staff", "apply": "1", "op": "gt", "value": "many"})
    assert response.status_code == 400
    assert response.context["item"].errors == ["“many” is not a number. Write it like 1234.56."]


def test_search_finds_by_pinyin(anna: Any, many: Any, customer: Any) -> None:
    many(anna, 2)
    wanted = anna().create(customer, name="深圳市小鹏科技有限公司")
    assert ids(anna.client.get("/customers/", {"q": "xiaopeng"})) == [wanted.pk]


@pytest.mark.covers("T1")
def test_columns_are_chosen_kept_and_given_back(anna: Any, many: Any) -> None:
    many(anna, 1)
    response = anna.client.post("/customers/columns", {"columns": ["name", "city", "created_at"]})
    assert response.status_code == 302
    assert [column["field"].key for column in anna.client.get("/customers/").context["columns"]] == [
        "name", "city", "created_at"]
    anna.client.post("/customers/columns", {"reset": "1"})
    assert anna.client.get("/customers/").context["columns"][1]["field"].key == "level"


def test_unknown_columns_of_the_address_are_left_out(anna: Any, many: Any) -> None:
    many(anna, 1)
    response = anna.client.get("/customers/?columns=city,nonsense,name")
    assert [column["field"].key for column in response.context["columns"]] == ["city", "name"]


def test_order_pages_and_count(anna: Any, many: Any) -> None:
    rows = many(anna, 120)
    first = anna.client.get("/customers/?sort=name")
    assert ids(first) == [row.pk for row in rows[:50]]
    assert (first.context["count_text"], first.context["page_note"]) == ("120", "1–50 of 120")
    second = anna.client.get(first.context["next_url"])
    assert ids(second) == [row.pk for row in rows[50:100]]
    assert second.context["page_note"] == "51–100 of 120"
    third = anna.client.get(second.context["next_url"])
    assert (ids(third), third.context["next_url"]) == ([row.pk for row in rows[100:]], "")
    assert ids(anna.client.get(third.context["previous_url"])) == [row.pk for row in rows[50:100]]
    assert ids(anna.client.get("/customers/?sort=-name"))[0] == rows[-1].pk


def test_the_sum_is_of_everything_found_not_of_the_page(anna: Any, many: Any) -> None:
    many(anna, 60, credit_limit="1000.50")
    response = anna.client.get("/customers/?columns=name,credit_limit")
    assert [item["text"] for item in response.context["totals"]] == ["", "60,030.00"]


def test_masked_values_are_neither_shown_nor_summed_nor_edited(person: Any, many: Any, anna: Any) -> None:
    many(anna, 1, mobile="+8613800138000", credit_limit="5")
    clerk = person("clerk", {"parties.customer": {"view": "everyone", "update": "everyone"}}, masks=[
        {"object": "parties.customer", "field": "mobile", "level": "masked"},
        {"object": "parties.customer", "field": "credit_limit", "level": "masked"}])
    page = clerk.client.get("/customers/?columns=name,mobile,credit_limit")
    html = page.content.decode()
    assert "138****8000" in html
    assert "13800138000" not in html
    assert page.context["totals"] == []
    assert 'data-edit="/customers/' in html
    assert "/cell/mobile" not in html


def test_links_lead_only_to_what_one_may_see(anna: Any, person: Any, many: Any) -> None:
    top, below = many(anna, 2)
    anna().update(below, parent_company=top.pk)
    page = anna.client.get("/customers/?columns=name,parent_company").content.decode()
    assert f'<a class="plain cut" href="/customers/{top.pk}"' in page
    clerk = person("clerk", {"parties.customer": {"view": "own", "update": "own"}})
    anna().update(below, owner=clerk.user.pk) if anna().may("assign", below) else None
    page = clerk.client.get("/customers/?columns=name,parent_company").content.decode()
    assert "(no access)" in page
    assert f'href="/customers/{top.pk}"' not in page


@pytest.mark.covers("T1")
def test_a_view_keeps_what_is_asked_and_opens_with_the_list(anna: Any, bert: Any, many: Any, customer: Any) -> None:
    many(anna, 2)
    wanted = anna().create(customer, name="Shenzhen", city="深圳")
    query = urlencode({"f": json.dumps({"all": [["city", "is", "深圳"]]}), "sort": "-name", "columns": "name,city"})
    response = anna.client.post(f"/customers/views?{query}", {"name": "Mine in 深圳", "is_default": "true"})
    assert response.status_code == 302, response.content.decode()[-500:]
    page = anna.client.get("/customers/")
    assert ids(page) == [wanted.pk]
    assert [column["field"].key for column in page.context["columns"]] == ["name", "city"]
    assert [tab["label"] for tab in page.context["views"] if tab["active"]] == ["Mine in 深圳"]
    assert "Mine in 深圳" not in bert.client.get("/customers/").content.decode()
    view = page.context["view"]
    emptied = anna.client.get(page.context["filters"][0]["remove_url"])
    assert len(ids(emptied)) == 3
    assert emptied.context["view"]["changed"]
    anna.client.post(emptied.context["view"]["save_url"])
    assert len(ids(anna.client.get("/customers/"))) == 3
    assert bert.client.get(view["edit_url"]).status_code == 404
    anna.client.post(view["edit_url"], {"remove": "1"})
    assert [tab["label"] for tab in anna.client.get("/customers/").context["views"] if tab["active"]] == ["All"]


@pytest.mark.covers("T1")
def test_only_an_administrator_shows_a_view_to_everyone(anna: Any, boss: Any, many: Any, system: Any) -> None:
    many(anna, 1)
    response = anna.client.post("/customers/views", {"name": "Ours", "audience": "everyone"})
    assert response.status_code == 422
    assert system.find(SavedView).count() == 0
    assert boss.client.post("/customers/views", {"name": "Ours", "audience": "everyone"}).status_code == 302
    assert "Ours" in anna.client.get("/customers/").content.decode()
    pk = system.find(SavedView).get().pk
    assert anna.client.post(f"/customers/views/{pk}", {"remove": "1"}).status_code == 403
    assert system.find(SavedView).count() == 1


def test_scripts_get_the_content_without_the_frame(anna: Any, many: Any) -> None:
    many(anna, 1)
    html = anna.client.get("/customers/", headers={"hx-request": "true"}).content.decode()
    assert ('id="results"' in html, 'id="list-count"' in html, "<html" in html) == (True, True, False)


def test_an_empty_list_teaches(anna: Any) -> None:
    html = anna.client.get("/customers/").content.decode()
    assert "No customers yet" in html
    assert 'href="/customers/new"' in html


SCALARS = ("", "'", "%", "\x00", "-1", "0", "9" * 30, "1e9", "[]", "{}", "a,b,,c", "-", "é" * 3000, "((((", '"', "NEAR(a b)",
           "*", "a OR", "../../etc/passwd", "<script>", "🙂", "null", "NaN")
FILTERS = ('{"all": 1}', '["name"]', '["owner","in",[999999999999999999999]]', '["staff","eq",99999999999999999999999]',
           '["name","is","\\ud800"]', '["name","is",{"a":1}]', '["created_at","on","99999-01-01"]', "[" * 5000,
           '["created_at","within","last_9999_days"]', f'["name","contains","{"x" * 600}"]', '["tags","has",["x"]]',
           '["owner.owner.owner","in",["me"]]', '["listed","is",[1]]', '["*","contains",""]', '[["name"],"is",1]',
           '["life_stage","in",[{"a":1}]]', '["created_at","between",[1]]', '["staff","between",{"a":1}]')
ASKED = (("/customers/", ("q", "sort", "view", "face", "columns", "after", "before", "count", "at", "group")),
         ("/customers/filter", ("field", "at")), ("/customers/filter?field=staff&apply=1", ("op", "value", "word")),
         ("/customers/lookup", ("q",)), ("/customers/events?start=2026-01-01&end=2026-02-01", ("start", "end")),
         ("/customers/do/update", ("ids", "query", "fields")), ("/customers/column", ("key", "skip")),
         ("/bin", ("object", "skip")))


@pytest.mark.covers("INJ-02")
@pytest.mark.parametrize(("path", "names"), ASKED)
def test_rubbish_in_the_address_is_refused_or_answered(boss: Any, path: str, names: Any) -> None:
    boss.client.raise_request_exception = False
    head, _mark, fixed = path.partition("?")
    for name in names:
        for rubbish in SCALARS:
            query = {**dict(pair.split("=") for pair in fixed.split("&") if pair), name: rubbish}
            response = boss.client.get(head, query, headers={"hx-request": "true"})
            assert response.status_code in (200, 302, 400, 404), (head, query)


@pytest.mark.covers("INJ-02")
@pytest.mark.parametrize("rubbish", FILTERS)
def test_filters_that_make_no_sense_are_refused_or_find_nothing(boss: Any, many: Any, rubbish: str) -> None:
    many(boss, 1)
    boss.client.raise_request_exception = False
    statuses = {path: boss.client.get(path, {"f": rubbish}, headers={"hx-request": "true"}).status_code for path in (
        "/customers/", "/customers/columns", "/customers/views", "/customers/events?start=2026-01-01&end=2026-02-01")}
    statuses["all"] = boss.client.get("/customers/do/delete", {"all": "1", "query": urlencode({"f": rubbish})}).status_code
    assert set(statuses.values()) <= {200, 400}, statuses


@pytest.mark.covers("INJ-02")
@pytest.mark.parametrize("query", ["sort=name&sort=-name", "sort[]=name", "f[]=1&f[]=2", "q=a&q=b", "after=a&before=b",
                                   "limit=100000000"])
def test_repeated_parameters_and_arrays_are_no_error(boss: Any, query: str) -> None:
    assert boss.client.get(f"/customers/?{query}").status_code in (200, 400)


def test_what_people_typed_is_text_in_every_cell_and_attribute(anna: Any, customer: Any) -> None:
    anna().create(customer, name='<script>"x"&\'</script>', city="<b>")
    html = anna.client.get("/customers/").content.decode()
    assert ('<script>"x"' in html, "<b>" in html) == (False, False)
    assert '>&lt;script&gt;&quot;x&quot;&amp;&#x27;&lt;/script&gt;</a>' in html
