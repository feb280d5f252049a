"""Rows open beyond ownership, rows just gone, titles in other words, and what moves from record to record."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q

from guanxi.common import talk
from guanxi.kernel.actions import Action
from guanxi.kernel.api import Ctx, Entry, Refused
from guanxi.kernel.refusal import Conflict, Denied, Missing
from guanxi.kernel.search_index import SearchDoc
from tests.fake_shop.actions import send_order
from tests.fake_shop.models import Customer, Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Customer, "open_rows", classmethod(lambda cls, ctx: Q(owner=None)))


@pytest.fixture
def free(system: Ctx) -> Customer:
    return system.create(Customer, name="In the pool")


def test_open_rows_are_seen_and_not_changed(pool: None, free: Customer, anna: Ctx, customer: Customer, bert: Ctx) -> None:
    assert list(bert.find(Customer)) == [free]
    assert bert.find(Customer, "update").count() == 0
    with pytest.raises(Denied):
        bert.update(free, name="Mine")
    free.refresh_from_db()
    assert free.name == "In the pool"


def test_open_rows_need_the_right_to_look(pool: None, free: Customer, person: Any) -> None:
    nobody = Ctx(user=person("nobody", {}))
    assert not nobody.find(Customer).exists()


def test_a_row_just_gone_may_tell_why(monkeypatch: pytest.MonkeyPatch, order: Order, bert: Ctx) -> None:
    with pytest.raises(Missing):
        bert.run(send_order, order)
    monkeypatch.setattr(Order, "why_gone", classmethod(lambda cls, ctx, pk: Conflict(f"{pk} was taken by anna")))
    with pytest.raises(Conflict, match=f"{order.pk} was taken by anna"):
        bert.run(send_order, order)
    outcome = bert.run_many(send_order, [order.pk])
    assert [refusal.reason for _pk, _title, refusal in outcome.refused] == [f"{order.pk} was taken by anna"]


def test_links_are_found_by_what_the_object_calls_itself(
        monkeypatch: pytest.MonkeyPatch, anna: Ctx, customer: Customer) -> None:
    monkeypatch.setattr(Customer, "titled", classmethod(lambda cls, rows, words: rows.filter(name__contains=words)))
    assert anna.create(Order, customer="小鹏", amount=1).customer_id == customer.pk


def test_what_a_migrated_row_leaves_empty_is_filled_as_usual(boss: Ctx) -> None:
    ctx = Ctx(user=boss.user, via="import", migrating=True)
    old = ctx.create(Customer, name="Old", created_at="2016-10-20")
    new = ctx.create(Customer, name="New", created_at="", created_by="")
    assert (old.created_at.year, old.created_by_id) == (2016, boss.user_id)
    assert (new.created_at, new.created_by_id) == (ctx.now, boss.user_id)


def test_comments_and_files_move_with_author_time_and_followers(
        anna: Ctx, order: Order, customer: Customer, boss: Ctx) -> None:
    said, _unable = talk.comment(anna, order, "They like blue.", [SimpleUploadedFile("plan.txt", b"blue")])
    talk.follow(boss, order)
    before = Entry.objects.count()
    with anna.door("test"):
        assert talk.carry(anna, order, customer) == 2
    moved = talk.comments(anna, customer)
    assert [(one.pk, one.text, one.created_by_id, one.created_at) for one in moved] == [
        (said.pk, "They like blue.", anna.user_id, said.created_at)]
    assert [one.name for one in talk.attachments(anna, customer)] == ["plan.txt"]
    assert talk.comments(anna, order) == [] == talk.attachments(anna, order)
    assert talk.follows(boss, customer)
    assert Entry.objects.count() == before + 2


def test_a_refused_row_of_a_bulk_action_leaves_nothing_in_the_index(
        anna: Ctx, customer: Customer) -> None:
    good, bad = (anna.create(Order, customer=customer.pk, amount=amount) for amount in (1, 2))
    made = []

    def send(ctx: Ctx, order: Order) -> None:
        made.append(ctx.save(Customer(name="by the way", owner_id=ctx.user_id)).pk)
        if order.pk == bad.pk:
            raise Refused("Not this one.")

    outcome = anna.run_many(Action("send", Order, send, "Send", right="send"), [good.pk, bad.pk])
    assert [pk for pk, _title, _refusal in outcome.refused] == [bad.pk]
    found = SearchDoc.objects.filter(object_type="fake_shop.customer", title="by the way")
    assert [doc.object_id for doc in found] == [made[0]]
    assert Customer.objects.filter(name="by the way").count() == 1
