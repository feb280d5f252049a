"""The second factor: codes work once and within their half minute, guessing is slowed down, recovery codes burn."""

import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import Client

from guanxi.apps.org.tests.firm import PASSWORD, Person

pytestmark = [pytest.mark.in_turn, pytest.mark.django_db, pytest.mark.covers("AUTH-08")]
SECOND = "/accounts/2fa/authenticate/"


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def secret(salesperson: Person) -> str:
    made = generate_totp_secret()
    TOTP.activate(salesperson.user, made)
    return made


@pytest.fixture
def clock(monkeypatch: Any) -> Any:
    """A clock that stands still until it is moved."""
    state = {"now": time.time() // 30 * 30 + 1}
    monkeypatch.setattr("time.time", lambda: state["now"])

    def move(seconds: float) -> None:
        state["now"] += seconds

    return move


def code(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def half_way() -> Client:
    """A browser after the right password, before the second factor."""
    client = Client()
    response = client.post("/accounts/login/", {"login": "anna@example.com", "password": PASSWORD})
    assert response["Location"].startswith(SECOND)
    assert client.get("/me").status_code == 302
    return client


def enters(client: Client, given: str) -> bool:
    client.post(SECOND, {"code": given})
    return bool(client.get("/me").status_code == 200)


def test_the_password_alone_is_not_enough_and_the_session_is_new_after_the_code(secret: str, clock: Any) -> None:
    client = half_way()
    before = client.cookies["sessionid"].value
    assert enters(client, code(secret))
    assert client.cookies["sessionid"].value != before


def test_the_same_code_does_not_work_twice(secret: str, clock: Any) -> None:
    used = code(secret)
    assert enters(half_way(), used)
    assert not enters(half_way(), used)
    clock(30)
    assert enters(half_way(), code(secret))


@pytest.mark.parametrize("steps", [-4, -3, 3, 4])
def test_a_code_of_another_minute_does_not_work(secret: str, clock: Any, steps: int) -> None:
    assert not enters(half_way(), code(secret, steps))


def test_guessing_is_slowed_down(secret: str, clock: Any) -> None:
    client = half_way()
    for _attempt in range(6):
        assert not enters(client, "000000")
    assert not enters(client, code(secret))
    assert not enters(half_way(), code(secret))
    clock(600)
    assert enters(half_way(), code(secret))


def test_a_recovery_code_works_once(secret: str, clock: Any, salesperson: Person) -> None:
    recovery = RecoveryCodes.activate(salesperson.user).get_unused_codes()
    assert enters(half_way(), recovery[0])
    assert not enters(half_way(), recovery[0])
    assert enters(half_way(), recovery[1])


@pytest.mark.parametrize("path", ["/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/",
                                  "/accounts/2fa/webauthn/add/", "/accounts/sessions/", "/accounts/password/change/"])
def test_the_pages_of_ones_own_safety_open(salesperson: Person, path: str) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "anna@example.com", "password": PASSWORD})
    wrong = client.post("/accounts/reauthenticate/", {"password": "wrong", "next": path})
    assert wrong.status_code == 200
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": path})["Location"] == path
    page = client.get(path)
    assert page.status_code == 200
    assert 'class="auth-card' in page.content.decode()


def test_an_address_that_nobody_confirmed_keeps_nobody_from_a_second_factor(salesperson: Person) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "anna@example.com", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    elsewhere = client.get("/accounts/email/")
    assert (elsewhere.status_code, elsewhere["Location"]) == (302, "/me")
    assert EmailAddress.objects.count() == 0
    EmailAddress.objects.create(user=salesperson.user, email="anna@example.com", verified=False)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_a_new_key_is_named_in_the_language_of_the_page(salesperson: Person) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "anna@example.com", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/language", {"language": "zh-hans", "next": "/me"})
    page = client.get("/accounts/2fa/webauthn/add/").content.decode()
    assert "仅用它登录，无需密码" in page
    assert ">Name<" not in page
