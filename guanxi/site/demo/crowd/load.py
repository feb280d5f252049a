"""Bringing in the crowd: rows in bulk, with the entries, states, words and keys that the kernel would have left."""

import datetime
import time
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from django.db import transaction

from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales.models import Opportunity
from guanxi.apps.work.models import Activity
from guanxi.language import text
from guanxi.site.demo.crowd import sealing, tables, words
from guanxi.site.demo.crowd.almanac import Calendar
from guanxi.site.demo.crowd.offers import Wares, Writer
from guanxi.site.demo.crowd.pen import Pen
from guanxi.site.demo.crowd.shapes import Shape
from guanxi.site.demo.crowd.story import Known, Row, Story, Teller
from guanxi.site.demo.crowd.trade import Trade

#: Customers written at a time.
CHUNK = 500
STAMPS = ("id", "owner", "created_by", "updated_by", "created_at", "updated_at", "sort_key")
VARYING: dict[str, tuple[str, ...]] = {
    "customer": (*STAMPS, "name", "short_name", "party", "life_stage", "level", "industry", "source", "phone", "email",
                 "province", "city", "district", "postcode", "address", "founded_on", "staff", "credit_code",
                 "legal_person", "registered_capital", "next_contact_at", "last_follow_up_at", "extra"),
    "contact": (*STAMPS, "upper_owner", "customer", "name", "gender", "position", "department", "decides", "mobile",
                "email", "wechat", "last_follow_up_at"),
    "deal": (*STAMPS, "upper_owner", "customer", "name", "stage", "status", "probability", "amount", "weighted",
             "expected_close", "started_on", "source", "method", "product", "series", "next_contact_at",
             "last_follow_up_at", "stage_since", "stage_until", "close_reason", "closed_on", "closed_from"),
    "activity": (*STAMPS, "upper_owner", "customer", "contact", "subject_type", "subject_id", "subject_owner", "type",
                 "name", "description", "status", "planned_start", "due_at", "actual_start", "actual_end", "logged_at"),
}
DOC = ["id", "object_type", "object_id", "title", "owner_id", "upper_owner_id"]
TOKENS = {"customer": words.customer, "contact": words.contact, "deal": words.deal, "quote": words.quote,
          "document": words.document}
BESIDE = ("kernel_searchdoc", "kernel_matchkey", "kernel_statechange", "kernel_entry")


class Batch(NamedTuple):
    """The rows of one object out of some stories."""

    kind: str
    shape: Shape
    rows: list[Row]


def activities_for(customers: int) -> int:
    """How many there are for each customer of a firm that has so many altogether."""
    return 10 if customers >= 1_000_000 else 5


