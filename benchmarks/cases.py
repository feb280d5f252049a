"""What is asked: what a salesperson and an administrator do all day."""

import datetime
import json
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client

from benchmarks.clock import Figure, measure
from benchmarks.firm import FIELD, TODAY, VALUES
from guanxi.apps.org.models import User
from guanxi.apps.parties.models import Customer
from guanxi.apps.sales.models import Opportunity, Stage
from guanxi.kernel import paging
from guanxi.kernel.api import Ctx
from guanxi.language import text
from guanxi.surfaces.web.question import Question

#: How far down the deep page lies; where there are fewer pages, the last one.
DEEP, PAGE = 500, 50


class Person:
    """Somebody signed in, with a browser and a customer and a deal of their own."""

    def __init__(self, user: User, who: str) -> None:
        self.user, self.who, self.client = user, who, Client(raise_request_exception=True)
        self.client.force_login(user)
        rows = self.ctx().find(Customer).exclude(credit_code="").order_by("-pk")
        self.customer = rows[min(40, rows[:41].count() - 1)]
        self.deal = self.ctx().find(Opportunity).filter(status="open").order_by("-pk")[3]

    def ctx(self) -> Ctx:
        return Ctx(user=self.user, via="page")

    def get(self, path: str, **query: Any) -> Callable[[], Any]:
        return lambda: self.client.get(path, query)


def filter_of(*condition: Any) -> str:
    """A condition as addresses have it."""
    return json.dumps(list(condition), ensure_ascii=False)


def pages(person: Person, rounds: int) -> list[Figure]:
    """Everything that only reads."""
    title, short, shown = person.customer.name, person.customer.short_name, person.get
    first = TODAY.replace(day=1)
    month = {"start": first.isoformat(), "end": (first + datetime.timedelta(days=35)).isoformat()}
    number, after = _deep(person)
    wanted = {
        "list, first page": shown("/customers/"),
        "list, sorted by last follow-up": shown("/customers/", sort="-last_follow_up_at"),
        "list, name contains a common word": shown("/customers/", f=filter_of("name", "contains", "科技")),
        "list, name contains a rare word": shown("/customers/", f=filter_of("name", "contains", title[2:7])),
        "list, custom field filtered": shown("/customers/", f=filter_of(FIELD, "in", [VALUES[-1]])),
        f"list, page {number}": shown("/customers/", after=after),
        "board of opportunities": shown("/opportunities/", face="board"),
        "calendar, one month of activities": shown("/activities/events", face="calendar", **month),
        "customer page": shown(f"/customers/{person.customer.pk}"),
        "search: part of a Chinese name": shown("/palette", q=short[:3]),
        "search: initials": shown("/palette", q=text.pinyin_initials(short[:4])),
        "search: end of a phone number": shown("/palette", q=person.customer.phone[-6:]),
        "picker of customers": shown("/customers/lookup", q=short[:2]),
        "API list, 50 rows": shown("/api/v1/customers", limit=50),
    }
    return [measure(name, person.who, ask, rounds) for name, ask in wanted.items()]


def _deep(person: Person) -> tuple[int, str]:
    """The number and the mark of a page far down, reached in large steps."""
    asked, after, rows = Question(person.ctx(), Customer, QueryDict("")), "", 0
    while rows < (DEEP - 1) * PAGE:
        step = paging.page(asked.ctx, asked.found(), Customer, sort=asked.sort, after=after,
                           limit=min(paging.MAX_PAGE, (DEEP - 1) * PAGE - rows))
        if not step.after:
            break
        after, rows = step.after, rows + len(step.rows)
    return rows // PAGE + 1, after


def writes(person: Person, rounds: int) -> list[Figure]:
    """A value changed where it stands, an action through the door, a record made; each round does something new."""
    count = iter(range(10**9))
    stages = list(person.ctx().find(Stage).filter(kind="open").order_by("position")[:2])

    def save() -> Any:
        place = next(count)
        current = person.ctx().get(Customer, person.customer.pk).version
        return person.client.post(f"/customers/{person.customer.pk}/cell/short_name", headers={"HX-Request": "true"},
                                  data={"short_name": f"云岭{place}", "version": current,
                                        "once": f"s{person.who}{place}"})

    def move() -> Any:
        place = next(count)
        return person.client.post(f"/opportunities/{person.deal.pk}/do/move", headers={"HX-Request": "true"},
                                  data={"stage": stages[place % 2].pk, "once": f"m{person.who}{place}"})

    def make() -> Any:
        place = next(count)
        return person.client.post("/api/v1/customers", content_type="application/json", data={
            "name": f"新客户{person.who}{place}有限公司", "phone": f"+86139{len(person.who):02}{place:06}",
            "city": "上海市"})

    return [measure("change one value in place", person.who, save, rounds, lambda: _raw_update(person.customer)),
            measure("move a deal to another stage", person.who, move, rounds, lambda: _raw_update(person.deal)),
            measure("API create a customer", person.who, make, rounds, lambda: _raw_update(person.customer))]


def _raw_update(record: Any) -> None:
    """One row changed and committed by the bare driver."""
    mark = "?" if connection.vendor == "sqlite" else "%s"
    with transaction.atomic():
        raw = connection.connection.cursor()
        raw.execute(f'UPDATE "{record._meta.db_table}" SET "version" = "version" WHERE "id" = {mark}', (record.pk,))
