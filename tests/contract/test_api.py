"""What every object keeps towards programs: list, read, create, change, refuse, hide, mask and repeat."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanxi.kernel import actions, facts, registry
from guanxi.kernel.api import Entry, policy
from guanxi.kernel.policy import Share
from guanxi.kernel.records import object_name
from guanxi.surfaces.rest import limits, tokens, values
from tests.contract.factory import make, minimal

pytestmark = [pytest.mark.in_turn, pytest.mark.django_db, pytest.mark.covers("T55")]
MODELS = values.exposed()
CREATED = [model for model in MODELS if "create" in model.about.verbs and model is not Share]  # shares come by sharing
CHANGED = [model for model in MODELS if "update" in model.about.verbs and model in CREATED]
QUERIES = 6


def names(models: list[Any]) -> list[str]:
    return [object_name(model) for model in models]


each = pytest.mark.parametrize("model", MODELS, ids=names(MODELS))
each_created = pytest.mark.parametrize("model", CREATED, ids=names(CREATED))
each_changed = pytest.mark.parametrize("model", CHANGED, ids=names(CHANGED))
JSON: dict[str, Any] = {"content_type": "application/json"}


@pytest.fixture(autouse=True)
def _full_buckets():
    limits.forget()


def program(someone: Any) -> Client:
    return Client(headers={"Authorization": f"Bearer {tokens.create(someone(), 'test', ['write'], 30)[1]}"})


def url(model: Any, *parts: Any) -> str:
    return "/".join(["/api/v1", registry.slug(model), *map(str, parts)])


def error(response: Any) -> tuple[int, str]:
    body = response.json()["error"]
    assert set(body) >= {"code", "message", "field", "errors", "record", "request_id"}
    assert body["message"] and body["request_id"] == response["X-Request-Id"]
    return response.status_code, body["code"]


def state(model: Any, someone: Any) -> tuple[Any, int]:
    """What a refused request must not touch."""
    rows = someone().as_system("test").find(model).order_by("pk").values()
    return list(rows), Entry.objects.count()


def changeable(model: Any, ctx: Any) -> Any:
    """A text field of the object that the person may change."""
    return next((view for view in facts.fields(model, ctx) if view.kind in ("name", "text") and not view.readonly
                 and not view.choices and not view.custom and view.key not in ("object_type", "key", "time_zone",
                                                                               "username")), None)


@each
@pytest.mark.covers("IDOR-01")
def test_list_and_item(model, administrator):
    ctx = administrator()
    made = [make(ctx, model) for _ in range(2)] if model in CREATED else []
    client = program(administrator)
    client.get(url(model))

    with CaptureQueriesContext(connection) as queries:
        listed = client.get(url(model), {"count": "exact"})
    assert listed.status_code == 200
    assert len(queries) <= QUERIES, [query["sql"] for query in queries]
    ids = {row["id"] for row in client.get(url(model), {"limit": 200}).json()["rows"]}
    assert {record.pk for record in made} <= ids
    keys = {"id", "version"} | {view.key for view in facts.fields(model, ctx)}
    for record in made[:1]:
        item = client.get(url(model, record.pk))
        lines = {one.name for one in model.line_lists}
        assert (item.status_code, item["ETag"], set(item.json())) == (200, f'"{record.version}"', keys | lines)
        assert client.get(url(model, record.pk), headers={"If-None-Match": item["ETag"]}).status_code == 304
        assert client.get(url(model, record.pk, "history")).json()["rows"][-1]["version"] == 1
    described = client.get(f"/api/v1/objects/{registry.slug(model)}").json()
    assert {field["key"] for field in described["fields"]} | {"id", "version"} == keys
    assert error(client.get(url(model, 999_999_999))) == (404, "missing")
    assert error(client.get(url(model, 10**30))) == (404, "missing")


@each
def test_the_number_of_queries_does_not_grow_with_the_rows(model, administrator):
    client = program(administrator)
    client.get(url(model), {"titles": "true"})
    counts = []
    for _ in range(2):
        if model in CREATED:
            make(administrator(), model)
            make(administrator(), model)
        client.get(url(model), {"titles": "true"})
        with CaptureQueriesContext(connection) as queries:
            client.get(url(model))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= QUERIES


@each_created
@pytest.mark.covers("API-05", "CONC-04", "P16")
def test_create_once(model, administrator):
    client, given = program(administrator), minimal(administrator(), model)

    made = client.post(url(model), given, headers={"Idempotency-Key": "k-1"}, **JSON)
    assert made.status_code == 201, made.content
    assert "Idempotent-Replay" not in made.headers
    before = state(model, administrator)
    again = client.post(url(model), given, headers={"Idempotency-Key": "k-1"}, **JSON)
    assert (again.status_code, again.json(), again["Idempotent-Replay"]) == (201, made.json(), "true")
    assert error(client.post(url(model), {**given, "nonsense": 1}, **JSON)) == (400, "refused")
    refused = client.post(url(model), {**given, "created_by": 1, "nonsense": 1}, **JSON).json()["error"]
    assert set(refused["errors"]) == {"created_by", "nonsense"}
    assert state(model, administrator) == before


@each_changed
@pytest.mark.covers("CONC-02", "P32", "PERM-05")
def test_change_says_its_version(model, administrator):
    record, client = make(administrator(), model), program(administrator)
    view = changeable(model, administrator())
    if view is None:
        assert error(client.patch(url(model, record.pk), {}, **JSON)) == (428, "version_needed")
        return
    tag = client.get(url(model, record.pk))["ETag"]
    before = state(model, administrator)
    assert error(client.patch(url(model, record.pk), {view.key: "One"}, **JSON)) == (428, "version_needed")
    assert error(client.patch(url(model, record.pk), {view.key: "One"}, headers={"If-Match": "*"}, **JSON)) == (
        428, "version_needed")
    assert error(client.patch(url(model, record.pk), {view.key: {"a": 1}}, headers={"If-Match": tag}, **JSON)) == (
        400, "refused")
    assert error(client.patch(url(model, record.pk), {"nonsense": 1}, headers={"If-Match": tag}, **JSON)) == (400, "refused")
    assert state(model, administrator) == before

    changed = client.patch(url(model, record.pk), {view.key: "One"}, headers={"If-Match": tag}, **JSON)
    assert (changed.status_code, changed.json()[view.key]) == (200, "One"), changed.content
    assert changed["ETag"] != tag
    before = state(model, administrator)
    clash = client.patch(url(model, record.pk), {view.key: "Two"}, headers={"If-Match": tag}, **JSON)
    assert error(clash) == (412, "stale")
    three = clash.json()["error"]["values"][view.key]
    assert (three["mine"], three["theirs"]) == ("Two", "One")
    if "delete" in model.about.verbs:
        assert error(client.delete(url(model, record.pk))) == (428, "version_needed")
        assert error(client.delete(url(model, record.pk), headers={"If-Match": tag})) == (412, "stale")
    assert state(model, administrator) == before


@each_created
@pytest.mark.covers("IDOR-01", "PERM-01", "P10")
def test_what_is_not_theirs_does_not_exist(model, administrator, salesperson):
    record, client = make(administrator(), model), program(salesperson)
    before = state(model, administrator)
    seen = salesperson().find(model).filter(pk=record.pk).exists()
    right = bool(salesperson().may("view", model))
    hidden = (404, "missing") if right else (403, "denied")
    assert seen == (right and model.about.scope == "everyone")
    item = client.get(url(model, record.pk))
    assert item.status_code == (200 if seen else hidden[0])
    listed = client.get(url(model), {"limit": 200})
    assert listed.status_code == (200 if right else 403)
    if right:
        assert (record.pk in {row["id"] for row in listed.json()["rows"]}) is seen
    tries = [client.patch(url(model, record.pk), {}, headers={"If-Match": '"1"'}, **JSON),
             client.delete(url(model, record.pk), headers={"If-Match": '"1"'}),
             client.post(url(model, record.pk, "restore"), {}, headers={"If-Match": '"1"'}, **JSON),
             *(client.get(url(model, record.pk, part)) for part in ("history", "comments", "files"))]
    assert {one.status_code for one in tries} <= ({403, 404} if not seen else {200, 403, 404})
    assert all(one.status_code in (403, 404) for one in tries[:3])
    assert state(model, administrator) == before


@each
def test_unknown_verbs_do_not_exist(model, administrator):
    client = program(administrator)

    assert error(client.post(url(model, 1, "nonsense"), {}, headers={"If-Match": '"1"'}, **JSON)) == (404, "missing")
    assert error(client.post(url(model, 1, "update"), {}, headers={"If-Match": '"1"'}, **JSON)) == (404, "missing")
    assert error(client.post(url(model, "do", "nonsense"), {}, **JSON)) == (404, "missing")
    assert error(client.post(url(model, "bulk", "nonsense"), {"ids": [1]}, **JSON)) == (404, "missing")


@each_created
@pytest.mark.covers("PERM-19")
def test_masked_fields_stay_masked(model, firm, administrator):
    record = make(administrator(), model)
    view = changeable(model, administrator())
    if view is None:
        assert not [one for one in facts.fields(model, administrator()) if one.kind == "name" and not one.readonly
                    and one.key not in ("object_type", "key", "time_zone", "username")]
        return
    with firm.system.door("test"):
        firm.roles["masked"] = firm.system.save(policy.Role(
            name="Masked", grants=[{"object": "*", "verb": "*", "scope": "everyone"}],
            masks=[{"object": object_name(model), "field": key, "level": "masked"}
                   for key in {view.key, model.about.title_name}]))  # a title may be made from the field
        setattr(record, view.key, "Secret words")
        firm.system.save(record)
    client = program(firm.add("masked", "masked"))
    before = state(model, administrator)

    for asked in ({}, {"titles": "true"}):
        assert client.get(url(model, record.pk), asked).json()[view.key] == "S****"
    rows = client.get(url(model), {"fields": view.key, "limit": 200}).json()["rows"]
    assert "Secret words" not in str(rows)
    assert error(client.get(url(model), {"sort": view.key})) == (400, "refused")
    assert error(client.get(url(model), {f"{view.key}__contains": "Secret"})) == (400, "refused")
    assert error(client.patch(url(model, record.pk), {view.key: "New"}, headers={"If-Match": f'"{record.version}"'}, **JSON)
                 ) == (400, "refused")
    assert "Secret words" not in str(client.get(url(model, record.pk, "history")).json())
    assert state(model, administrator) == before


def test_no_action_hides_behind_a_fixed_address():
    fixed = {"history", "comments", "files", "bulk", "do", "deleted", "by-external"}
    assert {action.verb for model in MODELS for action in actions.actions_of(model)} & fixed == set()
    assert {registry.slug(model) for model in MODELS} & {"me", "objects", "docs", "openapi.json"} == set()
