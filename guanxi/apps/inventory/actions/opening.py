"""Posting opening stock: the rows of a file become one confirmed stock document for each warehouse."""

from django.utils.translation import gettext_lazy as _

from guanxi.apps.inventory.actions.ledger import Ledger
from guanxi.apps.inventory.actions.steps import Facts, check, keys_of, steps_of
from guanxi.apps.inventory.models import OpeningStock, StockDocument, StockLine
from guanxi.kernel.api import Ctx, Refused, action

Results = list[tuple[OpeningStock, Refused | None]]
S = OpeningStock.Status


@action(_("Post"), when=S.DRAFT, icon="check")
def post_opening_stock(ctx: Ctx, rows: list[OpeningStock]) -> Results:
    """Put the goods into the books, in one stock document for each warehouse."""
    drafts = {row.pk: _document(ctx, [row]) for row in rows}
    facts = Facts.of(ctx, list(drafts.values()))
    refused: dict[int, Refused] = {}
    for pk, draft in drafts.items():
        try:
            check(draft, facts)
        except Refused as refusal:
            refused[pk] = refusal
    ledger = Ledger(ctx, [key for pk, draft in drafts.items() if pk not in refused for key in keys_of(draft)])
    for pk in drafts.keys() - refused.keys():
        try:
            steps_of(drafts[pk], facts, ledger)
        except Refused as refusal:
            refused[pk] = refusal
    good: dict[int, list[OpeningStock]] = {}
    for row in rows:
        if row.pk not in refused:
            good.setdefault(row.warehouse_id, []).append(row)
    for some in good.values():
        _post(ctx, ledger, some, facts)
    ledger.keep()
    return [(row, refused.get(row.pk)) for row in rows]


def _document(ctx: Ctx, rows: list[OpeningStock]) -> StockDocument:
    document = StockDocument(kind=StockDocument.Kind.OPENING, warehouse_id=rows[0].warehouse_id,
                             reference=str(_("Opening stock")))
    document.lines = [StockLine(product_id=row.product_id, quantity=row.quantity, unit_cost=row.unit_cost, position=place)
                      for place, row in enumerate(rows, 1)]
    return document


def _post(ctx: Ctx, ledger: Ledger, rows: list[OpeningStock], facts: Facts) -> None:
    document = ctx.save(_document(ctx, rows))
    document.value = ledger.post(document, steps_of(document, facts, ledger))
    document.status = StockDocument.Status.CONFIRMED
    document.confirmed_at, document.confirmed_by_id = ctx.now, ctx.user_id
    ctx.save(document)
    for row in rows:
        row.status, row.document, row.product = S.POSTED, document, facts.products[row.product_id]
    for _row, refusal in ctx.save_all(rows):
        if refusal is not None:
            raise refusal
