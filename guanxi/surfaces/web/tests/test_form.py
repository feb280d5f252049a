"""Forms and dialogs: new and edit, prefill, errors, one result for two clicks, conflicts, duplicates, actions."""

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.kernel import actions, registry
from guanxi.kernel.entries import Entry
from guanxi.surfaces.web import panels

pytestmark = pytest.mark.in_turn

#: Queries of an empty form and of a form of a record.
NEW_QUERIES, EDIT_QUERIES = 6, 8
DIALOG = {"HX-Request": "true", "HX-Target": "div#dialog-body"}


@pytest.fixture
def acme(anna, customer):
    return anna().create(customer, name="小鹏科技", city="深圳")


def test_a_new_record_is_made_and_opened(anna, customer):
    form = anna.client.get("/customers/new").content.decode()
    answer = anna.client.post("/customers/new", {"name": "小鹏科技", "city": "深圳", "once": "a"})

    made = anna().find(customer).get()
    assert '<form id="form"' in form and 'data-draft="customers-new"' in form and 'name="once"' in form
    assert (answer.status_code, answer["Location"]) == (302, f"/customers/{made.pk}")
    assert (made.name, made.city, made.owner_id) == ("小鹏科技", "深圳", anna.user.pk)


@pytest.mark.covers("P16")
def test_two_clicks_make_one_record(anna, customer):
    first = anna.client.post("/customers/new", {"name": "小鹏科技", "once": "same"})
    second = anna.client.post("/customers/new", {"name": "小鹏科技", "once": "same"})

    assert first["Location"] == second["Location"]
    assert anna().find(customer).count() == 1


def test_what_was_typed_comes_back_with_errors(anna, customer):
    answer = anna.client.post("/customers/new", {"name": "", "email": "wrong", "city": "深圳", "tags": ["新", "老"]})
    page = answer.content.decode()

    assert answer.status_code == 422
    assert anna().find(customer).count() == 0
    assert 'href="#id_name"' in page and 'href="#id_email"' in page
    assert 'value="wrong"' in page and 'value="深圳"' in page
    assert page.count('aria-invalid="true"') == 2
    assert Entry.objects.filter(object_type="parties.customer").count() == 0


def test_the_address_fills_in_what_fits(anna, customer):
    page = anna.client.get("/customers/new?city=%E6%B7%B1%E5%9C%B3&email=nonsense&founded_on=2020-02-30").content.decode()

    assert 'value="深圳"' in page
    assert 'value="nonsense"' not in page and 'value="2020-02-30"' not in page


@pytest.mark.covers("IDOR-05")
def test_a_foreign_link_is_neither_filled_in_nor_saved(anna, bert, customer):
    secret = bert().create(customer, name="别人的客户")

    page = anna.client.get(f"/customers/new?parent_company={secret.pk}").content.decode()
    answer = anna.client.post("/customers/new", {"name": "甲", "parent_company": str(secret.pk)})

    assert "别人的客户" not in page
    assert answer.status_code == 422
    assert anna().find(customer).count() == 0


@pytest.mark.covers("PERM-05")
@pytest.mark.parametrize("field", ["locked", "created_by", "version_", "last_follow_up_at"])
def test_fields_that_are_not_typed_are_not_taken(anna, acme, field):
    anna.client.post(f"/customers/{acme.pk}/edit", {"name": "乙", field: "1", "version": "1"})

    now = anna().get(type(acme), acme.pk)
    assert (now.name, now.locked, now.created_by_id, now.last_follow_up_at) == ("乙", False, anna.user.pk, None)


@pytest.mark.covers("P32")
def test_a_clash_shows_three_values_and_loses_nothing(anna, acme):
    anna().update(acme, city="上海", short_name="theirs")

    answer = anna.client.post(f"/customers/{acme.pk}/edit", {
        "name": "小鹏科技", "city": "北京", "short_name": "", "website": "https://example.com/", "version": "1"})
    page = answer.content.decode()

    assert answer.status_code == 409
    assert 'data-value="北京"' in page and 'data-value="上海"' in page and "深圳" in page
    assert 'value="https://example.com/"' in page and 'name="version" value="2"' in page
    assert anna().get(type(acme), acme.pk).city == "上海"

    again = anna.client.post(f"/customers/{acme.pk}/edit", {"name": "小鹏科技", "city": "北京", "version": "2"})
    assert again.status_code == 302
    assert anna().get(type(acme), acme.pk).city == "北京"


