"""Every address × the ways of the web: looking changes nothing, forged and refused requests neither, headers are strict."""

import logging
import re

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string

from guanxi.kernel import registry
from guanxi.site.public import PUBLIC
from guanxi.site.settings import LOGGING
from guanxi.surfaces.rest import limits, tokens
from tests.contract.factory import make
from tests.contract.walk import all_paths, changed, dump, world_of, writing

pytestmark = [pytest.mark.django_db, pytest.mark.once("sqlite")]


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()
    limits.forget()


@pytest.fixture
def signed_in(administrator):
    def browser(**more):
        client = Client(raise_request_exception=False, **more)
        client.cookies["sessionid"] = administrator.client.cookies["sessionid"].value
        return client
    return browser


def missing_headers(response, public: bool) -> list[str]:
    """What a browser is not told although it should be."""
    told = response.headers
    policy = told.get("Content-Security-Policy", "")
    return [name for name, good in {
        "CSP": "default-src" in policy and "unsafe-inline" not in policy and "unsafe-eval" not in policy,
        "frame-ancestors": "frame-ancestors 'none'" in policy or "sandbox" in policy,
        "nosniff": told.get("X-Content-Type-Options") == "nosniff",
        "Referrer-Policy": told.get("Referrer-Policy") == "same-origin",
        "X-Frame-Options": told.get("X-Frame-Options") == "DENY",
        "no-store": public or "no-store" in told.get("Cache-Control", ""),
    }.items() if not good]


@pytest.mark.covers("INJ-06", "INJ-07", "AUTH-14")
def test_looking_changes_nothing_and_tells_no_secret(administrator, signed_in):
    world, client = world_of(administrator), signed_in()
    secret = tokens.create(administrator(), "sync", ["read"], 30)[1]
    secrets = {settings.SECRET_KEY, administrator.user.password, secret, tokens.seal(secret)}
    client.get("/")
    before, found = dump(), {}
    for route, path in all_paths(world):
        limits.forget()
        with writing() as written:
            response = client.get(path)
            body = b"".join(response.streaming_content) if response.streaming else response.content
        faults = [f"wrote {sql[:60]}" for sql in written]
        faults += missing_headers(response, route in PUBLIC)
        faults += ["secret told"] * any(one.encode() in body for one in secrets)
        faults += ["status 500"] * (response.status_code >= 500)
        if faults:
            found[path] = faults
    assert found == {}
    assert changed(before, dump()) == []


@pytest.mark.covers("INJ-06")
def test_forged_posts_are_refused(administrator, signed_in):
    world, strict = world_of(administrator), signed_in(enforce_csrf_checks=True)
    before, found = dump(), {}
    for _route, path in all_paths(world, most=1):
        limits.forget()
        answers = [strict.post(path, {"x": "1"}), strict.post(path, {"x": "1"}, headers={"Origin": "https://evil.example"}),
                   strict.post(path, '{"x": 1}', content_type="text/plain")]
        wrong = [one.status_code for one in answers if one.status_code not in (403, 404, 405, 415)]
        if wrong:
            found[path] = wrong
    assert found == {}
    assert changed(before, dump()) == []


