"""Finding: filters, words, order and pages give exactly the rows they say, and refuse rubbish."""

import os
from typing import Any

import pytest

from guanxi.common import reindexing, searching
from guanxi.kernel import finding, inserting, match_keys, paging, reading, registry, search_index
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.custom import CustomField
from guanxi.surfaces.web.several import first_of_each
from tests.fake_shop.models import Customer, Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(anna: Ctx) -> dict[str, Customer]:
    rows = [("深圳市小鹏科技有限公司", "13800138000", "a", "100", "2026-01-05"), ("重庆长安汽车", "023-67591234", "b", "2500", None),
            ("Acme Trading", "", "b", None, "2025-12-31"), ("中国移动通信集团", "10086", "a", "99.5", "2026-02-01")]
    return {name: anna.create(Customer, name=name, phone=phone, level=level, credit=credit, since=since)
            for name, phone, level, credit, since in rows}


def names(ctx: Ctx, tree: Any = None, typed: str = "") -> list[str]:
    return sorted(row.name for row in finding.select(ctx, Customer, tree=tree, typed=typed))


@pytest.mark.covers("T11")
@pytest.mark.skipif(not os.environ.get("GUANXI_TEST_POSTGRES"), reason="only PostgreSQL knows how common words are")
@pytest.mark.parametrize("words", ["有限公司", "ACME", "acme trad", "13800138000", "cqca", "100%", "a_b", "nothing such"])
def test_common_words_find_what_rare_ones_would(anna: Ctx, shop: Any, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    anna.create(Customer, name="100% a_b 有限公司")
    looked_up = names(anna, ["name", "contains", words])
    monkeypatch.setattr(search_index, "MANY", -1)
    assert names(anna, ["name", "contains", words]) == looked_up


@pytest.mark.covers("I18N-02", "T11")
@pytest.mark.parametrize(("typed", "found"), [
    ("小鹏", ["深圳市小鹏科技有限公司"]), ("鹏科", ["深圳市小鹏科技有限公司"]), ("zgyd", ["中国移动通信集团"]), ("移动", ["中国移动通信集团"]),
    ("中國", ["中国移动通信集团"]), ("ＡＣＭＥ", ["Acme Trading"]), ("cqca", ["重庆长安汽车"]), ("chongqing", ["重庆长安汽车"]),
    ("8000", ["深圳市小鹏科技有限公司"]), ("13800138000", ["深圳市小鹏科技有限公司"]), ("1234", ["重庆长安汽车"]), ("acme trad", ["Acme Trading"]),
    ("nothing such", []), ("'\"*", [])])
def test_words_find_substrings_pinyin_initials_and_tails(anna: Ctx, shop: Any, typed: str, found: list[str]) -> None:
    if typed == "'\"*":
        assert names(anna, typed=typed) == []
    else:
        assert names(anna, typed=typed) == found


@pytest.mark.parametrize(("tree", "count", "words"), [
    (["level", "in", ["a"]], 2, "Level is Key"),
    ({"all": [["level", "in", ["a"]], ["credit", "gt", "99.5"]]}, 1, "Level is Key and Credit > 99.50"),
    ({"any": [["credit", "empty"], ["name", "contains", "长安"]]}, 2, "Credit is empty or Name contains 长安"),
    ({"not": ["level", "in", ["a"]]}, 2, "not (Level is Key)"),
    (["since", "between", ["2026-01-01", "2026-12-31"]], 2, "Since is between 2026-01-01 – 2026-12-31"),
    (["since", "before", "2026-01-01"], 1, "Since is before 2026-01-01"),
    (["owner", "in", ["me"]], 4, "Owner is me"),
    (["name", "starts", "Ac"], 1, "Name starts with Ac"),
    (["credit", "between", ["99.5", "100"]], 2, "Credit is between 99.50 – 100.00"),
    (["created_at", "within", "today"], 4, "Created is today"),
    (["*", "contains", "移动"], 1, "anything contains “移动”")])
def test_filters_mean_what_they_say(anna: Ctx, shop: Any, tree: Any, count: int, words: str) -> None:
    assert len(names(anna, tree)) == count
    assert reading.sentence(anna, Customer, tree) == words


@pytest.mark.parametrize("tree", [["owner", "in", [10**30]], ["owner", "in", [-1]], ["name", "is", "\ud800"],
                                  ["name", "is", "a\x00"]])
def test_what_no_database_can_hold_is_refused(anna: Ctx, tree: Any) -> None:
    with pytest.raises(Refused):
        names(anna, tree)


@pytest.mark.covers("T2")
def test_relation_paths_see_only_what_the_actor_sees(anna: Ctx, boss: Ctx, bert: Ctx, shop: Any) -> None:
    mine = anna.create(Order, customer=shop["Acme Trading"].pk, amount=1)
    assert list(finding.select(anna, Order, tree=["customer.name", "contains", "Acme"])) == [mine]
    assert list(finding.select(bert, Order, tree=["customer.name", "contains", "Acme"])) == []


@pytest.mark.covers("INJ-02", "PERM-03")
@pytest.mark.parametrize("tree", [
    ["nothing", "is", "x"], ["token", "is", "x"], ["level", "gt", "x"], ["credit", "gt", "abc"], ["credit", "gt", None],
    ["since", "within", "someday"], ["since", "on", "31 February"], {"all": [], "any": []}, ["name"], "name", 5,
    {"all": [[["name"]]]}, ["name", "contains", {"x": 1}], ["level", "in", ["z"]], ["name.x", "is", "y"],
    ["name", "contains", "a\x00b"], ["owner", "in", ["zzz"]], ["owner", "in", [None]], ["owner", "in", None],
    ["owner", "in", [{}]], ["name", "contains", "x" * 501],
    {"all": [["name", "is", "x"]] * 51}, {"not": {"not": {"not": {"not": {"not": {"not": {"not": ["name", "is", "x"]}}}}}}}])
def test_rubbish_is_refused(anna: Ctx, tree: Any) -> None:
    with pytest.raises(Refused):
        list(finding.select(anna, Customer, tree=tree))


@pytest.mark.covers("API-04")
@pytest.mark.parametrize("sort", ["", "name", "-name", "credit", "-credit", "since", "-since", "-id", "level", "-created_at"])
def test_keyset_pages_give_every_row_once(anna: Ctx, shop: Any, sort: str) -> None:
    for number in range(9):
        anna.create(Customer, name=f"Firm {number}", credit=number * 10 if number % 2 else None)
    found = finding.select(anna, Customer)
    everything = [row.pk for row in paging.page(anna, found, Customer, sort=sort, limit=100).rows]
    seen, after, pages = [], "", []
    while True:
        page = paging.page(anna, finding.select(anna, Customer), Customer, sort=sort, after=after, limit=4)
        seen += [row.pk for row in page.rows]
        pages.append(page)
        if not (after := page.after):
            break
    assert seen == everything and len(seen) == 13
    back = paging.page(anna, finding.select(anna, Customer), Customer, sort=sort, before=pages[-1].before, limit=4)
    assert [row.pk for row in back.rows] == [row.pk for row in pages[-2].rows]


@pytest.mark.parametrize("cursor", ["x", "é", "W10", "WyJuYW1lIiwxLDJd"])
def test_a_false_cursor_is_refused(anna: Ctx, shop: Any, cursor: str) -> None:
    with pytest.raises(Refused, match="page mark"):
        paging.page(anna, finding.select(anna, Customer), Customer, after=cursor)


def test_titles_sort_by_pinyin(anna: Ctx, shop: Any) -> None:
    page = paging.page(anna, finding.select(anna, Customer), Customer, sort="name")
    assert [row.name for row in page.rows] == ["Acme Trading", "重庆长安汽车", "深圳市小鹏科技有限公司", "中国移动通信集团"]


def test_counts_stop_at_the_cap(anna: Ctx, shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNT_CAP", 2)
    assert paging.count(finding.select(anna, Customer)) == 3
    assert paging.count(finding.select(anna, Customer), exact=True) == 4


def test_a_board_reads_the_first_rows_of_each_column(anna: Ctx, shop: Any) -> None:
    orders = [anna.create(Order, customer=shop["Acme Trading"].pk, amount=n + 1) for n in range(5)]
    anna.run("fake_shop.order.send", orders[0])
    cards = first_of_each(finding.select(anna, Order), "stage", ["draft", "sent", "cancelled"], "-id", 3)
    assert [row.pk for row in cards["draft"]] == [one.pk for one in reversed(orders[2:])]
    assert [row.pk for row in cards["sent"]] == [orders[0].pk]
    assert cards["cancelled"] == []


@pytest.mark.covers("T17")
@pytest.mark.parametrize(("kind", "typed", "plain", "operator", "value"), [
    ("name", "  red  ", "red", "is", "red"), ("integer", "１２", 12, "gt", "11"), ("decimal", "1.50", "1.5000", "lt", "2"),
    ("money", "1,000", "1000.00", "gte", "1000"), ("day", "2026年1月2日", "2026-01-02", "before", "2026-02-01"),
    ("choice", "Blue", "b", "in", ["b"]), ("flag", "是", True, "is", "yes"), ("phone", "138 0013 8001", "+8613800138001", "is", "+8613800138001"),
    ("user", "anna", None, "in", ["me"])])
def test_a_custom_field_is_a_field_like_any_other(anna: Ctx, boss: Ctx, shop: Any, kind: str, typed: str, plain: Any,
                                                  operator: str, value: Any) -> None:
    boss.create(CustomField, object_type="fake_shop.customer", key="mine", label="Mine", field_kind=kind,
                options=[{"value": "b", "label": "Blue"}] if kind == "choice" else [])
    actor = Ctx(user=anna.user)
    made = actor.create(Customer, name="With", mine=typed)
    assert made.extra["mine"] == (anna.user_id if kind == "user" else plain)
    assert [row.name for row in finding.select(actor, Customer, tree=["mine", operator, value])] == ["With"]
    page = paging.page(actor, finding.select(actor, Customer), Customer, sort="mine", limit=2)
    assert len(page.rows) == 2 and page.after
    assert paging.page(actor, finding.select(actor, Customer), Customer, sort="mine", after=page.after).rows


def test_custom_fields_keep_their_kind(boss: Ctx) -> None:
    custom = boss.create(CustomField, object_type="fake_shop.customer", key="size", label="Size", field_kind="integer")
    with pytest.raises(Refused, match="stay as they are"):
        boss.update(custom, field_kind="name")
    with pytest.raises(Refused, match="cannot be used"):
        boss.create(CustomField, object_type="fake_shop.customer", key="name", label="X", field_kind="name")
    with pytest.raises(Refused, match="needs options"):
        boss.create(CustomField, object_type="fake_shop.customer", key="pick", label="X", field_kind="choice")


def test_the_index_follows_changes_and_can_be_built_again(
        anna: Ctx, shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    acme = shop["Acme Trading"]
    anna.update(acme, name="Zeta")
    assert names(anna, typed="acme") == [] and names(anna, typed="zeta") == ["Zeta"]
    anna.delete(acme)
    assert names(anna, typed="zeta") == []
    assert not search_index.SearchDoc.objects.filter(title="Zeta").exists()
    assert reindexing.anew(Customer) == 3
    assert names(anna, typed="移动") == ["中国移动通信集团"]
    for few in (searching.FEW, 0):  # named one by one, or looked for from the newest end
        monkeypatch.setattr(searching, "FEW", few)
        hits = searching.candidates("zgyd", {"fake_shop.customer": None}, 10)
        assert [hit.title for hit in hits] == ["中国移动通信集团"]
    assert registry.slug(Customer) == "customers"


def test_many_new_rows_that_are_indexed_twice_are_found_once(anna: Ctx) -> None:
    with anna.door("fill"):
        anna.save_all([Customer(name=f"Tab\\\\\t{place} Row\n%s", credit=place) for place in range(inserting.MANY)])
    rows = list(anna.find(Customer))
    assert {(row.name, row.credit) for row in rows} == {(f"Tab\\\\\t{place} Row\n%s", place) for place in range(inserting.MANY)}
    search_index.update(rows)  # nobody has taken them out before
    match_keys.update(rows)
    docs = search_index.SearchDoc.objects.filter(object_type="fake_shop.customer")
    assert len(names(anna, typed="row")) == inserting.MANY == docs.count()
