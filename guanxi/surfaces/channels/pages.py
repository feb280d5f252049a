"""The mails about a record, on its page."""

from typing import Any

from guanxi.kernel.api import Ctx, facts
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.channels.models import OutgoingMail
from guanxi.surfaces.web import addresses, panels

_TONES = {"waiting": "amber", "queued": "blue", "sent": "green", "failed": "red"}
_SENDING: set[str] = set()


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
