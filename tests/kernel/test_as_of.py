"""As of a moment: records and lists are what a copy taken at that moment held, whatever happened since."""

import datetime
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.common import as_of, as_of_rows, merging, undoing
from guanxi.common.as_of_rows import Past
from guanxi.kernel import custom, finding, paging
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.entries import Operation
from guanxi.kernel.refusal import Denied, Missing
from guanxi.language import text
from tests.fake_shop.models import Basket, BasketLine, Customer, Delivery, Order, Person, Reason

pytestmark = [pytest.mark.django_db, pytest.mark.covers("F3", "SAL-25")]
MODELS = (Customer, Order, Delivery, Basket, Reason)
START = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
#: By object: filters and orders whose answers are kept with each copy.
LISTS: list[tuple[Any, Any, str, str]] = [
    (Customer, ["level", "in", ["a"]], "", "-credit"),
    (Customer, {"any": [["credit", "gte", "50"], ["credit", "empty"]]}, "", "name"),
    (Customer, ["tags", "has", "vip"], "", ""),
    (Customer, ["size", "gt", "10"], "", "-size"),
    (Customer, ["name", "contains", "鹏"], "", ""),
    (Customer, None, "xp", "-since"),
    (Customer, ["updated_at", "within", "today"], "", "-updated_at"),
    (Order, ["customer.level", "in", ["a"]], "", "-amount"),
    (Order, {"not": ["stage", "in", ["draft"]]}, "", "due"),
    (Order, ["customer.name", "starts", "Big"], "", "-id"),
    (Basket, ["total", "between", ["5", "40"]], "", "-total"),
]


class Clock:
    """A clock of the tests' own that never stands still."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime.datetime:
        self.now += datetime.timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(person: Any, clock: Clock) -> Callable[[], Ctx]:
    """Somebody who may do everything, by the tests' clock."""
    user = person("keeper", administrator=True)
    return lambda: Ctx(user=user, clock=clock, now=clock.now)


def values(row: Any) -> dict[str, Any]:
    """All that is stored of a row, apart from who owns the row above."""
    return {source.attname: getattr(row, source.attname) for source in row._meta.concrete_fields
            if source.name not in ("upper_owner", "token", "password", "last_login")}


def rows_of(ctx: Ctx, model: Any, tree: Any, typed: str, sort: str) -> list[dict[str, Any]]:
    """A list as surfaces read it: page by page."""
    found, rows, after = finding.select(ctx, model, tree=tree, typed=typed), [], ""
    while True:
        page = paging.page(ctx, found, model, sort=sort, after=after, limit=7)
        rows += [values(row) for row in page.rows]
        after = page.after
        if not after:
            assert paging.count(found) == len(rows)
            return rows


def copy_of(ctx: Ctx) -> dict[str, Any]:
    """Everything there is, as somebody would have written it down."""
    records = {(model, row.pk): (values(row), [[values(line) for line in getattr(row, lines.name)]
                                               for lines in model.line_lists])
               for model in MODELS for row in ctx.find(model)}
    return {"records": records, "lists": [rows_of(ctx, *asked) for asked in LISTS]}


