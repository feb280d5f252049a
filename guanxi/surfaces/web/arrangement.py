"""The order in which one person wants the blocks of the home page, and which of them not at all."""

from dataclasses import dataclass
from typing import Any

from guanxi.kernel.api import Ctx
from guanxi.surfaces.web.models import SavedView

#: Kept like the columns of a list, under a name that no object has.
HOME = "home"
COLUMNS = ("main", "side")


@dataclass(frozen=True)
class Place:
    """Where one block stands."""

    at: int
    column: str
    hidden: bool


def of(ctx: Ctx) -> dict[str, Place]:
    """The person's wishes by the key of the block; what is absent stands where it was declared."""
    kept = ctx.remembered(("home blocks", ctx.user_id), lambda: _kept(ctx))
    return {str(row["key"]): Place(at, str(row.get("column", "")), bool(row.get("hidden"))) for at, row in enumerate(kept)}


def keep(ctx: Ctx, rows: list[dict[str, Any]]) -> None:
    """Write the wishes down; an empty list goes back to how the page was delivered."""
    view = _row(ctx) or SavedView(object_type=HOME, name=HOME, owner_id=ctx.user_id)
    view.columns = rows
    ctx = ctx.as_system("home page")
    with ctx.door("web.savedview.arrange"):
        ctx.save(view)
        ctx.unit.renew = True


def _row(ctx: Ctx) -> SavedView | None:
    return ctx.as_system("home page").find(SavedView).filter(object_type=HOME, owner_id=ctx.user_id).first()


def _kept(ctx: Ctx) -> list[dict[str, Any]]:
    view = _row(ctx)
    return [row for row in view.columns if isinstance(row, dict) and "key" in row] if view is not None else []
