"""A shop in which anything happens in any order, and what an undo must leave of it."""

import datetime
from typing import Any

from guanxi.common import merging, talk
from guanxi.common.talk import Comment
from guanxi.kernel import external, operations
from guanxi.kernel.api import Ctx
from guanxi.kernel.policy import Share
from guanxi.kernel.records import object_name
from tests import undone
from tests.fake_shop.models import Basket, BasketLine, Customer, Delivery, Order, Reason
from tests.undone import Done, Key, Picture, alive


class World(undone.World):
    """The shop: its objects, what it begins with, and its own reasons and rules."""

    records = (Customer, Order, Delivery, Reason, Basket, BasketLine, Comment, Share)

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

    def otherwise(self, key: Key, reason: str, one: Done, now: Picture) -> Any:
        """A secret that is not written down, or an address that somebody else has now."""
        if "secret" in reason:
            return one.before[key]["token"] != one.after[key]["token"]
        mail = one.before[key]["email"]
        return "another customer" in reason and [
            other for other, row in alive(now).items() if other != key and row.get("email") == mail]

    def holds(self) -> None:
        """Besides, a basket is the sum of its lines."""
        super().holds()
        for basket in Basket.objects.filter(deleted_at=None):
            lines = BasketLine.objects.filter(basket=basket, deleted_at=None)
            assert basket.total == sum(line.amount for line in lines)
            assert all(line.amount == round(line.quantity * line.price, 2) for line in lines)


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


World.steps = {
    "edit": _edit, "edit orders": _edit_orders, "edit baskets": _edit_baskets, "stage": _stage, "postpone": _postpone,
    "delete": _delete, "restore": _restore, "assign": _assign, "merge": _merge, "import": _import, "lines": _lines,
    "alone": _alone,
    "undo": lambda world, a, _b, _c: world.undo_any(a)}