class Firm:
    """People at work: each call does one thing at random, or is refused, which counts as work too."""

    def __init__(self, ctx: Callable[[], Ctx], seed: int) -> None:
        self.new, self.dice = ctx, random.Random(seed)
        self.people = list(Person.objects.all())
        system = self.ctx.as_system("test")
        self.reason = system.create(Reason, name="Too dear")
        system.create(custom.CustomField, object_type="fake_shop.customer", key="size", label="Size", field_kind="integer")
        for begin in (self.create, self.create, self.create, self.order, self.order, self.basket, self.basket):
            begin()

    @property
    def ctx(self) -> Ctx:
        return self.new()

    def work(self) -> None:
        """One thing at random."""
        duties = [self.create, self.create, self.change, self.change, self.mass_edit, self.delete, self.restore, self.order,
                  self.act, self.postpone, self.basket, self.lines, self.lines, self.merge, self.undo, self.hand_over]
        try:
            self.dice.choice(duties)()
        except (Refused, IndexError):  # or there was nothing to do it with
            return

    def any(self, model: Any, **narrow: Any) -> Any:
        return self.dice.choice(list(self.ctx.find(model).filter(**narrow).order_by("pk")))

    def facts(self) -> dict[str, Any]:
        dice = self.dice
        every = {"name": f"{dice.choice(['小鹏', 'Big', '重庆', 'Xpeng'])} {dice.randrange(9)}", "level": dice.choice("ab"),
                 "credit": dice.choice(["", "7.50", "50", "1234567.89"]), "tags": dice.choice([[], ["vip"], ["vip", "new"]]),
                 "since": dice.choice(["", "2026-01-31", "2025-12-01"]), "note": dice.choice(["", "第一行\n“quoted” %s 'x'"]),
                 "phone": dice.choice(["", "13800138000"]), "size": dice.choice(["", "3", "12", "40"])}
        return {key: every[key] for key in dice.sample(list(every), dice.randrange(1, 5))}

    def create(self) -> None:
        self.ctx.create(Customer, **{"name": "Xiao Peng", **self.facts()})

    def change(self) -> None:
        self.ctx.update(self.any(Customer), **self.facts())

    def mass_edit(self) -> None:
        rows = self.dice.sample(list(self.ctx.find(Customer).order_by("pk")), 3)
        self.ctx.run_many("fake_shop.customer.update", rows, **self.facts())

    def delete(self) -> None:
        self.ctx.delete(self.any(self.dice.choice([Customer, Order, Basket])))

    def restore(self) -> None:
        model = self.dice.choice([Customer, Order, Basket])
        gone = self.dice.choice(list(self.ctx.binned(model).order_by("pk")))
        self.ctx.run(f"{model._meta.label_lower}.restore", gone)

    def order(self) -> None:
        self.ctx.create(Order, customer=self.any(Customer).pk, amount=self.dice.randrange(200), due="2026-04-01")

    def act(self) -> None:
        if self.dice.random() < 0.6:
            self.ctx.run("fake_shop.order.send", self.any(Order, stage="draft"))
        else:
            self.ctx.run("fake_shop.order.cancel", self.any(Order), reason=self.reason.pk)

    def postpone(self) -> None:
        self.ctx.run_many("fake_shop.order.postpone", list(self.ctx.find(Order).order_by("-pk")[:3]), days=3)

    def line(self) -> dict[str, Any]:
        dice = self.dice
        return {"text": f"thing {dice.randrange(99)}", "quantity": dice.randrange(1, 5), "price": dice.choice(["1.25", "10"]),
                "customer": self.any(Customer).pk}

    def basket(self) -> None:
        self.ctx.create(Basket, title="Basket", lines=[self.line() for _ in range(self.dice.randrange(3))])

    def lines(self) -> None:
        basket = self.any(Basket)
        kept: list[dict[str, Any]] = [{"id": row.pk} for row in basket.lines if self.dice.random() < 0.7]
        for row in kept[:1]:
            row |= self.line()
        self.dice.shuffle(kept)
        self.ctx.update(basket, lines=[*kept, *(self.line() for _ in range(self.dice.randrange(2)))])

    def merge(self) -> None:
        kept, gone = self.dice.sample(list(self.ctx.find(Customer).order_by("pk")), 2)
        merging.merge(self.ctx, kept, [gone])

    def undo(self) -> None:
        done = list(Operation.objects.filter(state="done").order_by("pk"))
        undoing.undo(self.ctx, self.dice.choice(done).pk)

    def hand_over(self) -> None:
        self.ctx.run("fake_shop.customer.assign", self.any(Customer), to=self.dice.choice(self.people).pk, below=True,
                     keep="nothing")


@pytest.mark.parametrize("seed", [1, 2])
def test_every_copy_is_found_again(keeper: Any, clock: Clock, person: Any, seed: int) -> None:
    person("anna", {})
    firm, kept = Firm(keeper, seed), {}
    for step in range(90):
        firm.work()
        if step % 15 == 5:
            kept[clock.now] = copy_of(keeper())
            clock.now += 7 * HOUR
    kept[clock.now] = copy_of(keeper())
    assert {entry.rsplit(".", 1)[-1] for entry in as_of.Entry.objects.values_list("verb", flat=True)} >= {
        "create", "update", "delete", "restore", "merge", "undo", "assign"}
    for moment, copy in kept.items():
        past = Past.of(keeper(), moment)
        assert {(model, row.pk): values(row) for model in MODELS for row in past.find(model)} == {
            key: record for key, (record, _lines) in copy["records"].items()}
        assert [rows_of(past, *asked) for asked in LISTS] == copy["lists"]
        for (model, pk), (record, lines) in copy["records"].items():
            then = as_of.snapshot(keeper(), model, pk, moment).record
            assert values(then) == record
            assert [[values(line) for line in getattr(then, kind.name)] for kind in model.line_lists] == lines


