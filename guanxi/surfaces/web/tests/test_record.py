"""The page of a record: facts, one value edited, actions, path, related cards, neighbours, merged records, rights."""

import datetime
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.common import merging, past, talk
from guanxi.kernel import external, registry
from guanxi.kernel.entries import Entry, StateChange
from guanxi.kernel.policy import Role
from guanxi.surfaces.web import panels
from guanxi.surfaces.web.views import record_head

pytestmark = pytest.mark.in_turn

#: Queries of a customer's page, whatever hangs below it.
RECORD_QUERIES = 13


@pytest.fixture
def acme(anna, customer):
    return anna().create(customer, name="深圳市小鹏科技有限公司", phone="13800138000", city="深圳")


def url(record, tail=""):
    return f"/customers/{record.pk}{tail}"


@pytest.mark.covers("T8")
def test_the_page_shows_title_facts_timeline_and_actions(anna, acme):
    response = anna.client.get(url(acme))
    page = response.content.decode()

    assert response.status_code == 200
    assert "<h1>深圳市小鹏科技有限公司</h1>" in page
    assert f'data-edit="/customers/{acme.pk}/cell/city?place=fact"' in page
    assert 'id="timeline"' in page and "created this" in page
    assert f'href="/customers/{acme.pk}/do/delete"' in page
    assert f'href="/customers/{acme.pk}/edit"' in page


@pytest.mark.covers("PERM-14")
@pytest.mark.parametrize("tail", ["", "/edit", "/cell/city", "/timeline", "/do/delete", "/share"])
def test_another_persons_record_is_not_there(bert, acme, tail):
    foreign = bert.client.get(url(acme, tail), headers={"HX-Request": "true"})
    unknown = bert.client.get(f"/customers/999999{tail}", headers={"HX-Request": "true"})

    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content


@pytest.mark.covers("PERM-11")
@pytest.mark.parametrize(("tail", "data"), [
    ("/edit", {"name": "taken"}), ("/cell/name", {"name": "taken"}), ("/do/delete", {}), ("/timeline", {"text": "hi"}),
    ("/share", {"user": "1", "level": "write"}), ("/follow", {}), ("/files", {})])
def test_a_foreign_write_changes_nothing(bert, acme, tail, data):
    before = list(type(acme)._default_manager.values()), Entry.objects.count()

    response = bert.client.post(url(acme, tail), data)

    assert response.status_code == 404
    assert (list(type(acme)._default_manager.values()), Entry.objects.count()) == before


def test_one_value_is_edited_in_place(anna, acme):
    form = anna.client.get(url(acme, "/cell/city?place=fact"), headers={"HX-Request": "true"}).content.decode()
    answer = anna.client.post(url(acme, "/cell/city?place=fact"), {"city": "广州", "version": acme.version, "once": "k1"},
                              headers={"HX-Request": "true"})

    assert 'value="深圳"' in form and f'action="/customers/{acme.pk}/cell/city?place=fact"' in form
    assert answer.status_code == 200
    assert answer.content.decode().strip().startswith("<dd ") and "广州" in answer.content.decode()
    assert anna().get(type(acme), acme.pk).city == "广州"


def test_a_list_cell_answers_as_a_table_cell(anna, acme):
    answer = anna.client.post(url(acme, "/cell/city"), {"city": "上海", "version": acme.version},
                              headers={"HX-Request": "true"})

    assert answer.content.decode().strip().startswith("<td ")


def test_a_wrong_value_is_refused_beside_the_control(anna, acme):
    answer = anna.client.post(url(acme, "/cell/email"), {"email": "no address", "version": acme.version},
                              headers={"HX-Request": "true"})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode() and 'value="no address"' in answer.content.decode()
    assert anna().get(type(acme), acme.pk).email == ""


@pytest.mark.covers("P32", "T15")
def test_a_clash_shows_mine_theirs_and_before(anna, acme):
    anna().update(acme, city="上海")

    answer = anna.client.post(url(acme, "/cell/city"), {"city": "北京", "version": 1}, headers={"HX-Request": "true"})
    page = answer.content.decode()

    assert answer.status_code == 409
    assert [word in page for word in ("上海", "深圳", "北京")] == [True] * 3
    assert anna().get(type(acme), acme.pk).city == "上海"
    assert 'name="version" value="2"' in page


def test_changes_of_different_fields_go_together(anna, acme):
    anna().update(acme, city="上海")

    answer = anna.client.post(url(acme, "/cell/short_name"), {"short_name": "小鹏", "version": 1})

    assert answer.status_code == 302
    now = anna().get(type(acme), acme.pk)
    assert (now.city, now.short_name) == ("上海", "小鹏")


@pytest.mark.covers("PERM-05")
def test_a_computed_field_cannot_be_edited(anna, acme):
    answer = anna.client.post(url(acme, "/cell/last_follow_up_at"), {"last_follow_up_at": "2026-01-01"})

    assert answer.status_code == 403
    assert anna().get(type(acme), acme.pk).last_follow_up_at is None


@pytest.mark.covers("PERM-04")
def test_a_hidden_field_is_nowhere_and_a_masked_one_half_there(person, customer):
    carl = person("carl", {"parties.customer": {"view": "own", "create": "own", "update": "own"}}, masks=[
        {"object": "parties.customer", "field": "city", "level": "hidden"},
        {"object": "parties.customer", "field": "phone", "level": "masked"}])
    with carl().as_system("test").door("test") as _unit:
        pass
    boss = person("head", administrator=True)
    record = boss().create(customer, name="甲公司", city="秘密之城", phone="13800138000", owner=carl.user.pk)
    boss().update(record, city="另一座城")

    page = carl.client.get(f"/customers/{record.pk}").content.decode()

    assert "秘密之城" not in page and "另一座城" not in page
    assert "13800138000" not in page and "138****8000" in page
    assert carl.client.get(f"/customers/{record.pk}/cell/city", headers={"Accept": "application/json"}).status_code == 400
    assert carl.client.get(f"/customers/{record.pk}/cell/phone").status_code == 403


