"""What one can do in sales; other apps take the verbs they listen to from here."""

from guanxi.apps.sales.actions.conversion import Plan, convert_lead, plan
from guanxi.apps.sales.actions.follow import came_from
from guanxi.apps.sales.actions.lead import claim_lead, disqualify_lead, qualify_lead, return_lead
from guanxi.apps.sales.actions.opportunity import lose_opportunity, move_opportunity, reopen_opportunity, win_opportunity
from guanxi.apps.sales.actions.path import StageStay, missing_influences, stage_days
from guanxi.apps.sales.actions.people import remove_competitor, remove_contact, remove_member
from guanxi.apps.sales.actions.prospect import discard_prospect, qualify_prospect
from guanxi.apps.sales.actions.quote import (
    accept_quote,
    expire_quotes,
    extend_quote,
    lose_quote,
    reopen_quote,
    reprice_quote,
    send_quote,
)
from guanxi.apps.sales.actions.quote_copies import copy_quote, quote_opportunity, revise_quote
from guanxi.apps.sales.actions.quote_guard import keep_what_was_sent

__all__ = [
    "Plan", "StageStay", "accept_quote", "came_from", "claim_lead", "convert_lead", "copy_quote", "discard_prospect",
    "disqualify_lead", "expire_quotes", "extend_quote", "keep_what_was_sent", "lose_opportunity", "lose_quote",
    "missing_influences", "move_opportunity", "plan", "qualify_lead", "qualify_prospect", "quote_opportunity",
    "remove_competitor", "remove_contact", "remove_member", "reopen_opportunity", "reopen_quote", "reprice_quote",
    "return_lead", "revise_quote", "send_quote", "stage_days", "win_opportunity"]
