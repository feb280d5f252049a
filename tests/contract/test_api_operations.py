"""What programs do with records: find, page, keep a copy, write many, bring own keys, talk, attach; and what is refused."""

import json
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from guanxi.kernel import registry
from guanxi.kernel.api import Entry, policy
from guanxi.kernel.entries import Operation
from guanxi.surfaces.rest import limits, tokens
from guanxi.surfaces.rest.operations import lists

pytestmark = pytest.mark.in_turn

JSON = {"content_type": "application/json"}
LIST = "/api/v1/customers"


@pytest.fixture(autouse=True)
def _full_buckets():
    limits.forget()


@pytest.fixture
def api(salesperson) -> Client:
    return Client(headers={"Authorization": f"Bearer {tokens.create(salesperson(), 'x', ['write'], 30)[1]}"})


def make(client: Client, **values) -> dict:
    response = client.post(LIST, values, **JSON)
    assert response.status_code == 201, response.content
    return response.json()


def names(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["rows"]]


def error(response) -> tuple[int, str | None]:
    return response.status_code, response.json()["error"]["field"]


def count(firm) -> int:
    return firm.system.find(registry.model_of("customers")).count()


def test_find_by_filter_shorthand_words_and_order(api):
    for name, city in (("深圳市小鹏科技有限公司", "深圳"), ("Beta", "广州"), ("Gamma", "深圳")):
        make(api, name=name, city=city)

    assert names(api.get(LIST, {"city": "广州"})) == ["Beta"]
    assert names(api.get(LIST, {"city__is": "深圳", "sort": "-name"})) == ["深圳市小鹏科技有限公司", "Gamma"]
    assert names(api.get(LIST, {"filter": json.dumps({"any": [["name", "is", "Beta"], ["name", "is", "Gamma"]]}),
                                "sort": "name"})) == ["Beta", "Gamma"]
    assert names(api.get(LIST, {"q": "小鹏"})) == ["深圳市小鹏科技有限公司"]
    body = api.get(LIST, {"fields": "name,city", "count": "capped", "q": "beta"}).json()
    assert body["rows"] == [{"id": body["rows"][0]["id"], "version": 1, "name": "Beta", "city": "广州"}]
    assert (body["count"], body["count_capped"]) == (1, False)


def test_titles_of_links_come_on_request(api, salesperson):
    made = make(api, name="A")

    assert "titles" not in api.get(f"{LIST}/{made['id']}").json()
    assert api.get(LIST, {"titles": "true"}).json()["rows"][0]["titles"]["owner"] == salesperson.user.name


@pytest.mark.covers("API-04")
@pytest.mark.parametrize("sort", ["id", "-id", "name", "-updated_at"])
def test_pages_neither_repeat_nor_miss_while_rows_come_and_go(manager, sort):
    api = Client(headers={"Authorization": f"Bearer {tokens.create(manager(), 'x', ['write'], 30)[1]}"})
    made = [make(api, name=f"Customer {n:02}") for n in range(12)]
    gone = made[1] if sort in ("-id", "-updated_at") else made[10]
    seen, after = [], ""
    while True:
        page = api.get(LIST, {"limit": 3, "sort": sort, "after": after}).json()
        seen += [row["id"] for row in page["rows"]]
        if len(seen) == 3:
            make(api, name="Customer 00 new")
            api.delete(f"{LIST}/{gone['id']}", headers={"If-Match": '"1"'})
        after = page["after"]
        if not after:
            break
    wanted = {one["id"] for one in made} - {gone["id"]}
    assert len(seen) == len(set(seen))
    assert wanted <= set(seen)
    assert gone["id"] not in seen


