"""A long import in two processes writes what one process writes, and goes on alone where the other fails."""

from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from guanxi.apps.parties.models import Contact, Customer
from guanxi.kernel import match_keys, search_index
from guanxi.language import ahead as answers
from guanxi.language import text
from guanxi.surfaces.impex import ahead, runs, second

TABLE = "name,short_name,phone,email,city,note\n" + "".join(
    f"重庆{sign}行贸易有限公司,{sign}行,+86138000000{place:02},a{place}@b.cn,重庆,第{place}行\n"
    for place, sign in enumerate("长乐单曾仇查"))
FAULTY = "坏,,12,nonsense,,\n"


class Second(Executor):
    """The second process, in this one: what it is asked, it answers before anybody waits."""

    def __init__(self, broken: bool = False, hanging: bool = False) -> None:
        self.broken, self.hanging, self.asked = broken, hanging, 0

    def submit(self, function, /, *args, **_more):
        done: Future = Future()
        self.asked += 1
        if self.broken and function is ahead.think:
            done.set_exception(BrokenProcessPool("killed"))
        elif self.hanging and function is ahead.think:
            done.set_running_or_notify_cancel()
        else:
            done.set_result(function(*args))
        return done

    def shutdown(self, wait=True, *, cancel_futures=False):
        self.asked = -self.asked


@pytest.fixture
def helper(monkeypatch):
    """A second process for tables of any length, two rows in a chunk."""
    def start(**how) -> Second:
        made = Second(**how)
        monkeypatch.setattr(ahead, "LONG", 0)
        monkeypatch.setattr(ahead, "processors", lambda: 2)
        monkeypatch.setattr(runs, "CHUNK", 2)
        monkeypatch.setattr(second, "pool", lambda: made)
        return made
    return start


def check_written(ctx) -> None:
    """Every row as it would be made of its own words, and found by them."""
    for row in ctx.find(Customer):
        keys = match_keys.MatchKey.objects.filter(object_id=row.pk, object_type="parties.customer")
        assert set(keys.values_list("key", flat=True)) == row.match_keys() != set()
        assert row.sort_key == text.sort_key(row.name) != ""
        for words in (row.name[2:5], row.phone[-6:], text.pinyin_initials(row.short_name)):
            assert row in ctx.find(Customer).filter(search_index.matching(Customer, words))


@pytest.mark.covers("IMP-01")
def test_two_processes_write_what_one_writes(administrator, bring, figures, helper, monkeypatch):
    made = helper()
    ahead_of_time = []

    def document_tokens(*words, real=text.document_tokens):
        ahead_of_time.append(answers._foreseen["guanxi.language.text.fts5_of"].noting)
        return real(*words)

    monkeypatch.setattr(text, "document_tokens", document_tokens)
    run = bring(administrator.ctx, TABLE + FAULTY)

    assert figures(run) == {"created": 6, "failed": 1}
    assert made.asked == -5  # is it there; four chunks; and it has been sent away
    assert ahead_of_time == [True] * 7  # the writer worked out nothing by itself
    assert all(not one.known for one in answers._foreseen.values())
    check_written(administrator.ctx)


def test_a_second_process_that_dies_costs_nothing_but_time(administrator, bring, figures, helper, caplog):
    helper(broken=True)
    run = bring(administrator.ctx, TABLE)

    assert figures(run) == {"created": 6}
    check_written(administrator.ctx)
    assert "An import goes on in one process" in caplog.text


def test_a_second_process_that_hangs_costs_nothing_but_time(administrator, bring, figures, helper, monkeypatch):
    helper(hanging=True)
    monkeypatch.setattr(ahead, "PATIENCE", 0.01)
    run = bring(administrator.ctx, TABLE)

    assert figures(run) == {"created": 6}
    check_written(administrator.ctx)


def test_rows_with_links_and_values_to_be_replaced(administrator, bring, figures, helper):
    helper()
    ctx = administrator.ctx
    bring(ctx, TABLE)
    table = "name,customer,mobile\n张伟,重庆长行贸易有限公司,13900000001\n单于飞,重庆乐行贸易有限公司,13900000002\n"
    run = bring(ctx, table, model=Contact, values={"name": {"张伟": "text:章玮"}})

    assert figures(run) == {"created": 2}
    rows = {row.name: row for row in ctx.find(Contact)}
    assert {name: (row.sort_key, row.customer.name[2:4]) for name, row in rows.items()} == {
        "章玮": ("zhang wei", "长行"), "单于飞": ("chan yu fei", "乐行")}


def test_what_is_thought_through_asks_no_database():
    read, known = ahead.think("parties.customer", "zh-hans", [("name", "name"), ("p", "phone")], [
        {"name": "重庆银行", "p": "13800138000"}, {"name": None, "p": "no number"}])

    assert read == {("name", "重庆银行"): "重庆银行", ("phone", "13800138000"): "+8613800138000"}
    assert known["guanxi.language.text._sort_key"][("重庆银行", 64, False)] == "chong qing yin hang"
