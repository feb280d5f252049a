"""What one can do with a stock document: confirm it, cancel it, and begin a count. Many at once is as safe as one."""

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.apps.inventory.actions.ledger import REASON, Ledger, Step
from guanxi.apps.inventory.actions.steps import Facts, check, keys_of, steps_of
from guanxi.apps.inventory.models import Reservation, StockBalance, StockDocument, StockLine, StockMovement
from guanxi.kernel.api import Answer, Ctx, Refused, action

S = StockDocument.Status
Results = list[tuple[StockDocument, Refused | None]]
#: Lines that one count may have.
MOST = 2000


@action(_("Confirm"), when=S.DRAFT, icon="check")
def confirm_stock_documents(ctx: Ctx, documents: list[StockDocument]) -> Results:
    """Post the document: its goods move, all of them or none."""
    facts = Facts.of(ctx, documents)
    refused: dict[int, Refused] = {}
    for document in documents:
        try:
            check(document, facts)
        except Refused as refusal:
            refused[document.pk] = refusal
    good = [one for one in documents if one.pk not in refused]
    ledger = Ledger(ctx, [key for one in good for key in keys_of(one)])
    return _each(ledger, documents, refused, lambda document: _confirm(ctx, ledger, document, facts))


def _each(ledger: Ledger, documents: list[StockDocument], refused: dict[int, Refused],
          post: Callable[[StockDocument], None]) -> Results:
    """Post one document after the other on balances that are all locked; a refused one leaves nothing behind."""
    results: Results = []
    for document in documents:
        refusal, unit, stocks = refused.get(document.pk), ledger.ctx.unit, ledger.stocks
        mark = unit.mark()
        if refusal is None:
            try:
                with transaction.atomic():
                    post(document)
            except Refused as error:
                unit.back_to(mark)
                refusal, ledger.stocks = error, stocks
        results.append((document, refusal))
    ledger.keep()
    return results


def _confirm(ctx: Ctx, ledger: Ledger, document: StockDocument, facts: Facts) -> None:
    used = [facts.reservations[line.reservation_id] for line in document.lines if line.reservation_id]
    if len({one.pk for one in used}) != len(used) or any(one.status != one.Status.ACTIVE for one in used):
        raise Refused(_("A reservation is used up by one line only."), field="lines", record=document)
    document.value = ledger.post(document, steps_of(document, facts, ledger))
    document.status, document.confirmed_at, document.confirmed_by_id = S.CONFIRMED, ctx.now, ctx.user_id
    ctx.save(document)
    for one in used:
        one.status = Reservation.Status.CONSUMED
        ctx.save(one)


@action(pgettext_lazy("document", "Cancel"), when=S.CONFIRMED, icon="arrow-back-up", danger=True,
        inputs={"reason": _("Reason")})
def cancel_stock_documents(ctx: Ctx, documents: list[StockDocument], *, reason: str) -> Results:
    """Take the document back by movements that reverse it; what happened stays in the books."""
    rows = ctx.as_system(REASON).find(StockMovement).filter(
        document__in=[one.pk for one in documents], reverses=None).select_related("line").order_by("-pk")
    by_document: dict[int, list[StockMovement]] = {}
    for row in rows:
        by_document.setdefault(row.document_id, []).append(row)
    ledger = Ledger(ctx, [(row.warehouse_id, row.product_id) for some in by_document.values() for row in some])

    def cancel(document: StockDocument) -> None:
        ledger.post(document, [_reversal(row) for row in by_document.get(document.pk, ())])
        document.status, document.cancel_reason = S.CANCELLED, reason
        document.cancelled_at, document.cancelled_by_id = ctx.now, ctx.user_id
        ctx.save(document)
    return _each(ledger, documents, {}, cancel)


def _reversal(row: StockMovement) -> Step:
    """What went out comes back at its own cost; what came in leaves at the average."""
    return Step(row.line, (row.warehouse_id, row.product_id), StockMovement.Kind.REVERSAL, -row.quantity,
                cost=-row.value if row.quantity < 0 else None, reverses=row)


def is_count(document: StockDocument) -> Answer:
    """Is it a stocktake?"""
    counts = document.kind == StockDocument.Kind.COUNT
    return Answer(counts, "" if counts else _("Only a stocktake is filled from the books."))


@action(_("Fill from the books"), verb="fill", when=S.DRAFT, where=is_count, right="update", icon="list-check")
def fill_stock_document(ctx: Ctx, document: StockDocument) -> None:
    """Begin the count: a line for every product the warehouse has, with what the books say now."""
    rows = list(ctx.as_system(REASON).find(StockBalance).filter(warehouse_id=document.warehouse_id).exclude(
        on_hand=0).exclude(product__in=[line.product_id for line in document.lines]).order_by("product__sort_key", "pk"))
    if len(rows) + len(document.lines) > MOST:
        raise Refused(_("The warehouse has %(count)s products: a count has at most %(most)s lines. Count in parts.") % {
            "count": len(rows), "most": MOST}, field="lines", record=document)
    document.lines = [*document.lines, *(StockLine(
        product_id=row.product_id, quantity=row.on_hand, book_quantity=row.on_hand) for row in rows)]
    ctx.save(document)
