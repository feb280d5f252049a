"""Fixed options of activities."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import f


class Before(f.Options):
    """How long before its beginning an activity is called to mind, in minutes."""

    NONE = "", _("no reminder")
    AT_ONCE = "0", _("when it begins")
    FIVE = "5", _("5 minutes before")
    QUARTER = "15", _("15 minutes before")
    HALF = "30", _("30 minutes before")
    HOUR = "60", _("1 hour before")
    TWO_HOURS = "120", _("2 hours before")
    DAY = "1440", _("1 day before")
    TWO_DAYS = "2880", _("2 days before")
    WEEK = "10080", _("1 week before")


class Chain(f.Options):
    """What the end of an activity leads to."""

    NONE = "none", _("nothing")
    SUGGEST = "suggest", _("suggest the next type")
    CREATE = "create", _("plan the next type at once")


class ChainFrom(f.Options):
    """From when the days until the next activity are counted."""

    DONE = "done", _("the day it was done")
    DUE = "due", _("the day it was due")


class Priority(f.Options):
    """How much an activity matters."""

    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    LOW = "low", _("Low")


class Period(f.Options):
    """How often an activity comes back; each is a rule, and a rule of one's own may be written."""

    ONCE = "", _("once")
    DAILY = "FREQ=DAILY", _("every day")
    WORKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", _("Monday to Friday")
    WEEKLY = "FREQ=WEEKLY", _("every week")
    TWO_WEEKS = "FREQ=WEEKLY;INTERVAL=2", _("every two weeks")
    MONTHLY = "FREQ=MONTHLY", _("every month")
    QUARTERLY = "FREQ=MONTHLY;INTERVAL=3", _("every quarter")
    YEARLY = "FREQ=YEARLY", _("every year")


class NextContact(f.Options):
    """When to get in touch again, said in a word."""

    NONE = "", _("not planned")
    TOMORROW = "1", _("tomorrow")
    THREE_DAYS = "3", _("in 3 days")
    WEEK = "7", _("in a week")
    TWO_WEEKS = "14", _("in two weeks")
    MONTH = "30", _("in 30 days")
    QUARTER = "90", _("in 90 days")
