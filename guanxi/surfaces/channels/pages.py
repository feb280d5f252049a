"""The mails about a record, on its page; those that did not leave, on the page of health."""

import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from guanxi.kernel.api import Ctx, facts
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.channels.models import OutgoingMail
from guanxi.surfaces.web import addresses, panels
from guanxi.surfaces.web.health import Check, add_check

_TONES = {"waiting": "amber", "queued": "blue", "sent": "green", "failed": "red", "stopped": "grey"}
_SENDING: set[str] = set()
#: So long a mail that did not leave stands on the page of health.
SHOWN = datetime.timedelta(days=7)


def sends(model: type[Record]) -> None:
    """Called once by an app whose records are sent by mail: their pages show what was sent."""
    _SENDING.add(object_name(model))


@panels.panel("mails", place="side", order=18)
def mails(ctx: Ctx, record: Record, _request: Any) -> dict[str, Any] | None:
    """The newest mails about the record, with what became of each."""
    if object_name(record) not in _SENDING or not ctx.may("view", OutgoingMail):
        return None
    rows = list(ctx.find(OutgoingMail).filter(object_type=object_name(record), object_id=record.pk).order_by("-pk")[:5])
    if not rows:
        return None
    state = facts.field_of(OutgoingMail, ctx, "state")
    return {"title": OutgoingMail.about.many, "icon": OutgoingMail.about.icon, "rows": [
        {"title": one.subject, "subtitle": one.to, "url": addresses.record_url(OutgoingMail, one.pk),
         "badge": {"text": state.text(one.state), "tone": _TONES[one.state]}} for one in rows]}


def failed() -> Check:
    """Mails of the last days that did not leave."""
    system = Ctx(system=True, reason="mails that did not leave")
    rows = system.find(OutgoingMail).filter(state=OutgoingMail.State.FAILED, updated_at__gte=timezone.now() - SHOWN)
    known = list(rows.order_by("-updated_at")[:20])
    count = rows.count() if len(known) == 20 else len(known)
    text = ngettext("%(count)s mail did not leave in the last seven days: read why, then send it again.",
                    "%(count)s mails did not leave in the last seven days: read why, then send them again.", count)
    return Check("mail", not count, text % {"count": count} if count else gettext("Every mail has left."), {
        "count": count, "mails": [{"mail": addresses.record_url(OutgoingMail, one.pk), "why": one.error} for one in known]})


add_check(failed)
