"""The small firm, its people, and how a table is imported without a browser."""

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.apps.conftest import (  # noqa: F401  fixtures of the firm
    Firm,
    administrator,
    firm,
    founded,
    manager,
    other_salesperson,
    salesperson,
    standing,
)
from guanxi.apps.parties.models import Customer
from guanxi.kernel.api import Ctx
from guanxi.surfaces.impex import runs
from guanxi.surfaces.impex.models import ImportRun

Bring = Callable[..., ImportRun]


@pytest.fixture
def bring() -> Bring:
    """Import a table for somebody: ``bring(ctx, "name,phone\\n…", mode="both", columns={…}, values={…})``."""
    def run(ctx: Ctx, table: str | bytes, *, model: Any = Customer, columns: dict[str, list[str]] | None = None,
            values: dict[str, dict[str, str]] | None = None, constants: dict[str, Any] | None = None,
            name: str = "table.csv", launch: bool = True, **options: Any) -> ImportRun:
        content = table.encode() if isinstance(table, str) else table
        made = runs.start(ctx, model, content, name)
        mapping = {**made.mapping, "columns": {**made.mapping["columns"], **(columns or {})},
                   "values": values or {}, "constants": constants or {}}
        runs.change(ctx, made, mapping, {**made.options, **options})
        if launch:
            runs.launch(ctx, made)
        return runs.find(ctx, made.pk)
    return run


@pytest.fixture
def figures() -> Callable[[ImportRun], dict[str, int]]:
    """The figures of a run, which always add up."""
    def of(run: ImportRun) -> dict[str, int]:
        found = {key: value for key, value in run.figures.items() if value and key != "notes"}
        counted = {key: value for key, value in found.items() if key != "read"}
        assert sum(counted.values()) == found.get("read", 0)
        return counted
    return of
