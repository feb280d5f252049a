"""What happens to each customer of the crowd: who works there, how its deal goes, what is done with it day by day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from guanxi.site.demo.crowd import vocabulary
from guanxi.site.demo.crowd.almanac import DAYS, SLOTS, Calendar
from guanxi.site.demo.words import DEALS, POSTS, PRODUCTS, TRADES, latin, numbered_code

Row = dict[str, Any]
#: Source (as seeded): of a hundred customers so many come by it, and of a hundred of their deals so many are won.
SOURCES: tuple[tuple[str, int, int], ...] = (
    ("Referral by a customer", 13, 46), ("Referral by a colleague", 6, 38), ("Trade fair", 16, 31), ("Partner", 10, 30),
    ("Telephone inquiry", 10, 22), ("Website", 19, 19), ("Own search", 8, 18), ("Social media", 8, 14),
    ("Advertisement", 5, 11), ("Purchased list", 5, 6))
#: The region whose deals slip, and how much longer everything takes there.
SLIPPING, SLOWER = "north", 1.7
#: Deals from this amount are won less often and take longer.
LARGE, LARGE_CHANCE, LARGE_SLOWER = 1_000_000, 0.7, 1.25
#: Of a hundred customers so many have fallen asleep: nothing for half a year.
ASLEEP, SLEEP = 18, 180
#: Of a hundred deals so many stay open for good.
STUCK = 2
METHODS = ("direct", "direct", "partner", "tender", "phone", "online")


@dataclass(frozen=True)
class Seller:
    """Somebody who sells: id, region, and the cities of the region."""

    pk: int
    region: str
    cities: tuple[str, ...]


@dataclass
class Known:
    """Ids of the lists that rows point to, and who sells."""

    sellers: list[Seller]
    sources: dict[str, int | None]
    industries: dict[str, int | None]
    levels: list[int | None]
    types: dict[str, int]
    stages: list[tuple[int, int, int]]
    won: int
    lost: int | None
    pipeline: int
    reasons: dict[str, list[int]]


@dataclass
class Story:
    """One customer with everything that belongs to it."""

    customer: Row
    contacts: list[Row]
    deal: Row
    activities: list[Row]
    #: field, old, new, moment: how the deal moved
    moves: list[tuple[str, str, str, str]] = field(default_factory=list)


class Teller:
    """Tells one customer after the other, the oldest first; the same for the same seed."""

    def __init__(self, known: Known, calendar: Calendar, seed: int, count: int, activities: int) -> None:
        self.known, self.days, self.count, self.many = known, calendar, count, activities
        self.dice = dice = Random(seed)  # noqa: S311 - invented data, no secret
        self.coded = dice.randrange(31 ** 6)
        goods = [good for group in PRODUCTS.values() for good, _series, _low, _high in group]
        self.brands = vocabulary.brands(dice, min(count + 200, 60_000))
        self.people = vocabulary.people(dice, min(4 * count + 500, 90_000))
        self._readings: dict[str, str] = {}
        self.done = [one for one in vocabulary.told(dice, vocabulary.DONE, goods) if one[0] in known.types]
        self.ahead = [one for one in vocabulary.told(dice, vocabulary.AHEAD, goods) if one[0] in known.types]
        self.sources = [row for row in SOURCES for _each in range(row[1])]

    def tell(self, first: dict[str, int]) -> Iterator[Story]:
        """``first`` gives the first id of customers, contacts, deals and activities."""
        for place in range(self.count):
            dice = self.dice
            seller = self.known.sellers[int(dice.random() * len(self.known.sellers))]
            born = 1 + int((DAYS - 2) * (1 - (place + dice.random()) / self.count) ** 0.8)
            customer, buys, rate = self._customer(first["customer"] + place, seller, born, place)
            contacts = [self._contact(first["contact"] + 2 * place + one, customer, place) for one in (0, 1)]
            story = Story(customer, contacts, {}, [])
            self._deal(first["deal"] + place, story, seller, born, PRODUCTS[buys], rate, buys)
            self._activities(first["activity"] + self.many * place, story, born)
            yield story

    def _latin(self, name: str) -> str:
        if name not in self._readings:
            self._readings[name] = latin(name)
        return self._readings[name]

    def _pick(self, table: Any) -> Any:
        return table[int(self.dice.random() * len(table))]

    def _customer(self, pk: int, seller: Seller, born: int, place: int) -> tuple[Row, str, int]:
        dice, pick, known = self.dice, self._pick, self.known
        city = vocabulary.PLACES[pick(seller.cities)]
        brand, (trade, brief, industry, buys), (source, _weight, rate) = pick(self.brands), pick(TRADES), pick(self.sources)
        moment, number = self.days.moment(born, int(dice.random() * SLOTS)), int(dice.random() * 10**7)
        district, form = pick(city[5]), "股份有限公司" if number % 13 == 0 else "有限公司"
        where = (city[0] if city[0] != city[1] else "", city[1], district, pick(city[6]), f" {8 + number % 1680} ", "号")
        return {
            "parts": (city[1][:-1], brand, trade, form), "stem": (brand, trade), "short_parts": (brand, brief),
            "address_parts": where,
            "id": pk, "owner": seller.pk, "created_by": seller.pk, "updated_by": seller.pk, "created_at": moment,
            "updated_at": moment, "last_follow_up_at": None, "next_contact_at": None,
            "name": f"{city[1][:-1]}{brand}{trade}{form}", "short_name": brand + brief,
            "party": "distributor" if number % 11 == 0 else "partner" if number % 17 == 0 else "customer",
            "life_stage": "potential", "level": known.levels[int(dice.random() ** 0.6 * len(known.levels))],
            "industry": known.industries.get(industry), "source": known.sources.get(source),
            "phone": f"+86{city[2][1:]}{(6, 8, 5)[number % 3]}{number:07}",
            "email": f"info@{self._latin(brand)}{place}.example",
            "province": city[0], "city": city[1], "district": district, "postcode": city[4],
            "address": "".join(where),
            "founded_on": f"{1996 + number % 26}-{1 + number % 12:02}-{1 + number % 28:02}",
            "staff": (18, 35, 60, 85, 120, 260, 430, 900)[number % 8],
            "credit_code": numbered_code(self.coded + place, city[3]) if number % 5 else "",
            "legal_person": pick(self.people),
            "registered_capital": f"{(200, 500, 800, 1000, 2000, 5000)[number % 6] * 10_000}.00",
        }, buys, rate

    def _contact(self, pk: int, customer: Row, place: int) -> Row:
        name, (post, department, roles) = self._pick(self.people), self._pick(POSTS)
        number = int(self.dice.random() * 10**8)
        return {
            "id": pk, "owner": customer["owner"], "upper_owner": customer["owner"], "customer": customer["id"],
            "created_by": customer["owner"], "updated_by": customer["owner"], "created_at": customer["created_at"],
            "updated_at": customer["created_at"], "last_follow_up_at": None, "name": name, "position": post,
            "gender": "female" if number % 3 == 0 else "male", "department": department, "decides": "economic" in roles,
            "mobile": f"+861{(99, 93, 92, 91)[number % 4]}{number:08}", "wechat": f"wx{number:08}" if number % 2 else "",
            "email": f"{self._latin(name)}@{customer['email'].partition('@')[2]}"}

    # deals -------------------------------------------------------------------------------------------

    def _deal(self, pk: int, story: Story, seller: Seller, born: int, goods: Any, rate: int, buys: str) -> None:
        dice, customer = self.dice, story.customer
        (what, series, low, high), kind = self._pick(goods), self._pick(DEALS[buys])
        amount = (low * 2 + int(dice.random() * (high - low) * 2)) * 5000
        begun = self.days.busy_day(dice, 1, born) if born > 1 else 1
        moment = self.days.moment(begun, int(dice.random() * SLOTS))
        moment = max(moment, customer["created_at"])
        slow = (SLOWER if seller.region == SLIPPING else 1.0) * (LARGE_SLOWER if amount >= LARGE else 1.0)
        chance = rate / 100 * (LARGE_CHANCE if amount >= LARGE else 1.0)
        story.deal = deal = {
            "id": pk, "owner": seller.pk, "upper_owner": seller.pk, "created_by": seller.pk, "updated_by": seller.pk,
            "created_at": moment, "updated_at": moment, "last_follow_up_at": None, "customer": customer["id"],
            "name": f"{customer['short_name']}{what}{kind}", "parts": (*customer["short_parts"], what, kind),
            "amount": f"{amount}.00",
            "expected_close": self.days.day(begun - 75 - int(dice.random() * 30)), "started_on": self.days.day(begun),
            "source": customer["source"], "method": self._pick(METHODS), "product": what, "series": series,
            "next_contact_at": None, "stage_since": moment, "stage_until": None, "close_reason": None,
            "closed_on": None, "closed_from": None, "status": "open"}
        story.moves += [("stage", "", str(self.known.stages[0][0]), moment), ("status", "", "open", moment)]
        self._walk(story, begun, slow, dice.random() < chance)
        cents = amount * deal["probability"]
        deal["weighted"], deal["probability"] = f"{cents // 100}.{cents % 100:02}", f"{deal['probability']}.00"
        customer["life_stage"] = {"open": "potential", "won": "loyal" if amount % 3 == 0 else "actual"}.get(
            deal["status"], "future" if amount % 5 == 0 else "potential")

    def _walk(self, story: Story, begun: int, slow: float, wins: bool) -> None:
        """From stage to stage until it is won or lost, or until today."""
        dice, deal, stages, ago, step = self.dice, story.deal, self.known.stages, begun, 0
        stuck = dice.random() * 100 < STUCK
        while True:
            stay = int((4 + dice.expovariate(0.09)) * slow) + 1
            ago -= stay
            if ago < 1 or (stuck and step >= 2):
                break
            at = self.days.moment(ago, int(dice.random() * SLOTS))
            if at <= deal["stage_since"]:
                continue
            if step >= len(stages) - 2 or (not wins and dice.random() < 0.3):
                self._close(story, at, ago, stages[step][0], wins)
                deal["probability"] = 100 if wins else 0
                return
            before, step = step, min(step + (1 if dice.random() < 0.5 else 2), len(stages) - 1)
            story.moves.append(("stage", str(stages[before][0]), str(stages[step][0]), at))
            deal["stage_since"] = deal["updated_at"] = at
        deal["stage"], deal["probability"] = stages[step][0], stages[step][1]
        deal["stage_until"] = self.days.later(deal["stage_since"], stages[step][2]) if stages[step][2] else None
        if step % 3 != 2:
            deal["next_contact_at"] = self.days.moment(-int(dice.random() * 20) + 3, int(dice.random() * SLOTS))

    def _close(self, story: Story, at: str, ago: int, stage: int, wins: bool) -> None:
        deal, status = story.deal, "won" if wins else "lost"
        target = self.known.won if wins else self.known.lost or stage
        deal |= {"stage": target, "status": status, "closed_on": self.days.day(ago), "closed_from": stage,
                 "stage_since": at, "updated_at": at, "close_reason": self._pick(self.known.reasons[status] or (None,))}
        if target != stage:
            story.moves.append(("stage", str(stage), str(target), at))
        story.moves.append(("status", "open", status, at))

    # days --------------------------------------------------------------------------------------------

    def _activities(self, first: int, story: Story, born: int) -> None:
        dice, customer, deal = self.dice, story.customer, story.deal
        latest = min(SLEEP, born) if dice.random() * 100 < ASLEEP else 1
        for place in range(self.many):
            chance, lucky = dice.random(), dice.random()
            contact = story.contacts[lucky > 0.7]
            row = {"id": first + place, "owner": customer["owner"], "upper_owner": customer["owner"],
                   "created_by": customer["owner"], "updated_by": customer["owner"], "customer": customer["id"],
                   "contact": contact["id"], "subject_type": "", "subject_id": None, "subject_owner": None}
            if place == 0 and latest == 1 and lucky < 0.3:
                self._plan(row, deal, customer)
            else:
                ago = latest + int(chance ** 1.5 * (born - latest + 1))
                self._did(row, self.days.moment(min(ago, born), int(lucky * SLOTS)), deal, customer, contact)
            story.activities.append(row)

    def _plan(self, row: Row, deal: Row, customer: Row) -> None:
        """Something ahead, or planned some days ago and still not done."""
        kind, words = self._pick(self.ahead)
        ago = 6 - int(self.dice.random() * 40)
        when = self.days.moment(ago, int(self.dice.random() * SLOTS))
        written = max(customer["created_at"], self.days.moment(max(1, ago + 5), 3))
        row |= {"type": self.known.types[kind], "name": words, "description": "", "status": "planned",
                "planned_start": when, "due_at": when, "actual_start": None, "actual_end": None, "logged_at": None,
                "created_at": written, "updated_at": written}
        if deal["status"] == "open" and deal["created_at"] <= written:
            row |= {"subject_type": "sales.opportunity", "subject_id": deal["id"], "subject_owner": deal["owner"]}

    def _did(self, row: Row, at: str, deal: Row, customer: Row, contact: Row) -> None:
        """Done, and noted on everything it belongs to."""
        kind, words = self._pick(self.done)
        at = max(at, customer["created_at"])
        planned = at if row["id"] % 2 else None
        row |= {"type": self.known.types[kind], "name": words, "description": words, "status": "done",
                "planned_start": planned, "due_at": planned, "actual_start": at, "actual_end": at, "logged_at": at,
                "created_at": at, "updated_at": at}
        touched = [customer, contact]
        if deal["created_at"] <= at and (deal["status"] == "open" or at[:10] <= deal["closed_on"]):
            row |= {"subject_type": "sales.opportunity", "subject_id": deal["id"], "subject_owner": deal["owner"]}
            touched.append(deal)
        for one in touched:
            one["last_follow_up_at"] = max(one["last_follow_up_at"] or "", at)
            one["updated_at"] = max(one["updated_at"], at)