class Crowd:
    """Writes so many customers, each with ``many`` activities; ``custom`` may give them values of custom fields."""

    def __init__(self, known: Known, *, seed: int, today: datetime.date, zone: str, count: int,
                 custom: dict[str, tuple[str, ...]] | None = None, wares: Wares | None = None, many: int = 5) -> None:
        self.count, self.custom, self.many = count, custom or {}, many
        self.reader, self.doc, self._keys = words.Reader(), 0, dict[str, str]()
        self.shapes = {
            "customer": Shape(Customer(target_type="business", registration="active"), VARYING["customer"]),
            "contact": Shape(Contact(), VARYING["contact"]),
            "deal": Shape(Opportunity(pipeline_id=known.pipeline), VARYING["deal"]),
            "activity": Shape(Activity(), VARYING["activity"])}
        self.teller = Teller(known, Calendar(today, zone), seed, count, self.many)
        self.tables = {kind: shape.model._meta.db_table for kind, shape in self.shapes.items()}
        self.writer = Writer(wares or Wares(), self.teller.days, [pk for pk, _chance, _dwell in known.stages],
                             {one.pk: one.region for one in known.sellers}, seed)
        self.pen = Pen()
        self.trade = Trade(self.writer, self.pen)

    def load(self) -> dict[str, Any]:
        """All in one transaction; returns the ids from and to, by object, and the seconds it took."""
        begin = time.monotonic()
        sizes = {"customer": self.count, "contact": 2 * self.count, "deal": self.count, "activity": self.many * self.count}
        with transaction.atomic():
            tables.ask("SELECT 1 FROM kernel_chainhead WHERE id = 1" + (" FOR UPDATE" if tables.postgres() else ""))
            every = (*self.tables.values(), *self.trade.tables.values(), *BESIDE)
            if 14 * self.count > tables.WORTH:
                with tables.bare(every):
                    found = self._fill(sizes)
            else:
                found = self._fill(sizes)
            for table in every:
                tables.tell(f'ANALYZE "{table}"')
        return {**found, "seconds": round(time.monotonic() - begin, 1)}

    def _fill(self, sizes: dict[str, int]) -> dict[str, Any]:
        first = {kind: tables.reserve(table, sizes[kind]) for kind, table in self.tables.items()}
        self.doc = tables.reserve("kernel_searchdoc", sum(sizes.values()) + self.trade.reserve(self.count))
        entry = tables.last_entry() + 1
        chain = sealing.Chain(tables.ask("SELECT hash FROM kernel_chainhead WHERE id = 1")[0][0])
        stories = self.teller.tell(first)
        with self.pen:
            while some := list(islice(stories, CHUNK)):
                self._write(some, chain)
            self.trade.finish(partial(self._trade, chain))
        self._activity_words(first["activity"], sizes["activity"])
        tables.tell("UPDATE kernel_chainhead SET hash = %s, length = length + %s WHERE id = 1", chain.seal, chain.length)
        ranges = {self.shapes[kind].name: [start, start + sizes[kind] - 1] for kind, start in first.items()}
        return {"ranges": ranges | self.trade.ranges(), "entries": [entry, tables.last_entry()]}

    def _write(self, stories: list[Story], chain: sealing.Chain) -> None:
        batches = [
            Batch("customer", self.shapes["customer"], [self._own(one.customer) for one in stories]),
            Batch("contact", self.shapes["contact"], [row for one in stories for row in one.contacts]),
            Batch("deal", self.shapes["deal"], [one.deal for one in stories]),
            Batch("activity", self.shapes["activity"], [row for one in stories for row in one.activities])]
        for batch in batches[:-1]:
            self._words(batch)
        for row in batches[-1].rows:
            row["sort_key"] = self._known_key(row["name"])
        for kind, shape, rows in batches:
            self.pen.write(self.tables[kind], shape.columns, shape.constants, [shape.values(row) for row in rows],
                           shape.moments)
        self.pen.write("kernel_entry", sealing.COLUMNS, sealing.CONSTANTS, self._entries(batches, chain), {"at"})
        moves = [move for one in stories for move in self._moves(one)]
        moves += self.trade.write(list(self.writer.offers(stories)), partial(self._trade, chain))
        self.pen.write("kernel_statechange", ["object_type", "object_id", "field", "old", "new", "at", "actor_id"], {},
                       moves, {"at"})
        self.pen.write("kernel_matchkey", ["key", "object_type", "object_id"], {},
                       [key for one in stories for key in self._match_keys(one)])

    def _trade(self, chain: sealing.Chain, kind: str, shape: Shape, rows: list[Row]) -> None:
        """Quotes, stock documents and what hangs on them; lines are told in the entry of their document."""
        if kind in TOKENS:
            self._words(Batch(kind, shape, rows))
        for row in rows if kind == "quote_line" else ():
            row["sort_key"] = self._known_key(row["text"])
        self.pen.write(self.trade.tables[kind], shape.columns, shape.constants, [shape.values(row) for row in rows],
                       shape.moments)
        if not kind.endswith("_line"):
            self.pen.write("kernel_entry", sealing.COLUMNS, sealing.CONSTANTS,
                           self._entries([Batch(kind, shape, rows)], chain), {"at"})

    def _own(self, customer: Row) -> Row:
        """Values of custom fields."""
        dice = self.teller.dice
        values = {key: words[int(dice.random() ** 2 * len(words))] for key, words in self.custom.items()}
        customer["extra"] = "{}"
        if values:
            customer["custom"] = values
            customer["extra"] = "{" + ",".join(f'"{key}":"{value}"' for key, value in values.items()) + "}"
        return customer

    def _entries(self, batches: list[Batch], chain: sealing.Chain) -> list[tuple[Any, ...]]:
        made = []
        for _kind, shape, rows in batches:
            title, trace = shape.model.about.title_name, f"{self.teller.dice.getrandbits(128):032x}"
            made += [chain.entry(row, shape.name, row.get("title") or row[title], trace, shape.changes(row))
                     for row in rows]
        return made

    def _words(self, batch: Batch) -> None:
        """What the rows are found by; they get the key by which they are sorted too."""
        tokens, ours = TOKENS[batch.kind], tables.postgres()
        bodies = [words.body(tokens(self.reader, row), ours) for row in batch.rows]
        docs: list[tuple[Any, ...]] = [
            (self.doc + place, batch.shape.name, row["id"], row.get("name") or row["number"], row["owner"],
             row.get("upper_owner"))
            for place, row in enumerate(batch.rows)]
        self.doc += len(docs)
        if ours:
            self.pen.write("kernel_searchdoc", [*DOC, "body"], {},
                           [(*doc, body) for doc, body in zip(docs, bodies, strict=True)])
        else:
            self.pen.write("kernel_searchdoc", DOC, {}, docs)
            self.pen.write("kernel_search_fts", ["rowid", "body"], {},
                           [(doc[0], body) for doc, body in zip(docs, bodies, strict=True)])

    def _known_key(self, title: str) -> str:
        found = self._keys.get(title)
        if found is None:
            found = self._keys[title] = text.sort_key(title)
        return found

    def _activity_words(self, first: int, count: int) -> None:
        """Activities share their words, so the database itself copies them from one row for each sentence."""
        told = {*((said, said) for _kind, said in self.teller.done), *((said, "") for _kind, said in self.teller.ahead)}
        kind = "tsvector" if tables.postgres() else "text"
        tables.tell(f"CREATE TEMPORARY TABLE crowd_words (name text, description text, body {kind})")
        tables.write("crowd_words", ["name", "description", "body"], {}, [
            (*pair, words.body(words.activity(*pair), tables.postgres())) for pair in sorted(told)])
        rows = (f"FROM work_activity AS a JOIN crowd_words AS w ON w.name = a.name AND w.description = a.description "
                f"WHERE a.id BETWEEN {first} AND {first + count - 1}")
        if tables.postgres():
            tables.tell("ANALYZE crowd_words")
        doc = f"a.id + {self.doc - first}"
        columns, values = ", ".join(DOC), f"{doc}, 'work.activity', a.id, a.name, a.owner_id, a.upper_owner_id"
        if tables.postgres():
            tables.tell(f"INSERT INTO kernel_searchdoc ({columns}, body) SELECT {values}, w.body {rows}")
        else:
            tables.tell("CREATE INDEX crowd_words_name ON crowd_words (name)")
            tables.tell(f"INSERT INTO kernel_searchdoc ({columns}) SELECT {values} {rows}")
            tables.tell(f"INSERT INTO kernel_search_fts (rowid, body) SELECT {doc}, w.body {rows}")
        tables.tell("DROP TABLE crowd_words")

    def _moves(self, story: Story) -> list[tuple[Any, ...]]:
        customer, deal = story.customer, story.deal
        owner, name = customer["owner"], self.shapes["customer"].name
        return [(name, customer["id"], "life_stage", "", customer["life_stage"], customer["created_at"], owner),
                *(("sales.opportunity", deal["id"], *move, owner) for move in story.moves)]

    def _match_keys(self, story: Story) -> list[tuple[Any, ...]]:
        """By what the same company or person would be found again."""
        mine, found = self.shapes["customer"].name, story.customer
        keys = [(key, mine, found["id"]) for key in sorted(words.customer_keys(self.reader, found))]
        theirs = self.shapes["contact"].name
        return keys + [(key, theirs, row["id"]) for row in story.contacts for key in sorted(words.contact_keys(row))]
