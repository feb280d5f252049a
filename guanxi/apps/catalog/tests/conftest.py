"""A small catalog to test with."""

from types import SimpleNamespace

import pytest

from guanxi.apps.catalog.models import PriceList, Product, ProductCategory, Unit
from guanxi.apps.conftest import Firm, Person


@pytest.fixture
def catalog(firm: Firm, manager: Person) -> SimpleNamespace:
    """Pumps within hardware, two units, a pump of 113.00 with tax, advice of 500 an hour, a list for everybody."""
    ctx = manager()
    hardware = ctx.create(ProductCategory, name="硬件")
    pumps = ctx.create(ProductCategory, name="水泵", parent=hardware.pk)
    piece, hour = ctx.create(Unit, name="台"), ctx.create(Unit, name="小时", decimals=2)
    pump = ctx.create(Product, code="P-100", name="离心泵", category=pumps.pk, unit=piece.pk, list_price="113", cost="60")
    advice = ctx.create(Product, code="S-1", name="咨询", kind="service", unit=hour.pk, list_price="500", tax_rate="6")
    general = ctx.create(PriceList, name="2026 标准价目表")
    return SimpleNamespace(hardware=hardware, pumps=pumps, piece=piece, hour=hour, pump=pump, advice=advice, general=general)
