"""What somebody may not see appears on no surface: rows of others, hidden fields, other people's views, other names in the address."""

import json
import re

import pytest
from django.core.cache import cache

from guanxi.apps.parties.models import Contact, Customer
from guanxi.common import talk
from guanxi.common.talk import Notification
from guanxi.kernel import facts, registry
from guanxi.kernel.api import Refused
from guanxi.kernel.records import object_name
from guanxi.surfaces.rest import limits
from guanxi.surfaces.web import addresses
from guanxi.surfaces.web.models import SavedView
from tests.contract.factory import minimal
from tests.contract.test_api import CREATED, JSON, program
from tests.contract.walk import changed, dump

pytestmark = [pytest.mark.django_db, pytest.mark.in_turn]
MARK, ASKED = "Zanzibar", "Zanzi"
OWNED = [model for model in CREATED if model.about.scope == "owner"]


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()
    limits.forget()


def body(response) -> str:
    whole = b"".join(response.streaming_content) if response.streaming else response.content
    return whole.decode("utf-8", "replace")


def marked(someone, model):
    """A record with the mark in every plain text it has."""
    given = minimal(someone(), model)
    for view in facts.fields(model, someone()):
        if view.kind in ("name", "text", "person_name") and not view.readonly and not view.choices and not view.custom:
            given[view.key] = MARK if (view.max_length or 99) >= 8 else given.get(view.key, "")
    try:
        return someone().create(model, **given)
    except Refused as refusal:  # a text with a shape of its own
        plain = minimal(someone(), model)
        return someone().create(model, **{key: value for key, value in given.items() if key not in refusal.errors}, **{
            key: plain[key] for key in refusal.errors if key in plain})


def surfaces(person, model):
    """What each surface tells this person about an object when asked for the mark."""
    client, slug = person.client, registry.slug(model)
    base = addresses.list_url(model)
    asked = {
        "list": base, "search in list": f"{base}?q={ASKED}", "all columns": f"{base}?columns=" + ",".join(
            view.key for view in facts.fields(model, person())), "board": f"{base}?face=board",
        "calendar": f"{base}?face=calendar", "events": f"{base}events?start=2026-01-01&end=2026-04-01",
        "lookup": f"{base}lookup?q={ASKED}", "search": f"/search?q={ASKED}", "palette": f"/palette?q={ASKED}", "home": "/",
        "bin": f"/bin?object={slug}", "api": f"/api/v1/{slug}", "api search": f"/api/v1/{slug}?q={ASKED}&count=exact",
        "api filter": f"/api/v1/{slug}?count=exact&filter=" + json.dumps(["id", "filled"]), "notifications": "/notifications"}
    told = {name: body(client.get(path)) for name, path in asked.items()}
    if "export" in model.about.verbs and person().may("export", model):
        keys = [view.key for view in facts.fields(model, person()) if view.kind not in ("file", "json")]
        written = client.post(f"{base}export", {"columns": keys, "kind": "csv", "all": "1"}, follow=True)
        told["export"] = body(written)
    return told


@pytest.mark.covers("PERM-01", "PERM-02", "PERM-14")
@pytest.mark.parametrize("model", OWNED, ids=object_name)
def test_a_private_record_is_told_nowhere_and_not_counted(model, administrator, salesperson, manager):
    record = marked(administrator, model)
    assert not salesperson().find(model).filter(pk=record.pk).exists()
    leaks = {name for name, text in surfaces(salesperson, model).items() if MARK in text}
    assert leaks == set()
    if salesperson().may("view", model):
        listed = salesperson.client.get(f"/api/v1/{registry.slug(model)}?count=exact").json()
        assert (listed["rows"], listed["count"]["count"] if isinstance(listed["count"], dict) else listed["count"]) == ([], 0)
    own = addresses.record_url(model, record.pk)
    there, nowhere = salesperson.client.get(own), salesperson.client.get(addresses.record_url(model, 999_999))
    assert there.status_code == nowhere.status_code in (403, 404)
    other = addresses.record_url(model, 999_999)
    told = [re.sub(r"\w{64}", "", body(page)).replace(path, "#") for page, path in ((there, own), (nowhere, other))]
    assert told[0] == told[1]  # but for the token of the forms


