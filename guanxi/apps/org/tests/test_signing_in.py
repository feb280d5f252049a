"""Signing in and out, throttling, resets, sessions: what a stranger can and cannot do."""

import datetime
import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from guanxi.apps.org.models import User
from guanxi.apps.org.tests.firm import PASSWORD, Firm, Person
from guanxi.kernel.api import Ctx, Entry

pytestmark = [pytest.mark.django_db, pytest.mark.in_turn]
LOGIN, RESET = "/accounts/login/", "/accounts/password/reset/"


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


def sign_in(login: str, password: str = PASSWORD, client: Client | None = None, address: str = "192.0.2.1",
            next_page: str = "") -> Any:
    return (client or Client()).post(LOGIN, {"login": login, "password": password, "next": next_page},
                                     REMOTE_ADDR=address)


def entries(word: str) -> list[Entry]:
    return [entry for entry in Entry.objects.order_by("id") if entry.word == word]


@pytest.mark.parametrize("login", ["anna@example.com", " ANNA@example.com ", "13800138000", "+86 138 0013 8000",
                                   "１３８００１３８０００", "anna.li", "Anna.Li"])
def test_one_box_takes_mail_phone_and_user_name(firm: Firm, salesperson: Person, administrator: Person, login: str) -> None:
    administrator.ctx.update(administrator.ctx.get(User, salesperson.id), phone="138-0013-8000", username="Anna.Li")
    client = Client()
    response = sign_in(login, client=client)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert int(client.session["_auth_user_id"]) == salesperson.id


@pytest.mark.covers("AUTH-01")
def test_many_wrong_passwords_for_one_account_are_slowed_down_for_all_spellings(salesperson: Person, administrator: Person,
                                                                             monkeypatch: Any) -> None:
    administrator.ctx.update(administrator.ctx.get(User, salesperson.id), phone="13800138000")
    spellings = ["anna@example.com", "13800138000", "138 0013 8000", "+8613800138000"]
    texts = [sign_in(spellings[n % 4], "wrong", address=f"192.0.2.{n}").content.decode() for n in range(20)]
    assert ["Too many failed" in text for text in texts] == [False] * 5 + [True] * 15
    assert "Too many failed" in sign_in("anna@example.com", address="192.0.2.99").content.decode()
    assert sign_in("admin@example.com", address="192.0.2.99").status_code == 302
    later = timezone.now().timestamp() + 400
    monkeypatch.setattr("time.time", lambda: later)
    assert sign_in("anna@example.com", address="192.0.2.99").status_code == 302


@pytest.mark.covers("AUTH-01")
def test_one_address_trying_many_accounts_is_slowed_down_and_others_are_not(salesperson: Person) -> None:
    answers = [sign_in(f"nobody{n}@example.com", "wrong", address="198.51.100.9") for n in range(30)]
    refused = [n for n, answer in enumerate(answers) if answer.status_code == 429 or "Too many failed" in
               answer.content.decode()]
    assert refused == list(range(10, 30))
    assert sign_in("anna@example.com", address="192.0.2.50").status_code == 302


@pytest.mark.covers("AUTH-02")
def test_known_and_unknown_accounts_get_the_same_words(salesperson: Person) -> None:
    def words(response: Any) -> str:
        return re.sub(r'value="[^"]*"|"X-CSRFToken": "[^"]*"', "", response.content.decode())

    assert words(sign_in("anna@example.com", "wrong")) == words(sign_in("nobody@example.com", "wrong"))
    cache.clear()
    answers = [Client().post(RESET, {"email": email}) for email in ("anna@example.com", "nobody@example.com")]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/accounts/password/reset/done/")] * 2
    assert [message.to for message in mail.outbox] == [["anna@example.com"]]


def _reset_path(email: str = "anna@example.com") -> str:
    mail.outbox.clear()
    Client().post(RESET, {"email": email})
    found = re.search(r"(/accounts/password/reset/key/\S+/)", mail.outbox[0].body)
    assert found
    return found[1]


def _use(path: str, password: str = "another-good-phrase-7") -> bool:
    client = Client()
    response = client.get(path, follow=True)
    if "token_fail" in str(response.context and response.context.get("token_fail", "")) or response.context.get("token_fail"):
        return False
    done = client.post(response.request["PATH_INFO"], {"password1": password, "password2": password})
    return done.status_code == 302


@pytest.mark.covers("AUTH-03")
def test_a_reset_link_works_once(salesperson: Person) -> None:
    path = _reset_path()
    assert _use(path)
    assert not _use(path)
    assert sign_in("anna@example.com", "another-good-phrase-7").status_code == 302
    assert len(entries("password")) == 1


