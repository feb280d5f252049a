"""The least that makes a record of any object, worked out from its declaration."""

import itertools
from collections.abc import Callable
from typing import Any

from guanxi.kernel import actions, door, facts, registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.policy import Share
from guanxi.kernel.records import Record, object_name

_count = itertools.count(1)
_kinds = itertools.cycle(["activity", "to_do", "next_contact"])

#: Keys of custom fields whose indexes are there before a test begins: making one in its transaction lets SQLite read
#: the whole schema again after every rollback.
OWN_KEYS = [f"own_{n}" for n in range(10)]
_keys = itertools.cycle(OWN_KEYS)

#: What a declaration cannot say: rules of single objects about their values.
MORE: dict[str, Callable[[Ctx, int], dict[str, Any]]] = {
    "org.user": lambda ctx, n: {"email": f"person{n}@example.com"},
    "kernel.customfield": lambda ctx, n: {"object_type": "parties.customer", "key": next(_keys)},
    "parties.businessyear": lambda ctx, n: {"year": 1900 + n % 200},
    "sales.poolmember": lambda ctx, n: {"user": ctx.user_id},
    "work.reminderchoice": lambda ctx, n: {"kind": next(_kinds), "owner": make(ctx, registry.model_of("org.user")).pk},
    "sales.opportunity": lambda ctx, n: {"stage": make(ctx, registry.model_of("sales.stage")).pk},
    "catalog.exchangerate": lambda ctx, n: {"currency": "USD", "day": f"{1900 + n // 300}-{n % 12 + 1:02}-{n % 25 + 1:02}"},
    "catalog.product": lambda ctx, n: {"customer": make(ctx, registry.model_of("parties.customer")).pk},
    "catalog.pricelist": lambda ctx, n: {"restricted": True},
    "automation.approvalrule": lambda ctx, n: {
        "object_type": "parties.customer", "action": "delete", "active": False, "steps": [{"kind": "superior"}]},
    "automation.delegation": lambda ctx, n: {"to": make(ctx, registry.model_of("org.user")).pk},
    "inventory.reservation": lambda ctx, n: {"quantity": "1", "warehouse": ctx.as_system("test").create(
        registry.model_of("inventory.warehouse"), code=f"R{n}", name=f"Open {n}", may_go_negative=True).pk},
    "sales.lead": lambda ctx, n: {"company": f"Company {n}"},
}


def value_of(view: Any, ctx: Ctx) -> Any:
    """A value a field accepts; a linked record is made first."""
    n = next(_count)
    if view.target:
        return ctx.user_id if view.kind == "user" else make(ctx, view.target_model).pk
    if view.choices:
        return view.choices[0][0]
    return {"email": f"box{n}@example.com", "phone": f"138{n:08}", "url": f"https://example.com/{n}", "integer": n,
            "decimal": "1.5", "money": "100.50", "percent": "12.5", "day": "2026-05-01", "moment": "2026-05-01T08:00:00Z",
            "flag": True, "color": "blue", "tags": ["one"], "json": {}}.get(view.kind, f"value {n}")


def minimal(ctx: Ctx, model: type[Record]) -> dict[str, Any]:
    """Values for every field that is needed."""
    more = MORE.get(object_name(model), lambda _ctx, _n: {})(ctx, next(_count))
    return {view.key: value_of(view, ctx) for view in facts.fields(model, ctx)
            if view.required and not view.readonly and view.key not in more} | more


def make(ctx: Ctx, model: type[Record]) -> Any:
    """A record, created through the door with the rights of ``ctx``."""
    if model is Share:
        system = ctx.as_system("test")
        with system.door("test"):
            return system.save(Share(object_type="parties.customer", object_id=1, user_id=ctx.user_id))
    return door.run(ctx, actions.verb_of(model, "create"), None, minimal(ctx, model)).record