@pytest.mark.covers("PERM-04", "PERM-20", "PERM-03", "IDOR-10")
def test_a_hidden_field_is_on_no_surface(firm, salesperson):
    with firm.system.door("test"):
        role = firm.roles["salesperson"]
        role.masks = [{"object": "parties.customer", "field": "credit_limit", "level": "hidden"}]
        firm.system.save(role)
        row = firm.system.save(Customer(name="A", credit_limit="8642097.53", owner_id=salesperson.id))
        row.credit_limit = "97531.46"
        firm.system.save(row)
    client, told = salesperson.client, {}
    for path in ("/customers/", "/customers/?columns=name,credit_limit", f"/customers/{row.pk}", f"/customers/{row.pk}/edit",
                 f"/customers/{row.pk}/cell/credit_limit", f"/customers/{row.pk}/timeline", f"/history/customers/{row.pk}",
                 f"/history/customers/{row.pk}?field=credit_limit", "/customers/new", "/customers/columns", "/customers/filter",
                 f"/customers/do/update?ids={row.pk}", "/customers/import/template", f"/api/v1/customers/{row.pk}",
                 f"/api/v1/customers/{row.pk}/history", "/api/v1/openapi.json", "/api/v1/objects/customers",
                 "/customers/export", f"/customers/{row.pk}/panels"):
        text = body(client.get(path)).replace("columns=name%2Ccredit_limit", "").replace("field=credit_limit", "")
        told[path] = [word for word in ("credit_limit", "Credit limit", "8642097", "8,642,097", "97531", "97,531") if word in text]
    noted = {"/customers/?columns=name,credit_limit", f"/customers/{row.pk}/cell/credit_limit",
             f"/history/customers/{row.pk}?field=credit_limit"}
    assert {path: words for path, words in told.items() if set(words) - ({"credit_limit"} if path in noted else set())} == {}


@pytest.fixture
def hidden(firm, salesperson):
    """A customer of A1, whose role hides the credit limit."""
    with firm.system.door("test"):
        role = firm.roles["salesperson"]
        role.masks = [{"object": "parties.customer", "field": "credit_limit", "level": "hidden"}]
        role.grants = [*role.grants, {"object": "parties.customer", "verb": "export", "scope": "own"}]
        firm.system.save(role)
        return firm.system.save(Customer(name="A", credit_limit="8642097.53", owner_id=salesperson.id))


