"""Sales as a company finds it on its first day."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from guanxi.apps.catalog.models import Product, Unit
from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales.models import CloseReason, Opportunity, Pipeline, Pool, Quote, Stage
from guanxi.apps.sales.seed import seed
from guanxi.kernel.api import Ctx
from guanxi.surfaces.print import draw_pdf, printing


@pytest.fixture
def sales(firm: Firm) -> SimpleNamespace:
    """The seeded pipeline: ``stages`` and ``reasons`` by key, the ``pool``, the ``pipeline``."""
    return first_day(firm)


def first_day(firm: Firm) -> SimpleNamespace:
    """What a company that begins to sell finds; made where it is not there yet."""
    pipeline = seed(firm.system)
    return SimpleNamespace(
        pipeline=pipeline,
        stages={one.key: one for one in firm.system.find(Stage).order_by("position")},
        reasons={one.key: one for one in firm.system.find(CloseReason)},
        pool=firm.system.find(Pool).get(),
        pipelines=firm.system.find(Pipeline),
    )


@pytest.fixture
def deal(sales: SimpleNamespace) -> Callable[..., Opportunity]:
    """An opportunity: ``deal(ctx, "Name", stage="needs", amount=100)``."""
    def make(ctx: Ctx, name: str = "CRM for Xiaopeng", stage: str = "first_contact", **values: Any) -> Opportunity:
        return ctx.create(Opportunity, name=name, stage=sales.stages[stage].pk, **values)
    return make


@pytest.fixture
def goods(sales: SimpleNamespace, firm: Firm, manager: Person, salesperson: Person) -> SimpleNamespace:
    """What a quote is made of: a customer of anna with a contact, a pump of 113 with tax, advice of 530 an hour."""
    return stock_up(manager(), salesperson())


def stock_up(ctx: Ctx, seller: Ctx) -> SimpleNamespace:
    """The goods, brought by somebody who may, and the customer and contact of who sells them."""
    piece, hour = ctx.create(Unit, name="台"), ctx.create(Unit, name="小时", decimals=2)
    pump = ctx.create(Product, code="P-100", name="离心泵", unit=piece.pk, list_price="113", cost="60")
    advice = ctx.create(Product, code="S-1", name="咨询", kind="service", unit=hour.pk, list_price="530", tax_rate="6", cost="200")
    customer = seller.create(Customer, name="小鹏")
    contact = seller.create(Contact, name="王小明", customer=customer.pk)
    return SimpleNamespace(piece=piece, hour=hour, pump=pump, advice=advice, customer=customer, contact=contact)


@pytest.fixture
def quote(goods: SimpleNamespace, salesperson: Person) -> Callable[..., Quote]:
    """A quote of anna: ``quote()`` is one pump and two hours of advice; ``quote(lines=[…], currency="USD")``."""
    def make(ctx: Ctx | None = None, **values: Any) -> Quote:
        lines = [{"product": goods.pump.pk}, {"product": goods.advice.pk, "quantity": "2"}]
        return (ctx or salesperson()).create(Quote, **{"customer": goods.customer.pk, "lines": lines, **values})
    return make


@pytest.fixture
def drawn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFs are drawn in this process. One of its own loads all letters anew for each; it has tests beside those of sheets."""
    def draw(how: str, request: dict[str, Any]) -> bytes:
        assert how == "draw_pdf"
        return draw_pdf.pdf(request)
    monkeypatch.setattr(printing, "_draw", draw)
