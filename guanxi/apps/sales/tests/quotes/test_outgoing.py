"""Quotes on their way: by mail through a real server, and under links with a last day, a passcode and a log."""

import datetime
import io
import re
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any

import pypdf
import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from guanxi.apps.conftest import Person
from guanxi.apps.sales.actions.quote import send_quote
from guanxi.apps.sales.models import Quote
from guanxi.apps.sales.outgoing import link_quote, mail_quote
from guanxi.common import talk
from guanxi.kernel import registry
from guanxi.kernel.api import Ctx, Entry, Refused
from guanxi.surfaces.channels.mail import deliver
from guanxi.surfaces.channels.models import OutgoingMail
from guanxi.surfaces.print import links
from guanxi.surfaces.print.actions import close_link
from guanxi.surfaces.print.models import LinkView, SheetLink
from guanxi.surfaces.web.views import record_head

pytestmark = [pytest.mark.django_db, pytest.mark.once("sqlite"), pytest.mark.usefixtures("drawn_here")]


class Inbox:
    """Keeps what arrives; refuses people called nobody."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("nobody@"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@pytest.fixture
def inbox(settings: Any, tmp_path: Any) -> Iterator[Inbox]:
    """A mail server of its own, on this machine."""
    settings.MEDIA_ROOT = tmp_path
    box = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield box
    server.stop()


def go(person: Person) -> OutgoingMail:
    """What the worker does with the newest mail."""
    mail = OutgoingMail.objects.latest("pk")
    deliver(person(), mail.pk)
    mail.refresh_from_db()
    return mail


@pytest.mark.covers("QUO-01", "P19")
def test_a_quote_goes_by_mail_with_its_pdf(inbox: Inbox, salesperson: Person, goods: SimpleNamespace, quote: Any) -> None:
    one = quote(contact=goods.contact.pk)
    salesperson().update(goods.contact, email="wang@customer.example")
    salesperson().run(mail_quote, one, copy_to="boss@customer.example；second@customer.example", message="您好，\n请查收。")
    assert Quote.objects.get(pk=one.pk).status == "sent"
    assert go(salesperson).state == "sent"
    (to, mail), = inbox.mails
    assert to == ["wang@customer.example", "boss@customer.example", "second@customer.example"]
    assert mail["subject"] == f"报价单 {one.number}"
    assert mail["reply-to"] == salesperson.user.email
    assert mail.get_body().get_content().split() == ["您好，", "请查收。"]
    (enclosed,) = mail.iter_attachments()
    assert enclosed.get_content_type() == "application/pdf"
    assert one.number in "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(enclosed.get_content())).pages)
    kept = talk.attachments(salesperson(), one)
    assert [file.media_type for file in kept] == ["application/pdf"]
    deliver(salesperson(), OutgoingMail.objects.get().pk)
    assert len(inbox.mails) == 1


def test_the_dialog_holds_to_whom_and_under_which_subject(inbox: Inbox, salesperson: Person, goods: SimpleNamespace,
                                                          quote: Any) -> None:
    one, url = quote(), ""

    def held() -> tuple[str, str]:
        items = {item.field.key: item.value for item in salesperson.client.get(url).context["items"]}
        return items["to"], items["subject"]

    url = f"/quotes/{one.pk}/do/mail"
    assert held() == ("", f"报价单 {one.number}")
    salesperson().update(goods.customer, email="office@customer.example")
    assert held() == ("office@customer.example", f"报价单 {one.number}")
    salesperson().update(goods.contact, email="wang@customer.example")
    salesperson().update(one, contact=goods.contact.pk)
    assert held() == ("wang@customer.example", f"报价单 {one.number}")
    given = dict(zip(("to", "subject"), held(), strict=True))
    salesperson.client.post(url, {**given, "language": "en", "sheet": "quotation"})
    assert go(salesperson).subject == f"Quotation {one.number}"  # an untouched subject follows the language


@pytest.mark.covers("INJ-03")
@pytest.mark.parametrize(("inputs", "field"), [
    ({"to": "not an address"}, "to"), ({"to": "a@b.example\nBcc: x@y.example"}, "to"), ({}, "to"),
    ({"to": ",".join(f"p{n}@b.example" for n in range(51))}, "to"),
])
def test_a_mail_that_cannot_go_is_refused_and_the_quote_stays(
        inbox: Inbox, salesperson: Person, quote: Any, inputs: dict[str, str], field: str) -> None:
    one = quote()
    count = Entry.objects.count()
    with pytest.raises(Refused) as refused:
        salesperson().run(mail_quote, one, **inputs)
    assert field in {*refused.value.errors, refused.value.field}
    assert (Quote.objects.get(pk=one.pk).status, Entry.objects.count()) == ("draft", count)
    assert not OutgoingMail.objects.exists()


@pytest.mark.covers("INJ-03")
def test_a_subject_cannot_bring_headers(inbox: Inbox, salesperson: Person, quote: Any) -> None:
    salesperson().run(mail_quote, quote(), to="a@b.example", subject="Hello\r\nBcc: x@y.example")
    go(salesperson)
    (to, mail), = inbox.mails
    assert to == ["a@b.example"]
    assert mail["bcc"] is None


def test_a_refused_address_is_told(inbox: Inbox, salesperson: Person, quote: Any) -> None:
    salesperson().run(mail_quote, quote(), to="nobody@b.example")
    mail = go(salesperson)
    assert mail.state == "failed"
    assert "no such person" in mail.error
    assert talk.Notification.objects.filter(user=salesperson.user).count() == 1


@pytest.mark.covers("FLT-02")
def test_a_server_that_is_away_is_tried_again(inbox: Inbox, settings: Any, salesperson: Person, quote: Any) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    salesperson().run(mail_quote, quote(), to="a@b.example")
    with pytest.raises(OSError, match="refused"):
        go(salesperson)
    assert OutgoingMail.objects.get().state == "queued"
    settings.EMAIL_PORT = port
    assert go(salesperson).state == "sent"
    assert len(inbox.mails) == 1


def test_a_quote_that_must_be_approved_keeps_its_mail_back(inbox: Inbox, salesperson: Person, quote: Any) -> None:
    one = quote()

    def gate(ctx: Ctx, action: Any, record: Any, values: dict[str, Any]) -> Any:
        return one if action.name == "sales.quote.send" and ctx.granted is None else None

    registry.add_gate(gate)
    try:
        salesperson().run(mail_quote, one, to="a@b.example")
        assert go(salesperson).state == "waiting"
        assert inbox.mails == []
        granted = salesperson()
        granted.granted = one
        granted.run(send_quote, one)
        assert go(salesperson).state == "sent"
    finally:
        registry.gates().remove(gate)


# links -------------------------------------------------------------------------------------------


@pytest.fixture
def link(settings: Any, tmp_path: Any, salesperson: Person, quote: Any) -> Any:
    """A link to a sent quote."""
    settings.MEDIA_ROOT = tmp_path

    def make(**inputs: Any) -> tuple[str, SheetLink]:
        one = quote()
        salesperson().run(send_quote, one)
        address = salesperson().run(link_quote, one, language="en", **inputs).value
        return re.sub(r"^https?://[^/]+", "", address), SheetLink.objects.latest("pk")
    return make


@pytest.mark.covers("PERM-18", "P18")
def test_a_customer_reads_the_version_that_was_sent(link: Any, salesperson: Person) -> None:
    url, made = link()
    page = Client().get(url)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "same-origin"
    assert made.title in page.content.decode()
    assert ">Quotation<" in page.content.decode()
    first = Client().get(f"{url}/file")
    assert first["Content-Type"] == "application/pdf"
    made.refresh_from_db()
    assert (made.views, LinkView.objects.filter(let_in=True).count()) == (1, 1)
    quote = Quote.objects.get(pk=made.object_id)
    salesperson().run("sales.quote.extend", quote, valid_until="2099-01-01")
    assert Client().get(f"{url}/file").content == first.content


@pytest.mark.covers("PERM-18")
def test_every_other_address_leads_nowhere(link: Any, salesperson: Person) -> None:
    url, made = link()
    token = url.removeprefix("/s/")
    forged = links.signing.Signer(salt=links.SALT).sign_object([made.pk + 1, made.nonce])
    other_salt = links.signing.Signer(salt="other").sign_object([made.pk, made.nonce])
    for wrong in (token[:-1] + "x", forged, other_salt, "1", f"{token}%00"):
        assert Client().get(f"/s/{wrong}").status_code == 404
        assert Client().get(f"/s/{wrong}/file").status_code == 404
    SheetLink.objects.filter(pk=made.pk).update(until=datetime.date(2020, 1, 1))
    assert Client().get(url).status_code == 404
    SheetLink.objects.filter(pk=made.pk).update(until=datetime.date(2099, 1, 1))
    salesperson().run(close_link, made)
    assert Client().get(f"{url}/file").status_code == 404
    assert not LinkView.objects.exists()


@pytest.mark.covers("PERM-18")
def test_the_link_of_a_deleted_quote_is_shut_until_it_comes_back(link: Any, manager: Person) -> None:
    url, made = link()
    manager().delete(Quote.objects.get(pk=made.object_id))
    for address in (url, f"{url}/file"):
        page = Client().get(address)
        assert page.status_code == 404
        assert made.title not in page.content.decode()
    assert Client().post(url, {"passcode": "8341"}).status_code == 404
    manager().run("sales.quote.restore", made.object_id)
    assert Client().get(f"{url}/file").status_code == 200
    assert LinkView.objects.filter(link=made).count() == 1


@pytest.mark.covers("PERM-18")
def test_a_passcode_is_asked_for_and_guessing_is_stopped(link: Any) -> None:
    url, made = link(passcode="8341")
    assert "8341" not in str(Entry.objects.filter(object_type="print.sheetlink").latest("pk").changes)
    browser = Client()
    assert browser.get(f"{url}/file").status_code == 403
    assert browser.post(url, {"passcode": "0000"}).status_code == 403
    assert browser.post(url, {"passcode": "8341"}).status_code == 200
    assert browser.get(f"{url}/file").status_code == 200
    assert Client().get(f"{url}/file").status_code == 403
    for _try in range(links.TRIES):
        Client().post(url, {"passcode": "1111"})
    assert Client().post(url, {"passcode": "8341"}).status_code == 429
    assert LinkView.objects.filter(link=made, let_in=False).count() == links.TRIES


@pytest.mark.parametrize(("inputs", "field"), [
    ({"until": "2020-01-01"}, "until"), ({"until": "2199-01-01"}, "until"), ({"passcode": "1"}, "passcode")])
def test_a_link_that_makes_no_sense_is_refused(link: Any, inputs: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        link(**inputs)
    assert refused.value.field == field
    assert not SheetLink.objects.exists()


def test_the_card_shows_the_link_to_copy(link: Any, salesperson: Person) -> None:
    url, made = link()
    page = salesperson.client.get(f"/quotes/{made.object_id}/panels").content.decode()
    assert url in page


def test_the_dialog_answers_with_the_address_to_hand_on(salesperson: Person, quote: Any) -> None:
    one = quote()
    salesperson().run(send_quote, one)
    page = salesperson.client.post(f"/quotes/{one.pk}/do/link", {"language": "en", "sheet": "quotation"},
                                   headers={"HX-Request": "true", "HX-Target": "div#dialog-body"})
    found = re.search(r'value="(https?://[^"]+/s/[^"]+)"', page.content.decode())
    assert page.status_code == 200
    assert found is not None
    assert Client().get(re.sub(r"^https?://[^/]+", "", found[1])).status_code == 200


def test_the_path_of_a_quote_shows_ways_out_only_on_a_quote_that_took_one(salesperson: Person, quote: Any) -> None:
    def steps(one: Any) -> list[tuple[str, str]]:
        one.refresh_from_db()
        return [(str(step["label"]), step["state"]) for step in record_head.path(salesperson(), one, False)]

    one = quote()
    assert steps(one) == [("Draft", "now"), ("Sent", "next"), ("Accepted", "next")]
    salesperson().run(send_quote, one)
    assert steps(one) == [("Draft", "done"), ("Sent", "now"), ("Accepted", "next")]
    salesperson().run("sales.quote.revise", one)
    assert steps(one) == [("Draft", "done"), ("Sent", "done"), ("Superseded", "now")]
