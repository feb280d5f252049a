"""Merging customers and contacts: nothing is lost, everything can be taken back."""

import pytest

from guanxi.apps.parties.actions import find_duplicates, merge_records
from guanxi.apps.parties.models import (
    BankAccount,
    BusinessYear,
    Contact,
    Customer,
    CustomerEvent,
    Employment,
    Identity,
    Promise,
    Relation,
    RelationType,
    Shareholder,
    SocialRelation,
)
from guanxi.apps.parties.tests.conftest import GOOD_CODE
from guanxi.common import merging, talk, undoing
from guanxi.kernel import external
from guanxi.kernel.api import Denied, Refused
from guanxi.kernel.entries import Entry
from guanxi.kernel.policy import Share

CHILDREN = (Contact, Employment, BusinessYear, Shareholder, BankAccount, CustomerEvent, Promise, Relation, SocialRelation,
            talk.Comment)


def live():
    """The number of live rows of each kind."""
    return {model.__name__: model.objects.filter(deleted_at=None).count() for model in (Customer, *CHILDREN, Share)}


def snapshot():
    """Everything about the rows but what keeps count of writing itself."""
    loose = ("version", "updated_at", "updated_by_id")
    return {model.__name__: [{key: value for key, value in row.items() if key not in loose}
                             for row in model.objects.order_by("pk").values()] for model in (Customer, *CHILDREN)}


@pytest.fixture
def twins(boss, firm, other_salesperson):
    """Two customers with some two hundred children of every kind between them, and a third that relates to both."""
    kind = boss.create(RelationType, name="供货给", reverse="由其供货")
    third = boss.create(Customer, name="第三家")
    rows = []
    for place, name in enumerate(("宏达电子有限公司", "宏达电子")):
        one = boss.create(Customer, name=name, phone="" if place else "0755-26712345", credit_code=GOOD_CODE if place else "")
        rows.append(one)
        with boss.door("test"):
            people = boss.save_all([Contact(name=f"张{place}{n}", customer=one) for n in range(20)])
            boss.save_all([Employment(contact=contact, customer=one, position="经理") for contact, _no in people])
            boss.save_all([BusinessYear(customer=one, year=2000 + 10 * place + n) for n in range(8)])
            boss.save_all([Shareholder(customer=one, name=f"股东{n}", share=10) for n in range(8)])
            boss.save_all([BankAccount(customer=one, bank="建行", number=f"6222{place}{n:04}", main=n == 0) for n in range(8)])
            boss.save_all([CustomerEvent(customer=one, title=f"事{n}", happens_on="2026-01-01") for n in range(12)])
            boss.save_all([Promise(customer=one, what=f"诺{n}") for n in range(12)])
            boss.save_all([SocialRelation(customer=one, other=f"友{n}", kind="friend") for n in range(8)])
            boss.save(Relation(customer=third, kind=kind, other=one))
        talk.comment(boss, one, f"评论{place}")
    return rows


@pytest.mark.covers("MRG-01", "P06", "T7")
def test_two_customers_with_two_hundred_children_lose_nothing_and_come_apart_again(boss, twins):
    kept, gone = twins
    external.remember("erp", [("K-77", gone)])
    before, whole = live(), snapshot()
    assert sum(before.values()) > 190
    moved = merging.preview(boss, kept, [gone])
    assert moved["contacts"] == 20
    assert moved["comments"] == 1
    operation = merge_records(boss, kept, [kept, gone], {"name": gone.pk})

    after = live()
    doubled = {"Customer": 1, "Relation": 1}
    assert after == {name: count - doubled.get(name, 0) for name, count in before.items()}
    one = boss.get(Customer, kept.pk)
    assert (one.name, one.phone, one.credit_code) == ("宏达电子", "+8675526712345", GOOD_CODE)
    for model in (Contact, Employment, BusinessYear, Shareholder, BankAccount, CustomerEvent, Promise, SocialRelation):
        assert model.objects.filter(customer=gone.pk, deleted_at=None).count() == 0
    assert Contact.objects.filter(customer=kept.pk).count() == 40
    assert BankAccount.objects.filter(customer=kept.pk, main=True).count() == 1
    assert external.survivor_of(Customer, gone.pk) == kept.pk
    assert external.ids_of("erp", Customer, ["K-77"]) == {"K-77": kept.pk}
    assert [hit.pk for hit in find_duplicates(boss, Identity(name="宏达电子"))] == [kept.pk]

    undone = undoing.undo(boss, operation)
    assert undone.conflicts == []
    assert live() == before
    assert snapshot() == whole
    assert {hit.pk for hit in find_duplicates(boss, Identity(name="宏达电子"))} == {kept.pk, gone.pk}


