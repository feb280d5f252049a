"""Sending mail: written down first, sent by the worker after the transaction, once; told in the record's history."""

import datetime
import smtplib
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext_lazy as _

from guanxi.common import talk
from guanxi.common.lost import lost
from guanxi.kernel import registry
from guanxi.kernel.api import Ctx, Refused, every, job
from guanxi.kernel.jobs import once
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.channels.models import OutgoingMail, addresses

State = OutgoingMail.State
REASON = "mail on its way"
#: A mail that has been queued for less is not looked at: its job may just be coming.
PATIENCE = datetime.timedelta(minutes=2)


def write(ctx: Ctx, record: Record, *, to: str, subject: str, body: str, copy_to: str = "", files: Iterable[Any] = (),
          enclosure: str = "", waits: bool = False) -> OutgoingMail:
    """Write a mail about a record inside an action; it leaves after the commit, or once ``release`` is called.

    ``files`` are attachments of the record, ``enclosure`` names what its maker adds before it leaves. Refused for
    addresses that are none.
    """
    mail = OutgoingMail(
        object_type=object_name(record), object_id=record.pk, to=to, copy_to=copy_to, subject=subject, body=body,
        reply_to=getattr(ctx.user, "email", "") or "", files=[one.pk for one in files],
        enclosure=enclosure, state=State.WAITING if waits else State.QUEUED)
    ctx.save(mail)
    if not waits:
        ctx.later(deliver, mail.pk)
    return mail


def waiting(ctx: Ctx, model: type[Record], pk: int) -> list[OutgoingMail]:
    """Mails about a record that wait for it to be allowed out."""
    rows = ctx.as_system(REASON).find(OutgoingMail).filter(
        object_type=object_name(model), object_id=pk, state=State.WAITING)
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))


def release(ctx: Ctx, record: Record, since: datetime.datetime | None, ready: Callable[[OutgoingMail], None]) -> None:
    """Let the mails go that waited for this consent, asked for at that moment; those of an earlier try never leave.

    ``ready(mail)`` writes down what the mail encloses, as it has been agreed to.
    """
    for mail in waiting(ctx, type(record), record.pk):
        if since is not None and mail.created_at >= since:
            ready(mail)
            mail.state = State.QUEUED
            ctx.save(mail)
            ctx.later(deliver, mail.pk)
        else:
            _stop(ctx, mail)


def stop(ctx: Ctx, model: type[Record], pk: int) -> None:
    """The approval that mails about a record wait for will not be given: they never leave."""
    for mail in waiting(ctx, model, pk):
        _stop(ctx, mail)


def _stop(ctx: Ctx, mail: OutgoingMail) -> None:
    mail.state, mail.error = State.STOPPED, str(_("The approval that it waited for was not given."))
    ctx.save(mail)


#: What must be made before a mail leaves: by object, a function that adds to its files.
_makers: dict[str, Callable[[Ctx, OutgoingMail], None]] = {}


def before_sending(model: type[Record], maker: Callable[[Ctx, OutgoingMail], None]) -> None:
    """``maker(ctx, mail)`` adds files to a mail about such a record, in the worker, before it leaves."""
    _makers[object_name(model)] = maker


@job(retries=6)
def deliver(ctx: Ctx, mail_id: int) -> None:
    """Hand a mail to the server. What is wrong with the mail itself is final; what the network does is tried again.

    A mail that was given up counts as queued when an administrator runs its job again.
    """
    system = ctx.as_system(REASON)
    mail = system.find(OutgoingMail).filter(pk=mail_id).first()
    if mail is None or mail.state not in (State.QUEUED, State.FAILED):
        return
    try:
        _check_record(system, mail)
        if (maker := _makers.get(mail.object_type)) is not None:
            maker(ctx, mail)
        message = _message(system, mail)
        with once(ctx, f"mail:{mail.pk}:{mail.sendings}") as first:
            if first:
                message.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError, Refused) as error:
        if _passes(error):
            raise
        _end(system, mail, State.FAILED, error=str(getattr(error, "reason", error))[:500])
        return
    _end(system, mail, State.SENT, error="", message_id=str(message.extra_headers.get("Message-ID", "")))


def send_again(ctx: Ctx, mail: OutgoingMail, to: str) -> None:
    """Try once more with a mail that was given up, to another address if one is given. Also what is in doubt is sent."""
    mail.state, mail.error, mail.to, mail.sendings = State.QUEUED, "", to or mail.to, mail.sendings + 1
    ctx.save(mail)
    ctx.later(deliver, mail.pk)


@every(cron="*/5 * * * *", name="channels.lost_mails")
def give_up(ctx: Ctx) -> None:
    """Every five minutes: a mail that no job will send any more has failed, and its writer hears of it."""
    queued = ctx.find(OutgoingMail).filter(state=State.QUEUED, updated_at__lt=ctx.now - PATIENCE)
    for pk, why in lost(ctx, deliver, queued.values_list("pk", flat=True)).items():
        with ctx.door("channels.outgoingmail.deliver"):
            mail = queued.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
            if mail is not None:
                _end(ctx, mail, State.FAILED, error=why[:500])


def _check_record(system: Ctx, mail: OutgoingMail) -> None:
    """What is in the recycle bin is not sent."""
    if not system.find(registry.model_of(mail.object_type)).filter(pk=mail.object_id).exists():
        raise Refused(_("What it is about was deleted."))


def _passes(error: Exception) -> bool:
    """Does the server only ask to come back later? Its answers below 500 are no last word."""
    answers = getattr(error, "recipients", None) or {"": (getattr(error, "smtp_code", 550), b"")}
    return all(code < 500 for code, _words in answers.values())


def _message(system: Ctx, mail: OutgoingMail) -> EmailMessage:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">")
    message = EmailMessage(
        subject=mail.subject, body=mail.body, to=addresses(mail.to), cc=addresses(mail.copy_to),
        reply_to=[mail.reply_to] if mail.reply_to else [], headers={"Message-ID": f"<guanxi-{mail.pk}@{domain}>"})
    kept = {one.pk: one for one in system.find(talk.Attachment).filter(pk__in=mail.files)}
    for pk in mail.files:
        if pk in kept:
            with kept[pk].file.open("rb") as file:
                message.attach(kept[pk].name, file.read(), kept[pk].media_type)
    return message


def _end(system: Ctx, mail: OutgoingMail, state: str, **facts: str) -> None:
    with system.door("channels.outgoingmail.deliver"):
        mail.state = state
        for name, value in facts.items():
            setattr(mail, name, value)
        if state == State.SENT:
            mail.sent_at = system.now
        system.save(mail)
        if state == State.FAILED:
            words = _("The mail “%(subject)s” did not leave: %(why)s") % {"subject": mail.subject, "why": mail.error}
            talk.notify(system, [mail.owner_id], talk.Notification.Kind.REMINDER, mail, str(words))
