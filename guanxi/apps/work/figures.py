"""The figures of daily work: what is overdue, due today and ahead, waits for others, and whom nobody has contacted."""

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.models import Customer
from guanxi.apps.work.models import Activity
from guanxi.common.measures import measure
from guanxi.kernel.api import Ctx, Q, finding

OPEN: list[Any] = ["status", "in", ["planned", "in_progress"]]
MINE: list[Any] = ["owner", "in", ["me"]]
OTHERS: list[Any] = ["owner", "notin", ["me"]]


def _mine(*conditions: Any) -> dict[str, Any]:
    return {"all": [MINE, OPEN, *conditions]}


OVERDUE = measure(
    "work.overdue", _("Overdue"), _("My open activities that were due before today."), Activity,
    tree=_mine(["due_at", "within", "past"]))
TODAY = measure(
    "work.today", _("Today"), _("My open activities that are due today."), Activity,
    tree=_mine(["due_at", "within", "today"]))
TOMORROW = measure(
    "work.tomorrow", _("Tomorrow"), _("My open activities that are due tomorrow."), Activity,
    tree=_mine(["due_at", "within", "tomorrow"]))
WEEK = measure(
    "work.week", _("Next 7 days"), _("My open activities that are due after tomorrow, within the next 7 days."), Activity,
    tree=_mine(["due_at", "within", "future"], ["due_at", "within", "next_8_days"],
               {"not": ["due_at", "within", "tomorrow"]}))
UNDATED = measure(
    "work.undated", _("Without a date"), _("My open activities that have no date."), Activity,
    tree=_mine(["due_at", "empty"]))
WAITING = measure(
    "work.waiting", _("Waiting for others"), _("Open activities that I have asked somebody else to do."), Activity,
    tree={"all": [OPEN, ["asked_by", "in", ["me"]], OTHERS]})
DEPARTMENT = measure(
    "work.department", _("My people's open activities"), _("Open activities of others that I may see."), Activity,
    tree={"all": [OPEN, OTHERS]})
DEPARTMENT_OVERDUE = measure(
    "work.department_overdue", _("My people's overdue activities"),
    _("Open activities of others that I may see and that were due before today."), Activity,
    tree={"all": [OPEN, OTHERS, ["due_at", "within", "past"]]})
DONE = measure(
    "work.done_this_month", _("Done this month"), _("Activities that I have done this month."), Activity,
    tree={"all": [MINE, ["status", "in", ["done"]], ["actual_end", "within", "this_month"]]})
COST = measure(
    "work.cost_this_month", _("Cost this month"), _("What activities done this month have cost, of all I may see."),
    Activity,
    "sum:cost", {"all": [["status", "in", ["done"]], ["actual_end", "within", "this_month"]]}, "money")
CONTACT_DUE = measure(
    "work.contact_due", _("Customers to contact"), _("My customers whose next contact is due today or earlier."), Customer,
    tree={"all": [MINE, {"any": [["next_contact_at", "within", "past"], ["next_contact_at", "within", "today"]]}]})


def _quiet(days: int) -> dict[str, Any]:
    """Customers without a follow-up for more than so many days, or none at all since they were entered."""
    late: list[Any] = ["within", f"older_{days}_days"]
    return {"all": [MINE, {"any": [["last_follow_up_at", *late],
                                   {"all": [["last_follow_up_at", "empty"], ["created_at", *late]]}]}]}


QUIET = [measure(f"work.quiet_{days}", name, _("My customers without a follow-up for longer than that."), Customer,
                 tree=_quiet(days)) for days, name in (
    (7, _("7 days without follow-up")), (15, _("15 days without follow-up")), (30, _("30 days without follow-up")))]

#: The work list of a day, in its order.
WORK_LIST = (OVERDUE, TODAY, TOMORROW, WEEK, UNDATED, WAITING)


def work_list(ctx: Ctx) -> dict[str, int]:
    """The counts of the work list by the keys of its measures, in one query."""
    mine = ctx.find(Activity).filter(status__in=OPEN[2]).filter(Q(owner_id=ctx.user_id) | Q(asked_by_id=ctx.user_id))
    counts = {one.key: Count("pk", filter=finding.condition(ctx, Activity, one.tree)) for one in WORK_LIST}
    found = mine.order_by().aggregate(**{key.replace(".", "_"): count for key, count in counts.items()})
    return {key: found[key.replace(".", "_")] for key in counts}