def test_what_was_not_there_yet_or_in_the_bin_says_so(keeper: Any, clock: Clock) -> None:
    before = clock.now
    row = keeper().create(Customer, name="Acme")
    there = clock.now
    keeper().delete(row)
    gone = clock.now
    keeper().run("fake_shop.customer.restore", row.pk)
    with pytest.raises(Missing, match="“Acme” was not there yet"):
        as_of.snapshot(keeper(), Customer, row.pk, before)
    with pytest.raises(Missing, match="in the recycle bin at that moment"):
        as_of.snapshot(keeper(), Customer, row.pk, gone)
    with pytest.raises(Missing, match="There is no such customer"):
        as_of.snapshot(keeper(), Customer, row.pk + 999, there)
    keeper().delete(keeper().get(Customer, row.pk))
    assert as_of.snapshot(keeper(), Customer, row.pk, there).today.deleted_at is not None
    assert [[one.name for one in Past.of(keeper(), moment).find(Customer)] for moment in (before, there, gone)] == [
        [], ["Acme"], []]


@pytest.mark.covers("PERM-01")
def test_rights_of_today_decide(person: Any, keeper: Any, clock: Clock) -> None:
    own = {"view": "own", "create": "own", "update": "own", "delete": "own"}
    anna = person("anna", {"fake_shop.customer": own, "fake_shop.order": own})
    bert = person("bert", {"fake_shop.customer": own, "fake_shop.order": own})
    mine = Ctx(user=anna, clock=clock).create(Customer, name="Was Anna's", level="a")
    other = Ctx(user=bert, clock=clock).create(Customer, name="Always Bert's", level="a")
    order = Ctx(user=anna, clock=clock).create(Order, customer=mine.pk, amount=5)
    moment = clock.now
    keeper().run("fake_shop.customer.assign", mine, to=bert.pk, below=False, keep="nothing")
    keeper().update(keeper().get(Customer, other.pk), level="b", note="seen by nobody else")
    keeper().update(keeper().get(Order, order.pk), amount=6)
    hers, his = Past.of(Ctx(user=anna), moment), Past.of(Ctx(user=bert), moment)
    assert [row.name for row in hers.find(Customer)] == []
    assert [(row.name, row.owner_id, row.level) for row in his.find(Customer).order_by("pk")] == [
        ("Was Anna's", anna.pk, "a"), ("Always Bert's", bert.pk, "a")]
    for row in (mine, other):
        with pytest.raises(Missing, match="There is no such customer"):
            as_of.snapshot(Ctx(user=anna), Customer, row.pk, moment)
    assert finding.select(hers, Order, tree=["customer.name", "starts", "Was"]).count() == 0
    assert [str(row.amount) for row in hers.find(Order)] == ["5.00"]
    for typed in ("Anna", "Bert"):
        assert finding.select(hers, Customer, typed=typed).count() == 0
    assert finding.select(his, Customer, typed="Anna").count() == 1


@pytest.mark.covers("PERM-05")
def test_hidden_fields_stay_hidden_and_masked_ones_covered(person: Any, keeper: Any, clock: Clock) -> None:
    masks = [{"object": "fake_shop.customer", "field": "credit", "level": "hidden"},
             {"object": "fake_shop.customer", "field": "phone", "level": "masked"},
             {"object": "fake_shop.customer", "field": "name", "level": "masked"}]
    carl = Ctx(user=person("carl", {"fake_shop.customer": {"view": "everyone"}}, masks=masks))
    row = keeper().create(Customer, name="Former", phone="13800138000", credit="900", token="t-0001")
    moment = clock.now
    keeper().update(row, name="Later", phone="13900139000", credit="1", token="t-0002")
    past = Past.of(carl, moment)
    for tree in (["credit", "gte", "1"], ["phone", "is", "13800138000"], ["name", "is", "Former"]):
        with pytest.raises(Refused):
            finding.select(past, Customer, tree=tree).count()
    assert [str(one) for one in past.find(Customer)] == ["F****"]
    then = as_of.snapshot(carl, Customer, row.pk, moment)
    assert (str(then.record), str(then.today)) == ("F****", "L****")
    with pytest.raises(Missing, match="“L\\*\\*\\*\\*” was not there yet"):
        as_of.snapshot(carl, Customer, row.pk, START)
    assert then.record.token == "t-0002", "no entry holds a secret, so nothing brings a former one back"


