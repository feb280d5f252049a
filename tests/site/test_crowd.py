"""The crowd of the sample company: the same every time, as the door would have written it, found, and gone again."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from guanxi.apps.inventory.actions.balance import differing, unbalanced
from guanxi.apps.inventory.models import StockBalance, StockDocument, StockLine, StockMovement, Warehouse
from guanxi.apps.org.models import Company, User
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales.models import Opportunity, Quote, QuoteLine
from guanxi.apps.sales.rules.quotes import totals
from guanxi.apps.work.models import Activity
from guanxi.kernel import entries, search_index
from guanxi.kernel.api import Ctx
from guanxi.kernel.entries import Entry, StateChange, broken_at
from guanxi.kernel.match_keys import MatchKey
from guanxi.kernel.search_index import SearchDoc
from guanxi.language import text
from guanxi.language.phones import read_phone
from guanxi.site.demo import goods, lists, load
from guanxi.site.demo.crowd import growth, ledger, removal, story, tables
from guanxi.site.demo.crowd.load import Crowd
from guanxi.site.demo.crowd.pen import AHEAD, Pen
from guanxi.site.demo.crowd.story import Seller
from guanxi.site.seed import seed_all

TODAY = datetime.date(2026, 11, 18)
MODELS: tuple[Any, ...] = (Customer, Contact, Opportunity, Activity)
TRADE: tuple[Any, ...] = (Quote, StockDocument, StockMovement, StockBalance)
LINES: tuple[Any, ...] = (QuoteLine, StockLine)
COUNT = 200
pytestmark = [pytest.mark.django_db, pytest.mark.covers("F20"), pytest.mark.xdist_group("crowd")]


def system() -> Ctx:
    return Ctx(system=True, via="command", reason="test")


def bring(count: int = COUNT, seed: int = 3, custom: dict[str, tuple[str, ...]] | None = None,
          sold: bool = True) -> dict[str, Any]:
    """A crowd for two sellers of two regions; ``sold`` says whether there is anything to offer them."""
    ctx = system()
    sellers = list(ctx.find(User).order_by("pk"))
    two = [Seller(sellers[0].pk, "north", ("北京市",)), Seller(sellers[1].pk, "pearl", ("深圳市", "广州市"))]
    known = growth.known(ctx, lists.read(ctx), two)
    wares = growth.wares(ctx, two, sellers[0].pk) if sold else None
    return Crowd(known, seed=seed, today=TODAY, zone="Asia/Shanghai", count=count, custom=custom, wares=wares).load()


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A company with two people and its lists."""
    with django_db_blocker.unblock(), transaction.atomic():
        ctx = system()
        with ctx.door("test"):
            ctx.save(Company(name="试点公司", language="zh-hans"))
        seed_all(ctx)
        with ctx.door("test"):
            for number in (1, 2):
                ctx.save(User(name=f"卖家{number}", email=f"seller{number}@example.com"))
        catalog = goods.Goods()
        goods.catalog(ctx, lists.read(ctx), catalog)
        goods.prices(ctx, TODAY.year, catalog)
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def crowd(ground: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    with django_db_blocker.unblock():
        yield bring(custom={"grade": ("gold", "iron")})


def rows(model: Any) -> list[Any]:
    return list(system().find(model).order_by("pk"))


def portrait(model: Any) -> list[tuple[Any, ...]]:
    """Everything but ids."""
    names = [source.name for source in model._meta.concrete_fields if not source.is_relation
             and source.name not in ("id", "subject_id")]
    return list(system().find(model).order_by("pk").values_list(*names))


def test_proportions(crowd: dict[str, Any]) -> None:
    assert [len(rows(model)) for model in MODELS] == [200, 400, 200, 1000]
    assert crowd["ranges"]["parties.customer"][1] - crowd["ranges"]["parties.customer"][0] == 199
    states = {one.status for one in rows(Opportunity)}
    assert states == {"open", "won", "lost"}
    moments = [one.created_at for one in rows(Customer)]
    assert (max(moments) - min(moments)).days > 900
    assert len({one.name for one in rows(Customer)}) > 190
    assert len({one.mobile for one in rows(Contact)}) == 400
    assert all(read_phone(one.phone) == (one.phone, "") for one in rows(Customer))
    assert all(read_phone(one.mobile) == (one.mobile, "") for one in rows(Contact))
    past = datetime.datetime(2026, 11, 18, tzinfo=datetime.UTC)
    assert all(one.created_at < past for model in MODELS for one in rows(model))


def test_rows_are_as_the_door_leaves_them(crowd: dict[str, Any]) -> None:
    for model in (*MODELS, *TRADE, *LINES):
        for row in rows(model)[::4]:
            before = {source.attname: getattr(row, source.attname) for source in model._meta.concrete_fields}
            row.prepare()
            row.fill_sort_key()
            row.clean_fields(exclude={"extra", "sort_key", *(one.name for one in model._meta.concrete_fields if one.is_relation)})
            if model is not StockMovement:  # whose rows are never written again
                row.clean()
                row.validate_constraints()
            assert before == {source.attname: getattr(row, source.attname) for source in model._meta.concrete_fields}


def test_the_account_tells_every_row_and_its_chain_holds(crowd: dict[str, Any]) -> None:
    assert broken_at() is None
    low, high = crowd["entries"]
    told = {(one.object_type, one.object_id): one for one in Entry.objects.filter(pk__gte=low, pk__lte=high)}
    assert len(told) == high - low + 1 == 1800 + sum(len(rows(model)) for model in TRADE)
    for model in (*MODELS, *TRADE):
        for row in rows(model):
            entry = told[(model._meta.label_lower, row.pk)]
            below = {lines.name: [{}, {str(one.pk): {name: pair[1] for name, pair in entries.diff(one, True).items()}
                                       for one in getattr(row, lines.name)}] for lines in model.line_lists}
            assert entry.changes == entries.diff(row, True) | below
            assert (entry.title, entry.at, entry.actor_id) == (str(row), row.created_at, row.created_by_id)


def test_the_words_and_keys_are_the_kernels(crowd: dict[str, Any]) -> None:
    for model in (*MODELS, Quote, StockDocument):
        for row in rows(model):
            doc = SearchDoc.objects.get(object_type=model._meta.label_lower, object_id=row.pk)
            assert (doc.title, doc.owner_id, doc.upper_owner_id) == (str(row), row.owner_id, row.upper_owner_id)
            assert body(doc.pk) == words_of(row)
            keys = MatchKey.objects.filter(object_type=model._meta.label_lower, object_id=row.pk)
            assert set(keys.values_list("key", flat=True)) == row.match_keys()
    for row in rows(Customer)[::20]:
        assert row in search(Customer, row.name[2:6])
        assert row in search(Customer, row.phone[-6:])
        assert row in search(Customer, text.pinyin_initials(row.short_name))
    for row in rows(Contact)[::20]:
        assert row in search(Contact, row.mobile[-7:])
    assert rows(Activity)[5] in search(Activity, rows(Activity)[5].name[:5])


def body(doc: int) -> Any:
    """The words in the index of the database."""
    table, key = ("kernel_searchdoc", "id") if connection.vendor == "postgresql" else ("kernel_search_fts", "rowid")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT body FROM {table} WHERE {key} = %s", [doc])
        return cursor.fetchone()[0]


def words_of(row: Any) -> Any:
    """The words the kernel would write."""
    tokens = search_index.tokens_of(row)
    if connection.vendor != "postgresql":
        return text.to_fts5_text(tokens)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector::text", [text.to_tsvector_literal(tokens)])
        return cursor.fetchone()[0]


def search(model: Any, words: str) -> list[Any]:
    return list(system().find(model).filter(search_index.matching(model, words)))


def test_offers_follow_their_deals_and_add_up(crowd: dict[str, Any]) -> None:
    quotes = {one.opportunity_id: one for one in rows(Quote)}
    deals = {one.pk: one for one in rows(Opportunity)}
    assert {one.status for one in quotes.values()} == {"draft", "sent", "accepted", "lost", "expired"}
    assert {pk for pk, one in deals.items() if one.status == "won"} <= set(quotes)
    assert 0.3 < len(quotes) / len(deals) < 0.6
    assert len({one.number for one in quotes.values()}) == len(quotes)
    for pk, one in quotes.items():
        found = totals([line.as_rule() for line in one.lines], 2, tax_included=True)
        assert (one.net, one.tax, one.gross, one.margin) == (found.net, found.tax, found.gross, found.margin)
        assert [(line.net, line.tax, line.gross) for line in one.lines] == [
            (part.net, part.tax, part.gross) for part in found.lines]
        assert one.gross == deals[pk].amount
        states = list(StateChange.objects.filter(object_type="sales.quote", object_id=one.pk).order_by("pk"))
        assert (states[0].new, states[-1].new) == ("draft", one.status)


def test_balances_are_the_sum_of_what_moved(crowd: dict[str, Any]) -> None:
    assert {one.kind for one in rows(StockMovement)} == {"receipt", "issue"}
    assert (list(differing(system())), unbalanced(system())) == ([], 0)
    for balance in rows(StockBalance):
        there, moved = Decimal(0), system().find(StockMovement).filter(
            warehouse=balance.warehouse_id, product=balance.product_id).order_by("moment", "pk")
        for one in moved:
            there += one.quantity
            assert there > 0
        assert there == balance.on_hand
    issued = {one.reference for one in rows(StockDocument) if one.kind == "issue"}
    assert issued <= {one.number for one in rows(Quote) if one.status == "accepted"} and len(issued) > 10


def test_the_stock_goes_with_it_unless_somebody_works_with_it(ground: None) -> None:
    with transaction.atomic():
        figures = bring(120, seed=11)
        ctx, places = system(), list(system().find(Warehouse).order_by("-pk")[:2])
        used = system().find(StockBalance).filter(warehouse=places[0]).order_by("pk")[0]
        ctx.run("inventory.stockbalance.set_minimum", used, minimum="5")
        before = system().find(StockMovement).filter(warehouse=places[0]).count()
        documents = system().find(StockDocument).filter(warehouse=places[0]).count()
        assert ledger.clear(ctx, [one.pk for one in places], figures["entries"][1]) > 0
        gone, staying = removal.remove(figures)

        assert gone["sales.quote"] > 40 and gone["inventory.stockdocument"] > 5
        assert {name for name, _pk in staying} == {"inventory.stockdocument", "inventory.stockline"}
        assert system().find(StockMovement).filter(warehouse__in=[one.pk for one in places]).count() == before
        assert system().find(StockDocument).filter(warehouse__in=[one.pk for one in places]).count() == documents
        assert not system().find(StockMovement).filter(warehouse=places[1]).exists()
        assert (list(differing(system())), unbalanced(system())) == ([], 0)
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            StockMovement._default_manager.all().delete()
        transaction.set_rollback(True)


def test_deals_walk_through_their_stages(crowd: dict[str, Any]) -> None:
    for deal in rows(Opportunity):
        walked = list(StateChange.objects.filter(object_type="sales.opportunity", object_id=deal.pk).order_by("pk"))
        stages = [one for one in walked if one.field == "stage"]
        assert [one.old for one in stages] == ["", *(one.new for one in stages[:-1])]
        assert (stages[-1].new, stages[-1].at) == (str(deal.stage_id), deal.stage_since)
        assert [one.at for one in stages] == sorted(one.at for one in stages)
        assert [one.new for one in walked if one.field == "status"][-1] == deal.status
        assert (deal.closed_on is None) == (deal.status == "open")


@pytest.mark.once("sqlite")
def test_the_same_seed_gives_the_same_crowd(ground: None) -> None:
    found = []
    for seed in (5, 5, 6):
        with transaction.atomic():
            bring(40, seed=seed)
            found.append([portrait(model)[-40:] for model in (*MODELS, *LINES)])
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert found[0] != found[2]


@pytest.mark.once("sqlite")
def test_the_planted_effects_show(ground: None) -> None:
    with transaction.atomic():
        bring(1500, seed=8, sold=False)
        deals: list[Any] = [one for one in system().find(Opportunity).select_related("owner") if one.status != "open"]
        known = lists.read(system())
        names = {known.source(english): english for english, _weight, _rate in story.SOURCES}
        transaction.set_rollback(True)
    by_source = {name: [one.status == "won" for one in deals if names[one.source_id] == name] for name in names.values()}
    rate = {name: sum(won) / len(won) for name, won in by_source.items() if len(won) > 50}
    assert max(rate, key=lambda name: rate[name]) == "Referral by a customer"
    assert rate["Referral by a customer"] > 2 * rate["Website"] * 0.9
    late = {owner: [(one.closed_on - one.expected_close).days for one in deals if one.owner.name == owner and one.status == "won"]
            for owner in ("卖家1", "卖家2")}
    assert sum(late["卖家1"]) / len(late["卖家1"]) > sum(late["卖家2"]) / len(late["卖家2"]) + 20
    begun = [one.started_on.month for one in deals]
    assert begun.count(3) > 1.5 * begun.count(2)


def test_removal_leaves_what_people_changed_and_needs_nothing_else(ground: None) -> None:
    before = {model: system().find(model).count() for model in MODELS}
    figures = bring(60, seed=9, sold=False)
    ctx = system()
    touched, visited = (system().find(Customer).order_by("-pk")[place] for place in (3, 9))
    ctx.update(touched, note="以后要联系")
    visit = ctx.create(Activity, customer=visited.pk, type=lists.read(ctx).types["visit"], description="上门拜访")
    deal = system().find(Opportunity).order_by("-pk")[20]
    ctx.update(deal, next_step="寄样品")

    gone, staying = removal.remove(figures)

    assert staying == {("parties.customer", touched.pk): True, ("parties.customer", visited.pk): False,
                       ("sales.opportunity", deal.pk): True, ("parties.customer", deal.customer_id): False}
    assert {name: count for name, count in gone.items() if count} == {"work.activity": 300, "sales.opportunity": 59, "parties.contact": 120, "parties.customer": 57}
    assert {model: system().find(model).count() - before[model] for model in MODELS} == {
        Customer: 3, Contact: 0, Opportunity: 1, Activity: 1}
    assert visit in system().find(Activity)
    for beside in (SearchDoc, MatchKey, StateChange):
        for name, (low, high) in figures["ranges"].items():
            left = beside._default_manager.filter(object_type=name, object_id__gte=low, object_id__lte=high)
            assert set(left.values_list("object_type", "object_id")) <= set(staying)
    assert broken_at() is None


def test_bare_tables_get_everything_back(ground: None, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, memory = (("pg_indexes", "indexdef", "tablename"), "SHOW maintenance_work_mem") if tables.postgres() else (
        ("sqlite_master", "sql", "tbl_name"), "SELECT 1")
    every = ["kernel_searchdoc", "kernel_matchkey", "parties_customer"]

    def seen() -> list[Any]:
        place, text_, table = taken
        told = f"SELECT {text_} FROM {place} WHERE {text_} IS NOT NULL AND {table} IN (%s, %s, %s) ORDER BY 1"
        return [*tables.ask(told, *every), *tables.ask(memory)]

    said: list[str] = []
    tell = tables.tell
    monkeypatch.setattr(tables, "tell", lambda sql, *values: (said.append(sql), tell(sql, *values))[1])
    with transaction.atomic():
        before = seen()
        with tables.bare(every):
            assert len(seen()) < len(before) - 10
        assert seen() == before
        transaction.set_rollback(True)
    assert len([sql for sql in said if "maintenance_work_mem" in sql]) == (2 if tables.postgres() else 0)


def test_a_complaint_of_the_database_ends_the_writing_and_nothing_stays(ground: None) -> None:
    database: Any = connection
    before = MatchKey.objects.count()

    def write(number: int, pen: Pen) -> None:
        kind = None if number == 3 else "parties.customer"
        pen.write("kernel_matchkey", ["key", "object_type", "object_id"], {}, [(f"x:{number}", kind, 1)])
        with pen.paused():  # whoever asks in between hears of it too, not of what follows from it
            MatchKey.objects.count()

    def all_of_them() -> None:
        with transaction.atomic(), Pen() as pen:
            for number in range(3 * AHEAD):
                write(number, pen)

    with pytest.raises(database.Database.IntegrityError, match=r"(?i)not.null"):
        all_of_them()
    assert MatchKey.objects.count() == before


def test_the_organisation_grows_with_the_customers() -> None:
    sizes = [growth.sellers_for(count) for count in (140, 10_000, 100_000, 1_000_000)]
    assert sizes == [14, 80, 200, 502]
    assert sum(weight for _name, weight, _rate in story.SOURCES) == 100


@pytest.mark.parametrize(("customers", "many"), [(1_000_000, 10), (999_999, 5), (1_000, 5)])
def test_a_million_customers_have_ten_activities_each(monkeypatch: pytest.MonkeyPatch, customers: int, many: int) -> None:
    """The rehearsed customers are among them."""
    asked: dict[str, Any] = {}
    play = SimpleNamespace(system=system(), today=TODAY, zone="Asia/Shanghai", people={"stock": SimpleNamespace(pk=1)})
    monkeypatch.setattr(load, "growth", SimpleNamespace(grow=lambda *_: [], known=lambda *_: None, wares=lambda *_: None))
    monkeypatch.setattr(load, "Crowd", lambda *_known, **given: asked.update(given) or SimpleNamespace(load=dict))
    load._crowd(play, customers - load.REHEARSED, 7, None)  # type: ignore[arg-type]
    assert (asked["count"], asked["many"]) == (customers - load.REHEARSED, many)
