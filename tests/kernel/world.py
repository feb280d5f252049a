"""A shop in which anything happens in any order, and what an undo must leave of it."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from guanxi.common import merging, talk, undoing
from guanxi.common.talk import Comment, Follow
from guanxi.kernel import external, operations
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.entries import Operation
from guanxi.kernel.external import ExternalId, Redirect
from guanxi.kernel.policy import Share
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.search_index import SearchDoc
from tests.fake_shop.models import Basket, BasketLine, Customer, Delivery, Order, Reason

RECORDS: tuple[type[Record], ...] = (Customer, Order, Delivery, Reason, Basket, BasketLine, Comment, Share)
#: What a change leaves behind besides what was changed, or what follows from something else and is compared with that.
MOVING = {"version", "updated_at", "updated_by_id", "upper_owner_id", "sort_key"}
Key = tuple[str, int]
Picture = dict[Key, dict[str, Any]]


def picture() -> Picture:
    """Every row with every column."""
    found: Picture = {}
    for model in RECORDS:
        for row in model._default_manager.values():
            found[(object_name(model), row["id"])] = {name: row[name] for name in row if name not in MOVING}
    return found


def differs(before: Picture, after: Picture) -> dict[Key, set[str]]:
    """The columns in which rows differ; of a row that only one of them has, all."""
    found = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key, {}), after.get(key, {})
        if names := {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}:
            found[key] = names
    return found


def leads() -> Any:
    """Who follows what, and where the keys of other systems and old addresses lead."""
    return [sorted(model.objects.values_list(*names)) for model, names in (
        (ExternalId, ("source", "key", "object_type", "object_id")), (Follow, ("user_id", "object_type", "object_id")),
        (Redirect, ("object_type", "old_id", "new_id")))]


def alive(of: Picture) -> Picture:
    return {key: row for key, row in of.items() if not row.get("deleted_at")}


@dataclass
class Done:
    """An operation with the pictures before and after it."""

    operation: int
    before: Picture
    after: Picture
    undoes: "Done | None" = None


@dataclass
class World:
    """People, what they did, and what may be undone of it."""

    boss: Ctx
    other: Ctx
    done: list[Done] = field(default_factory=list)
    conflicts: int = 0
    alone: int = 0

    def open(self) -> None:
        """Something to begin with."""
        reason = self.boss.create(Reason, name="Too dear")
        for n in range(3):
            owner = self.other if n else self.boss
            customer = owner.create(Customer, name=f"Firm {n}", credit=n, email=f"box{n}@example.com" if n else "")
            for amount in (10, 20)[:n]:
                owner.create(Order, customer=customer.pk, amount=amount, due=datetime.date(2026, 5, 1))
        self.boss.create(Basket, title="Monday", lines=[{"text": "Ink", "price": 2}, {"text": "Pen", "customer": customer.pk}])
        self.boss.create(Basket, title="Tuesday", lines=[{"text": "Paper", "quantity": 3, "price": 5}])
        talk.comment(self.boss, customer, "hello")
        talk.follow(self.other, customer)
        external.remember("erp", [("K", customer)])
        assert reason.pk

    def rows(self, model: type[Any], which: int, many: int = 1) -> list[Any]:
        rows = list(self.boss.find(model).order_by("pk"))
        return [rows[(which + n) % len(rows)] for n in range(min(many, len(rows)))]

    def play(self, kind: str, a: int, b: int, c: int) -> None:
        """One thing that somebody does. A refusal is one of the things that happen, and changes nothing."""
        before, known = picture(), set(Operation.objects.values_list("pk", flat=True))
        try:
            STEPS[kind](self, a, b, c)
        except Refused:
            assert picture() == before
        made = sorted(set(Operation.objects.values_list("pk", flat=True)) - known)
        if kind != "undo":
            assert len(made) <= 1
            self.done += [Done(pk, before, picture()) for pk in made]
            self.alone += not made
        holds()

    def undo(self, one: Done) -> None:
        """Take an operation back and compare what is there now with what has to be."""
        current = picture()
        result = undoing.undo(self.boss, one.operation)
        now = picture()
        listed = {(name, pk): reason for name, pk, _title, reason in result.conflicts}
        self.conflicts += len(listed)
        judge(one, current, now, listed)
        self.done.append(Done(result.operation_id, current, now, one))

    def pending(self) -> list[Done]:
        """What is to be undone for everything to be as before, the oldest first."""
        def takes_back(one: Done) -> bool:
            return one.undoes is not None and not takes_back(one.undoes)

        states = dict(Operation.objects.values_list("pk", "state"))
        return [one for one in self.done if states[one.operation] == Operation.State.DONE and not takes_back(one)]


def judge(one: Done, current: Picture, now: Picture, listed: dict[Key, str]) -> None:
    """Every row is as before the operation, or listed because of a change made since and left as it was."""
    changed = differs(one.before, one.after)
    conflicts = {key for key in changed if key in listed or home(key, one.after) in listed}
    for key, names in changed.items():
        was, left, is_now = one.before.get(key), current[key], now[key]
        if key in conflicts:
            assert is_now in (left, {**left, **{name: was[name] for name in names}} if was else left), (key, listed)
        elif was is None:
            assert is_now["deleted_at"], (key, listed)
        else:
            assert is_now == {**left, **{name: was[name] for name in names}}, (key, names, listed)
    strangers = differs(current, now).keys() - changed.keys()
    assert not strangers, strangers
    for key, reason in listed.items():
        justified(key, reason, one, current, now)


def home(key: Key, of: Picture) -> Key | None:
    """The document of a line."""
    return ("fake_shop.basket", of[key]["basket_id"]) if key[0] == "fake_shop.basketline" else None


def justified(key: Key, reason: str, one: Done, current: Picture, now: Picture) -> None:
    """Is it true what is said of a record that was left as it is?"""
    ours = {key, *(line for line in one.after if home(line, one.after) == key)}
    changed = {row: names for row, names in differs(one.before, one.after).items() if row in ours}
    since = {row: names for row, names in differs(one.after, current).items() if row in ours}
    if "changed since" in reason:
        created = key not in one.before
        assert any(created or names & changed.get(row, set()) for row, names in since.items()), (key, reason)
    elif "recycle bin" in reason:
        assert now[key].get("deleted_at") or any(
            now.get(link, {}).get("deleted_at") for link in links(key, now[key])), (key, reason)
    elif "secret" in reason:
        assert one.before[key]["token"] != one.after[key]["token"]
    elif "still used" in reason:
        assert any(key in links(other, row) for other, row in alive(now).items()), (key, reason)
    else:
        assert "another customer" in reason, (key, reason)
        mail = one.before[key]["email"]
        assert [other for other, row in alive(now).items() if other != key and row.get("email") == mail], (key, reason)


def links(key: Key, row: dict[str, Any]) -> set[Key]:
    """Where a row leads to."""
    names = {"customer_id": Customer, "order_id": Order, "basket_id": Basket, "reason_id": Reason}
    return {(object_name(names[name]), value) for name, value in row.items() if name in names and value is not None}


def holds() -> None:
    """What is true after whatever happened."""
    rows = alive(picture())
    for key, row in rows.items():
        for link in links(key, row):
            assert link in rows, f"{key} leads to {link}, which is in the recycle bin"
    for basket in Basket.objects.filter(deleted_at=None):
        lines = BasketLine.objects.filter(basket=basket, deleted_at=None)
        assert basket.total == sum(line.amount for line in lines)
        assert all(line.amount == round(line.quantity * line.price, 2) for line in lines)
    owners = dict(Customer.objects.values_list("pk", "owner_id"))
    for pk, owner in Order.objects.filter(deleted_at=None).values_list("customer_id", "upper_owner_id"):
        assert owner == owners[pk]
    searched = (Customer, Order, Reason)
    wanted = {(object_name(row), row.pk, row.full_title, row.owner_id, row.upper_owner_id)
              for model in searched for row in model._default_manager.filter(deleted_at=None)}
    kept = SearchDoc.objects.filter(object_type__in=[object_name(model) for model in searched])
    assert set(kept.values_list("object_type", "object_id", "title", "owner_id", "upper_owner_id")) == wanted


def _edit(world: World, a: int, b: int, c: int) -> None:
    values: list[dict[str, Any]] = [
        {"credit": c}, {"note": f"note {c}"}, {"level": "ab"[c % 2], "tags": [f"t{c}"]}, {"name": f"Name {c}"},
        {"email": f"box{c}@example.com"}, {"since": f"2026-01-{c + 1:02}", "credit": None}, {"phone": f"1380013800{c}"}]
    values[4] |= {"token": f"secret {c}"} if c == 6 else {}
    world.boss.run_many("fake_shop.customer.update", world.rows(Customer, a, 1 + b % 3), **values[b % len(values)])


def _edit_orders(world: World, a: int, b: int, c: int) -> None:
    customer = world.rows(Customer, c)
    values: list[dict[str, Any]] = [{"amount": c}, {"due": f"2026-06-{c + 1:02}"}, {"note": f"order {c}"},
                                    {"customer": customer[0].pk if customer else 0}]
    world.boss.run_many("fake_shop.order.update", world.rows(Order, a, 1 + c % 3), **values[b % len(values)])


def _edit_baskets(world: World, a: int, b: int, c: int) -> None:
    world.boss.run_many("fake_shop.basket.update", world.rows(Basket, a, 1 + b % 2), title=f"Day {c}")


def _stage(world: World, a: int, b: int, c: int) -> None:
    orders, reason = world.rows(Order, a, 1 + c), world.rows(Reason, b)
    if b % 2 and reason:
        world.boss.run_many("fake_shop.order.cancel", orders, reason=reason[0].pk)
    else:
        world.boss.run_many("fake_shop.order.send", orders)


def _postpone(world: World, a: int, b: int, c: int) -> None:
    world.boss.run_many("fake_shop.order.postpone", world.rows(Order, a, 1 + c), days=b)


def _delete(world: World, a: int, b: int, c: int) -> None:
    model = (Customer, Order, Basket, Reason, Delivery)[b % 5]
    world.boss.run_many(f"{object_name(model)}.delete", world.rows(model, a, 1 + c % 2))


def _restore(world: World, a: int, b: int, c: int) -> None:
    model = (Customer, Order, Basket)[b % 3]
    rows = list(world.boss.binned(model).order_by("pk"))
    world.boss.run_many(f"{object_name(model)}.restore", [row.pk for row in rows[a % 3:][:1 + c % 2]])


def _assign(world: World, a: int, b: int, c: int) -> None:
    to = (world.boss, world.other)[b % 2].user_id
    keep = ("nothing", "read", "write")[c % 3]
    world.boss.run_many("fake_shop.customer.assign", world.rows(Customer, a, 1 + c % 2), to=to, keep=keep, below=c < 4)


def _merge(world: World, a: int, b: int, c: int) -> None:
    rows = world.rows(Customer, a, 2 + c % 2)
    picks = {"name": rows[-1].pk, "credit": rows[-1].pk} if rows and b % 2 else {}
    if rows:
        merging.merge(world.boss, rows[0], rows[1:], picks)


def _import(world: World, a: int, b: int, c: int) -> None:
    ctx = world.boss
    made = operations.begin(ctx, "import", "Import")
    with operations.within(ctx, made.pk), ctx.door("fake_shop.customer.import"):
        new = [Customer(name=f"New {n}", email=f"box{b + n}@example.com" if c % 2 else "") for n in range(2)]
        good = [row for row, refusal in ctx.save_all(new) if refusal is None]
        old = world.rows(Customer, a, 2)
        for row in old:
            row.credit, row.note = c, f"imported {b}"
        ctx.save_all(old)
        ctx.save_all([Order(customer=row, amount=c) for row in (*good, *old[:1])])
        ctx.create(Basket, title="Imported", lines=[{"text": "Ink", "price": c, "customer": good[0].pk if good else None}])
    operations.finish(made.pk)


def _lines(world: World, a: int, b: int, c: int) -> None:
    with world.boss.door("test"), world.boss.operation("test", "Lines"):
        _retype(world.boss, world, a, b, c)


def _retype(ctx: Ctx, world: World, a: int, b: int, c: int) -> None:
    for basket in world.rows(Basket, a):
        lines: list[dict[str, Any]] = [{"id": line.pk} for line in basket.lines]
        if lines and b % 3:
            lines[c % len(lines)] |= {"price": c} if b % 2 else {"text": f"text {c}", "quantity": c + 1}
        if c % 3 == 0:
            lines = lines[1:]
        if c % 2:
            lines.insert(0, {"text": f"new {b}", "price": b})
        ctx.update(basket, lines=lines, **({"title": f"Lines {c}"} if b == 3 else {}))


def _alone(world: World, a: int, b: int, c: int) -> None:
    """Somebody else edits one record, which is no operation."""
    ctx = world.other
    customers, orders = list(ctx.find(Customer).order_by("pk")), list(ctx.find(Order).order_by("pk"))
    customer, order = customers[a % len(customers)] if customers else None, orders[a % len(orders)] if orders else None
    if b == 0 and customer:
        ctx.update(customer, **[{"credit": c}, {"note": f"mine {c}"}, {"email": f"box{c}@example.com"}, {"name": "X"}][c % 4])
    elif b == 1 and order:
        ctx.update(order, amount=c, note="mine")
    elif b == 2 and customer:
        ctx.create(Order, customer=customer.pk, amount=c)
    elif b == 3:
        _retype(world.boss, world, a, c, c)
    elif b == 4:
        ctx.create(Customer, name="Mine", email=f"box{c}@example.com")
    elif b == 5 and customer:
        talk.comment(ctx, customer, f"comment {c}")
    elif customer:
        world.boss.create(Basket, title="Mine", lines=[{"text": "For", "customer": customer.pk}])


def _undo(world: World, a: int, _b: int, _c: int) -> None:
    states = dict(Operation.objects.values_list("pk", "state"))
    able = [one for one in world.done if states[one.operation] == Operation.State.DONE]
    if able:
        world.undo(able[-1 - a % len(able)])


STEPS: dict[str, Callable[[World, int, int, int], None]] = {
    "edit": _edit, "edit orders": _edit_orders, "edit baskets": _edit_baskets, "stage": _stage, "postpone": _postpone,
    "delete": _delete, "restore": _restore, "assign": _assign, "merge": _merge, "import": _import, "lines": _lines,
    "alone": _alone, "undo": _undo}