@pytest.mark.covers("PERM-03", "PERM-04", "PERM-05", "P32")
def test_a_hidden_field_is_neither_asked_for_nor_written(hidden, salesperson):
    client, api, base = salesperson.client, program(salesperson), f"/customers/{hidden.pk}"
    rest, match = f"/api/v1/customers/{hidden.pk}", {"If-Match": f'"{hidden.version}"'}
    tree, sent = json.dumps(["credit_limit", ">", 1]), {"credit_limit": "1"}
    before = dump()
    answers = {
        "sort": client.get("/customers/?sort=credit_limit"),
        "filter": client.get("/customers/", {"f": tree}),
        "inline edit shown": client.get(f"{base}/cell/credit_limit"),
        "inline edit": client.post(f"{base}/cell/credit_limit", {**sent, "version": hidden.version}),
        "export": client.post("/customers/export", {"columns": ["name", "credit_limit"], "kind": "csv", "all": "1"}),
        "interface: sort": api.get("/api/v1/customers?sort=credit_limit"),
        "interface: filter": api.get("/api/v1/customers", {"filter": tree}),
        "interface: fields": api.get("/api/v1/customers?fields=name,credit_limit"),
        "interface: change": api.patch(rest, sent, headers=match, **JSON),
        "interface: create": api.post("/api/v1/customers", {"name": "B", **sent}, **JSON),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == {**dict.fromkeys(answers, 400), "export": 422}
    assert [name for name, answer in answers.items() if "8642097" in body(answer) or "8,642,097" in body(answer)] == []
    assert set(changed(before, dump())) <= {"rest_apitoken"}


@pytest.mark.covers("PERM-04", "PERM-05")
def test_a_hidden_field_that_is_sent_along_is_left_as_it_was(hidden, salesperson):
    client, base = salesperson.client, f"/customers/{hidden.pk}"
    offered = client.get("/customers/do/update", {"ids": hidden.pk}).context["fields"]
    assert "credit_limit" not in {view.key for view in offered}
    mass = client.post("/customers/do/update", {
        "ids": hidden.pk, "fields": ["city", "credit_limit"], "city": "Shenzhen", "credit_limit": "1", "once": "a"})
    form = client.post(f"{base}/edit", {"name": "A", "city": "Xiamen", "credit_limit": "1", "version": "2", "once": "b"})
    made = client.post("/customers/new", {"name": "Brand new", "credit_limit": "1", "once": "c"})
    assert [mass.status_code, form.status_code, made.status_code] == [302, 302, 302]
    rows = Customer._base_manager.order_by("pk").values_list("name", "city", "credit_limit")
    assert [(name, city, str(limit)) for name, city, limit in rows] == [
        ("A", "Xiamen", "8642097.53"), ("Brand new", "", "None")]


@pytest.mark.covers("PERM-04")
def test_a_hidden_field_is_in_no_notice_of_a_change(hidden, salesperson, administrator):
    administrator().update(hidden, credit_limit="97531.46", city="Foshan")
    talk.comment(administrator(), hidden, f"@[{salesperson.id}] Look at this")
    assert Notification.objects.filter(user_id=salesperson.id, object_id=hidden.pk).exists()
    told = "".join(body(salesperson.client.get(path)) for path in ("/notifications", "/", f"/history/customers/{hidden.pk}"))
    assert "Foshan" in told
    assert [word for word in ("credit_limit", "Credit limit", "97531", "97,531", "8642097") if word in told] == []


@pytest.mark.covers("PERM-06", "PERM-07")
def test_a_card_shows_and_counts_visible_records_only(firm, salesperson, other_salesperson):
    with firm.system.door("test"):
        group = firm.system.save(Customer(name="Group", owner_id=salesperson.id))
        firm.system.save(Customer(name=f"{MARK} one", parent_company=group, owner_id=other_salesperson.id))
        firm.system.save(Customer(name="Mine", parent_company=group, owner_id=salesperson.id))
        contact = firm.system.save(Contact(name="Herminia", customer=group, owner_id=salesperson.id))
        role = firm.roles["salesperson"]
        role.grants = [{"object": "parties.customer", "verb": "view", "scope": "own"}]
        firm.system.save(role)
    for path in (f"/customers/{group.pk}", f"/customers/{group.pk}/panels", f"/customers/{group.pk}/timeline",
                 f"/history/customers/{group.pk}", "/customers/", f"/search?q={ASKED}", f"/customers/lookup?q={ASKED}"):
        text = body(salesperson.client.get(path, headers={"HX-Request": "true"}))
        assert MARK not in text, path
        assert "Herminia" not in text, (path, text[max(0, text.find("Herminia") - 300):][:400])
        assert f"/contacts/{contact.pk}" not in text, path
    tree = json.dumps(["parent_company", "in", [group.pk]])
    told = salesperson.client.get("/api/v1/customers", {"count": "exact", "filter": tree}).json()
    assert ([row["name"] for row in told["rows"]], told["count"]) == (["Mine"], 1)
    assert salesperson.client.get("/api/v1/contacts").status_code == 403


@pytest.mark.covers("PERM-08", "IDOR-09")
def test_a_shared_view_opens_ones_own_rows(firm, administrator, manager, salesperson, other_salesperson):
    for person in (manager, salesperson, other_salesperson):
        person().create(Customer, name=f"Of {person.user.name}")
    made = administrator.client.post("/customers/views", {"name": "Team", "audience": "everyone", "position": "100"})
    view = firm.system.find(SavedView).get(name="Team")
    assert (made.status_code, view.audience) == (302, "everyone")
    text = body(salesperson.client.get(f"/customers/?view={view.pk}"))
    assert "Of anna" in text and "Of maria" not in text and "Of bert" not in text
    seen = body(manager.client.get(f"/customers/?view={view.pk}"))
    assert "Of anna" in seen and "Of bert" not in seen
    for name in ("user", "owner", "as", "owner_id", "user_id", "real_user"):
        given = {name: str(other_salesperson.id)}
        for path in ("/customers/", "/api/v1/customers", "/explain/parties.customers", "/", "/customers/export"):
            answer = salesperson.client.get(path, given)
            assert answer.status_code in (200, 400, 403, 404)
            assert "Of bert" not in body(answer)
        sent = salesperson.client.post("/customers/export", {**given, "columns": ["name"], "kind": "csv", "all": "1"}, follow=True)
        assert "Of bert" not in body(sent)


@pytest.mark.covers("IDOR-04", "IDOR-10")
def test_nobody_changes_another_persons_view(firm, administrator, salesperson, other_salesperson):
    views = []
    for audience, keeper in (("me", salesperson), ("everyone", administrator)):
        keeper.client.post("/customers/views", {"name": f"View {audience}", "audience": audience, "position": "100"})
        views.append(firm.system.find(SavedView).get(name=f"View {audience}").pk)
    assert other_salesperson.client.get("/").status_code == 200
    before, statuses = dump(), []
    for pk in views:
        for path, given in ((f"/customers/views/{pk}", {"name": "Taken", "audience": "everyone", "position": "1"}),
                            (f"/customers/views/{pk}", {"remove": "1"}), (f"/customers/views/{pk}", {"name": "X"}),
                            (f"/customers/views/{pk}/save?q=x", {})):
            statuses.append(other_salesperson.client.post(path, given).status_code)
        statuses.append(other_salesperson.client.get(f"/customers/views/{pk}").status_code)
    assert statuses == [404] * 5 + [403] * 5
    assert changed(before, dump()) == []
    assert "View me" not in body(other_salesperson.client.get("/customers/"))
