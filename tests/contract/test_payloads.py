"""Harmful texts in every field of every object: kept as text or refused, and inert on every page that shows them."""

import json
import re

import pytest
from django.core.cache import cache

from guanxi.kernel import facts
from guanxi.kernel.records import object_name
from guanxi.surfaces.rest import limits
from guanxi.surfaces.web import addresses
from tests.contract.factory import make, minimal
from tests.contract.test_api import CREATED, JSON, changeable, program, url
from tests.contract.test_leaks import body
from tests.contract.walk import changed, dump

pytestmark = [pytest.mark.django_db, pytest.mark.covers("INJ-01")]
LONG = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{% now 'Y' %}%s%(x)s${7*7}' OR 1=1;--\u202e𠮷😀"
SHORT = "<script>{{7*7}}%s"
TINY = "<b>'%s"
RAW = re.compile(r"<script>alert|<img src=x|<script>\{\{|<b>'%s")
TEXTS = ("name", "text", "person_name")
SHOWN = [model for model in CREATED if "view" in model.about.verbs]
CHANGED = [model for model in SHOWN if "update" in model.about.verbs]
#: What a browser reads as text, never as a page.
PLAIN = ("application/json", "text/csv", "application/vnd.")


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()
    limits.forget()


def payload(view) -> str:
    room = view.max_length or 10_000
    return next((text for text in (LONG, SHORT, TINY) if len(text) <= room), "<")


def filled(ctx, model) -> dict:
    """Values for a new record with the payload in every text."""
    given = minimal(ctx, model)
    for view in facts.fields(model, ctx):
        if view.kind in TEXTS and not (view.readonly or view.choices or view.custom) and view.key not in (
                "object_type", "key", "time_zone", "username"):
            given[view.key] = payload(view)
    return given


def dropped(given: dict, refused: dict) -> dict:
    return {key: value for key, value in given.items() if key not in refused}


@pytest.mark.once("sqlite")
@pytest.mark.parametrize("model", SHOWN, ids=object_name)
def test_payloads_are_text_everywhere(model, administrator):
    api, given = program(administrator), filled(administrator(), model)
    made = api.post(url(model), given, **JSON)
    if made.status_code == 400:  # a field with a shape of its own refuses it, by name
        refused = made.json()["error"]["errors"] or {made.json()["error"]["field"]: []}
        assert set(refused) <= set(given)
        given = minimal(administrator(), model) | dropped(given, refused)
        made = api.post(url(model), given, **JSON)
    assert made.status_code == 201, made.content
    pk, told = made.json()["id"], api.get(url(model, made.json()["id"])).json()
    kept = {key: told[key] for key, value in given.items() if value in (LONG, SHORT, TINY)}
    assert all(value in (LONG, SHORT, TINY) or LONG.replace("\u202e", "") == value for value in kept.values())
    base, record = addresses.list_url(model), addresses.record_url(model, pk)
    columns = ",".join(view.key for view in facts.fields(model, administrator()))
    found = {}
    paths = [f"{base}?columns={columns}", record, f"{record}/edit", f"/history{record}"]
    if model.about.scope == "owner":
        paths += [f"{record}/timeline", f"{record}/panels", f"{base}lookup?q=script"]
    for path in paths:
        answer = administrator.client.get(path, headers={"HX-Request": "true"})
        text = body(answer)
        if answer.status_code != 200 or (
                RAW.search(text) and not answer["Content-Type"].startswith(PLAIN)):
            found[path] = (answer.status_code, RAW.search(text) and text[max(0, RAW.search(text).start() - 80):][:200])
    assert found == {}


ODD = {"nul": "a\x00b", "surrogate": "a\ud800b", "long": "x" * 1_000_000, "direction": "a\u202eb", "emoji": "😀" * 20}


@pytest.mark.once("postgresql")
@pytest.mark.parametrize("model", CHANGED, ids=object_name)
def test_odd_texts_are_kept_or_refused(model, administrator):
    """By program and by form, for every object with a text that can be changed."""
    view, api, found = changeable(model, administrator()), program(administrator), {}
    record = make(administrator(), model)
    for odd, text in ODD.items() if view else ():
        limits.forget()
        known = {"If-Match": f'"{version(record)}"'}
        answer = api.patch(url(model, record.pk), json.dumps({view.key: text}), headers=known, **JSON)
        page = administrator.client.post(f"{addresses.record_url(model, record.pk)}/cell/{view.key}", {
            view.key: text.encode("utf-8", "ignore").decode(), "version": str(version(record))})
        if answer.status_code not in (200, 400, 413) or page.status_code not in (200, 302, 400, 403, 409, 413, 422):
            found[odd] = (answer.status_code, page.status_code)
        if administrator.client.get(addresses.record_url(model, record.pk)).status_code != 200:
            found[odd] = "page"
    assert found == {}


def version(record) -> int:
    return int(type(record)._base_manager.get(pk=record.pk).version)


@pytest.mark.once("postgresql")
def test_a_form_keeps_a_payload_as_text(salesperson):
    before = dump()
    made = salesperson.client.post("/customers/new", {"name": LONG, "once": "k"})
    assert made.status_code in (200, 302)
    assert "parties_customer" in changed(before, dump())
    text = body(salesperson.client.get("/"))
    assert not RAW.search(text)
    assert "{{7*7}}" in body(salesperson.client.get("/customers/")) and ">49" not in text
