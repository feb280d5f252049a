"""What one can do in sales; other apps take the verbs they listen to from here."""

from guanxi.apps.sales.actions.conversion import Plan, convert_lead, plan
from guanxi.apps.sales.actions.follow import came_from
from guanxi.apps.sales.actions.lead import claim_lead, disqualify_lead, qualify_lead, return_lead
from guanxi.apps.sales.actions.opportunity import lose_opportunity, move_opportunity, reopen_opportunity, win_opportunity
from guanxi.apps.sales.actions.path import StageStay, missing_influences, stage_days
from guanxi.apps.sales.actions.people import remove_competitor, remove_contact, remove_member
from guanxi.apps.sales.actions.prospect import discard_prospect, qualify_prospect

__all__ = ["Plan", "StageStay", "came_from", "claim_lead", "convert_lead", "discard_prospect", "disqualify_lead",
           "lose_opportunity", "missing_influences", "move_opportunity", "plan", "qualify_lead", "qualify_prospect",
           "remove_competitor", "remove_contact", "remove_member", "reopen_opportunity", "return_lead", "stage_days",
           "win_opportunity"]