def test_the_past_cannot_be_written(keeper: Any, clock: Clock) -> None:
    row = keeper().create(Customer, name="Acme")
    moment = clock.now
    keeper().update(row, name="Acme Ltd")
    past = Past.of(keeper(), moment)
    then = past.find(Customer).get()
    assert then.name == "Acme"
    with pytest.raises(Denied, match="looked at, not changed"):
        past.find(Customer, "update")
    with pytest.raises(Denied):
        past.update(then, note="rewritten")
    with pytest.raises(Refused):
        keeper().update(then, version=then.version, name="Acme Inc")
    assert keeper().get(Customer, row.pk).name == "Acme Ltd"


def test_too_many_changes_are_refused_with_a_way_out(keeper: Any, clock: Clock, monkeypatch: Any) -> None:
    monkeypatch.setattr(as_of_rows, "MOST", 3)
    rows = [keeper().create(Customer, name=f"Firm {n}") for n in range(4)]
    moment = clock.now
    for row in rows[:3]:
        keeper().update(row, level="a")
    assert Past.of(keeper(), moment).find(Customer).filter(level="a").count() == 0
    keeper().update(rows[3], level="a")
    with pytest.raises(Refused, match=r"More than 3 customers were changed .* Choose a later moment") as refused:
        Past.of(keeper(), moment).find(Customer)
    assert refused.value.field == "as_of"
    assert as_of.snapshot(keeper(), Customer, rows[3].pk, moment).record.level == "b"


def test_lines_are_told_with_their_document(keeper: Any, clock: Clock) -> None:
    with pytest.raises(Refused, match="open baskets as of that moment"):
        Past.of(keeper(), clock.now).find(BasketLine)


@pytest.mark.covers("B02")
@pytest.mark.parametrize("count", [3, 40])
def test_as_few_queries_for_many_rows_as_for_few(keeper: Any, clock: Clock, count: int) -> None:
    rows = [keeper().create(Customer, name=f"Firm {n}", level="a") for n in range(count)]
    basket = keeper().create(Basket, title="B", lines=[{"text": f"t{n}", "price": n} for n in range(count)])
    moment = clock.now
    keeper().run_many("fake_shop.customer.update", rows, level="b")
    keeper().update(basket, lines=[{"id": line.pk, "price": "9"} for line in basket.lines[1:]])
    ctx = keeper()
    assert ctx.may("view", Customer)
    with CaptureQueriesContext(connection) as listed:
        past = Past.of(ctx, moment)
        found = finding.select(past, Customer, tree=["level", "in", ["a"]], typed="Firm")
        assert len(paging.page(past, found, Customer, sort="name", limit=500).rows) == count
    with CaptureQueriesContext(connection) as read:
        assert len(as_of.snapshot(ctx, Basket, basket.pk, moment).record.lines) == count
    assert (len(listed), len(read)) == (5, 6)


@pytest.mark.parametrize(("given", "moment"), [
    ("2026-03-01", "2026-03-01T23:59:59.999999+00:00"), ("2026-03-01 08:30", "2026-03-01T08:30:00+00:00"),
    ("2026-03-01T08:30:15.250Z", "2026-03-01T08:30:15.250000+00:00"), ("2026-03-02", START.isoformat()),
    ("2026-03-01T10:00:00+08:00", "2026-03-01T02:00:00+00:00")])
def test_a_day_is_meant_with_all_that_happened_on_it(given: str, moment: str) -> None:
    assert as_of.moment_of(given, START).isoformat() == moment


@pytest.mark.parametrize("given", ["2026-03-03", "2026-03-02T09:00:01Z", "someday", "2026-13-01", ""])
def test_what_lies_ahead_or_is_no_moment_is_refused(given: str) -> None:
    with pytest.raises(Refused) as refused:
        as_of.moment_of(given, START)
    assert refused.value.field == "as_of"


@pytest.mark.parametrize("typed", ["小鹏", "xp", "xiaop", "Peng", "138001", "8000", "bi", "nothing", "", "第一"])
def test_words_of_then_match_as_the_index_does(keeper: Any, typed: str) -> None:
    for name, note in (("深圳小鹏科技", "第一行"), ("Big Peng", ""), ("Xiao Peng", "Bible")):
        keeper().create(Customer, name=name, note=note, phone="13800138000" if note else "")
    query = text.analyse_query(typed)
    found = [row.pk for row in keeper().find(Customer).order_by("pk")
             if as_of_rows.matches(query, as_of_rows.search_index.tokens_of(row))]
    rows = keeper().find(Customer).filter(keeper().matching(Customer, typed)).order_by("pk")
    assert found == list(rows.values_list("pk", flat=True))
