"""Daily work on the pages: follow-ups from every record, the next step, and the work list at home."""

import json
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.models import Customer
from guanxi.apps.work import subjects
from guanxi.apps.work.actions import activities_of, keep, kinds
from guanxi.apps.work.figures import CONTACT_DUE, DEPARTMENT, DEPARTMENT_OVERDUE, OVERDUE, TODAY, WORK_LIST, work_list
from guanxi.apps.work.models import Activity
from guanxi.apps.work.models.activity import OPEN
from guanxi.kernel.api import Ctx, Record, finding, policy
from guanxi.surfaces.web import addresses, searching
from guanxi.surfaces.web.panels import block, log_with, next_step
from guanxi.surfaces.web.templatetags.web import day_words, late_words

#: Rows of the work list on the home page.
ROWS = 8

for _model in subjects.known():
    log_with(_model, kinds, keep)


def when(activity: Activity) -> str:
    """How late an activity is, or the moment it begins or is due by the reader's clock; today's without the day."""
    moment = activity.planned_start or activity.due_at
    if moment is None:
        return ""
    if activity.overdue and (late := late_words(activity.due_at)):
        return late
    local = timezone.localtime(moment)
    return local.strftime("%H:%M" if local.date() == timezone.localdate() else "%m-%d %H:%M")


def row(activity: Activity) -> dict[str, Any]:
    """An activity as a line with a tick."""
    return {"title": str(activity), "url": addresses.record_url(Activity, activity.pk), "when_text": when(activity),
            "late": activity.overdue, "icon": "calendar-event",
            "done_url": addresses.action_url(Activity, activity.pk, "complete"),
            "move_url": addresses.action_url(Activity, activity.pk, "reschedule")}


@next_step("work")
def next_activity(ctx: Ctx, record: Record) -> dict[str, Any] | None:
    """The open activity of a record that is due first."""
    if type(record) not in subjects.known() or not ctx.may("view", Activity):
        return None
    found = activities_of(ctx, record).filter(status__in=OPEN, due_at__isnull=False).order_by("due_at", "id").first()
    return row(found) if found is not None else None


@block("my work", order=10)
def my_work(ctx: Ctx, request: Any) -> dict[str, Any] | None:
    """What is overdue and what is due today, the oldest first, each with a tick."""
    if not ctx.may("view", Activity):
        return None
    due = finding.condition(ctx, Activity, {"any": [OVERDUE.tree, TODAY.tree]})
    rows = list(ctx.find(Activity).filter(due).order_by("due_at", "id")[:ROWS])
    customers = [("parties.customer", pk) for pk in dict.fromkeys(one.customer_id for one in rows) if pk]
    known = {hit.pk: hit.title for hit in searching.named(ctx, customers)}
    shown = [{**row(one), "subtitle": known.get(one.customer_id or 0, "")} for one in rows]
    counts = work_list(ctx)
    tree = {"all": [["owner", "in", ["me"]], ["status", "in", list(OPEN)]]}
    return {"title": _("My work"), "icon": "checkbox", "count": counts[OVERDUE.key] + counts[TODAY.key],
            "hot": counts[OVERDUE.key] > 0, "rows": shown, "empty": _("Nothing is due today."),
            "all_url": addresses.list_url(Activity, f=json.dumps(tree)),
            "create_url": addresses.bulk_url(Activity, "add_to_do") if not ctx.read_only and ctx.may("create", Activity)
            else ""}


@block("contacts due", order=30, areas=("sales",))
def contacts_due(ctx: Ctx, request: Any) -> dict[str, Any] | None:
    """One's own customers whose next contact is due, the longest waiting first."""
    if not ctx.may("view", Customer):
        return None
    rows = list(finding.select(ctx, Customer, tree=CONTACT_DUE.tree).order_by("next_contact_at", "id")[:ROWS + 1])
    if not rows:
        return None
    return {"title": CONTACT_DUE.name, "icon": "phone", "empty": "", "rows": [{
        "title": str(one), "url": addresses.record_url(Customer, one.pk), "log_url": addresses.log_url(Customer, one.pk),
        "subtitle": "", "when_text": late_words(one.next_contact_at) or day_words(one.next_contact_at),
        "late": bool(late_words(one.next_contact_at)), "icon": "building"} for one in rows[:ROWS]],
        "all_url": addresses.list_url(Customer, view="all", f=json.dumps(CONTACT_DUE.tree)) if len(rows) > ROWS else ""}


@block("work list", order=20, column="side", template="web/panels/home_figures.html")
def my_counts(ctx: Ctx, request: Any) -> dict[str, Any] | None:
    """How much is overdue, due today, tomorrow, in the next days, undated and waiting for others."""
    if not ctx.may("view", Activity):
        return None
    counts = work_list(ctx)
    return {"title": _("Work list"), "figures": [_figure(one, counts[one.key]) for one in WORK_LIST]}


@block("department work", order=30, column="side", template="web/panels/home_figures.html")
def department(ctx: Ctx, request: Any) -> dict[str, Any] | None:
    """What one's people have to do: for whoever sees more than their own."""
    if policy.rows(ctx, Activity).none or not _sees_others(ctx):
        return None
    shown = [(one, finding.select(ctx, Activity, tree=one.tree).count()) for one in (DEPARTMENT, DEPARTMENT_OVERDUE)]
    return {"title": _("Work of my people"), "figures": [_figure(one, count) for one, count in shown]}


def _sees_others(ctx: Ctx) -> bool:
    """Do one's rights reach further than one's own rows?"""
    reach = None if ctx.rights.administrator else ctx.rights.reach(ctx.rights.grants("work.activity", "view"))
    return reach is None or bool(reach - {ctx.user_id})


def _figure(one: Any, count: int) -> dict[str, Any]:
    return {"name": one.name, "value_text": str(count), "url": f"/explain/{one.key}", "definition": one.meaning,
            "share": None}