def test_an_old_address_leads_to_the_survivor(boss, bert, customer):
    one, other = boss().create(customer, name="甲"), boss().create(customer, name="乙")
    merging.merge(boss(), one, [other])

    assert external.survivor_of(customer, other.pk) == one.pk
    assert boss.client.get(url(other))["Location"] == url(one)
    assert bert.client.get(url(other)).status_code == 404


def test_neighbours_follow_the_list(anna, many):
    rows = many(anna, 3)

    page = anna.client.get(url(rows[1]) + "?list=sort%3Dname").content.decode()

    assert f'href="/customers/{rows[0].pk}?list=sort%3Dname" rel="prev"' in page
    assert f'href="/customers/{rows[2].pk}?list=sort%3Dname" rel="next"' in page
    assert 'rel="prev"' not in anna.client.get(url(rows[0]) + "?list=sort%3Dname").content.decode()


def test_following_and_not(anna, acme):
    begun = anna.client.post(url(acme, "/follow?on=1"), headers={"HX-Request": "true"})

    assert json.loads(begun["HX-Trigger"])["done"]["message"] == "You follow “深圳市小鹏科技有限公司”."
    assert talk.follows(anna(), acme) is True
    anna.client.post(url(acme, "/follow"))
    assert talk.follows(anna(), acme) is False


@pytest.mark.covers("PERM-17")
def test_a_shared_record_can_be_opened(anna, bert, acme):
    refused = anna.client.post(url(acme, "/share"), {"user": "", "level": "read"})
    given = anna.client.post(url(acme, "/share"), {"user": str(bert.user.pk), "level": "read", "until": ""})

    assert refused.status_code == 422
    assert given.status_code == 302
    assert bert.client.get(url(acme)).status_code == 200
    assert bert.client.post(url(acme, "/share"), {"user": str(bert.user.pk), "level": "write"}).status_code == 403


def test_days_in_each_state_add_up_over_visits():
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    moves = [StateChange(new=new, at=start + datetime.timedelta(days=day)) for new, day in (("a", 0), ("b", 3), ("a", 10))]

    assert record_head.days_spent(moves, "a", start + datetime.timedelta(days=14, hours=5)) == {"a": 7, "b": 7}


def test_rights_are_asked_for_in_one_query(anna, acme):
    ctx = anna()
    assert ctx.rights.administrator is False

    with CaptureQueriesContext(connection, ) as asked:
        answers = record_head.reach(ctx, acme, ["update", "delete", "assign", "merge"])

    assert (len(asked), {verb: bool(answer) for verb, answer in answers.items()}) == (
        2, {"update": True, "delete": True, "assign": True})


@pytest.mark.covers("P31")
@pytest.mark.parametrize("count", [10, 1000])
def test_the_number_of_queries_does_not_grow(anna, acme, system, settings, monkeypatch, count):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    monkeypatch.setattr(panels, "_panels", {})  # what apps add is theirs to count
    contact = registry.model_of("parties.contact")
    role = Role.objects.get(name="role of anna")
    role.grants = [*role.grants, *({"object": "parties.contact", "verb": verb, "scope": "own"} for verb in ("view", "create"))]
    with system.door("test"):
        system.save(role)
    ctx = anna()
    with ctx.door("test"):
        done = ctx.save_all([contact(name=f"联系人{place}", customer=acme) for place in range(count)])
    assert [refusal for _row, refusal in done if refusal] == []
    for number in range(30):
        talk.comment(anna(), acme, f"note {number}")
    anna.client.get(url(acme))

    with CaptureQueriesContext(connection) as asked:
        page = anna.client.get(url(acme)).content.decode()

    assert page.count('class="related-row"') >= 5
    assert len(asked) <= RECORD_QUERIES, "\n".join(query["sql"][:230] for query in asked)


def test_cards_of_apps_come_after_the_page(anna, acme, bert, monkeypatch):
    monkeypatch.setattr(panels, "_panels", {})
    for name, marks in (("late", {}), ("early", {"later": False}), ("top", {"place": "top"}), ("none", {"on": type(bert.user)})):
        panels.panel(name, **marks)(lambda ctx, record, request, name=name: {"title": f"Card {name}", "rows": []})
    panels.panel("empty")(lambda ctx, record, request: None)

    page = anna.client.get(url(acme)).content.decode()
    later = anna.client.get(url(acme, "/panels"), headers={"HX-Request": "true"}).content.decode()

    assert [f"Card {name}" in page for name in ("late", "early", "top", "none")] == [False, True, True, False]
    assert f'hx-get="/customers/{acme.pk}/panels"' in page
    assert [f"Card {name}" in later for name in ("late", "early", "top", "none")] == [True, False, False, False]
    assert bert.client.get(url(acme, "/panels")).status_code == 404


def test_the_past_is_read_in_pages(anna, acme):
    for number in range(5):
        anna().update(anna().get(type(acme), acme.pk), city=f"城{number}")

    first = past.entries_of(acme, limit=2)

    assert [entry.changes["city"] for entry in first] == [["城3", "城4"], ["城2", "城3"]]
    assert [entry.changes["city"] for entry in past.entries_of(acme, first[-1].pk, 1)] == [["城1", "城2"]]