@pytest.mark.covers("INJ-02", "API-05")
@pytest.mark.parametrize(("_case", "query"), [
    ("unknown sort", {"sort": "nonsense"}), ("unknown field", {"nonsense": "1"}), ("limit", {"limit": "-1"}),
    ("huge limit", {"limit": "9" * 30}), ("text limit", {"limit": "many"}), ("cursor", {"after": "x"}),
    ("forged cursor", {"after": "WyItaWQiLCBudWxsLCAie30iXQ"}), ("filter", {"filter": "{"}),
    ("filter type", {"filter": '["industry","in",[null]]'}), ("big number", {"filter": f'["industry","in",[{10**30}]]'}),
    ("operator", {"name__boom": "1"}), ("zero sign", {"q": "a\x00b"}), ("zero in field", {"city": "\x00"}),
    ("half a sign", {"filter": '["name","is","\\ud800"]'}), ("deep", {"filter": "[" * 30 + "]" * 30}),
    ("deeper", {"filter": "[" * 9000}), ("count", {"count": "all"}), ("fields", {"fields": "name,nonsense"}),
    ("moment", {"updated_since": "yesterday-ish"}), ("id type", {"owner": "x"}), ("no number", {"filter": "NaN"})])
def test_nonsense_in_the_address_is_refused(_case, query, api):
    response = api.get(LIST, query)

    assert response.status_code == 400
    assert set(response.json()["error"]) == {"code", "message", "field", "errors", "record", "request_id"}


@pytest.mark.covers("API-05", "API-06")
@pytest.mark.parametrize(("_case", "body", "status", "field"), [
    ("unknown", {"name": "A", "nonsense": 1}, 400, "nonsense"), ("type", {"name": {"a": 1}}, 400, "name"),
    ("list", {"name": ["a"]}, 400, "name"), ("flag", {"name": "A", "listed": {}}, 400, "listed"),
    ("missing", {}, 400, "name"), ("read-only", {"name": "A", "created_by": 1}, 400, "created_by"),
    ("state", {"name": "A", "version": 7}, 400, "version"), ("number", {"name": "A", "staff": "many"}, 400, "staff"),
    ("too big", {"name": "A", "staff": 10**30}, 400, "staff"), ("too long", {"name": "A" * 300}, 400, "name"),
    ("sign", {"name": "A\x00"}, 400, "name"), ("foreign link", {"name": "A", "industry": 99999}, 400, "industry")])
def test_a_wrong_value_names_its_field_and_changes_nothing(_case, body, status, field, api, firm):
    before = Entry.objects.count()
    response = api.post(LIST, body, **JSON)

    assert (response.status_code, response.json()["error"]["field"]) == (status, field)
    assert (count(firm), Entry.objects.count()) == (0, before)


@pytest.mark.covers("PERM-05")
def test_nobody_gives_away_without_the_right(api, manager, firm):
    before = Entry.objects.count()
    response = api.post(LIST, {"name": "A", "owner": manager.id}, **JSON)

    assert (response.status_code, response.json()["error"]["code"]) == (403, "denied")
    assert (count(firm), Entry.objects.count()) == (0, before)


@pytest.mark.covers("API-05", "INJ-06")
@pytest.mark.parametrize(("_case", "body", "kind", "status"), [
    ("list", "[]", "application/json", 400), ("text", "{", "application/json", 400),
    ("deep", '{"name":' + "[" * 21 + "]" * 21 + "}", "application/json", 400),
    ("endless", "[" * 100_000, "application/json", 400), ("huge", '{"name": "' + "a" * 10**7 + '"}', "application/json", 413),
    ("plain", '{"name": "A"}', "text/plain", 415), ("form", "name=A", "application/x-www-form-urlencoded", 415),
    ("NaN", '{"staff": NaN, "name": "A"}', "application/json", 400)])
def test_bodies_have_bounds(_case, body, kind, status, api, firm):
    assert api.post(LIST, body, content_type=kind).status_code == status
    assert count(firm) == 0


@pytest.mark.covers("API-06")
def test_our_own_mistake_tells_nothing_but_its_number(api, caplog):
    with mock.patch.object(lists.paging, "page", side_effect=RuntimeError("SELECT secret FROM /etc")):
        response = api.get(LIST)

    told = response.json()["error"]
    assert (response.status_code, told["code"]) == (500, "server_error")
    assert "secret" not in response.content.decode()
    assert told["request_id"] == response["X-Request-Id"]
    assert told["request_id"] in caplog.text