def test_a_dialog_stays_where_it_was_opened(anna, acme):
    form = anna.client.get(f"/customers/{acme.pk}/edit", headers=DIALOG).content.decode()
    answer = anna.client.post(f"/customers/{acme.pk}/edit", {"city": "广州", "version": "1"}, headers=DIALOG)

    assert "<html" not in form and 'id="dialog-title"' in form
    assert json.loads(answer["HX-Trigger"]) == {"done": {"message": "“小鹏科技” was saved."}}


def test_a_linked_new_record_tells_the_form_that_asked(anna, customer):
    answer = anna.client.post("/customers/new?stay=1", {"name": "母公司"}, headers=DIALOG)

    made = anna().find(customer).get()
    assert json.loads(answer["HX-Trigger"])["done"] == {
        "message": "“母公司” was created.", "url": f"/customers/{made.pk}", "label": "Open", "object": "parties.customer",
        "id": made.pk, "text": "母公司"}


def test_without_the_right_there_is_no_form(person, customer):
    reader = person("reader", {"parties.customer": {"view": "everyone"}})

    assert reader.client.get("/customers/new").status_code == 403
    assert reader.client.post("/customers/new", {"name": "x"}).status_code == 403
    assert type(reader().find(customer).first()) is type(None)


def test_a_duplicate_that_blocks_is_not_saved(anna, customer, monkeypatch):
    monkeypatch.setitem(panels._duplicates, customer, lambda ctx, values, record: [
        {"title": f"like {values['name']}", "block": values["name"] == "双"}])

    hint = anna.client.post("/customers/duplicates", {"name": "双"}).content.decode()
    blocked = anna.client.post("/customers/new", {"name": "双"})
    fine = anna.client.post("/customers/new", {"name": "单"})

    assert "like 双" in hint
    assert (blocked.status_code, fine.status_code) == (422, 302)
    assert [row.name for row in anna().find(customer)] == ["单"]