@pytest.mark.covers("AUTH-03")
@pytest.mark.parametrize("meanwhile", ["password", "deactivated", "other person", "31 minutes"])
def test_a_reset_link_dies_with_what_it_was_made_for(meanwhile: str, firm: Firm, administrator: Person, monkeypatch: Any) -> None:
    ctx = administrator.ctx
    user = ctx.create(User, name="zoe", email="zoe@example.com")
    ctx.run("org.user.set_password", user, password=PASSWORD)
    path = _reset_path("zoe@example.com")
    if meanwhile == "password":
        ctx.run("org.user.set_password", user.pk, password="some-other-phrase-3")
    elif meanwhile == "deactivated":
        ctx.run("org.user.deactivate", user.pk)
    elif meanwhile == "other person":
        ctx.run("org.user.delete", user.pk)
        firm.add("zoe", "salesperson", email="zoe@example.com")
    else:
        later = datetime.datetime.now() + datetime.timedelta(minutes=31)
        monkeypatch.setattr("guanxi.apps.org.tokens.ResetTokens._now", lambda _self: later)
    assert not _use(path)
    assert not User.objects.get(pk=user.pk).check_password("another-good-phrase-7")


@pytest.mark.covers("AUTH-04")
def test_a_forged_host_does_not_reach_the_mail(salesperson: Person, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    Client().post(RESET, {"email": "anna@example.com"}, HTTP_HOST="evil.example", HTTP_X_FORWARDED_HOST="evil.example")
    assert "evil" not in mail.outbox[0].body + mail.outbox[0].subject
    assert "http://127.0.0.1:8000/accounts/password/reset/key/" in mail.outbox[0].body


@pytest.mark.covers("AUTH-05")
@pytest.mark.parametrize(("wanted", "reached"), [
    ("https://evil.example/", "/"), ("//evil.example", "/"), ("javascript:alert(1)", "/"), ("/\\evil.example", "/"),
    ("https:evil.example", "/"), ("/me", "/me")])
def test_after_signing_in_one_stays_here(salesperson: Person, wanted: str, reached: str) -> None:
    assert sign_in("anna@example.com", next_page=wanted)["Location"] == reached


@pytest.mark.covers("AUTH-06")
def test_the_session_is_new_after_signing_in_and_after_a_new_password(salesperson: Person) -> None:
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["x"] = 1
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    sign_in("anna@example.com", client=client)
    signed_in = client.cookies["sessionid"].value
    assert signed_in != before
    old = Client()
    old.cookies["sessionid"] = before
    assert old.get("/me").status_code == 302
    other = Client()
    sign_in("anna@example.com", client=other)
    changed = client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "new-good-phrase-11",
                                                         "password2": "new-good-phrase-11"})
    assert changed.status_code == 302
    assert client.cookies["sessionid"].value != signed_in
    assert client.get("/me").status_code == 200
    assert other.get("/me").status_code == 302


@pytest.mark.covers("AUTH-07")
def test_a_deactivated_person_is_out_at_the_next_request_and_old_sessions_stay_dead(salesperson: Person,
                                                                                   administrator: Person) -> None:
    assert salesperson.client.get("/me").status_code == 200
    administrator.ctx.run("org.user.deactivate", salesperson.id)
    assert salesperson.client.get("/me")["Location"] == "/accounts/login/?next=/me"
    refused = sign_in("anna@example.com")
    assert (refused.status_code, refused["Location"]) == (302, "/accounts/inactive/")
    administrator.ctx.run("org.user.reactivate", salesperson.id)
    assert salesperson.client.get("/me").status_code == 302
    assert sign_in("anna@example.com").status_code == 302


@pytest.mark.covers("AUD-01")
def test_signing_in_and_out_leaves_its_trace(salesperson: Person) -> None:
    client = Client()
    sign_in("anna@example.com", "wrong", address="192.0.2.33")
    sign_in("an\nX: forged", "wrong", address="192.0.2.34")
    sign_in("anna@example.com", client=client, address="192.0.2.33")
    client.post("/accounts/logout/", REMOTE_ADDR="192.0.2.33")
    failed, unknown = entries("sign_in_failed")
    assert (failed.object_id, failed.client, failed.actor_id) == (salesperson.id, "192.0.2.33", None)
    assert (unknown.object_id, unknown.client, unknown.title) == (None, "192.0.2.34", "an…")
    for word in ("sign_in", "sign_out"):
        (entry,) = entries(word)
        assert (entry.actor_id, entry.client, entry.object_type) == (salesperson.id, "192.0.2.33", "org.user")
    assert salesperson().find(User).get(pk=salesperson.id).joined_at is not None


def test_a_password_is_never_in_the_account(salesperson: Person, administrator: Person) -> None:
    administrator.ctx.run("org.user.set_password", salesperson.id, password="some-other-phrase-3")
    kept = str([(entry.changes, entry.inputs) for entry in Entry.objects.all()])
    assert "some-other-phrase-3" not in kept
    assert "md5$" not in kept
    assert "'password': ['•••', '•••']" in kept


def test_strangers_cannot_register(anonymous: Client, firm: Firm) -> None:
    page = anonymous.post("/accounts/signup/", {"email": "x@example.com", "password1": PASSWORD})
    assert page.status_code == 200
    assert not Ctx(system=True).find(User).exists()


def test_where_i_am_signed_in_can_be_ended(salesperson: Person) -> None:
    first, second = Client(), Client()
    sign_in("anna@example.com", client=first)
    sign_in("anna@example.com", client=second)
    first.get("/me"), second.get("/me")
    assert second.get("/accounts/sessions/").status_code == 200
    second.post("/accounts/sessions/")
    assert first.get("/me").status_code == 302
    assert second.get("/me").status_code == 200
