"""The figures of selling: each defined once, computed within the reader's rights, and able to open its rows."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.apps.sales.models import Lead, Opportunity, Quote
from guanxi.common.measures import measure

OPEN = ["status", "in", ["open"]]
WON = ["status", "in", ["won"]]
CLOSED = ["status", "in", ["won", "lost"]]
ALIVE = ["status", "in", ["new", "contacted", "qualified"]]


def closed(outcome: Any, period: str) -> dict[str, Any]:
    """Closed with an outcome within a period."""
    return {"all": [outcome, ["closed_on", "within", period]]}


def due(state: Any) -> dict[str, Any]:
    """Nothing is arranged, or it should have happened already."""
    return {"all": [state, {"any": [["next_contact_at", "empty"], ["next_contact_at", "within", "past"]]}]}


pipeline = measure(
    "sales.pipeline", _("Open pipeline"), _("The expected amounts of all open opportunities, added up."),
    Opportunity, "sum:amount", OPEN, "money")
open_count = measure(
    "sales.open", _("Open opportunities"), _("How many opportunities are neither won nor lost."),
    Opportunity, "count", OPEN)
forecast = measure(
    "sales.forecast", _("Weighted forecast"),
    _("The expected amount of each open opportunity times its probability, added up."),
    Opportunity, "weighted:amount,probability", OPEN, "money")
won_month_amount = measure(
    "sales.won_month_amount", _("Won this month"), _("The amounts of all opportunities won this month, added up."),
    Opportunity, "sum:amount", closed(WON, "this_month"), "money")
won_month_count = measure(
    "sales.won_month_count", _("Opportunities won this month"), _("How many opportunities were won this month."),
    Opportunity, "count", closed(WON, "this_month"))
won_quarter_amount = measure(
    "sales.won_quarter_amount", _("Won this quarter"), _("The amounts of all opportunities won this quarter, added up."),
    Opportunity, "sum:amount", closed(WON, "this_quarter"), "money")
won_quarter_count = measure(
    "sales.won_quarter_count", _("Opportunities won this quarter"), _("How many opportunities were won this quarter."),
    Opportunity, "count", closed(WON, "this_quarter"))
win_rate = measure(
    "sales.win_rate", _("Win rate"),
    _("Of all closed opportunities, the share that was won."),
    Opportunity, "avg:probability", CLOSED, "percent")
no_next_step = measure(
    "sales.no_next_step", _("Opportunities without a next step"),
    _("Open opportunities for which no next contact is arranged, or whose next contact is overdue."),
    Opportunity, "count", due(OPEN))
too_long = measure(
    "sales.too_long", _("Opportunities too long in their stage"),
    _("Open opportunities that have stayed in their stage longer than the stage allows."),
    Opportunity, "count", {"all": [OPEN, ["stage_until", "within", "past"]]})
no_coach = measure(
    "sales.no_coach", _("Opportunities without a coach"),
    _("Open opportunities none of whose contacts is a coach; at least one should be developed for each."),
    Opportunity, "count", {"all": [OPEN, ["has_coach", "is", False]]})
no_customer = measure(
    "sales.no_customer", _("Opportunities without a customer"), _("Open opportunities that name no customer."),
    Opportunity, "count", {"all": [OPEN, ["customer", "empty"]]})
open_leads = measure(
    "sales.open_leads", _("Open leads"), _("Leads that are neither converted nor given up."), Lead, "count", ALIVE)
leads_due = measure(
    "sales.leads_due", _("Leads without a next contact"),
    _("Open leads for which no next contact is arranged, or whose next contact is overdue."), Lead, "count", due(ALIVE))

SENT = ["status", "in", ["sent"]]
ACCEPTED = ["status", "in", ["accepted"]]


def signed(period: str) -> dict[str, Any]:
    """Accepted within a period."""
    return {"all": [ACCEPTED, ["signed_on", "within", period]]}


open_quotes = measure(
    "sales.open_quotes", _("Open quotes"), _("How many quotes have been sent and wait for an answer."),
    Quote, "count", SENT)
open_quotes_amount = measure(
    "sales.open_quotes_amount", _("Amount of open quotes"),
    _("The totals with tax of all quotes that wait for an answer, in the company's currency."),
    Quote, "sum:gross_company", SENT, "money")
accepted_month = measure(
    "sales.quotes_accepted_month", _("Quotes accepted this month"),
    _("The totals with tax of all quotes signed this month, in the company's currency."),
    Quote, "sum:gross_company", signed("this_month"), "money")
accepted_quarter = measure(
    "sales.quotes_accepted_quarter", _("Quotes accepted this quarter"),
    _("The totals with tax of all quotes signed this quarter, in the company's currency."),
    Quote, "sum:gross_company", signed("this_quarter"), "money")
hit_rate = measure(
    "sales.quote_hit_rate", _("Hit rate of quotes"),
    _("Of all quotes that were accepted, lost or have expired, the share that was accepted; superseded versions do not "
      "count."),
    Quote, "avg:hit", ["status", "in", ["accepted", "lost", "expired"]], "percent")
below_list = measure(
    "sales.quotes_below_list", _("Open quotes below list price"),
    _("Drafts and sent quotes in which at least one product is offered for less than its list price."),
    Quote, "count", {"all": [["status", "in", ["draft", "sent"]], ["below_list", "is", True]]})
