"""Who sees what: scopes, shares, the owner above, masks — and the reason for every answer."""

import dataclasses
import datetime
from typing import Any

import pytest

from guanxi.common import past
from guanxi.kernel import facts, paging, policy
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.policy import Holding, Role
from guanxi.kernel.refusal import Denied
from guanxi.kernel.verbs import share
from tests.fake_shop.models import Customer, Order

pytestmark = pytest.mark.django_db


def _seen(ctx: Ctx, model: Any) -> set[int]:
    return set(Ctx(user=ctx.user).find(model).values_list("pk", flat=True))


@pytest.mark.covers("PERM-09")
def test_scopes_reach_down_the_line(person: Any) -> None:
    chief = person("chief", {"*": {"*": "below"}})
    worker = person("worker", {"*": {"*": "own"}}, boss=chief)
    stranger = person("stranger", {"*": {"*": "own"}})
    rows = {who.name: Ctx(user=who).create(Customer, name=who.name).pk for who in (chief, worker, stranger)}
    assert _seen(Ctx(user=chief), Customer) == {rows["chief"], rows["worker"]}
    assert _seen(Ctx(user=worker), Customer) == {rows["worker"]}
    assert _seen(Ctx(user=stranger), Customer) == {rows["stranger"]}


@pytest.mark.covers("PERM-12")
def test_the_owner_above_sees_everything_below(anna: Ctx, boss: Ctx, person: Any, customer: Customer) -> None:
    theirs = boss.create(Order, customer=customer.pk, amount=3)
    assert theirs.pk in _seen(anna, Order)
    assert not anna.may("update", theirs)
    carl = Ctx(user=person("carl", {"*": {"*": "own"}}))
    boss.run("fake_shop.customer.assign", customer, to=carl.user_id)
    assert theirs.pk in _seen(carl, Order)
    assert theirs.pk not in _seen(anna, Order)


@pytest.mark.covers("PERM-10", "MRG-03")
def test_a_transfer_carries_what_is_below_and_changes_nothing_else(boss: Ctx, anna: Ctx, bert: Ctx, customer: Customer,
                                                                  order: Order) -> None:
    anna.run("fake_shop.order.send", order)
    order.refresh_from_db()
    before = {name: value for name, value in Order.objects.values().get(pk=order.pk).items()
              if name not in ("owner_id", "upper_owner_id", "version", "updated_at", "updated_by_id")}
    outcome = boss.run("fake_shop.customer.assign", customer, to=bert.user_id, keep="read")
    after = Order.objects.values().get(pk=order.pk)
    assert {name: after[name] for name in before} == before
    assert (after["owner_id"], after["upper_owner_id"]) == (bert.user_id, bert.user_id)
    assert _seen(anna, Customer) == {customer.pk}
    assert not Ctx(user=anna.user).may("update", customer)
    assert outcome.operation_id


def test_a_share_gives_the_record_and_what_is_below_until_its_day(anna: Ctx, bert: Ctx, customer: Customer,
                                                                 order: Order) -> None:
    today = datetime.date(2026, 3, 1)
    with anna.door("test"):
        share(anna, customer, bert.user_id, "read", until=datetime.date(2999, 1, 1))
    assert _seen(bert, Customer) == {customer.pk}
    assert _seen(bert, Order) == {order.pk}
    with pytest.raises(Denied):
        Ctx(user=bert.user).update(customer, note="x")
    with anna.door("test"):
        share(anna, customer, bert.user_id, "write", until=today.replace(year=2020))
    assert _seen(bert, Customer) == set()


@pytest.mark.covers("PERM-06")
def test_without_a_right_on_the_object_nothing_below_shows(person: Any, anna: Ctx, customer: Customer, order: Order) -> None:
    half = Ctx(user=person("half", {"fake_shop.customer": {"*": "everyone"}}))
    assert half.find(Customer).count() == 1
    assert half.find(Order).count() == 0


MASKS = [{"object": "fake_shop.customer", "field": "phone", "level": "masked"},
         {"object": "fake_shop.customer", "field": "credit", "level": "hidden"},
         {"object": "fake_shop.customer", "field": "level", "level": "readonly"}]


