"""Every address of the product × who asks: nobody without signing in, unless declared; administration to administrators."""

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, get_resolver

from guanxi.apps.conftest import Person
from guanxi.apps.conftest import administrator, firm, manager, salesperson  # noqa: F401 - fixtures
from guanxi.kernel import registry
from guanxi.site.public import ADMINISTRATION, PUBLIC
from guanxi.surfaces.web import addresses

pytestmark = [pytest.mark.django_db, pytest.mark.covers("PERM-13")]
NOWHERE = 404
EXAMPLES = {"int": "999999", "str": "people", "slug": "people", "path": "x", "uuid": "00000000-0000-0000-0000-000000000000"}


def routes(patterns: list | None = None, above: str = "") -> Iterator[str]:
    """Every address as Django writes it."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = above + str(one.pattern)
        if isinstance(one, URLPattern):
            yield route
        else:
            yield from routes(one.url_patterns, route)


def example(route: str) -> str:
    """A path that the address matches."""
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "x", route.replace("^", "").replace("$", ""))
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: EXAMPLES.get(found[1] or "str", "x"), route)


ROUTES = sorted(set(routes()))


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


def to_sign_in(response) -> bool:
    return response.status_code == 302 and response["Location"].startswith("/accounts/login/")


def test_there_is_something_to_check():
    assert len(ROUTES) > 60


def test_nothing_is_declared_that_does_not_exist():
    assert sorted((set(PUBLIC) | set(ADMINISTRATION)) - set(ROUTES)) == []
    assert sorted(set(PUBLIC) & set(ADMINISTRATION)) == []


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_gets_in_without_signing_in(firm, route):  # noqa: F811
    for method in ("get", "post"):
        response = getattr(Client(), method)(example(route))
        assert response.status_code < 500, (method, response.status_code)
        if route not in PUBLIC:
            assert to_sign_in(response) or response.status_code in (401, 404), (method, response.status_code)
        assert "sessionid" not in response.cookies or not response.wsgi_request.user.is_authenticated


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in PUBLIC])
@pytest.mark.parametrize("who", ["salesperson", "manager", "administrator"])
def test_who_is_signed_in_gets_an_answer_within_their_rights(who, route, request):
    person: Person = request.getfixturevalue(who)
    for method in ("get", "post"):
        client = Client()
        client.force_login(person.user)
        response = getattr(client, method)(example(route))
        token_needed = route.startswith("api/") and response.status_code in (401, 403)
        assert response.status_code < 500, (method, response.status_code)
        assert not to_sign_in(response) or token_needed, method
        if route in ADMINISTRATION and who != "administrator":
            assert response.status_code in (403, 404, 405), (method, response.status_code)


@pytest.mark.parametrize("route", sorted(ADMINISTRATION))
def test_administrators_reach_what_is_declared_theirs(administrator, manager, route):  # noqa: F811
    path = example(route).replace("999999", str(manager.id))
    reached = {administrator.client.get(path).status_code, administrator.client.post(path).status_code}
    assert 403 not in reached


OBJECTS = [model for model in registry.objects() if "view" in model.about.verbs]


@pytest.mark.parametrize("model", OBJECTS, ids=lambda model: model._meta.label_lower)
@pytest.mark.parametrize("who", ["salesperson", "manager", "administrator"])
def test_lists_and_forms_follow_the_rights(who, model, request):
    person: Person = request.getfixturevalue(who)
    for verb, path in (("view", addresses.list_url(model)), ("create", addresses.new_url(model))):
        may = verb in model.about.verbs and bool(person().may("view", model)) and bool(person().may(verb, model))
        status = person.client.get(path).status_code
        assert (status == 200) is may, (path, status)
        assert may or status in (403, NOWHERE), (path, status)
