"""A passkey is registered and signs in, with the authenticator that Chromium plays itself."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from guanxi.apps.conftest import firm, manager, salesperson  # noqa: F401  fixtures of the firm
from guanxi.apps.org.tests.firm import PASSWORD, Person
from guanxi.apps.org.tests.standing import alone  # noqa: F401  fixture

#: Like the fingerprint reader of a laptop: keeps keys, checks who is there, and agrees to everything.
AUTHENTICATOR = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                 "isUserVerified": True, "automaticPresenceSimulation": True}


class Reader:
    """The authenticator of one page."""

    def __init__(self, page: Any) -> None:
        self.line = page.context.new_cdp_session(page)
        self.line.send("WebAuthn.enable")
        self.id = self.line.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]

    def kept(self) -> list[dict[str, Any]]:
        return self.line.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]

    def send_away(self) -> None:
        """Whoever sits there now is not the owner: the finger does not fit."""
        self.line.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": False})


@pytest.fixture
def complaints(page: Any) -> list[str]:
    """What the browser complains about, a refused policy among it."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def register(page: Any, address: str) -> None:
    """Sign in by password, say it once more, and add a passkey."""
    page.goto(f"{address}/accounts/login/")
    page.fill("input[name=login]", "anna@example.com")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/accounts/2fa/webauthn/add/")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/accounts/2fa/webauthn/add/")
    page.fill("input[name=name]", "Work laptop")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(f"{address}/accounts/2fa/recovery-codes/")


@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_registered_and_signs_in(
        live_server: Any, page: Any, complaints: list[str], salesperson: Person) -> None:  # noqa: F811
    reader = Reader(page)
    register(page, live_server.url)

    kept = Authenticator.objects.get(user=salesperson.user, type=Authenticator.Type.WEBAUTHN)
    assert kept.wrap().name == "Work laptop"
    assert [(key["rpId"], key["isResidentCredential"], key["userName"]) for key in reader.kept()] == [
        ("localhost", True, "anna@example.com")]

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/me")
    assert page.url.startswith(f"{live_server.url}/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url(f"{live_server.url}/me")
    assert page.locator("input[name=name]").input_value() == "anna"
    assert reader.kept()[0]["signCount"] == 2
    assert complaints == []


@pytest.mark.django_db(transaction=True)
def test_a_passkey_in_wrong_hands_signs_nobody_in(live_server: Any, page: Any, salesperson: Person) -> None:  # noqa: F811
    reader = Reader(page)
    register(page, live_server.url)
    page.context.clear_cookies()
    reader.send_away()
    page.goto(f"{live_server.url}/accounts/login/")
    with page.expect_event("console", lambda message: message.type == "error", timeout=20_000):
        page.click("#passkey_login")
    page.goto(f"{live_server.url}/me")
    assert page.url.startswith(f"{live_server.url}/accounts/login/")
    assert reader.kept()[0]["signCount"] == 1
