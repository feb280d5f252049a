"""Every address of the product × who asks: nobody without signing in, unless declared; administration to administrators."""

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from guanxi.apps.conftest import Person
from guanxi.kernel import registry
from guanxi.site.public import ADMINISTRATION, PUBLIC
from guanxi.surfaces.web import addresses

pytestmark = [pytest.mark.django_db, pytest.mark.once("sqlite"), pytest.mark.usefixtures("standing"),
              pytest.mark.covers("PERM-13")]
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


def ask(client: Client, method: str, path: str):
    """The answer to a request, whose consequences are rolled back."""
    with transaction.atomic():
        response = getattr(client, method)(path)
        transaction.set_rollback(True)
    return response


def wrong(answers: dict[str, object], allowed: set[int]) -> list[str]:
    return [f"{method} {response.status_code}" for method, response in answers.items()
            if response.status_code not in allowed and not to_sign_in(response)]


def test_nobody_gets_in_without_signing_in(firm):
    found = {}
    for route in ROUTES:
        answers = {method: ask(Client(), method, example(route)) for method in ("get", "post", "patch", "delete")}
        faults = [str(one.status_code) for one in answers.values() if one.status_code >= 500]
        if route not in PUBLIC:
            faults += wrong(answers, {401, 404, 405})
            faults += ["405 only"] if all(one.status_code == 405 for one in answers.values()) else []
        if faults:
            found[route] = faults
    assert found == {}


@pytest.mark.parametrize("who", ["salesperson", "manager", "administrator"])
def test_who_is_signed_in_gets_an_answer_within_their_rights(who, request):
    person: Person = request.getfixturevalue(who)
    found = {}
    for route in ROUTES:
        if route in PUBLIC:
            continue
        answers = {}
        for method in ("get", "post"):
            client = Client()
            client.cookies["sessionid"] = person.client.cookies["sessionid"].value
            answers[method] = ask(client, method, example(route))
        faults = [f"{method} {one.status_code}" for method, one in answers.items()
                  if one.status_code >= 500 or to_sign_in(one)]
        if route in ADMINISTRATION and who != "administrator":
            faults += wrong(answers, {403, 404, 405})
        if faults:
            found[route] = faults
    assert found == {}


@pytest.mark.parametrize("route", sorted(ADMINISTRATION))
def test_administrators_reach_what_is_declared_theirs(administrator, manager, route):
    path = example(route).replace("999999", str(manager.id))
    reached = {ask(administrator.client, method, path).status_code for method in ("get", "post")}
    assert 403 not in reached


OBJECTS = [model for model in registry.objects() if "view" in model.about.verbs]


@pytest.mark.parametrize("who", ["salesperson", "manager", "administrator"])
def test_lists_and_forms_follow_the_rights(who, request):
    person: Person = request.getfixturevalue(who)
    found = {}
    for model in OBJECTS:
        for verb, path in (("view", addresses.list_url(model)), ("create", addresses.new_url(model))):
            may = verb in model.about.verbs and bool(person().may("view", model)) and bool(person().may(verb, model))
            status = person.client.get(path).status_code
            if status not in ((200,) if may else (403, NOWHERE)):
                found[path] = (status, may)
    assert found == {}