@pytest.mark.covers("CONC-02", "P32")
def test_changes_of_different_fields_go_together(api):
    made = make(api, name="A")
    first = api.patch(f"{LIST}/{made['id']}", {"city": "深圳"}, headers={"If-Match": '"1"'}, **JSON)
    second = api.patch(f"{LIST}/{made['id']}", {"name": "B"}, headers={"If-Match": '"1"'}, **JSON)
    third = api.patch(f"{LIST}/{made['id']}", {"city": "广州"}, headers={"If-Match": '"1"'}, **JSON)

    assert (first.status_code, second.status_code, third.status_code) == (200, 200, 412)
    assert (second.json()["city"], second.json()["name"], second["ETag"]) == ("深圳", "B", '"3"')
    told = third.json()["error"]
    assert told["values"] == {"city": {"mine": "广州", "theirs": "深圳", "original": ""}}
    assert (told["version"], told["by"]["object"]) == (3, "org.user")


@pytest.mark.covers("P16", "CONC-04")
def test_a_repeated_request_is_done_once(api, firm):
    first = api.post(LIST, {"name": "A"}, headers={"Idempotency-Key": "1"}, **JSON)
    pk = first.json()["id"]
    removal = [api.delete(f"{LIST}/{pk}", headers={"If-Match": '"1"', "Idempotency-Key": "2"}) for _ in range(2)]
    other = api.post(LIST, {"name": "B"}, headers={"Idempotency-Key": "1"}, **JSON)

    assert error(other) == (400, "Idempotency-Key")
    assert count(firm) in (0, 1)
    assert {one.status_code for one in removal} == {removal[0].status_code}
    assert error(api.post(LIST, {"name": "B"}, headers={"Idempotency-Key": "k" * 101}, **JSON)) == (400, "Idempotency-Key")


def test_a_copy_kept_elsewhere_stays_true(manager):
    api = Client(headers={"Authorization": f"Bearer {tokens.create(manager(), 'x', ['write'], 30)[1]}"})
    old, kept = make(api, name="Old"), make(api, name="Kept")
    newest = api.get(LIST, {"sort": "-updated_at", "limit": 1}).json()["rows"][0]["updated_at"]
    api.patch(f"{LIST}/{old['id']}", {"name": "Changed"}, headers={"If-Match": '"1"'}, **JSON)
    gone = api.delete(f"{LIST}/{kept['id']}", headers={"If-Match": '"1"'})
    assert gone.status_code == 204

    assert names(api.get(LIST, {"updated_since": newest})) == ["Changed"]
    feed = api.get(f"{LIST}/deleted", {"since": newest}).json()
    assert [(row["id"], row["version"]) for row in feed["rows"]] == [(kept["id"], 2)]
    assert api.get(f"{LIST}/deleted", {"since": "2999-01-01T00:00:00Z"}).json()["rows"] == []
    back = api.post(f"{LIST}/{kept['id']}/restore", {}, headers={"If-Match": '"2"'}, **JSON)
    assert (back.status_code, back.json()["record"]["name"]) == (200, "Kept")


def test_deleted_rows_of_others_are_not_told(manager, other_salesperson):
    api = Client(headers={"Authorization": f"Bearer {tokens.create(manager(), 'x', ['write'], 30)[1]}"})
    made = make(api, name="Mine")
    api.delete(f"{LIST}/{made['id']}", headers={"If-Match": '"1"'})
    other = Client(headers={"Authorization": f"Bearer {tokens.create(other_salesperson(), 'x', ['read'], 30)[1]}"})

    assert len(api.get(f"{LIST}/deleted").json()["rows"]) == 1
    assert other.get(f"{LIST}/deleted").json()["rows"] == []


