"""Quotes on their way, where something stands against it: a rejected request, a masked address, a masked price."""

import io
import re
import smtplib
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pypdf
import pytest
from django.core.mail import EmailMessage
from django.test import Client

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.sales.actions.quote import send_quote
from guanxi.apps.sales.models import Quote
from guanxi.apps.sales.outgoing import link_quote, mail_quote
from guanxi.common import talk
from guanxi.kernel import registry
from guanxi.kernel.api import Ctx, Denied, Refused
from guanxi.kernel.policy import Role
from guanxi.surfaces.channels.mail import deliver
from guanxi.surfaces.channels.models import OutgoingMail
from guanxi.surfaces.print import links, printing, sheets
from guanxi.surfaces.print.models import PrintedSheet, SheetLink

pytestmark = [pytest.mark.django_db, pytest.mark.once("sqlite"), pytest.mark.usefixtures("drawn_here")]


def mask(firm: Firm, person: Person, thing: str, name: str, level: str) -> None:
    """Take a field away in every role of a person."""
    with firm.system.door("test"):
        for role in Role.objects.filter(pk__in=person.user.holdings.values("role_id")):
            role.masks = [{"object": thing, "field": name, "level": level}]
            firm.system.save(role)


@pytest.mark.parametrize("again", [True, False])
def test_a_mail_whose_approval_was_not_given_never_leaves(salesperson: Person, quote: Any, again: bool) -> None:
    one, asked = quote(), quote()

    def gate(ctx: Ctx, action: Any, record: Any, values: dict[str, Any]) -> Any:
        return asked if action.name == "sales.quote.send" and ctx.granted is None else None

    registry.add_gate(gate)
    try:
        salesperson().run(mail_quote, one, to="a@b.example", subject="First")
        ctx, later = salesperson(), salesperson()
        if again:
            later.run(mail_quote, one, to="a@b.example", subject="Second")
        ctx.granted = SimpleNamespace(pk=asked.pk, created_at=later.now, former=None)
        ctx.run(send_quote, one)
    finally:
        registry.gates().remove(gate)
    found = list(OutgoingMail.objects.order_by("pk").values_list("subject", "state"))
    assert found == [("First", "stopped"), ("Second", "queued")][:len(found)]
    assert len(found) == 1 + again


def test_a_masked_address_is_not_read_by_sending_a_mail(firm: Firm, salesperson: Person, goods: Any, quote: Any) -> None:
    one = quote(contact=goods.contact.pk)
    salesperson().update(goods.contact, email="wang@customer.example")
    mask(firm, salesperson, "parties.contact", "email", "masked")
    with pytest.raises(Refused) as refused:
        salesperson().run(mail_quote, one)
    assert refused.value.field == "to"
    assert not OutgoingMail.objects.exists()
    assert Quote.objects.get(pk=one.pk).status == "draft"


@pytest.mark.parametrize(("code", "left"), [(450, "queued"), (550, "failed")])
def test_a_server_that_asks_to_come_back_later_is_tried_again(monkeypatch: Any, settings: Any, tmp_path: Any,
                                                             salesperson: Person, quote: Any, code: int, left: str) -> None:
    settings.MEDIA_ROOT = tmp_path
    salesperson().run(mail_quote, quote(), to="a@b.example")
    letter = OutgoingMail.objects.get()

    def refuse(_mail: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({"a@b.example": (code, b"greylisted")})

    monkeypatch.setattr(EmailMessage, "send", refuse)
    with pytest.raises(smtplib.SMTPRecipientsRefused) if left == "queued" else nullcontext():
        deliver(salesperson(), letter.pk)
    letter.refresh_from_db()
    assert letter.state == left


@pytest.mark.parametrize(("thing", "name"), [("sales.quote", "gross"), ("sales.quoteline", "price")])
@pytest.mark.parametrize("level", ["masked", "hidden"])
def test_a_sheet_shows_nothing_that_is_withheld(firm: Firm, salesperson: Person, quote: Any, thing: str, name: str,
                                                level: str) -> None:
    one = quote()
    mask(firm, salesperson, thing, name, level)
    with pytest.raises(Denied):
        printing.pdf(salesperson(), Quote.objects.get(pk=one.pk), sheets.sheet_of(Quote, "quotation"), "en")
    assert salesperson.client.get(f"/quotes/{one.pk}/print/quotation.pdf").status_code == 403
    assert not PrintedSheet.objects.exists()


def words_of(packed: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(packed)).pages)


