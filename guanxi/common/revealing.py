"""Reveal: look at one masked value, in the open — logged, with its reason in the account, and limited per day."""

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import facts, writing
from guanxi.kernel.entries import Entry
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Denied, Refused
from guanxi.language import periods

if TYPE_CHECKING:
    from guanxi.kernel.context import Ctx

#: How many values one person may reveal in a day.
DAILY_LIMIT = 50


def reveal(ctx: "Ctx", record: Record, key: str) -> str:
    """The masked value of one field, as text. Denied without the right, and above the day's limit."""
    with ctx.door(f"{object_name(record)}.reveal"):
        seen = ctx.get(type(record), record.pk)
        view = facts.field_of(type(seen), ctx, key)
        if not view.masked:
            raise Refused(_("“%(field)s” is not masked.") % {"field": view.label}, field=key)
        answer = ctx.may("reveal", seen)
        if not answer:
            raise Denied(answer.reason, field=key, record=seen)
        if used_today(ctx) >= DAILY_LIMIT:
            raise Denied(_("You have looked at %(count)s masked values today; that is the limit.") % {
                "count": DAILY_LIMIT}, field=key, record=seen)
        writing.note(ctx, seen, "reveal", {}, inputs={"field": key})
        return str(view.source.text(view.raw(seen)))


def used_today(ctx: "Ctx") -> int:
    """How many values the actor has revealed since midnight of their own day."""
    start, _end = periods.instants(timezone.localdate(ctx.now), timezone.localdate(ctx.now))
    return Entry.objects.filter(actor_id=ctx.user_id, at__gte=start, verb__endswith=".reveal").count()