@pytest.mark.covers("P06")
def test_whoever_may_not_delete_may_not_merge_and_nothing_changes(anna, make):
    one, two = make("甲公司"), make("乙公司")
    before, entries = snapshot(), Entry.objects.count()
    with pytest.raises(Denied):
        anna.run_many("parties.customer.merge", [one, two], survivor=one.pk)
    assert (snapshot(), Entry.objects.count()) == (before, entries)


@pytest.mark.covers("P06")
def test_a_manager_merges_from_the_list_in_one_operation(manager, make):
    one, two, three = make("甲公司"), make("乙公司"), make("丙公司", phone="13900139000")
    leader = manager()
    outcome = leader.run_many("parties.customer.merge", [one, two, three], survivor=two.pk)
    assert [(row.pk, row.phone) for row in leader.find(Customer)] == [(two.pk, "+8613900139000")]
    assert undoing.undo(leader, outcome.operation_id).conflicts == []
    assert leader.find(Customer).count() == 3


def test_one_alone_is_not_merged(boss, acme):
    with pytest.raises(Refused, match="at least two"):
        boss.run_many("parties.customer.merge", [acme], survivor=acme.pk)


@pytest.mark.covers("P24", "P06")
@pytest.mark.parametrize("survivor", ["parent", "child"])
def test_parent_and_child_become_one_without_a_ring(boss, survivor):
    top = boss.create(Customer, name="集团")
    parent = boss.create(Customer, name="母公司", parent_company=top.pk)
    child = boss.create(Customer, name="子公司", parent_company=parent.pk)
    grandchild = boss.create(Customer, name="孙公司", parent_company=child.pk)
    kept, gone = (parent, child) if survivor == "parent" else (child, parent)
    operation = merge_records(boss, kept, [kept, gone])
    above = dict(boss.find(Customer).values_list("pk", "parent_company_id"))
    assert above == {top.pk: None, kept.pk: top.pk, grandchild.pk: kept.pk}
    assert undoing.undo(boss, operation).conflicts == []
    above = dict(boss.find(Customer).values_list("pk", "parent_company_id"))
    assert above == {top.pk: None, parent.pk: top.pk, child.pk: parent.pk, grandchild.pk: child.pk}


@pytest.mark.covers("P24")
def test_a_merge_that_would_close_a_ring_is_refused(boss):
    top = boss.create(Customer, name="集团")
    middle = boss.create(Customer, name="中间", parent_company=top.pk)
    low = boss.create(Customer, name="下面", parent_company=middle.pk)
    before = snapshot()
    with pytest.raises(Refused, match="its own parent company"):
        merge_records(boss, low, [low, top])
    assert snapshot() == before


@pytest.mark.covers("P06", "P24")
def test_contacts_are_merged_with_their_jobs(boss, acme):
    other = boss.create(Customer, name="宝安投资")
    one = boss.create(Contact, name="林小鹏", customer=acme.pk, mobile="13800138000")
    two = boss.create(Contact, name="林小朋", customer=other.pk, email="lin@example.com")
    boss.create(Employment, contact=one.pk, customer=acme.pk, position="经理", main=True)
    boss.create(Employment, contact=two.pk, customer=other.pk, position="董事", main=True)
    boss.create(Promise, customer=other.pk, contact=two.pk, what="回电")
    merge_records(boss, one, [one, two])
    kept = boss.find(Contact).get()
    assert (kept.pk, kept.mobile, kept.email, kept.customer_id) == (one.pk, "+8613800138000", "lin@example.com", acme.pk)
    jobs = boss.find(Employment).order_by("pk").values_list("contact", "customer", "main")
    assert list(jobs) == [(one.pk, acme.pk, True), (one.pk, other.pk, False)]
    assert boss.find(Promise).get().contact_id == one.pk


@pytest.mark.covers("P12", "CUS-14", "CUS-18")
def test_a_transfer_carries_what_the_former_owner_holds_below_and_nothing_else_changes(
        manager, salesperson, colleague, anna, acme, lin):
    leader = manager()
    theirs = leader.create(Contact, name="王经理", customer=acme.pk)
    promise = anna.create(Promise, customer=acme.pk, what="送样", due_on="2030-01-01")
    anna.run("parties.promise.keep", promise)
    before = snapshot()
    leader.run("parties.customer.assign", acme.pk, to=colleague.id)
    assert {Customer.objects.get(pk=acme.pk).owner_id, Contact.objects.get(pk=lin.pk).owner_id,
            Promise.objects.get(pk=promise.pk).owner_id} == {colleague.id}
    assert Contact.objects.get(pk=theirs.pk).owner_id == manager.id
    loose = ("owner_id", "upper_owner_id")
    after = snapshot()
    for name, rows in before.items():
        bare = [[{k: v for k, v in row.items() if k not in loose} for row in group] for group in (rows, after[name])]
        assert bare[0] == bare[1]
    assert not salesperson().find(Customer).exists()
    assert colleague().get(Promise, promise.pk).state == "kept"
