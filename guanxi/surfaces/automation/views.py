"""The approvals inbox: what waits for one's decision, what one has asked for, what is over; and one request."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel import door
from guanxi.kernel.api import Ctx, Missing, Record, Refused
from guanxi.surfaces.automation import actions, asking, outcome, telling
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalTask
from guanxi.surfaces.web import addresses, base, menu
from guanxi.surfaces.web.base import PageRequest, page

State = ApprovalRequest.State
PAGE = 30
INBOX = addresses.list_url(ApprovalRequest)


def waiting(ctx: Ctx) -> Any:
    """The requests that wait for the actor: to decide, or to choose who does."""
    tasks = ctx.as_system("one's own tasks").find(ApprovalTask).filter(
        who_id=ctx.user_id, state__in=(ApprovalTask.State.OPEN, ApprovalTask.State.CHOOSING))
    return ctx.find(ApprovalRequest).filter(state=State.PENDING, pk__in=tasks.values("request_id"))


def counted(ctx: Ctx) -> Any:
    """What the rail counts; nothing where there are no rules."""
    return waiting(ctx) if asking.in_use(ctx) else None


def _over(ctx: Ctx) -> Any:
    tasks = ctx.as_system("one's own tasks").find(ApprovalTask).filter(who_id=ctx.user_id).exclude(decided_at=None)
    return ctx.find(ApprovalRequest).filter(pk__in=tasks.values("request_id"))


TABS: dict[str, tuple[Any, Any]] = {
    "mine": (lambda: _("To decide"), waiting),
    "asked": (lambda: _("Asked by me"), lambda ctx: ctx.find(ApprovalRequest).filter(requester_id=ctx.user_id)),
    "done": (lambda: _("Decided by me"), _over),
}


@page(methods=("GET",))
def index(request: PageRequest) -> HttpResponse:
    """Approvals in three parts, the newest first."""
    ctx = request.ctx
    base.model_or_missing(request, INBOX.strip("/"))
    return _index(request, ctx, base.param(request, "tab", "mine"))


def _index(request: PageRequest, ctx: Ctx, tab: str, wrong: tuple[int, str] | None = None) -> HttpResponse:
    tab = tab if tab in TABS else "mine"
    before = base.number(request, "before")
    rows = TABS[tab][1](ctx).select_related("rule", "requester").order_by("-pk")
    found = list((rows.filter(pk__lt=before) if before else rows)[:PAGE + 1])
    tabs = [{"label": label(), "url": addresses.with_query(INBOX, tab=key), "active": key == tab,
             "count": menu.counts_of(ctx).get(INBOX, 0) if key == "mine" else 0} for key, (label, _rows) in TABS.items()]
    return base.render(request, "automation/inbox.html", {
        "title": _("Approvals"), "tabs": tabs, "tab": tab, "items": telling.told(ctx, found[:PAGE]), "once": base.new_key(),
        "may_decide": not ctx.read_only, "wrong": wrong,
        "next_url": addresses.with_query(INBOX, tab=tab, before=found[PAGE - 1].pk) if len(found) > PAGE else ""})


@page(methods=("GET",))
def show(request: PageRequest, pk: int) -> HttpResponse:
    """One request with everything that was said."""
    base.model_or_missing(request, INBOX.strip("/"))
    return _show(request, pk)


def _show(request: PageRequest, pk: int, wrong: str = "", status: int = 200) -> HttpResponse:
    ctx = request.ctx
    found = ctx.get(ApprovalRequest, pk)
    (item,) = telling.told(ctx, [found])
    record = outcome.record_of(ctx, found) if found.pending else None
    fresh = outcome.differences(ctx, found, record) if record is not None else []
    changed = telling.changes(ctx, found, {key: [old, new] for key, old, new in fresh})
    following = ctx.find(ApprovalRequest).filter(former_id=pk).first()
    return base.render(request, "automation/request.html", {
        "title": str(found), "item": item, "changed": changed, "once": base.new_key(), "may_decide": not ctx.read_only,
        "wrong": (pk, wrong) if wrong else None, "inbox_url": INBOX,
        "former_url": addresses.record_url(ApprovalRequest, found.former_id) if found.former_id else "",
        "following_url": addresses.record_url(ApprovalRequest, following.pk) if following else ""}, status=status)


@page(methods=("POST",))
def decide(request: PageRequest, pk: int) -> HttpResponse:
    """Yes or no with a comment, from the inbox or the request's page."""
    ctx, verb = request.ctx, request.POST.get("verb", "")
    if verb not in ("approve", "reject"):
        raise Missing(_("This page does not exist."))
    comment = request.POST.get("comment", "").replace("\x00", "")
    try:
        found = door.run(ctx, actions.VERBS[verb], pk, {"comment": comment}, key=base.once(request)).record
    except Refused as refusal:
        if refusal.status != 400:
            raise
        return _show(request, pk, " ".join(refusal.errors.get("comment", ())) or refusal.reason, 422)
    return base.done(request, _said(found), to="" if base.is_fragment(request) else base.back(request, INBOX))


def _said(found: ApprovalRequest) -> str:
    """What came of a decision."""
    words = {
        State.PENDING: _("“%(what)s” goes on to the next who are asked."),
        State.GRANTED: _("“%(what)s” is approved and done."),
        State.REFUSED: _("“%(what)s” was rejected."),
        State.VOID: _("“%(what)s” was not approved: %(reason)s"),
        State.FAILED: _("“%(what)s” was approved, but could not be done: %(reason)s"),
        State.WITHDRAWN: _("“%(what)s” was withdrawn."),
    }
    return words[State(found.state)] % {"what": found, "reason": found.reason}


def of_record(ctx: Ctx, record: Record, _request: Any) -> dict[str, Any] | None:
    """The card on a record's page: its last requests with their trail; asks nothing where no rule is about the object."""
    if not asking.rules_of(ctx, type(record)):
        return None
    rows = list(asking.requests_of(ctx, record).select_related("rule", "requester")[:3])
    if not rows:
        return None
    return {"items": telling.told(ctx, rows), "seen": set(ctx.find(ApprovalRequest).filter(
        pk__in=[row.pk for row in rows]).values_list("pk", flat=True)) if ctx.may("view", ApprovalRequest) else set(),
        "once": base.new_key(), "may_decide": not ctx.read_only}
