"""The objects of daily work."""

from guanxi.apps.work.models.activity import Activity
from guanxi.apps.work.models.reminder import ReminderChoice
from guanxi.apps.work.models.series import Series
from guanxi.apps.work.models.type import ActivityType

__all__ = ["Activity", "ActivityType", "ReminderChoice", "Series"]