@pytest.mark.covers("P31")
def test_forms_cost_few_queries(anna, acme, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    anna.client.get("/customers/new", headers=DIALOG)

    with CaptureQueriesContext(connection) as new:
        anna.client.get("/customers/new", headers=DIALOG)
    with CaptureQueriesContext(connection) as edit:
        anna.client.get(f"/customers/{acme.pk}/edit", headers=DIALOG)

    assert len(new) <= NEW_QUERIES, "\n".join(query["sql"][:200] for query in new)
    assert len(edit) <= EDIT_QUERIES, "\n".join(query["sql"][:200] for query in edit)


# dialogs -----------------------------------------------------------------------------------------


def test_the_dialog_of_an_action_has_its_inputs(anna, bert, acme):
    page = anna.client.get(f"/customers/{acme.pk}/do/assign?to={bert.user.pk}", headers=DIALOG).content.decode()

    assert 'name="to"' in page and "bert" in page and 'name="keep"' in page
    assert f'action="/customers/{acme.pk}/do/assign"' in page


def test_an_action_is_done_once_and_can_be_undone(anna, bert, acme):
    body = {"to": str(bert.user.pk), "below": "true", "keep": "read", "once": "t"}
    first = anna.client.post(f"/customers/{acme.pk}/do/assign", body, headers=DIALOG)

    detail = json.loads(first["HX-Trigger"])["done"]
    assert detail["message"] == "Transfer: “小鹏科技”" and detail["undo"].startswith("/undo/")
    assert bert().get(type(acme), acme.pk).owner_id == bert.user.pk
    count = Entry.objects.count()
    anna.client.post(f"/customers/{acme.pk}/do/assign", body, headers=DIALOG)
    assert Entry.objects.count() == count


def test_a_refused_action_shows_why_and_changes_nothing(anna, acme):
    answer = anna.client.post(f"/customers/{acme.pk}/do/assign", {"to": "", "once": "t"}, headers=DIALOG)

    assert answer.status_code == 422
    assert 'id="id_to_error"' in answer.content.decode()
    assert anna().get(type(acme), acme.pk).owner_id == anna.user.pk


@pytest.mark.covers("P33")
def test_deleting_asks_and_leads_to_the_list(anna, acme):
    asks = anna.client.get(f"/customers/{acme.pk}/do/delete", headers=DIALOG).content.decode()
    answer = anna.client.post(f"/customers/{acme.pk}/do/delete", {"once": "d"}, headers={
        **DIALOG, "HX-Current-URL": "http://testserver" + f"/customers/{acme.pk}"})

    assert "recycle bin" in asks and "is-danger" in asks
    assert answer["HX-Redirect"] == "/customers/"
    assert anna().find(type(acme)).count() == 0 and anna().binned(type(acme)).count() == 1


@pytest.mark.parametrize("verb", ["nothing", "create", "update"])
def test_there_is_no_dialog_for_what_is_no_action_of_a_record(anna, acme, verb):
    assert anna.client.get(f"/customers/{acme.pk}/do/{verb}").status_code == 404


def test_a_field_called_key_is_a_field_like_any_other(boss):
    fields = registry.model_of("kernel.customfield")

    answer = boss.client.post(f"/{registry.slug(fields)}/new", {
        "object_type": "parties.customer", "key": "colour", "label": "Colour", "field_kind": "name", "position": "1", "once": "c"})

    assert answer.status_code == 302
    assert boss().find(fields).get().key == "colour"


# several linked records, and new ones from a picker ------------------------------------------------


@pytest.fixture
def invite(customer, monkeypatch):
    """An action whose input is several people."""
    user, told = get_user_model(), []

    def invite_customer(ctx, customer, *, people):
        """Invite people."""
        told.append([one.pk for one in people])

    invite_customer.__annotations__ = {"ctx": Any, "customer": customer, "people": list[user], "return": None}
    own = dict(registry.declared(customer))
    actions.action("Invite", right="update", on=customer, verb="invite", inputs={"people": "People"})(invite_customer)
    yield told
    registry.declared(customer).clear()
    registry.declared(customer).update(own)


def test_an_action_takes_several_linked_records(anna, bert, customer, invite):
    acme = anna().create(customer, name="Acme")
    url = f"/customers/{acme.pk}/do/invite"
    form = anna.client.get(f"{url}?people={bert.user.pk}", headers=DIALOG).content.decode()
    assert '<select class="input" multiple' in form and 'data-lookup="/people/lookup"' in form
    assert f'<option value="{bert.user.pk}" selected>bert</option>' in form

    nobody = anna.client.post(url, {"people": [""], "once": "a"}, headers=DIALOG)
    assert (nobody.status_code, "This field is needed." in nobody.content.decode()) == (422, True)
    wrong = anna.client.post(url, {"people": ["", str(bert.user.pk), "999999"], "once": "b"}, headers=DIALOG)
    assert wrong.status_code == 422 and f'<option value="{bert.user.pk}" selected>bert' in wrong.content.decode()
    assert invite == []
    done = anna.client.post(url, {"people": ["", str(bert.user.pk), str(anna.user.pk)], "once": "c"}, headers=DIALOG)
    assert (done.status_code, invite) == (204, [[bert.user.pk, anna.user.pk]])


@pytest.mark.covers("P18")
def test_a_picker_offers_a_new_record_and_gets_it_back(anna, person, system, customer):
    form = anna.client.get("/customers/new", headers=DIALOG).content.decode()
    assert 'data-create-url="/customers/new?stay=1" data-create-label="New customer"' in form
    above = anna.client.get("/customers/new?stay=1&title=Parent+Ltd", headers=DIALOG).content.decode()
    assert 'value="Parent Ltd"' in above and "data-create-url" not in above

    made = anna.client.post("/customers/new?stay=1", {"name": "Parent Ltd", "kind": "company", "once": "p"},
                            headers={**DIALOG, "HX-Target": "div#dialog-new-body"})
    told = json.loads(made["HX-Trigger"])["done"]
    parent = customer._default_manager.get(name="Parent Ltd")
    assert (made.status_code, told["id"], told["text"], told["object"]) == (204, parent.pk, "Parent Ltd", "parties.customer")
    reader = person("reader", {"parties.customer": {"view": "own", "update": "own"}})
    row = reader().as_system("test")
    with row.door("test"):
        own = row.save(customer(name="Own", owner_id=reader.user.pk))
    assert "data-create-url" not in reader.client.get(f"/customers/{own.pk}/edit").content.decode()
