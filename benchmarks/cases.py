"""What is measured: what a salesperson and an administrator do all day, and an import of ten thousand rows."""

import json
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client

from benchmarks.clock import Figure, measure, spent
from benchmarks.firm import FIRST, PLACES, SECOND, TRADES, Firm
from guanxi.apps.org.models import User
from guanxi.apps.parties.models import Customer
from guanxi.apps.sales.models import Opportunity, Stage
from guanxi.kernel import paging
from guanxi.kernel.api import Ctx
from guanxi.kernel.worker import drain
from guanxi.language import text
from guanxi.surfaces.impex import runs
from guanxi.surfaces.web.question import Question

DEEP = 100
IMPORTED = 10_000


class Person:
    """Somebody signed in, with a browser and a customer and a deal of their own."""

    def __init__(self, user: User, who: str) -> None:
        self.user, self.who, self.client = user, who, Client(raise_request_exception=True)
        self.client.force_login(user)
        self.customer = self.ctx().find(Customer).order_by("-pk")[7]
        self.deal = self.ctx().find(Opportunity).filter(status="open").order_by("-pk")[3]

    def ctx(self) -> Ctx:
        return Ctx(user=self.user, via="page")

    def get(self, path: str, **query: Any) -> Callable[[], Any]:
        return lambda: self.client.get(path, query)


def pages(person: Person, rounds: int) -> list[Figure]:
    """Everything that only reads."""
    title, shown = person.customer.name, person.get
    rare = json.dumps(["name", "contains", title[2:7]], ensure_ascii=False)
    common = json.dumps(["name", "contains", "科技"], ensure_ascii=False)
    wanted = {
        "list, first page": shown("/customers/"),
        "list, sorted by last follow-up": shown("/customers/", sort="-last_follow_up_at"),
        "list, name contains a common word": shown("/customers/", f=common),
        "list, name contains a rare word": shown("/customers/", f=rare),
        f"list, page {DEEP}": shown("/customers/", after=_deep(person)),
        "board of opportunities": shown("/opportunities/", face="board"),
        "customer page": shown(f"/customers/{person.customer.pk}"),
        "search: part of a Chinese name": shown("/palette", q=title[2:5]),
        "search: initials": shown("/palette", q=text.pinyin_initials(title[2:5])),
        "search: end of a phone number": shown("/palette", q=person.customer.phone[-6:]),
        "picker of customers": shown("/customers/lookup", q=title[2:4]),
        "API list, 50 rows": shown("/api/v1/customers", limit=50),
    }
    return [measure(name, person.who, ask, rounds) for name, ask in wanted.items()]


def _deep(person: Person) -> str:
    """The mark of a page far down."""
    asked, after = Question(person.ctx(), Customer, QueryDict("")), ""
    for _page in range(DEEP - 1):
        after = paging.page(asked.ctx, asked.found(), Customer, sort=asked.sort, after=after).after or after
    return after


def writes(person: Person, rounds: int) -> list[Figure]:
    """A value changed where it stands, and an action through the door; each round changes something."""
    count = iter(range(10**9))
    stages = list(person.ctx().find(Stage).filter(kind="open").order_by("position")[:2])

    def save() -> Any:
        place = next(count)
        current = person.ctx().get(Customer, person.customer.pk).version
        return person.client.post(f"/customers/{person.customer.pk}/cell/short_name", headers={"HX-Request": "true"},
                                  data={"short_name": f"云岭{place}", "version": current, "once": f"s{person.who}{place}"})

    def move() -> Any:
        place = next(count)
        return person.client.post(f"/opportunities/{person.deal.pk}/do/move", headers={"HX-Request": "true"},
                                  data={"stage": stages[place % 2].pk, "once": f"m{person.who}{place}"})

    return [measure("change one value in place", person.who, save, rounds, lambda: _raw_update(person.customer)),
            measure("move a deal to another stage", person.who, move, rounds, lambda: _raw_update(person.deal))]


def _raw_update(record: Any) -> None:
    """One row changed and committed by the bare driver."""
    mark = "?" if connection.vendor == "sqlite" else "%s"
    with transaction.atomic():
        raw = connection.connection.cursor()
        raw.execute(f'UPDATE "{record._meta.db_table}" SET "version" = "version" WHERE "id" = {mark}', (record.pk,))


def table(rows: int) -> str:
    """Customers as somebody would bring them, none of them known yet."""
    lines = ["name,phone,city,email,address"]
    for place in range(rows):
        city = PLACES[place % len(PLACES)]
        brand = FIRST[place // 20 % 20] + SECOND[place // 400 % 20] + FIRST[place // 8000 % 20]
        lines.append(f"{city}{brand}{TRADES[place % 10]}集团{place},+86138{place:08},{city},new{place}@example.com,"
                     f"{city}市新街{place}号")
    return "\n".join(lines) + "\n"


def importing(firm: Firm, rows: int = IMPORTED) -> tuple[float, float, dict[str, int]]:
    """Rows per second through the import, and of the same rows by the bare driver; and what came of them."""
    ctx = Ctx(user=firm.administrator, via="page")
    run = runs.start(ctx, Customer, table(rows).encode(), "customers.csv")
    begin = time.perf_counter()
    runs.launch(ctx, run)
    drain()
    took = time.perf_counter() - begin
    figures = runs.find(ctx, run.pk).figures
    return rows / took, rows / (spent(lambda: _raw_insert(rows)) / 1000), figures


def _raw_insert(rows: int) -> None:
    """The rows just imported, written once more by the bare driver and taken back."""
    names = [source.column for source in Customer._meta.concrete_fields if source.column != "id"]
    quoted = ", ".join(f'"{name}"' for name in names)
    mark = "?" if connection.vendor == "sqlite" else "%s"
    with transaction.atomic():
        raw = connection.connection.cursor()
        raw.execute(f'SELECT {quoted} FROM "parties_customer" ORDER BY "id" DESC LIMIT {rows}')
        values = [tuple(json.dumps(value) if isinstance(value, dict | list) else value for value in row)
                  for row in raw.fetchall()]
        raw.executemany(f'INSERT INTO "parties_customer" ({quoted}) VALUES ({", ".join([mark] * len(names))})', values)
        transaction.set_rollback(True)
