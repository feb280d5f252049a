"""Whatever documents come in whatever order: each balance is the sum of its movements, and none goes below nothing."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, Q, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.inventory.actions import check_balances
from guanxi.apps.inventory.models import Reservation, StockBalance, StockDocument, StockMovement
from guanxi.apps.inventory.tests.conftest import CANCEL, CONFIRM, draft, line
from guanxi.kernel.api import Refused

pytestmark = pytest.mark.django_db
D = Decimal
KINDS = ("receipt", "issue", "transfer", "count", "cancel", "reserve", "release")
one_step = st.tuples(st.sampled_from(KINDS), st.sampled_from("ab"), st.lists(
    st.tuples(st.sampled_from(("pump", "valve")), st.integers(0, 9)), min_size=1, max_size=3), st.integers(0, 5))


def play(stock: SimpleNamespace, head: Person, kind: str, place: str, goods: list[tuple[str, int]], which: int) -> None:
    """One thing that somebody does; a refusal is one of the things that happen."""
    here, there = (stock.a, stock.b) if place == "a" else (stock.b, stock.a)
    name, quantity = goods[0]
    if kind == "reserve":
        head().create(Reservation, product=getattr(stock, name).pk, warehouse=here.pk, quantity=quantity, purpose="x")
    elif kind in ("cancel", "release"):
        model: Any = StockDocument if kind == "cancel" else Reservation
        rows = list(model.objects.order_by("pk"))
        if rows:
            verb, more = (CANCEL, {"reason": "x"}) if kind == "cancel" else ("inventory.reservation.release", {})
            head().run(verb, rows[which % len(rows)], **more)
    else:
        lines = [line(getattr(stock, one), count, which or None) for one, count in goods]
        more = {"to_warehouse": there.pk} if kind == "transfer" else {}
        head().run(CONFIRM, draft(head(), kind, here, *lines, **more))


def holds(firm: Firm) -> None:
    """What must be true after every step."""
    assert check_balances(firm.system) == []
    assert not StockBalance.objects.filter(Q(on_hand__lt=0) | Q(reserved__lt=0) | Q(value__lt=0)).exists()
    assert not StockBalance.objects.exclude(available=F("on_hand") - F("reserved")).exists()
    assert not StockBalance.objects.filter(on_hand=0).exclude(value=0).exists()
    for row in StockBalance.objects.all():
        summed = StockMovement.objects.filter(warehouse=row.warehouse, product=row.product).aggregate(
            quantity=Sum("quantity"), value=Sum("value"))
        assert (summed["quantity"] or 0, round(summed["value"] or D(0), 2)) == (row.on_hand, row.value)
    done = StockDocument.objects.exclude(status="draft")
    assert set(StockMovement.objects.values_list("document_id", flat=True)) <= set(done.values_list("pk", flat=True))


@pytest.mark.covers("MON-07")
def test_balances_are_sums_whatever_happens(firm: Firm, stock: SimpleNamespace, head: Person) -> None:
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(one_step, min_size=3, max_size=12))
    def example(steps: list[tuple[str, str, list[tuple[str, int]], int]]) -> None:
        with transaction.atomic():
            for step in steps:
                try:
                    play(stock, head, *step)
                except Refused as refusal:
                    assert refusal.reason
                holds(firm)
            transaction.set_rollback(True)

    example()
    assert not StockMovement.objects.exists()