@pytest.mark.covers("INJ-06")
def test_a_post_from_elsewhere_with_a_good_token_is_refused(salesperson):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["sessionid"] = salesperson.client.cookies["sessionid"].value
    page = strict.get("/customers/new").content.decode()
    form = {"name": "Forged", "csrfmiddlewaretoken": re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]}
    before = dump()
    assert strict.post("/customers/new", form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert changed(before, dump()) == []
    assert strict.post("/customers/new", form).status_code in (200, 302)
    assert salesperson().find(registry.model_of("customers")).filter(name="Forged").exists()


@pytest.mark.covers("IDOR-10", "PERM-11", "PERM-14")
def test_whoever_may_not_changes_nothing(administrator, other_salesperson):
    """Another person's records behind every address, by every method: what is answered 4xx has left no trace."""
    world, client = world_of(administrator), other_salesperson.client
    found, before = {}, dump()
    for route, path in all_paths(world):
        if "<" not in route or route in PUBLIC:
            continue
        for method in ("post", "patch", "delete") if path.startswith("/api/") else ("post",):
            limits.forget()
            kind = {"content_type": "application/json"} if path.startswith("/api/") else {}
            with writing() as written:
                response = getattr(client, method)(path, {} if method == "post" or kind else "", **kind)
            faults = ([f"{method} {response.status_code}"] if response.status_code >= 500 else [])
            if not written and not faults:
                continue
            after = dump()
            if response.status_code >= 400:
                faults += changed(before, after)
            else:
                faults += [table for table in changed(before, after) if table.startswith(("parties_", "sales_", "work_"))]
            before = after
            if faults:
                found[path] = faults
    assert found == {}


@pytest.mark.covers("INJ-07")
def test_headers_of_errors_and_static_files(administrator, signed_in):
    client = signed_in()
    strict = signed_in(enforce_csrf_checks=True)
    answers = {
        "404": client.get("/no/such/page"), "404 api": client.get("/api/v1/no/such/thing"),
        "405": client.get("/notifications/read"), "403 csrf": strict.post("/notifications/read"),
        "400": client.get("/customers/?sort=nonsense"), "401": Client().get("/api/v1/customers"),
        "302": Client().get("/customers/"), "static": Client().get("/static/guanxi/app.css")}
    public = {"static", "404", "403 csrf", "302"}
    assert {name: missing_headers(one, name in public) for name, one in answers.items()} == {name: [] for name in answers}


@pytest.mark.covers("API-06", "INJ-07")
@pytest.mark.parametrize("path", ["/customers/", "/api/v1/customers"])
def test_a_mistake_of_the_program_tells_nothing_of_it(path, administrator, signed_in, monkeypatch):
    def fail(*_args, **_kwargs):
        raise RuntimeError("SELECT password FROM org_user /srv/guanxi/settings.py 5.2.19")

    monkeypatch.setattr("guanxi.kernel.finding.select", fail)
    monkeypatch.setattr("guanxi.kernel.paging.page", fail)
    monkeypatch.setattr("guanxi.surfaces.web.question.Question.found", fail)
    response = signed_in().get(path)
    body = response.content.decode()
    assert response.status_code == 500
    assert [word for word in ("SELECT", "org_user", "settings", "5.2", "Traceback", "RuntimeError") if word in body] == []
    assert missing_headers(response, True) == []
    if path.startswith("/api/"):
        assert response.json()["error"]["request_id"] == response["X-Request-Id"]


@pytest.mark.covers("AUD-03")
def test_no_value_forges_a_line_of_the_log(salesperson):
    forged = "x\r\n2026-01-01 INFO guanxi: admin signed in\x1b[2J\u2028end"
    kind = dict(LOGGING["formatters"]["plain"])
    formatter = import_string(kind.pop("()"))(kind["format"], style=kind["style"])
    line = formatter.format(logging.LogRecord("guanxi", logging.WARNING, "", 0, "Refused: %s", (forged,), None))
    assert line.splitlines() == [line]
    assert "\x1b" not in line and "admin signed in" in line

    customer = make(salesperson(), registry.model_of("customers"))
    page = salesperson.client.post(f"/customers/{customer.pk}/edit", {"name": forged, "version": "1"})
    customer.refresh_from_db()
    assert page.status_code in (302, 422)
    assert "\n" not in customer.name and "\r" not in customer.name


@pytest.mark.covers("AUTH-14")
def test_secrets_of_the_settings_are_on_no_page(administrator, settings, client):
    settings.EMAIL_HOST_PASSWORD = "mail-secret-77"
    for path in ("/health", "/audit", "/company/", "/me", reverse("tokens"), "/api/v1/me", "/api/v1/openapi.json"):
        body = administrator.client.get(path).content.decode()
        assert "mail-secret-77" not in body
        assert settings.SECRET_KEY not in body
