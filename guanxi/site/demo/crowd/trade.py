"""Writing what the crowd is offered and delivered: quotes and stock documents with lines, movements, and balances."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from guanxi.apps.inventory.models import StockBalance, StockDocument, StockLine, StockMovement
from guanxi.apps.sales.models import Quote, QuoteLine
from guanxi.kernel import numbering
from guanxi.site.demo.crowd import tables
from guanxi.site.demo.crowd.offers import CENT, Good, Offer, Writer, first_of, month_of
from guanxi.site.demo.crowd.pen import Pen
from guanxi.site.demo.crowd.shapes import Shape
from guanxi.site.demo.crowd.story import Row

STAMPS = ("id", "owner", "created_by", "updated_by", "created_at", "updated_at")
SUMS = ("listed", "deducted", "discount_percent", "below_list", "net", "tax", "gross", "gross_company", "margin",
        "margin_percent")
VARYING: dict[str, tuple[str, ...]] = {
    "quote": (*STAMPS, "upper_owner", "sort_key", "number", "subject", "customer", "contact", "opportunity", "status",
              "rate", "rate_on", "valid_until", "payment_terms", "discount", "reduction", *SUMS, "sent_on", "signed_on",
              "po_number", "lost_reason", "hit"),
    "quote_line": (*STAMPS, "upper_owner", "sort_key", "quote", "position", "product", "text", "quantity", "unit",
                   "list_price", "price", "discount", "tax_rate", "cost", "share", "net", "tax", "gross"),
    "document": (*STAMPS, "sort_key", "number", "kind", "warehouse", "date", "reference", "value", "confirmed_at",
                 "confirmed_by"),
    "stock_line": (*STAMPS, "upper_owner", "document", "position", "product", "quantity", "unit_cost"),
    "movement": (*STAMPS, "product", "warehouse", "kind", "quantity", "unit_cost", "value", "moment", "document", "line"),
    "balance": (*STAMPS, "product", "warehouse", "on_hand", "reserved", "available", "unit_cost", "value"),
}
#: Months of which goods may come in.
MONTHS = 60
#: More comes in than goes out: a twentieth.
SPARE = 20
Write = Callable[[str, Shape, list[Row]], None]


class Trade:
    """Quotes, deliveries and what came in for them. Numbers are drawn as for any document."""

    def __init__(self, writer: Writer, pen: Pen) -> None:
        self.writer, self.wares, self.pen = writer, writer.wares, pen
        samples = {"quote": Quote(currency="CNY"), "quote_line": QuoteLine(), "document": StockDocument(status="confirmed"),
                   "stock_line": StockLine(), "movement": StockMovement(), "balance": StockBalance()}
        self.shapes = {kind: Shape(sample, VARYING[kind]) for kind, sample in samples.items()}
        self.tables = {kind: shape.model._meta.db_table for kind, shape in self.shapes.items()}
        self.next: dict[str, int] = {}
        self.first: dict[str, int] = {}
        #: What has gone out: by warehouse, month and product.
        self.issued: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)

    def reserve(self, count: int) -> int:
        """Ids for at most so many quotes and what follows from them; how many of them may be found by words."""
        extra = MONTHS * len(self.wares.warehouses)
        goods = max(1, len(self.wares.goods))
        most = {"quote": count, "quote_line": 2 * count, "document": count + extra, "stock_line": count + extra * goods,
                "movement": count + extra * goods, "balance": len(self.wares.warehouses) * goods + 1}
        self.first = {kind: tables.reserve(table, most[kind]) for kind, table in self.tables.items()}
        self.next = dict(self.first)
        return most["quote"] + most["document"]

    def ranges(self) -> dict[str, list[int]]:
        """The ids of what was written; what moved goes with the warehouse, and is not among them."""
        return {self.shapes[kind].name: [self.first[kind], self.next[kind] - 1]
                for kind in ("quote", "quote_line", "document", "stock_line")}

    def _take(self, kind: str) -> int:
        self.next[kind] += 1
        return self.next[kind] - 1

    # quotes --------------------------------------------------------------------------------------

    def write(self, offers: list[Offer], write: Write) -> Iterator[tuple[Any, ...]]:
        """Write some offers and what was delivered for them; gives how the quotes moved from state to state."""
        self._number("sales.quote.number:Q-{}-", "Q", [one.quote for one in offers], gapless=True)
        for one in offers:
            one.quote["id"] = self._take("quote")
            for line in one.lines:
                line |= {"id": self._take("quote_line"), "quote": one.quote["id"]}
        lines = [line for one in offers for line in one.lines]
        write("quote_line", self.shapes["quote_line"], lines)
        for one in offers:
            one.quote["lines"] = self._told("quote_line", one.lines)
        write("quote", self.shapes["quote"], [one.quote for one in offers])
        self._deliver([one for one in offers if one.delivered and one.region in self.wares.warehouses], write)
        for one in offers:
            for move in one.moves:
                yield (self.shapes["quote"].name, one.quote["id"], *move, one.quote["owner"])

    def _told(self, kind: str, rows: list[Row]) -> list[Any]:
        """Lines as the entry of their document tells them."""
        told = {str(row["id"]): json.loads(self.shapes[kind].changes(row)) for row in rows}
        return [{}, {pk: {name: pair[1] for name, pair in changes.items()} for pk, changes in told.items()}]

    def _number(self, key: str, mark: str, rows: list[Row], gapless: bool) -> None:
        """Numbers in the order of the rows, those of a year in one draw."""
        by_year: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_year[row["created_at"][:4]].append(row)
        for year, some in sorted(by_year.items()):
            with self.pen.paused():
                last = numbering.draw(key.format(year), len(some), gapless=gapless)
            for number, row in enumerate(some, last - len(some) + 1):
                row["number"], row["sort_key"] = f"{mark}-{year}-{number:05}", f"{mark.lower()} {int(year):08} {number:08}"

    # stock ---------------------------------------------------------------------------------------

    def _deliver(self, offers: list[Offer], write: Write) -> None:
        documents = []
        for one in offers:
            warehouse = self.wares.warehouses[one.region]
            self.issued[warehouse, month_of(one.delivered)][one.good.name] += one.quantity
            documents.append(self._document("issue", warehouse, one.delivered, one.quote["number"],
                                            [(one.good, one.quantity)]))
        self._book(documents, write)

    def _document(self, kind: str, warehouse: int, at: str, reference: str, goods: list[tuple[Good, int]]) -> Row:
        """A confirmed document; its lines and movements hang on it until it is booked."""
        stamps = self._stamps(at)
        value = sum(((good.cost * many).quantize(CENT) for good, many in goods), Decimal(0))
        return {**stamps, "owner": self.wares.keeper, "id": 0, "number": "", "kind": kind, "warehouse": warehouse,
                "date": self.writer.days.local_day(at), "reference": reference, "value": f"{value:.2f}", "confirmed_at": at,
                "confirmed_by": self.wares.keeper, "goods": goods}

    def _stamps(self, at: str) -> Row:
        who = self.wares.keeper
        return {"owner": None, "created_by": who, "updated_by": who, "created_at": at, "updated_at": at}

    def _book(self, documents: list[Row], write: Write) -> None:
        self._number("inventory.stockdocument.number:ST-{}-", "ST", documents, gapless=False)
        lines: list[Row] = []
        movements: list[Row] = []
        for document in documents:
            document["id"] = self._take("document")
            mine = [self._line(document, place, good, many, movements)
                    for place, (good, many) in enumerate(document["goods"], 1)]
            document["lines"] = self._told("stock_line", mine)
            lines += mine
        write("stock_line", self.shapes["stock_line"], lines)
        write("document", self.shapes["document"], documents)
        write("movement", self.shapes["movement"], movements)

    def _line(self, document: Row, place: int, good: Good, many: int, movements: list[Row]) -> Row:
        comes, stamps = document["kind"] == "receipt", self._stamps(document["created_at"])
        owner, cost = {"owner": self.wares.keeper, "upper_owner": self.wares.keeper}, f"{good.cost:.4f}"
        line = {**stamps, **owner, "id": self._take("stock_line"), "document": document["id"], "position": place,
                "product": good.pk, "quantity": f"{many}.0000", "unit_cost": cost if comes else None}
        sign = "" if comes else "-"
        movements.append({
            **stamps, "id": self._take("movement"), "product": good.pk, "title": good.name,
            "warehouse": document["warehouse"], "kind": document["kind"], "quantity": f"{sign}{many}.0000",
            "unit_cost": cost, "value": f"{sign}{(good.cost * many).quantize(CENT)}", "moment": document["created_at"],
            "document": document["id"], "line": line["id"]})
        return line

    def finish(self, write: Write) -> None:
        """What came in for all that went out, month by month, and the balances that this leaves."""
        receipts, left = [], Counter[tuple[int, str]]()
        for (warehouse, month), gone in sorted(self.issued.items()):
            goods = []
            for name, many in sorted(gone.items()):
                spare = max(1, many // SPARE)
                goods.append((self.wares.goods[name], many + spare))
                left[warehouse, name] += spare
            receipts.append(self._document("receipt", warehouse, first_of(month), "", goods))
        self._book(receipts, write)
        last = max((row["created_at"] for row in receipts), default="")
        rows = []
        for (warehouse, name), many in sorted(left.items()):
            good, there = self.wares.goods[name], f"{many}.0000"
            rows.append({**self._stamps(last), "id": self._take("balance"), "title": name, "product": good.pk,
                         "warehouse": warehouse, "on_hand": there, "reserved": "0.0000", "available": there,
                         "unit_cost": f"{good.cost:.4f}", "value": f"{(good.cost * many).quantize(CENT)}"})
        write("balance", self.shapes["balance"], rows)