@pytest.mark.covers("PERM-03", "PERM-04", "PERM-05")
def test_masks_hold_for_reading_filtering_sorting_and_writing(person: Any, customer: Customer, unchanged: Any) -> None:
    masked = Ctx(user=person("masked", {"*": {"*": "everyone"}}, masks=MASKS))
    views = {view.key: view for view in facts.fields(Customer, masked)}
    assert "credit" not in views
    assert views["phone"].text(views["phone"].raw(customer)) == "138****8000"
    assert not views["phone"].sortable and not views["phone"].filterable
    before = unchanged()
    for values in ({"credit": 5}, {"phone": "13900139000"}, {"level": "a"}):
        with pytest.raises(Refused):
            masked.update(customer, **values)
    assert unchanged() == before


def test_an_order_by_a_covered_field_gives_way(person: Any, customer: Customer, boss: Ctx, monkeypatch: pytest.MonkeyPatch) -> None:
    masked = Ctx(user=person("masked", {"*": {"*": "everyone"}}, masks=MASKS))
    monkeypatch.setattr(Customer, "about", dataclasses.replace(Customer.about, order="phone"))
    assert paging.page(boss, boss.find(Customer), Customer).sort == "phone"
    assert paging.page(masked, masked.find(Customer), Customer).sort == "-id"
    with pytest.raises(Refused, match="cannot be sorted by"):
        paging.page(masked, masked.find(Customer), Customer, sort="phone")


def test_the_gentlest_of_several_roles_counts(person: Any, system: Ctx, customer: Customer) -> None:
    user = person("two", {"*": {"*": "everyone"}}, masks=MASKS)
    with system.door("test"):
        role = system.save(Role(name="open", grants=[{"object": "*", "verb": "view", "scope": "own"}]))
        system.save(Holding(role=role, user=user))
    views = {view.key: view for view in facts.fields(Customer, Ctx(user=user))}
    assert not views["phone"].masked and "credit" in views


def test_why_derives_the_answer(anna: Ctx, bert: Ctx, order: Order) -> None:
    for ctx in (anna, bert):
        for verb in ("view", "update"):
            fresh = Ctx(user=ctx.user)
            reasons = policy.why(fresh, Order, verb, order)
            assert any(reason.gives for reason in reasons) == bool(fresh.may(verb, order))
            assert all(str(reason.text) for reason in reasons)


def test_why_of_an_administrator_does_not_contradict_itself(boss: Ctx, order: Order) -> None:
    assert [reason.gives for reason in policy.why(boss, Order, "update", order) if reason.source == "role"] == [True]


def test_giving_away_is_a_right_of_its_own(person: Any, anna: Ctx, unchanged: Any) -> None:
    clerk = Ctx(user=person("clerk", {"fake_shop.person": {"view": "everyone"}, "fake_shop.customer": {
        "view": "own", "create": "own", "update": "own"}}))
    mine = clerk.create(Customer, name="Mine")
    before = unchanged()
    with pytest.raises(Denied):
        clerk.update(mine, owner=anna.user_id)
    with pytest.raises(Denied):
        clerk.create(Customer, name="Hers", owner=anna.user_id)
    assert unchanged() == before


def test_the_account_is_read_by_those_who_were_given_it_by_name(person: Any) -> None:
    everything = Ctx(user=person("everything", {}))
    reader = Ctx(user=person("reader", {}))
    system = everything.as_system("roles")
    with system.door("roles"):
        wide = system.save(Role(name="wide", grants=[{"object": "*", "kind": "owned", "verb": "*", "scope": "everyone"}]))
        named = system.save(Role(name="named", grants=[{"object": "kernel.entry", "verb": "view", "scope": "everyone"}]))
        system.save(Holding(role=wide, user=everything.user))
        system.save(Holding(role=named, user=reader.user))
    assert not past.may_audit(Ctx(user=everything.user))
    assert past.may_audit(Ctx(user=reader.user))


@pytest.mark.covers("PERM-09")
def test_rights_given_and_taken_back_in_a_transaction_are_forgotten(system: Ctx, person: Any, customer: Customer) -> None:
    reader, seen = person("rita"), []
    with system.door("test"):
        role = system.save(Role(name="reader", grants=[]))

    def look() -> int:
        return Ctx(user=type(reader).objects.get(pk=reader.pk)).find(Customer).count()

    assert look() == 0
    def give() -> None:
        with system.door("test"):
            system.save(Holding(role=role, user=reader))
            seen.append(look())
            role.grants = [{"object": "fake_shop.customer", "verb": "view", "scope": "everyone"}]
            system.save(role)
            seen.append(look())
            raise Refused("not after all")

    with pytest.raises(Refused):
        give()
    assert (seen, look()) == ([0, 1], 0)
