"""What becomes of a mail that does not leave: not approved, given up, sent again; and of an export nobody writes."""

import datetime
import uuid
from typing import Any

import pytest
from django.core import mail as outbox
from django.utils import timezone

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.sales.models import Quote
from guanxi.apps.sales.outgoing import mail_quote
from guanxi.common.talk import Notification
from guanxi.kernel import jobs
from guanxi.kernel.api import Denied, Refused
from guanxi.kernel.job_rows import Job
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalRule
from guanxi.surfaces.channels import mail
from guanxi.surfaces.channels.actions import resend_mail
from guanxi.surfaces.channels.models import OutgoingMail
from guanxi.surfaces.channels.pages import failed
from guanxi.surfaces.impex import exporting, listeners
from guanxi.surfaces.impex.models import ExportRun
from guanxi.surfaces.print import printing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cheap(settings: Any, tmp_path: Any, monkeypatch: Any) -> None:
    """Files of their own, and sheets that need no drawing."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(printing, "_draw", lambda _how, _request: b"%PDF-1.7 drawn")


def letter() -> OutgoingMail:
    return OutgoingMail.objects.latest("pk")


def job_of(one: OutgoingMail) -> Job:
    return Job.objects.filter(name=f"{mail.__name__}.deliver", given__args=[one.pk]).latest("created_at")


def look_after(firm: Firm, minutes: int = 10) -> None:
    """The clock strikes so many minutes later."""
    later = firm.system.as_system("test")
    later.now = timezone.now() + datetime.timedelta(minutes=minutes)
    mail.give_up(later)
    later.now = timezone.now() + datetime.timedelta(minutes=minutes)
    listeners.give_up(later)


@pytest.fixture
def asked(firm: Firm, salesperson: Person, manager: Person, quote: Any) -> ApprovalRequest:
    """A mail that waits: its quote must be approved by the superior."""
    firm.system.create(ApprovalRule, name="All quotes", object_type="sales.quote", action="send",
                       steps=[{"kind": "superior"}], locks=False)
    salesperson().run(mail_quote, quote(), to="a@b.example")
    assert letter().state == "waiting"
    return ApprovalRequest.objects.get()


@pytest.mark.parametrize("how", ["reject", "withdraw", "delete"])
def test_a_mail_whose_approval_is_over_does_not_wait(asked: Any, salesperson: Person, manager: Person, how: str) -> None:
    if how == "withdraw":
        salesperson().run("automation.approvalrequest.withdraw", asked)
    elif how == "reject":
        manager().run("automation.approvalrequest.reject", asked, comment="Too cheap")
    else:
        manager().delete(Quote.objects.get())
        manager().run("automation.approvalrequest.approve", asked)
    assert (letter().state, bool(letter().error)) == ("stopped", True)
    with pytest.raises(Refused):
        salesperson().run(resend_mail, letter())
    assert not Job.objects.filter(name=f"{mail.__name__}.deliver").exists()


def test_a_mail_waits_on_through_a_new_round(asked: Any, salesperson: Person, manager: Person) -> None:
    salesperson().update(Quote.objects.get(), subject="Better")
    manager().run("automation.approvalrequest.approve", asked)
    assert letter().state == "waiting"
    manager().run("automation.approvalrequest.approve", ApprovalRequest.objects.latest("pk"))
    assert letter().state == "queued"


@pytest.mark.covers("FLT-02")
@pytest.mark.parametrize(("state", "left"), [("queued", "queued"), ("running", "queued"), ("dead", "failed"), ("ended", "failed")])
def test_a_mail_that_no_job_sends_any_more_has_failed(
        firm: Firm, salesperson: Person, quote: Any, state: str, left: str) -> None:
    salesperson().run(mail_quote, quote(), to="a@b.example")
    Job.objects.filter(key=job_of(letter()).key).update(state=state, error="[Errno 111] Connection refused")
    look_after(firm, minutes=1)
    assert letter().state == "queued"
    look_after(firm)
    assert letter().state == left
    assert ("Connection refused" in letter().error) == (left == "failed")
    told = Notification.objects.filter(user=salesperson.user, object_type="channels.outgoingmail")
    assert told.count() == (1 if left == "failed" else 0)
    check = failed()
    assert (check.ok, check.figures["count"]) == ((False, 1) if left == "failed" else (True, 0))


@pytest.mark.covers("FLT-02")
def test_a_mail_that_failed_is_sent_again(firm: Firm, salesperson: Person, person: Any, quote: Any) -> None:
    salesperson().run(mail_quote, quote(), to="a@b.example")
    first = job_of(letter())
    Job.objects.filter(key=first.key).update(state="dead")
    jobs.Effect.objects.create(key=f"mail:{letter().pk}:1", job=first, at=timezone.now())  # nobody knows
    look_after(firm)
    with pytest.raises(Denied):
        person("olga", "auditor")().run(resend_mail, letter())
    assert letter().state == "failed"
    salesperson().run(resend_mail, letter(), to="other@b.example")
    assert (letter().state, letter().error) == ("queued", "")
    mail.deliver(salesperson(), letter().pk)
    assert (letter().state, outbox.outbox[-1].to) == ("sent", ["other@b.example"])
    assert failed().ok
    mail.deliver(salesperson(), letter().pk)
    assert len(outbox.outbox) == 1


def test_the_mail_of_a_deleted_quote_does_not_leave(salesperson: Person, manager: Person, quote: Any) -> None:
    one = quote()
    salesperson().run(mail_quote, one, to="a@b.example")
    manager().delete(Quote.objects.get())
    mail.deliver(salesperson(), letter().pk)
    assert (letter().state, "deleted" in letter().error, outbox.outbox) == ("failed", True, [])


@pytest.mark.parametrize("state", ["", "queued", "dead"])
def test_an_export_that_nobody_writes_has_failed(firm: Firm, salesperson: Person, state: str) -> None:
    with firm.system.door("test"):
        run = firm.system.save(ExportRun(object_type="sales.quote", file_name="quotes.csv", owner_id=salesperson.id))
    if state:
        Job.objects.create(key=uuid.uuid4(), name=f"{exporting.__name__}.write_export", given={"args": [run.pk], "inputs": {}},
                           trace="t", created_at=timezone.now(), due_at=timezone.now(), state=state, error="No space left")
    look_after(firm, minutes=5)
    assert ExportRun.objects.get().state == "waiting"
    look_after(firm, minutes=15)
    run.refresh_from_db()
    assert run.state == ("waiting" if state == "queued" else "failed")
    assert ("No space left" in run.message) == (state == "dead")
    assert bool(run.message) == (state != "queued")
    assert Notification.objects.filter(user=salesperson.user).count() == int(state != "queued")
