"""The rehearsal: who does what at which moment, played in the order of time by a clock of its own."""

import datetime
import heapq
from collections.abc import Callable
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from guanxi.apps.org.models import User
from guanxi.common import past
from guanxi.kernel.api import Ctx
from guanxi.kernel.entries import Operation
from guanxi.kernel.unit import Unit
from guanxi.site.demo.words import Names

Do = Callable[..., Any]

#: Steps that are committed together: enough to be quick, few enough to let others write in between.
TOGETHER = 40
#: Notifications younger than this are still unread.
UNREAD = datetime.timedelta(days=3)


class Play:
    """A stage for the sample company: people by key, a script, and the moment it is."""

    def __init__(self, system: Ctx, operation: Operation, seed: int, today: datetime.date, zone: str) -> None:
        self.rng = Random(seed)  # noqa: S311 - a rehearsal, no secret
        self.seed = seed
        self.names = Names(self.rng)
        self.today, self.zone = today, ZoneInfo(zone)
        self.operation = operation
        self.now = self.moment(330)
        self.people: dict[str, User] = {}
        self.system = self._dressed(system)
        self._actors: dict[str, Ctx] = {}
        self._script: list[tuple[datetime.datetime, int, str, Do]] = []
        self._count = 0

    def moment(self, days_ago: int, hour: int = 9, minute: int = 0) -> datetime.datetime:
        """A time of day so many days ago; from the weekend it moves back to Friday, in the future on to Monday."""
        day = self.today - datetime.timedelta(days=days_ago)
        if (late := day.weekday() - 4) > 0 and days_ago != 0:
            day += datetime.timedelta(days=-late if days_ago > 0 else 3 - late)
        return datetime.datetime.combine(day, datetime.time(hour, minute), self.zone).astimezone(datetime.UTC)

    def some_time(self, days_ago: int) -> datetime.datetime:
        """Some time within working hours."""
        return self.moment(days_ago, self.rng.randint(9, 17), self.rng.randrange(0, 60, 5))

    def day(self, days_ago: int) -> datetime.date:
        return self.today - datetime.timedelta(days=days_ago)

    def at(self, moment: datetime.datetime, who: str, do: Do) -> None:
        """Put a step into the script. Steps of one moment are played in the order in which they were written."""
        self._count += 1
        heapq.heappush(self._script, (moment, self._count, who, do))

    def ctx(self, who: str) -> Ctx:
        """The circumstances of a person, or of the system for no name."""
        if not who:
            return self.system
        if who not in self._actors:
            self._actors[who] = self._dressed(Ctx(user=self.people[who], via="command"))
        return self._actors[who]

    def _dressed(self, ctx: Ctx) -> Ctx:
        ctx.clock, ctx.now, ctx.operation_now = (lambda: self.now), self.now, self.operation
        return ctx

    def run(self) -> None:
        """Play the whole script. Steps played together leave one account, each with its own moment and person."""
        while self._script:
            with self.system.door("demo") as unit:
                for _step in range(min(TOGETHER, len(self._script))):
                    moment, _count, who, do = heapq.heappop(self._script)
                    self.now = max(self.now, moment)
                    self._one(self.ctx(who), unit, do)

    def _one(self, ctx: Ctx, unit: Unit, do: Do) -> None:
        ctx.trace = f"{self.rng.getrandbits(128):032x}"
        ctx.now, ctx.open_unit, unit.inputs = self.now, unit, {}
        try:
            do(ctx)
        finally:
            if ctx is not self.system:
                ctx.open_unit = None

    def read_old_news(self) -> None:
        """People have read what they were told some days ago."""
        edge = self.moment(0) - UNREAD
        for who in self.people:
            ctx = self.ctx(who)
            old = [one.pk for one in past.notices(ctx, limit=500) if one.at < edge]
            past.read_notices(ctx, old)
