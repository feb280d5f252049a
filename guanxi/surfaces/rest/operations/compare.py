"""What has changed in a list between two moments."""

from typing import Any

from django.http import HttpResponse
from ninja import Query
from pydantic import Field

from guanxi.common import as_of, comparing
from guanxi.common.comparing import Difference
from guanxi.kernel.api import Ctx
from guanxi.kernel.fields import Moment
from guanxi.surfaces.rest import values
from guanxi.surfaces.rest.operations import lists
from guanxi.surfaces.rest.operations.router import router


class Moments(lists.Filtered):
    """Which list, and between which moments."""

    as_of: str = Field("", max_length=40, description="The earlier moment; a day means its end. Needed.")
    to: str = Field("", max_length=40, description="The later moment; without one the list of now.")
    limit: int = Field(lists.MAX_LIMIT, ge=1, le=lists.MAX_LIMIT, description="As many records are told.")
    skip: int = Field(0, ge=0, le=10**6, description="So many records are passed over, to read them in pages.")


@router.get("/{slug}/compare", operation_id="compare", summary="What has changed")
def compare(request: Any, slug: str, asked: Query[Moments]) -> HttpResponse:
    """The records that came into the list, left it or changed between two moments, each with the fields that differ.

    Filters such as this_month mean the month of the later moment at both. Today's rights decide what may be seen.
    """
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    first = as_of.moment_of(asked.as_of, ctx.now)
    last = as_of.moment_of(asked.to, ctx.now, "to") if asked.to else None
    found = comparing.compared(ctx, model, first, last, lambda then: lists.select(then, model, asked, request))
    shown = found.differences[asked.skip: asked.skip + asked.limit]
    return values.answer({
        "from": Moment().plain(first), "to": Moment().plain(last or ctx.now), "count": len(found.differences),
        "rows": [_told(one) for one in shown]})


def _told(one: Difference) -> dict[str, Any]:
    return {"id": one.record.pk, "title": str(one.record), "kind": one.kind, "there_before": one.before is not None,
            "there_after": one.after is not None, "changes": {
                change.view.key: [values.plain(change.view, value) for value in (change.old, change.new)]
                for change in one.changes}}