@pytest.mark.covers("PERM-19")
@pytest.mark.parametrize("level", ["masked", "hidden"])
def test_a_file_that_shows_prices_is_not_for_those_who_may_not_read_them(
        firm: Firm, manager: Person, salesperson: Person, quote: Any, settings: Any, tmp_path: Any, level: str) -> None:
    settings.MEDIA_ROOT = tmp_path
    one = quote()
    for sheet in ("quotation", "goods"):
        salesperson().run(mail_quote, one, to="a@b.example", sheet=sheet)
        deliver(salesperson(), OutgoingMail.objects.latest("pk").pk)
    goods, quotation = talk.attachments(manager(), one)
    mask(firm, manager, "sales.quoteline", "price", level)
    manager.client.force_login(manager.user)
    assert talk.attachments(manager(), one) == [goods]
    assert len(talk.attachments(salesperson(), one)) == 2
    answer = manager.client.get(f"/api/v1/quotes/{one.pk}/files").json()
    assert [row["id"] for row in answer["rows"]] == [goods.pk]
    for address in (f"/files/{quotation.pk}/{quotation.name}", f"/api/v1/quotes/{one.pk}/files/{quotation.pk}"):
        assert manager.client.get(address).status_code == 403
        assert salesperson.client.get(address).status_code == 200
    with pytest.raises(Denied, match="Price"):
        talk.open_attachment(manager(), quotation.pk)
    page = manager.client.get(f"/quotes/{one.pk}").content.decode()
    assert (goods.name in page, quotation.name in page) == (True, False)


@pytest.mark.covers("PERM-19", "PERM-18")
def test_goods_without_prices_are_for_those_who_may_not_read_prices(
        firm: Firm, salesperson: Person, quote: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    one = quote()
    salesperson().run(send_quote, one)
    open_to_all = salesperson().run(link_quote, one).value
    mask(firm, salesperson, "sales.quoteline", "price", "masked")
    for verb in (mail_quote, link_quote):
        with pytest.raises(Denied):
            salesperson().run(verb, one, **({"to": "a@b.example"} if verb is mail_quote else {}))
    assert not OutgoingMail.objects.exists()
    printed = salesperson.client.get(f"/quotes/{one.pk}/print/goods.pdf?language=en")
    own = salesperson().run(link_quote, one, sheet="goods", language="en").value
    read = Client().get(f"{re.sub('^https?://[^/]+', '', own)}/file")
    assert printed.content == read.content
    assert SheetLink.objects.count() == 2
    found = words_of(read.content)
    assert "离心泵" in found and "List of goods" in found
    assert not {amount for amount in ("113.00", "530.00", "1,173.00", "13 %", "1,060.00") if amount in found}
    card = salesperson.client.get(f"/quotes/{one.pk}/panels").content.decode()
    assert ("goods.pdf" in card, "quotation.pdf" in card) == (True, False)
    assert (own.rpartition("/s/")[2] in card, open_to_all.rpartition("/s/")[2] in card) == (True, False)


@pytest.mark.covers("PERM-18", "CONC-08")
def test_nothing_is_drawn_within_an_action_and_what_is_drawn_later_is_what_was_sent(
        salesperson: Person, quote: Any, settings: Any, tmp_path: Any, monkeypatch: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    one, draw, drawings = quote(valid_until="2098-12-31"), printing._draw, []
    with monkeypatch.context() as patched:
        patched.setattr(printing, "_draw", drawings.append)
        salesperson().run(mail_quote, one, to="a@b.example", language="en")
        address = salesperson().run(link_quote, one, language="en").value
        salesperson().run("sales.quote.extend", one, valid_until="2099-01-01")
    assert drawings == []
    kept = PrintedSheet.objects.get()
    assert (bool(kept.source), bool(kept.file)) == (True, False)
    monkeypatch.setattr(printing, "_draw", lambda how, request: drawings.append(how) or draw(how, request))
    read = Client().get(f"{re.sub('^https?://[^/]+', '', address)}/file").content
    assert "2098-12-31" in words_of(read) and "2099-01-01" not in words_of(read)
    deliver(salesperson(), OutgoingMail.objects.get().pk)
    (enclosed,) = talk.attachments(salesperson(), one)
    assert enclosed.file.read() == read
    printing.draw(salesperson(), kept.pk)
    kept.refresh_from_db()
    assert (drawings, bool(kept.source)) == (["draw_pdf"], False)


def test_a_sheet_that_cannot_be_drawn_is_said_to_the_customer(
        salesperson: Person, quote: Any, settings: Any, tmp_path: Any, monkeypatch: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    one = quote()
    salesperson().run(send_quote, one)
    url = re.sub("^https?://[^/]+", "", salesperson().run(link_quote, one, language="en").value)

    def fail(_how: str, _request: Any) -> bytes:
        raise Refused("no letters")

    with monkeypatch.context() as patched:
        patched.setattr(printing, "_draw", fail)
        answer = Client().get(f"{url}/file")
    assert (answer.status_code, "at this moment" in answer.content.decode()) == (503, True)
    assert "no letters" not in answer.content.decode()
    link = SheetLink.objects.get()
    assert link.views == 0
    assert links.file_of(link).startswith(b"%PDF-")
