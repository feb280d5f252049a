"""Documents: a record and its lines are written, refused, counted, undone and seen as one."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.common import past, revealing, undoing
from guanxi.kernel import entries
from guanxi.kernel.api import Ctx, Denied, Entry, Refused
from guanxi.kernel.refusal import Conflict, Missing
from tests.fake_shop.models import Basket, BasketLine, Customer, Order

pytestmark = pytest.mark.django_db

TWO: list[dict[str, Any]] = [{"text": "Ink", "quantity": "3", "price": "1.50"}, {"text": "Paper", "price": 10}]


def live(basket: Basket) -> list[tuple[str, str, int]]:
    rows = BasketLine.objects.filter(basket=basket, deleted_at=None).order_by("position")
    return [(row.text, str(row.amount), row.position) for row in rows]


def test_create_writes_both_and_tells_once(anna: Ctx) -> None:
    basket = anna.create(Basket, title="Monday", lines=TWO)
    assert live(basket) == [("Ink", "4.50", 1), ("Paper", "10.00", 2)]
    assert str(Basket.objects.get(pk=basket.pk).total) == "14.50"
    entry = Entry.objects.get(object_type="fake_shop.basket", object_id=basket.pk)
    before, after = entry.changes["lines"]
    assert before == {}
    assert [row["text"] for row in after.values()] == ["Ink", "Paper"]
    assert not Entry.objects.filter(object_type="fake_shop.basketline").exists()
    assert entries.broken_at() is None


def test_update_changes_adds_removes_and_orders(anna: Ctx) -> None:
    basket = anna.create(Basket, title="Monday", lines=TWO)
    ink, paper = BasketLine.objects.order_by("position")
    anna.update(basket, lines=[{"text": "Pens", "price": "2"}, {"id": paper.pk, "quantity": 2}])
    assert live(basket) == [("Pens", "2.00", 1), ("Paper", "20.00", 2)]
    fresh = Basket.objects.get(pk=basket.pk)
    assert (str(fresh.total), fresh.version) == ("22.00", 2)
    before, after = Entry.objects.filter(object_type="fake_shop.basket").latest("pk").changes["lines"]
    assert before[str(ink.pk)]["text"] == "Ink"
    assert str(ink.pk) not in after
    assert (before[str(paper.pk)]["quantity"], after[str(paper.pk)]["quantity"]) == ("1.0000", "2.0000")


def test_a_change_of_lines_alone_counts_as_a_change_of_the_document(anna: Ctx) -> None:
    basket = anna.create(Basket, title="Monday", lines=TWO)
    ink = BasketLine.objects.get(text="Ink")
    paper = BasketLine.objects.get(text="Paper")
    anna.update(basket, lines=[{"id": ink.pk, "text": "Black ink"}, {"id": paper.pk}])
    assert Basket.objects.get(pk=basket.pk).version == 2
    with pytest.raises(Conflict):
        anna.update(basket, version=1, lines=[{"id": ink.pk, "text": "Blue ink"}, {"id": paper.pk}])
    assert live(basket)[0][0] == "Black ink"
    change = past.changes_of(anna, Entry.objects.filter(object_type="fake_shop.basket").latest("pk"), Basket)[0]
    assert change.words(change.new, {}) == "1 line"


@pytest.mark.parametrize(("bad", "where"), [
    ({"text": "Ink", "quantity": "many"}, "lines.2.quantity"),
    ({"text": "Ink", "quantity": "0"}, "lines.2"),
    ({"quantity": "1"}, "lines.2.text"),
    ({"text": "Ink", "wings": 2}, "lines.2.wings"),
    ({"id": 999999, "text": "Ink"}, "lines.2.id"),
])
def test_a_bad_line_refuses_the_whole_document(anna: Ctx, bad: dict[str, Any], where: str) -> None:
    basket = anna.create(Basket, title="Monday", lines=TWO)
    was, count = live(basket), Entry.objects.count()
    ink = BasketLine.objects.get(text="Ink")
    with pytest.raises(Refused) as refused:
        anna.update(basket, title="Tuesday", lines=[{"id": ink.pk, "text": "Red"}, bad])
    assert where in str({**refused.value.errors, refused.value.field: ""})
    assert live(basket) == was
    assert Entry.objects.count() == count
    assert Basket.objects.get(pk=basket.pk).title == "Monday"
    with pytest.raises(Refused):
        anna.create(Basket, title="Friday", lines=[bad])
    assert Basket.objects.count() == 1


def test_a_line_of_another_document_is_not_there(anna: Ctx) -> None:
    mine = anna.create(Basket, title="Monday", lines=TWO[:1])
    other = anna.create(Basket, title="Sunday", lines=TWO[1:])
    taken = BasketLine.objects.get(text="Paper")
    with pytest.raises(Refused):
        anna.update(mine, lines=[{"id": taken.pk, "text": "Mine now"}])
    assert live(other) == [("Paper", "10.00", 1)]


def test_links_in_lines_go_only_to_what_may_be_seen(bert: Ctx, customer: Customer) -> None:
    assert not bert.find(Customer).filter(pk=customer.pk).exists()
    with pytest.raises(Refused):
        bert.create(Basket, title="Monday", lines=[{"text": "Ink", "customer": customer.pk}])
    assert not Basket.objects.exists()


def test_lines_are_seen_with_the_document(anna: Ctx, bert: Ctx) -> None:
    basket = anna.create(Basket, title="Monday", lines=TWO)
    assert anna.find(BasketLine).count() == 2
    assert bert.find(BasketLine).count() == 0
    with pytest.raises(Missing):
        bert.update(basket, lines=[])
    assert len(live(basket)) == 2


def test_undo_brings_lines_back(anna: Ctx) -> None:
    basket = anna.create(Basket, title="Monday", lines=TWO)
    was, paper = live(basket), BasketLine.objects.get(text="Paper")
    with anna.door("test"), anna.operation("test", "change") as made:
        anna.update(basket, title="Tuesday", lines=[{"id": paper.pk, "price": 5}, {"text": "Pens", "price": 1}])
    assert live(basket) == [("Paper", "5.00", 1), ("Pens", "1.00", 2)]
    result = undoing.undo(anna, made.pk)
    assert result.conflicts == []
    assert live(basket) == was
    fresh = Basket.objects.get(pk=basket.pk)
    assert (fresh.title, str(fresh.total)) == ("Monday", "14.50")


def test_deleting_and_restoring_takes_the_lines_along(anna: Ctx) -> None:
    basket = anna.create(Basket, title="Monday", lines=TWO)
    anna.delete(basket)
    assert live(basket) == []
    anna.run("fake_shop.basket.restore", basket)
    assert len(live(basket)) == 2


def test_many_documents_are_drawn_up_with_few_queries(anna: Ctx, django_assert_max_num_queries: Any) -> None:
    made = [anna.create(Basket, title=f"Day {number}", lines=TWO) for number in range(12)]
    with django_assert_max_num_queries(30):
        anna.run_many("fake_shop.basket.update", made, title="Any day")
    assert set(Basket.objects.values_list("title", flat=True)) == {"Any day"}


def test_a_masked_value_of_a_line_is_revealed_only_with_the_right_to_reveal(person: Any, anna: Ctx) -> None:
    basket = anna.create(Basket, title="Monday", lines=TWO)
    see = {"view": "everyone", "update": "everyone"}
    hidden = [{"object": "fake_shop.basketline", "field": "price", "level": "masked"}]
    clerk = Ctx(user=person("clerk", {"fake_shop.basket": see}, masks=hidden))
    line = clerk.find(BasketLine).get(basket=basket, text="Ink")
    with pytest.raises(Denied):
        revealing.reveal(clerk, line, "price")
    open_eyes = Ctx(user=person("open", {"fake_shop.basket": {**see, "reveal": "everyone"}}, masks=hidden))
    assert revealing.reveal(open_eyes, line, "price") == "1.50"


def test_undoing_an_undo_removes_a_line_again(anna: Ctx) -> None:
    basket = anna.create(Basket, title="Monday", lines=TWO)
    paper = BasketLine.objects.get(text="Paper")
    with anna.door("test"), anna.operation("test", "change") as made:
        anna.update(basket, lines=[{"id": paper.pk, "price": 5}])
    first = undoing.undo(anna, made.pk)
    assert live(basket) == [("Ink", "4.50", 1), ("Paper", "10.00", 2)]
    second = undoing.undo(anna, first.operation_id)
    assert second.conflicts == []
    assert live(basket) == [("Paper", "5.00", 1)]
    assert str(Basket.objects.get(pk=basket.pk).total) == "5.00"


def test_links_of_lines_are_looked_up_together(anna: Ctx) -> None:
    customers = [anna.create(Customer, name=f"Customer {number}") for number in range(10)]

    def asked(count: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            anna.create(Basket, title="Many", lines=[{"text": "Ink", "customer": one.pk} for one in customers[:count]])
        return len(queries)

    assert asked(3) >= asked(10)


def test_a_changed_line_counts_up_and_an_untouched_one_does_not(anna: Ctx) -> None:
    basket = anna.create(Basket, title="Monday", lines=TWO)
    ink, paper = BasketLine.objects.order_by("position")
    anna.update(basket, lines=[{"id": ink.pk, "price": "2"}, {"id": paper.pk}])
    anna.update(basket, lines=[{"id": ink.pk, "price": "3"}])
    assert dict(BasketLine.objects.values_list("text", "version")) == {"Ink": 3, "Paper": 2}
    assert list(BasketLine.objects.filter(deleted_at=None)) == [ink]


def test_a_link_out_of_sight_stays_unless_it_is_changed(anna: Ctx, bert: Ctx, system: Ctx) -> None:
    hers, his = anna.create(Customer, name="Hers"), bert.create(Customer, name="His")
    basket = anna.create(Basket, title="Monday", lines=[{"text": "Ink", "customer": hers.pk}, {"text": "Paper"}])
    with system.door("test"):
        ink = BasketLine.objects.get(text="Ink")
        basket = system.get(Basket, basket.pk)
        basket.lines[0].customer_id = his.pk
        system.save(basket)
    paper = BasketLine.objects.get(text="Paper")
    rest = {"id": paper.pk, "text": "Paper", "customer": None}
    anna.update(Basket.objects.get(), title="Tuesday", lines=[{"id": ink.pk, "text": "Red", "customer": his.pk}, rest])
    assert list(BasketLine.objects.order_by("position").values_list("text", "customer")) == [("Red", his.pk), ("Paper", None)]
    for wrong in ([{"id": ink.pk, "customer": hers.pk}, {**rest, "customer": his.pk}], [{"text": "New", "customer": his.pk}]):
        with pytest.raises(Refused):
            anna.update(Basket.objects.get(), lines=wrong)
    assert list(BasketLine.objects.order_by("position").values_list("customer", flat=True)) == [his.pk, None]
    anna.update(Basket.objects.get(), lines=[{"id": ink.pk, "customer": str(hers.pk)}, rest])
    assert list(BasketLine.objects.order_by("position").values_list("customer", flat=True)) == [hers.pk, None]


def test_many_lines_are_written_in_few_statements(anna: Ctx) -> None:
    with CaptureQueriesContext(connection) as few:
        anna.create(Basket, title="Few", lines=[{"text": f"Line {number}"} for number in range(12)])
    with CaptureQueriesContext(connection) as many:
        basket = anna.create(Basket, title="Many", lines=[{"text": f"Line {number}"} for number in range(300)])
    assert len(many) <= len(few)
    assert len(live(basket)) == 300
    entry = Entry.objects.get(object_type="fake_shop.basket", object_id=basket.pk)
    assert len(entry.changes["lines"][1]) == 300


def test_a_verb_that_an_object_does_not_have_is_refused_whoever_asks(anna: Ctx, system: Ctx) -> None:
    anna.create(Basket, title="Monday", lines=TWO)
    line = BasketLine.objects.get(text="Ink")
    for ctx in (system, anna):
        for change in (lambda ctx=ctx: ctx.update(line, text="Red"), lambda ctx=ctx: ctx.delete(line),
                       lambda ctx=ctx: ctx.create(BasketLine, text="Pens")):
            with pytest.raises(Refused, match="has no action"):
                change()
    assert [row[0] for row in live(Basket.objects.get())] == ["Ink", "Paper"]


def test_a_refusal_of_several_fields_says_the_first_reason() -> None:
    refusal = Refused(errors={"name": ["Too long.", "Too red."], "price": ["Too high."]})
    assert (refusal.reason, str(refusal), refusal.errors["price"]) == ("Too long.", "Too long.", ["Too high."])
    assert Refused(errors={}).reason == ""


def test_a_link_of_the_record_out_of_sight_stays_unless_it_is_changed(anna: Ctx, bert: Ctx, system: Ctx) -> None:
    hers, his, other = anna.create(Customer, name="Hers"), bert.create(Customer, name="His"), bert.create(Customer, name="Other")
    order = anna.create(Order, customer=hers.pk)
    system.update(order, customer=his.pk)
    anna.update(Order.objects.get(), customer=str(his.pk), note="Call first")
    with pytest.raises(Refused):
        anna.update(Order.objects.get(), customer=other.pk, note="No")
    assert [(row.customer, row.note) for row in Order.objects.all()] == [(his, "Call first")]
