"""Lists of records: filter, search, order, pages by cursor, counts, and what was deleted since."""

from typing import Any, Literal

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from guanxi.common import as_of, as_of_rows
from guanxi.common.as_of_rows import Past
from guanxi.kernel import facts, finding, paging, policy
from guanxi.kernel.api import Ctx
from guanxi.kernel.fields import Moment
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Refused
from guanxi.surfaces.rest import bodies, values
from guanxi.surfaces.rest.operations.router import router

MAX_LIMIT = 200
MAX_PARAMS = 50


class Filtered(Schema):
    """Which records are meant."""

    filter: str = Field("", max_length=20_000, description=(
        'A filter as JSON: ["field", "operator", value], {"all": […]}, {"any": […]} or {"not": …}. A path such as '
        "customer.city reaches through a link."))
    q: str = Field("", max_length=500, description="Words as typed into the search box.")


class Asked(Filtered):
    """What a list can be asked for."""

    sort: str = Field("", max_length=80, description="A field to sort by; with - in front descending.")
    after: str = Field("", max_length=2000, description="The mark of the page before, to go on behind it.")
    before: str = Field("", max_length=2000, description="The mark of the page behind, to go back before it.")
    limit: int = Field(50, ge=1, le=MAX_LIMIT, description="Rows on a page.")
    fields: str = Field("", max_length=4000, description="Only these fields, separated by commas.")
    titles: bool = Field(False, description="Also tell what linked records are called.")
    count: Literal["", "capped", "exact"] = Field("", description=(
        "Count the rows: capped stops above 10,000, exact counts all of them."))
    updated_since: str = Field("", max_length=40, description=(
        "Only rows created or changed at or after this moment, oldest change first unless sorted otherwise. For a copy "
        "kept elsewhere: remember the newest updated_at you saw, ask from it again, and read the deleted rows too."))
    as_of: str = Field("", max_length=40, description=(
        "The list as it stood at this moment; a day means its end, and filters such as this_month mean the month of then. "
        f"Refused where more than {as_of_rows.MOST:,} rows were changed since. Today's rights decide what may be seen."))


class Since(Schema):
    """From when on, and from which row on."""

    since: str = Field("", max_length=40, description="Only rows deleted at or after this moment.")
    after: int = Field(0, ge=0, le=2**63 - 1, description="The id of the last row of the page before.")
    limit: int = Field(MAX_LIMIT, ge=1, le=MAX_LIMIT, description="Rows on a page.")


@router.get("/{slug}", operation_id="list", summary="List")
def rows(request: Any, slug: str, asked: Query[Asked]) -> HttpResponse:
    """One page of the records the caller may see. Any field filters as well: ``amount__gte=1000``."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    views = values.views_of(ctx, model, asked.fields)
    past = Past.of(ctx, as_of.moment_of(asked.as_of, ctx.now)) if asked.as_of else None
    if "\x00" in asked.sort:
        raise Refused(_("This text holds a sign that cannot be stored."), field="sort")
    found = select(past or ctx, model, asked, request)
    if asked.updated_since:
        found = found.filter(updated_at__gte=moment(asked.updated_since, "updated_since"))
    if past is not None:  # what was never written down is left out
        views = [view for view in views if not view.secret]
    sort = asked.sort or ("updated_at" if asked.updated_since else "")
    page = paging.page(ctx, found, model, sort=sort, after=asked.after, before=asked.before, limit=asked.limit)
    told: dict[str, Any] = {"rows": values.rows_json(ctx, page.rows, views, asked.titles), "after": page.after,
                            "before": page.before, "sort": page.sort}
    if asked.count:
        count = paging.count(found, exact=asked.count == "exact")
        capped = asked.count == "capped" and count > paging.COUNT_CAP
        told |= {"count": min(count, paging.COUNT_CAP) if capped else count, "count_capped": capped}
    return values.answer(told)


def select(ctx: Ctx, model: type[Record], asked: Filtered, request: Any) -> Any:
    """The rows that were asked for, among those the caller may see."""
    parts = [one for one in (_tree(asked.filter), _plain(ctx, model, asked, request)) if one]
    tree: Any = {"all": parts} if len(parts) == 2 else (parts[0] if parts else None)
    if "\x00" in asked.q:
        raise Refused(_("This text holds a sign that cannot be stored."), field="q")
    try:
        return finding.select(ctx, model, tree=tree, typed=asked.q)
    except (TypeError, OverflowError) as error:
        raise Refused(_("The filter compares with a value of a wrong type."), field="filter") from error


def _tree(text: str) -> Any:
    return bodies.parse(text, "filter") if text else None


def _plain(ctx: Ctx, model: type[Record], asked: Filtered, request: Any) -> Any:
    """Conditions written as plain parameters."""
    given = {name: request.GET.getlist(name) for name in request.GET if name not in type(asked).model_fields}
    if len(given) > MAX_PARAMS:
        raise Refused(_("The address has too many parameters."), field="filter")
    for name, texts in given.items():
        if "\x00" in name or any("\x00" in text for text in texts):
            raise Refused(_("This text holds a sign that cannot be stored."), field=name.replace("\x00", "")[:60])
    for name in given:
        facts.field_of(model, ctx, name.partition("__")[0].replace("~", ".").partition(".")[0][:60])
    return finding.from_params(ctx, model, given)


def moment(text: str, field: str) -> Any:
    """An instant of the address; without time zone in the caller's own."""
    try:
        found = Moment().parse(text.replace(" ", "+") if "T" in text else text)
    except ValueError as error:
        raise Refused(str(error), field=field) from error
    if found is None:
        raise Refused(_("A moment is needed, such as 2026-05-01T08:00:00Z."), field=field)
    return found


@router.get("/{slug}/deleted", operation_id="deleted", summary="What was deleted")
def deleted(request: Any, slug: str, asked: Query[Since]) -> HttpResponse:
    """Ids of records the caller could see before they went to the recycle bin: what a copy kept elsewhere must drop."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    allowed = policy.rows(ctx, model, "view")
    found = ctx.as_system("what was deleted, as far as it could be seen").binned(model)
    if allowed.q is not None:
        found = found.filter(allowed.q)
    if asked.since:
        found = found.filter(deleted_at__gte=moment(asked.since, "since"))
    rows_ = list(found.filter(pk__gt=asked.after).order_by("pk")[: asked.limit + 1])
    told = [{"id": row.pk, "version": row.version, "deleted_at": Moment().plain(row.deleted_at)}
            for row in rows_[: asked.limit]]
    return values.answer({"rows": told, "after": told[-1]["id"] if len(rows_) > asked.limit else None})
