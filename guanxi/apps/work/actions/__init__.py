"""What one can do with activities, and what objects of higher floors call to take part."""

from guanxi.apps.work.actions.activity import (
    cancel_activity,
    change_following_activity,
    complete_activity,
    end_series_activity,
    reopen_activity,
    reschedule_activity,
    start_activity,
    suggested,
)
from guanxi.apps.work.actions.follow_up import keep, kinds, log, plan, subject
from guanxi.apps.work.actions.handing import add_to_do, hand_over_activity
from guanxi.apps.work.actions.reminders import remind_of_next_contact
from guanxi.apps.work.subjects import activities_of, condition, move

__all__ = ["activities_of", "add_to_do", "cancel_activity", "change_following_activity", "complete_activity", "condition",
           "end_series_activity", "hand_over_activity", "keep", "kinds", "log", "move", "plan", "remind_of_next_contact",
           "reopen_activity", "reschedule_activity", "start_activity", "subject", "suggested"]
