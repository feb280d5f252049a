"""The duplicate check: across owners, without leaking, at the same price however many there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.apps.parties.actions import find_duplicates
from guanxi.apps.parties.models import Contact, Customer, Identity
from guanxi.apps.parties.tests.conftest import GOOD_CODE
from guanxi.common import reindexing
from guanxi.common.talk import Notification
from guanxi.kernel.api import Ctx, Denied, Missing, Refused
from guanxi.kernel.entries import Entry
from guanxi.kernel.match_keys import MatchKey


def keys_of(record):
    return set(MatchKey.objects.filter(object_type=record._meta.label_lower, object_id=record.pk).values_list(
        "key", flat=True))


@pytest.mark.covers("P05", "F6", "T5")
@pytest.mark.parametrize(("asked", "why"), [
    (Identity(name="小鹏航天科技"), "Same name"),
    (Identity(name="深圳小鹏航天科技有限责任公司"), "Same name"),
    (Identity(name="小鵬航天科技（深圳）有限公司"), "Same name"),
    (Identity(name="别的名字", credit_code=GOOD_CODE.lower()), "Same unified credit code"),
    (Identity(name="小鹏航天", phones=("+86 755 2671 2345",)), "One name is short for the other"),
])
def test_the_same_company_is_found_however_it_is_written(anna, acme, asked, why):
    hits = find_duplicates(anna, asked)
    assert [(hit.object, hit.pk, hit.visible) for hit in hits] == [("parties.customer", acme.pk, True)]
    assert hits[0].why.startswith(why)
    assert hits[0].owner == "anna"


@pytest.mark.covers("P05")
def test_others_learn_name_state_department_and_month_and_nothing_else(bert, acme, lin):
    for asked in (Identity(name="小鹏航天科技有限公司"), Identity(name="林小鹏", phones=("138 0013 8000",), person=True)):
        hit = find_duplicates(bert, asked)[0]
        assert (hit.visible, hit.record, hit.owner, hit.department) == (False, None, "", "East")
        assert hit.last_active == acme.updated_at.strftime("%Y-%m")
        told = repr(hit)
        for secret in ("13800138000", "26712345", GOOD_CODE, "anna", "采购经理"):
            assert secret not in told


@pytest.mark.covers("P05")
def test_different_companies_are_not_confused(anna, make):
    make("北京宏达电子有限公司")
    assert find_duplicates(anna, Identity(name="上海宏达电子有限公司")) == []
    assert find_duplicates(anna, Identity()) == []


def test_a_short_name_finds_too(anna, make):
    made = make("国际商业机器公司", short_name="蓝色巨人")
    assert [hit.pk for hit in find_duplicates(anna, Identity(name="蓝色巨人"))] == [made.pk]


def test_namesakes_at_one_customer_are_likely_the_same(anna, acme, lin, make):
    asked = Identity(name="林小鹏", person=True)
    assert find_duplicates(anna, asked) == []
    assert [hit.why for hit in find_duplicates(anna, asked, customer_id=acme.pk)] == ["Same name · Same customer"]
    assert find_duplicates(anna, asked, customer_id=make("别家").pk) == []
    assert find_duplicates(anna, asked, customer_id=acme.pk, without=lin) == []


@pytest.mark.covers("F6")
def test_keys_follow_every_kind_of_write(anna, boss, make):
    first = make("甲乙丙科技有限公司", phone="13900139000")
    before = keys_of(first)
    assert before == {"n:甲乙丙", "p:+8613900139000"}
    anna.update(first, phone="13900139001")
    assert keys_of(first) == {"n:甲乙丙", "p:+8613900139001"}
    boss.delete(first)
    assert keys_of(first) == set()
    boss.run("parties.customer.restore", first.pk)
    assert keys_of(first) == {"n:甲乙丙", "p:+8613900139001"}
    with boss.door("test"):
        rows = [row for row, refusal in boss.save_all([Customer(name=f"批量{n}号贸易公司") for n in range(30)]) if not refusal]
    assert all(keys_of(row) == {f"n:批量{n}号"} for n, row in enumerate(rows))
    boss.run_many("parties.customer.update", rows, short_name="批发")
    assert all("n:批发" in keys_of(row) for row in rows)
    MatchKey.objects.all().delete()
    assert [reindexing.anew(model) for model in (Customer, Contact)] == [31, 0]
    assert keys_of(first) == {"n:甲乙丙", "p:+8613900139001"}


@pytest.mark.covers("P05")
def test_the_number_of_queries_does_not_grow(salesperson, boss):
    def queries(count):
        with boss.door("test"):
            boss.save_all([Customer(name=f"宏达电子{'第' * n}有限公司", phone="0755-26712345", owner_id=salesperson.id)
                           for n in range(count)])
        with CaptureQueriesContext(connection) as asked:
            found = find_duplicates(salesperson(), Identity(name="宏达电子有限公司", phones=("0755-26712345",)), limit=50)
        return len(asked), len(found)
    queries(1)  # roles and settings are read once
    few, found_few = queries(1)
    many, found_many = queries(40)
    assert (found_few, found_many) == (2, 42)
    assert many == few <= 6


@pytest.mark.covers("P05")
def test_asking_for_access_tells_the_owner_and_is_written_down(bert, boss, salesperson, anna, acme):
    bert.run("parties.customer.ask_access", object="parties.customer", record=acme.pk, message="同一个项目")
    heard = Notification.objects.get(user=salesperson.user)
    assert (heard.object_type, heard.object_id, heard.actor_id) == ("parties.customer", acme.pk, bert.user_id)
    assert "同一个项目" in heard.note
    assert Entry.objects.filter(verb="parties.customer.ask_access", object_id=acme.pk, actor=bert.user_id).count() == 1
    with pytest.raises(Refused, match="may open"):
        anna.run("parties.customer.ask_access", object="parties.customer", record=acme.pk)
    with pytest.raises(Missing):
        bert.run("parties.customer.ask_access", object="org.user", record=salesperson.id)
    with pytest.raises(Missing):
        bert.run("parties.customer.ask_access", object="parties.customer", record=10**9)
    assert Notification.objects.count() == 1


@pytest.mark.covers("P05", "T6")
def test_what_nobody_owns_can_be_claimed_once(anna, bert, boss, firm, acme):
    free = boss.create(Customer, name="无主公司")
    boss.update(free, owner=None)
    hit = find_duplicates(bert, Identity(name="无主公司"))[0]
    assert (hit.visible, str(hit.standing), hit.department) == (False, "in the pool", "")
    with pytest.raises(Refused, match="claim it instead"):
        bert.run("parties.customer.ask_access", object="parties.customer", record=free.pk)
    bert.run("parties.customer.claim", object="parties.customer", record=free.pk)
    assert Customer.objects.get(pk=free.pk).owner_id == bert.user_id
    with pytest.raises(Refused, match="has an owner"):
        anna.run("parties.customer.claim", object="parties.customer", record=free.pk)
    with pytest.raises(Refused, match="has an owner"):
        bert.run("parties.customer.claim", object="parties.customer", record=acme.pk)
    assert Customer.objects.get(pk=free.pk).owner_id == bert.user_id


def test_an_auditor_asks_for_nothing(person, acme):
    auditor = Ctx(user=person("carl", "auditor").user)
    with pytest.raises(Denied):
        auditor.run("parties.customer.claim", object="parties.customer", record=acme.pk)
