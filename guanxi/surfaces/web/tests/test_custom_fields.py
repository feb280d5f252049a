"""The page of a custom field: its object by name, its options as a table, and what the field will look like."""

import json

import pytest

from guanxi.kernel.custom import CustomField

HTMX = {"HX-Request": "true"}


def posted(*options):
    """The table of options as the form sends it."""
    body = {"options": ""}
    for part, place in (("value", 0), ("label", 1), ("en", 2), ("color", 3), ("active", 4)):
        body[f"options.{part}"] = [option[place] for option in options]
    return body


FIELD = {"object_type": "parties.customer", "key": "channel", "label": "渠道", "field_kind": "choice", "position": "10"}


@pytest.fixture
def field(boss):
    answer = boss.client.post("/customfields/new", {**FIELD, **posted(
        ("", "展会", "Fair", "green", "1"), ("", "转介绍", "", "", "1"), ("", "", "nothing", "", "1"))})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return CustomField.objects.get()


@pytest.mark.covers("T7")
def test_options_are_typed_in_a_table(boss, anna, field):
    assert field.options == [
        {"value": "展会", "label": "展会", "color": "green", "active": True, "labels": {"en": "Fair"}},
        {"value": "转介绍", "label": "转介绍", "color": "", "active": True}]
    form = boss.client.get(f"/customfields/{field.pk}/edit").content.decode()
    assert 'name="options.label" value="展会"' in form and 'name="options.en" value="Fair"' in form
    assert '<option value="parties.customer" selected>' in form
    anna.client.post("/language", {"language": "en"})
    assert '<option value="展会">Fair</option>' in anna.client.get("/customers/new").content.decode()
    anna.client.post("/language", {"language": "zh-hans"})
    assert '<option value="展会">展会</option>' in anna.client.get("/customers/new").content.decode()


@pytest.mark.covers("T7")
def test_the_order_is_kept_and_an_option_out_of_use_stays_where_it_was_chosen(boss, anna, customer, field):
    acme = anna().create(customer, name="Acme", channel="展会")
    answer = boss.client.post(f"/customfields/{field.pk}/edit", {**FIELD, "version": field.version, **posted(
        ("转介绍", "老客户介绍", "", "blue", "1"), ("展会", "展会", "Fair", "green", ""))})
    assert answer.status_code == 302

    assert [(one["value"], one["label"]) for one in CustomField.objects.get().options] == [
        ("转介绍", "老客户介绍"), ("展会", "展会")]
    new = anna.client.get("/customers/new").content.decode()
    assert '<option value="转介绍">老客户介绍</option>' in new and 'value="展会"' not in new
    edit = anna.client.get(f"/customers/{acme.pk}/edit").content.decode()
    assert '<option value="展会" selected>' in edit
    anna.client.post(f"/customers/{acme.pk}/edit", {"name": "Acme 2", "channel": "展会", "version": acme.version})
    assert (anna().get(customer, acme.pk).name, anna().get(customer, acme.pk).extra) == ("Acme 2", {"channel": "展会"})


def test_a_choice_without_options_is_refused_in_place(boss):
    answer = boss.client.post("/customfields/new", {**FIELD, **posted(("", "", "", "", "1"))}, headers=HTMX)
    assert (answer.status_code, "A choice needs options." in answer.content.decode()) == (422, True)
    assert CustomField.objects.count() == 0


def test_the_page_shows_the_field_as_the_form_will(boss, field):
    page = boss.client.get(f"/customfields/{field.pk}").content.decode()
    preview = page[page.index("Preview"):]
    assert 'id="id_preview_channel"' in preview and '<option value="展会">Fair</option>' in preview
    assert ">parties.customer<" not in page and "customer" in page
    rows = boss.client.get("/customfields/").content.decode()
    assert ">parties.customer<" not in rows and json.dumps(field.options) not in rows