@pytest.mark.covers("IDOR-03", "P10")
def test_many_steps_each_with_its_answer(api, other_salesperson, firm):
    mine = make(api, name="Mine")
    foreign = other_salesperson().create(registry.model_of("customers"), name="Foreign")
    steps = [{"do": "create", "values": {"name": "New"}}, {"do": "create", "values": {"name": ""}},
             {"do": "update", "id": mine["id"], "version": 1, "values": {"city": "深圳"}},
             {"do": "update", "id": mine["id"], "version": 1, "values": {"city": "广州"}},
             {"do": "update", "id": foreign.pk, "version": 1, "values": {"name": "Stolen"}},
             {"do": "delete", "id": foreign.pk, "version": 1}, {"do": "explode"}, "nonsense"]
    told = api.post(f"{LIST}/bulk", {"steps": steps}, headers={"Idempotency-Key": "b"}, **JSON).json()

    assert [one["status"] for one in told["results"]] == [201, 400, 200, 412, 404, 403, 400, 400]
    assert (told["done"], told["refused"]) == (2, 6)
    again = api.post(f"{LIST}/bulk", {"steps": steps}, headers={"Idempotency-Key": "b"}, **JSON)
    assert again["Idempotent-Replay"] == "true"
    assert [one["status"] for one in again.json()["results"]] == [one["status"] for one in told["results"]]
    assert again.json() == told
    assert Operation.objects.filter(kind="bulk").count() == 1
    other = api.post(f"{LIST}/bulk", {"steps": steps[:1]}, headers={"Idempotency-Key": "b"}, **JSON)
    assert error(other) == (400, "Idempotency-Key")
    assert Operation.objects.filter(kind="bulk").count() == 1
    foreign.refresh_from_db()
    assert (count(firm), foreign.name, foreign.deleted_at) == (3, "Foreign", None)
    assert error(api.post(f"{LIST}/bulk", {"steps": [{}] * 501}, **JSON)) == (400, "steps")


@pytest.mark.covers("API-05", "INJ-02")
@pytest.mark.parametrize("pk", ["", "12", "\u00e3", True, 1.5, [], {}, None])
def test_what_is_no_number_is_not_told_as_the_number_of_a_record(pk, api, firm):
    step = {"do": "update", "id": pk, "version": 1, "values": {"city": "x"}}
    told = api.post(f"{LIST}/bulk", {"steps": [step]}, **JSON).json()
    assert [(one["status"], one["id"], list(one["error"]["errors"])) for one in told["results"]] == [(400, None, ["id"])]


