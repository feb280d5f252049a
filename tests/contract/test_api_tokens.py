"""Tokens: shown once, kept sealed, narrow, expiring, revocable; their page; limits and who may ask at all."""

import datetime
import json

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from guanxi.kernel.api import Entry
from guanxi.surfaces.rest import limits, tokens
from guanxi.surfaces.rest.models import ApiToken


@pytest.fixture(autouse=True)
def _full_buckets():
    limits.forget()


def program(value: str, **headers: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {value}", **headers})


def make(someone, *scopes: str, days: int = 30) -> str:
    return tokens.create(someone(), "sync", list(scopes or ("write",)), days)[1]


def code(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


@pytest.mark.covers("AUTH-10")
def test_only_a_seal_of_the_token_is_kept(salesperson, firm):
    value = make(salesperson)

    row = firm.system.find(ApiToken).get()
    assert (row.digest, row.prefix, row.user_id) == (tokens.seal(value), value[:8], salesperson.id)
    assert len(value) == len("gx_") + 43
    assert value not in json.dumps(list(Entry.objects.values("changes", "inputs")), default=str)
    assert row.digest not in json.dumps(list(Entry.objects.values("changes", "inputs")), default=str)


@pytest.mark.covers("AUTH-10")
def test_a_read_only_token_reads_and_changes_nothing(salesperson):
    mine = salesperson().create(_customers(), name="Mine")
    client = program(make(salesperson, "read"))
    before = Entry.objects.count()

    assert client.get(f"/api/v1/customers/{mine.pk}").status_code == 200
    tries = [client.post("/api/v1/customers", {"name": "X"}, content_type="application/json"),
             client.patch(f"/api/v1/customers/{mine.pk}", {"name": "X"}, content_type="application/json",
                          headers={"If-Match": '"1"'}),
             client.delete(f"/api/v1/customers/{mine.pk}", headers={"If-Match": '"1"'}),
             client.post(f"/api/v1/customers/{mine.pk}/comments", {"text": "X"}, content_type="application/json"),
             client.post(f"/api/v1/customers/{mine.pk}/files", {"file": "X"})]
    assert [code(one) for one in tries] == [(403, "denied")] * 5
    assert Entry.objects.count() == before


@pytest.mark.covers("AUTH-10")
def test_a_narrow_token_does_its_one_action_only(salesperson):
    client = program(make(salesperson, "parties.customer.create"))

    made = client.post("/api/v1/customers", {"name": "X"}, content_type="application/json")
    assert made.status_code == 201
    assert code(client.get(f"/api/v1/customers/{made.json()['id']}")) == (403, "denied")
    assert code(client.patch(f"/api/v1/customers/{made.json()['id']}", {"name": "Y"}, content_type="application/json",
                             headers={"If-Match": '"1"'})) == (403, "denied")


@pytest.mark.covers("AUTH-10")
@pytest.mark.parametrize("_case", ["revoked", "expired", "deactivated", "cut", "nonsense", "not bearer"])
def test_a_token_that_is_no_longer_good_is_refused_at_once(_case, salesperson, firm):
    value = make(salesperson)
    client = program(value)
    assert client.get("/api/v1/me").status_code == 200
    row = firm.system.find(ApiToken).get()
    with firm.system.door("test"):
        match _case:
            case "revoked":
                tokens.revoke(salesperson(), row.pk)
            case "expired":
                row.expires_at = firm.system.now - datetime.timedelta(seconds=1)
                firm.system.save(row)
            case "deactivated":
                salesperson.user.is_active = False
                firm.system.save(salesperson.user)
            case "cut":
                client = program(value[:-1])
            case "nonsense":
                client = program("é" * 20)
            case "not bearer":
                client = Client(headers={"Authorization": f"Basic {value}"})

    refused = client.get("/api/v1/me")
    assert code(refused) == (401, "unauthenticated")
    assert refused["WWW-Authenticate"].startswith("Bearer")
    assert refused.json()["error"]["request_id"] == refused["X-Request-Id"]


def test_use_is_noted_without_a_new_version(salesperson, firm):
    client = program(make(salesperson))
    entries = Entry.objects.count()
    client.get("/api/v1/me", REMOTE_ADDR="192.0.2.44")

    row = firm.system.find(ApiToken).get()
    assert (row.last_used_from, row.version) == ("192.0.2.44", 1)
    assert row.last_used_at is not None
    assert Entry.objects.count() == entries


@pytest.mark.covers("API-01")
@override_settings(GUANXI_API_PER_MINUTE=8)
def test_too_many_requests_are_told_to_wait(salesperson, manager):
    client, other = program(make(salesperson)), program(make(manager))
    answers = [client.get("/api/v1/me") for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert code(answers[2]) == (429, "rate_limited")
    assert int(answers[2]["Retry-After"]) >= 1
    assert [one["RateLimit-Limit"] for one in answers] == ["8"] * 3
    assert [one["RateLimit-Remaining"] for one in answers] == ["1", "0", "0"]
    assert other.get("/api/v1/me").status_code == 200
    assert client.post("/api/v1/customers/bulk", {"steps": []}, content_type="application/json").status_code == 400


@pytest.mark.covers("API-01")
@override_settings(GUANXI_API_PER_MINUTE=8)
def test_several_tokens_do_not_multiply_a_persons_share(salesperson):
    clients = [program(make(salesperson)) for _ in range(4)]

    assert [client.get("/api/v1/me").status_code for client in clients for _ in range(2)] == [200] * 4 + [429] * 4


def test_no_minute_exceeds_the_limit():
    lane = limits.Lane("calls", 600)

    assert lane.burst + lane.per_second * 60 == 600


@pytest.mark.covers("INJ-06")
def test_a_session_serves_our_own_pages_only(salesperson):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(salesperson.user)
    before = Entry.objects.count()

    assert strict.get("/api/v1/me").status_code == 200
    assert code(strict.get("/api/v1/me", headers={"Sec-Fetch-Site": "cross-site"})) == (403, "forbidden")
    tries = [strict.post("/api/v1/customers", {"name": "X"}, content_type="application/json"),
             strict.post("/api/v1/customers", '{"name": "X"}', content_type="text/plain"),
             strict.post("/api/v1/customers", {"name": "X"})]
    assert [code(one) for one in tries] == [(403, "forbidden")] * 3
    assert code(program(make(salesperson)).post("/api/v1/customers", '{"name": "X"}', content_type="text/plain")) == (
        415, "unsupported_media_type")
    assert Entry.objects.filter(verb="parties.customer.create").count() == 0
    assert Entry.objects.count() == before + 1


def test_nobody_is_told_to_send_a_token(client):
    assert code(client.get("/api/v1/customers")) == (401, "unauthenticated")
    assert code(client.get("/api/v1/openapi.json")) == (401, "unauthenticated")


@pytest.mark.covers("AUTH-10")
def test_the_page_asks_for_the_password_and_shows_the_token_once(salesperson, firm):
    browser = salesperson.client
    form = {"name": "ERP", "days": "90", "access": "read"}

    asked = browser.post(reverse("tokens"), form)
    assert (asked.status_code, asked.url.startswith(reverse("account_reauthenticate"))) == (302, True)
    assert firm.system.find(ApiToken).count() == 0
    browser.post(reverse("account_reauthenticate"), {"password": "correct-horse-battery-9"})
    shown = browser.post(reverse("tokens"), form).content.decode()
    row = firm.system.find(ApiToken).get()
    value = next(word for word in shown.split('"') if word.startswith("gx_") and len(word) == 46)
    assert (tokens.seal(value), row.name, row.scopes) == (row.digest, "ERP", ["read"])
    assert value not in browser.get(reverse("tokens")).content.decode()

    browser.post(reverse("token-revoke", args=(row.pk,)))
    assert program(value).get("/api/v1/me").status_code == 401


def test_nobody_revokes_another_persons_token(salesperson, manager):
    value = make(salesperson)

    assert manager.client.post(reverse("token-revoke", args=(tokens.of(salesperson())[0].pk,))).status_code == 404
    assert program(value).get("/api/v1/me").status_code == 200


@pytest.mark.parametrize(("_case", "name", "scopes", "days", "field"), [
    ("no name", " ", ["read"], 30, "name"), ("no scope", "x", [], 30, "scopes"),
    ("unknown scope", "x", ["everything"], 30, "scopes"), ("for ever", "x", ["read"], 0, "days")])
def test_a_token_needs_name_scope_and_end(_case, name, scopes, days, field, salesperson, firm):
    with pytest.raises(tokens.Refused) as refusal:
        tokens.create(salesperson(), name, scopes, days)

    assert refusal.value.field == field
    assert firm.system.find(ApiToken).count() == 0


def _customers():
    return tokens.registry.model_of("customers")


def test_the_limits_come_from_the_environment():
    assert (settings.GUANXI_API_PER_MINUTE, settings.GUANXI_API_BULK_PER_MINUTE) == (600, 60)
