"""The days of three years as the crowd needs them: as texts, and how busy each is."""

import datetime
from random import Random
from zoneinfo import ZoneInfo

#: How far the past reaches.
DAYS = 1095
#: How far plans reach.
AHEAD = 60
#: Five minutes each, from nine to six.
SLOTS = 108
#: How many deals begin in a month, beside an ordinary one: the new year holidays are quiet, spring and autumn are busy.
SEASON = {1: 0.8, 2: 0.45, 3: 1.5, 4: 1.2, 5: 1.0, 6: 0.9, 7: 0.8, 8: 0.8, 9: 1.4, 10: 1.2, 11: 1.3, 12: 0.9}
_STEPS = [datetime.timedelta(minutes=5 * slot) for slot in range(SLOTS)]
BUSIEST = max(SEASON.values())


class Calendar:
    """Working moments by days ago; days to come count below zero."""

    def __init__(self, today: datetime.date, zone: str) -> None:
        self.today = today
        place = self.zone = ZoneInfo(zone)
        self._day, self._moments, self.season = dict[int, str](), dict[int, list[str]](), dict[int, float]()
        for ago in range(-AHEAD - 60, DAYS + 400):
            day = today - datetime.timedelta(days=ago)
            self._day[ago] = day.isoformat()
            self.season[ago] = SEASON[day.month]
            work = self._working(ago)
            nine = datetime.datetime.combine(work, datetime.time(9), place).astimezone(datetime.UTC).replace(tzinfo=None)
            self._moments[ago] = [f"{(nine + step).isoformat()}+00:00" for step in _STEPS]

    def _working(self, ago: int) -> datetime.date:
        """From the weekend work moves away from today: the past stays past."""
        day = self.today - datetime.timedelta(days=ago)
        late = day.weekday() - 4
        if late <= 0 or ago == 0:
            return day
        return day + datetime.timedelta(days=-late if ago > 0 else 3 - late)

    def day(self, ago: int) -> str:
        return self._day[ago]

    def moment(self, ago: int, slot: int) -> str:
        """An instant in UTC, as the account writes it."""
        return self._moments[ago][slot]

    def local_day(self, moment: str) -> str:
        """The day of a moment where the firm is."""
        return datetime.datetime.fromisoformat(moment).astimezone(self.zone).date().isoformat()

    def later(self, moment: str, days: int) -> str:
        """The same time of day so many days later."""
        day = datetime.date.fromisoformat(moment[:10]) + datetime.timedelta(days=days)
        return f"{day.isoformat()}{moment[10:]}"

    def busy_day(self, dice: Random, first: int, last: int) -> int:
        """Some day between two, the busy months more often."""
        ago = first
        for _try in range(6):
            ago = first + int(dice.random() * (last - first + 1))
            if dice.random() * BUSIEST < self.season[ago]:
                return ago
        return ago