@pytest.mark.covers("API-05", "INJ-02")
@pytest.mark.parametrize("rest", ["", "nowhere/at/all/in/here", "competitors/false/files/b%0A", "%C2%AC%0A/-5191/files", "%0A"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_other_address_is_told_as_the_interface_tells(method, rest, api):
    answer = getattr(api, method)(f"/api/v1/{rest}")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["error"]["code"] in ("missing", "unsupported")
    assert answer.status_code in (404, 415)


def test_one_action_on_many(administrator, manager, salesperson):
    api = Client(headers={"Authorization": f"Bearer {tokens.create(administrator(), 'x', ['write'], 30)[1]}"})
    ids = [make(api, name=f"C{n}")["id"] for n in range(3)]
    body = {"ids": [*ids, 999_999], "inputs": {"to": salesperson.id}}
    told = [api.post(f"{LIST}/bulk/assign", body, headers={"Idempotency-Key": "a"}, **JSON) for _ in range(2)]

    assert [one["status"] for one in told[0].json()["results"]] == [200, 200, 200, 404]
    assert told[0].json() == told[1].json()
    assert [one.headers.get("Idempotent-Replay") for one in told] == [None, "true"]
    assert {row.owner_id for row in administrator().find(registry.model_of("customers"))} == {salesperson.id}
    assert error(api.post(f"{LIST}/bulk/assign", {"ids": ["x"]}, **JSON)) == (400, "ids")


def test_records_are_reached_by_the_key_of_another_system(api, other_salesperson, firm):
    place = f"{LIST}/by-external/erp/K-1"
    assert api.get(place).status_code == 404
    made = api.put(place, {"name": "A"}, **JSON)
    again = api.put(place, {"city": "深圳"}, **JSON)
    stale = api.put(place, {"city": "广州"}, headers={"If-Match": '"1"'}, **JSON)

    assert [one.status_code for one in (made, again, stale)] == [201, 200, 412]
    assert api.get(place).json()["city"] == "深圳"
    assert count(firm) == 1
    other = Client(headers={"Authorization": f"Bearer {tokens.create(other_salesperson(), 'x', ['write'], 30)[1]}"})
    assert [other.get(place).status_code, other.put(place, {"name": "B"}, **JSON).status_code] == [404, 404]
    assert count(firm) == 1


def test_comments_files_and_history(api, other_salesperson):
    made = make(api, name="A")
    place = f"{LIST}/{made['id']}"
    said = api.post(f"{place}/comments", {"text": "Called them"}, **JSON)
    kept = api.post(f"{place}/files", {"file": SimpleUploadedFile("note.txt", b"hello")})
    file = f"{place}/files/{kept.json()['id']}"

    assert (said.status_code, api.get(f"{place}/comments").json()["rows"][0]["text"]) == (201, "Called them")
    assert (kept.status_code, api.get(f"{place}/files").json()["rows"][0]["name"]) == (201, "note.txt")
    sent = api.get(file)
    assert b"".join(sent.streaming_content) == b"hello"
    assert sent["Content-Disposition"].startswith("attachment")
    assert error(api.post(f"{place}/files", {"file": SimpleUploadedFile("x.exe", b"MZ")})) == (400, "file")
    assert error(api.post(f"{place}/files", "x", content_type="text/plain"))[0] == 415
    other = Client(headers={"Authorization": f"Bearer {tokens.create(other_salesperson(), 'x', ['write'], 30)[1]}"})
    assert [other.get(one).status_code for one in (file, f"{place}/comments", f"{place}/history")] == [404] * 3
    assert other.delete(file).status_code == 404
    assert api.delete(file).status_code == 204
    first = api.get(f"{place}/history").json()["rows"][-1]
    assert (first["verb"], first["via"], first["changes"]["name"]) == ("parties.customer.create", "api", [None, "A"])


@pytest.mark.covers("PERM-05", "PERM-19")
def test_hidden_fields_do_not_exist(firm, salesperson):
    with firm.system.door("test"):
        role = firm.roles["salesperson"]
        role.masks = [{"object": "parties.customer", "field": "credit_limit", "level": "hidden"},
                      {"object": "parties.customer", "field": "phone", "level": "masked"}]
        firm.system.save(role)
    system = firm.system.as_system("test")
    with system.door("test"):
        row = registry.model_of("customers")(name="A", phone="+8613800138000", credit_limit="5", owner_id=salesperson.id)
        system.save(row)
    api = Client(headers={"Authorization": f"Bearer {tokens.create(salesperson(), 'x', ['write'], 30)[1]}"})
    told = api.get(f"{LIST}/{row.pk}").json()

    assert "credit_limit" not in told
    assert told["phone"] == "138****8000"
    tries = [api.patch(f"{LIST}/{row.pk}", {key: "1"}, headers={"If-Match": '"1"'}, **JSON)
             for key in ("credit_limit", "phone")]
    tries += [api.get(LIST, {"sort": key}) for key in ("credit_limit", "phone")]
    tries += [api.get(LIST, {"filter": json.dumps([key, "filled"])}) for key in ("credit_limit", "phone")]
    assert [one.status_code for one in tries] == [400] * 6
    row.refresh_from_db()
    assert (str(row.credit_limit), row.phone, row.version) == ("5.00", "+8613800138000", 1)
    assert "credit_limit" not in api.get("/api/v1/openapi.json").content.decode()


def test_the_description_is_the_callers_own(api, administrator):
    told = api.get("/api/v1/objects").json()["rows"]
    assert "customers" in {one["slug"] for one in told}
    whole = api.get("/api/v1/objects/customers").json()
    assert {"name", "phone"} <= {field["key"] for field in whole["fields"]}
    assert {"assign"} <= {action["verb"] for action in whole["actions"]}
    assert api.get("/api/v1/docs").status_code == 200
    assert policy.Role.about.one


def test_structured_data_of_the_product_is_not_written_by_programs(administrator, firm):
    api = Client(headers={"Authorization": f"Bearer {tokens.create(administrator(), 'x', ['write'], 30)[1]}"})
    response = api.post("/api/v1/roles", {"name": "R", "grants": [{"x": 1}]}, **JSON)

    assert error(response) == (400, "grants")
