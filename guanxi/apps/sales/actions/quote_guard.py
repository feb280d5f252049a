"""What keeps quotes as they were sent: who they are for and their lines, and those that were accepted."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.sales.models import Quote
from guanxi.apps.sales.models.quote_checks import sealed
from guanxi.kernel.api import Ctx, Refused, after

S = Quote.Status
#: Merging two customers moves these too, so they are watched here and not by the record itself.
WATCHED = ("customer", "contact", "lines")


@after(Quote, "update")
def keep_what_was_sent(ctx: Ctx, quote: Quote, _value: Any) -> None:
    """A sent quote keeps its customer and its lines."""
    if quote.status == S.DRAFT:
        return
    changes: dict[str, Any] = next((one.changes for one in reversed(ctx.unit.entries)
                    if (one.object_type, one.object_id) == ("sales.quote", quote.pk)), {})
    for name in WATCHED:
        if name in changes:
            raise Refused(sealed(quote), field=name, record=quote)


@after(Quote, "delete")
def keep_what_was_accepted(ctx: Ctx, quote: Quote, _value: Any) -> None:
    """What a customer has signed is not thrown away; a version that is, gives way to the one before it."""
    if quote.status == S.ACCEPTED:
        raise Refused(_("“%(quote)s” was accepted: it cannot be deleted.") % {"quote": quote}, record=quote)
    system = ctx.as_system("the version after it was deleted")
    before = system.find(Quote).filter(pk=quote.follows_id or 0, status=S.SUPERSEDED).first()
    if before is not None:
        before.status = S.SENT
        system.save(before)


@after(Quote, "restore")
def supersede_again(ctx: Ctx, quote: Quote, _value: Any) -> None:
    """A version that comes back from the bin stands before the one it followed."""
    system = ctx.as_system("the version after it came back")
    before = system.find(Quote).filter(pk=quote.follows_id or 0).first()
    if before is None:
        return
    if before.status not in (S.SENT, S.EXPIRED):
        raise Refused(_("“%(quote)s” is “%(status)s” meanwhile: this version cannot come back.") % {
            "quote": before, "status": before.get_status_display()}, record=quote)
    before.status = S.SUPERSEDED
    system.save(before)
