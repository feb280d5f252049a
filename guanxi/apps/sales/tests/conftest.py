"""Sales as a company finds it on its first day."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from guanxi.apps.conftest import Firm
from guanxi.apps.sales.models import CloseReason, Opportunity, Pipeline, Pool, Stage
from guanxi.apps.sales.seed import seed
from guanxi.kernel.api import Ctx


@pytest.fixture
def sales(firm: Firm) -> SimpleNamespace:
    """The seeded pipeline: ``stages`` and ``reasons`` by key, the ``pool``, the ``pipeline``."""
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
