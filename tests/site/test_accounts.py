"""Sign-in wiring that trusts no request header."""

import pytest
from allauth.core import context
from django.core import mail
from django.test import RequestFactory

from guanxi.site.accounts import Adapter

FORGED = {"HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_HOST": "evil.example"}


@pytest.fixture
def forged(settings):
    """A request whose Host header was made up."""
    settings.ALLOWED_HOSTS = ["*"]
    return RequestFactory().post("/accounts/password/reset/", **FORGED)


@pytest.mark.covers("AUTH-04")
def test_a_reset_mail_takes_its_host_from_the_settings(forged):
    with context.request_context(forged):
        adapter = Adapter(forged)
        url = adapter.get_reset_password_from_key_url("1-key")
        adapter.send_mail(
            "account/email/password_reset_key", "ann@example.com", {"password_reset_url": url, "user": None}
        )

    assert url == "http://127.0.0.1:8000/accounts/password/reset/key/1-key/"
    assert url in mail.outbox[0].body
    assert "evil.example" not in mail.outbox[0].body + mail.outbox[0].subject


@pytest.mark.django_db
@pytest.mark.covers("AUTH-01")
@pytest.mark.parametrize("name", ["email", "username", "phone"])
def test_the_login_counter_is_per_account_whatever_the_host(forged, name):
    honest = RequestFactory().post("/accounts/login/")

    keys = {Adapter(request)._get_login_attempts_cache_key(request, **{name: "Ann"}) for request in (forged, honest)}
    other = Adapter(honest)._get_login_attempts_cache_key(honest, **{name: "Bob"})

    assert keys == {"login:ann"}
    assert other == "login:bob"


def test_nobody_registers_by_himself(forged):
    assert Adapter(forged).is_open_for_signup(forged) is False
