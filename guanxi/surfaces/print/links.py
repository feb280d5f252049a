"""Links for customers: one version of one sheet, signed, with a last day and a passcode, every look written down."""

import datetime

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core import signing
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from guanxi.kernel import registry
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.print import printing, sheets
from guanxi.surfaces.print.models import LinkView, PrintedSheet, SheetLink

SALT = "guanxi.sheet"
REASON = "a customer reads a sheet"
#: Wrong passcodes within an hour after which a link is shut for the rest of it.
TRIES = 10
#: Days a link is open at most.
LONGEST = 366


def make(ctx: Ctx, record: Record, key: str, *, language: str, until: datetime.date | None, passcode: str) -> SheetLink:
    """A link to this version of a record's sheet, for a month unless a day is named. Refused for a day that has passed."""
    day = until or ctx.today + datetime.timedelta(days=30)
    if not ctx.today <= day <= ctx.today + datetime.timedelta(days=LONGEST):
        raise Refused(_("A link ends between today and a year from now."), field="until", record=record)
    if passcode and len(passcode) < 4:
        raise Refused(_("A passcode has at least four signs."), field="passcode", record=record)
    kept = printing.hold(ctx, record, sheets.sheet_of(type(record), key), language)
    if not kept.file:
        ctx.later(printing.draw, kept.pk)
    return ctx.save(SheetLink(
        object_type=object_name(record), object_id=record.pk, title=str(record), record_version=record.version,
        sheet=key,
        language=language, nonce=get_random_string(24), passcode=make_password(passcode) if passcode else "", until=day))


def close(ctx: Ctx, link: SheetLink) -> None:
    """Nobody reads it under this link any more."""
    link.is_open = False
    ctx.save(link)


def address(link: SheetLink) -> str:
    """Where the customer goes."""
    return f"{settings.GUANXI_PUBLIC_URL.rstrip('/')}/s/{signing.Signer(salt=SALT).sign_object([link.pk, link.nonce])}"


def open_link(token: str) -> SheetLink | None:
    """The link of a token, while it is open and its record is there; None for everything else, whatever the cause."""
    try:
        pk, nonce = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    system = Ctx(system=True, reason=REASON)
    link = system.find(SheetLink).filter(pk=pk, nonce=nonce, is_open=True).first()
    if link is None or link.until < timezone.localdate():
        return None
    return link if system.find(registry.model_of(link.object_type)).filter(pk=link.object_id).exists() else None


def is_shut(link: SheetLink) -> bool:
    """Were there too many wrong passcodes in the last hour?"""
    since = timezone.now() - datetime.timedelta(hours=1)
    looks = Ctx(system=True, reason=REASON).find(LinkView)
    return looks.filter(link=link, created_at__gte=since, let_in=False).count() >= TRIES


def begin(link: SheetLink, client: str) -> LinkView | None:
    """Take one of the tries of this hour before the passcode is looked at, so that many at once are no more than that."""
    ctx = Ctx(system=True, reason=REASON, via="link", client=client)
    with ctx.door("print.sheetlink.look"):
        locked = ctx.find(SheetLink).select_for_update(of=("self",), no_key=True).get(pk=link.pk)
        return None if is_shut(locked) else ctx.save(LinkView(link=locked, client=client[:60], let_in=False))


def let_in(look: LinkView, client: str) -> None:
    """The passcode was right: this try counts no more."""
    ctx = Ctx(system=True, reason=REASON, via="link", client=client)
    with ctx.door("print.sheetlink.look"):
        look.let_in = True
        ctx.save(look)


def fits(link: SheetLink, passcode: str) -> bool:
    """Is it the passcode of the link?"""
    return not link.passcode or check_password(passcode, link.passcode)


def looked(link: SheetLink, client: str) -> None:
    """Write down that somebody read the sheet."""
    ctx = Ctx(system=True, reason=REASON, via="link", client=client)
    with ctx.door("print.sheetlink.look"):
        ctx.save(LinkView(link=link, client=client[:60], let_in=True))
        fresh = ctx.find(SheetLink).select_for_update(of=("self",), no_key=True).get(pk=link.pk)
        fresh.views, fresh.last_view_at = fresh.views + 1, ctx.now
        ctx.save(fresh)


def file_of(link: SheetLink) -> bytes:
    """The very PDF that the link was made for."""
    system = Ctx(system=True, reason=REASON)
    return printing.drawn(system, system.find(PrintedSheet).get(
        object_type=link.object_type, object_id=link.object_id, record_version=link.record_version, sheet=link.sheet,
        language=link.language))
