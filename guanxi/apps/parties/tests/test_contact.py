"""Contacts: what is kept of a person, several jobs, and who sees them."""

import datetime

import pytest

from guanxi.apps.parties.models import Contact, Customer, Employment, SocialRelation
from guanxi.kernel.api import Missing, Refused


@pytest.mark.covers("CTC-01", "CUS-21")
def test_the_complete_information_is_kept(anna, acme):
    made = anna.create(
        Contact, name="欧阳修", customer=acme.pk, gender="男", position="总经理", department="总经办", mobile="138 0013 8000",
        phone="0755-26712345-801", email="Ou.Yang@Example.com", wechat="ouyang", birthday="1980/8/8", decides="是",
        likings="书法", habits="上午回电话", buying_habits="先试用", address="深圳市南山区", consent="业务联系")
    kept = anna.get(Contact, made.pk)
    assert (kept.mobile, kept.phone, kept.email) == ("+8613800138000", "+8675526712345;ext=801", "ou.yang@example.com")
    assert (kept.gender, kept.birthday, kept.decides) == ("male", datetime.date(1980, 8, 8), True)
    assert (kept.likings, kept.habits, kept.buying_habits, kept.consent) == ("书法", "上午回电话", "先试用", "业务联系")


@pytest.mark.covers("P11")
def test_the_customers_owner_sees_a_contact_whoever_made_it(anna, bert, boss, acme):
    made = boss.create(Contact, name="李四", customer=acme.pk)
    assert anna.get(Contact, made.pk).name == "李四"
    with pytest.raises(Missing):
        bert.get(Contact, made.pk)


@pytest.mark.covers("P24")
def test_a_person_with_two_jobs_is_seen_by_both_owners(anna, bert, other_salesperson, boss, acme, lin):
    second = bert.create(Customer, name="宝安投资")
    with pytest.raises(Missing):
        bert.get(Contact, lin.pk)
    boss.create(Employment, contact=lin.pk, customer=second.pk, position="董事")
    assert [(job.position, job.main) for job in anna.find(Employment)] == [("董事", False)]
    assert other_salesperson().get(Contact, lin.pk).customer_id == acme.pk


@pytest.mark.covers("P24")
def test_after_a_transfer_the_new_owner_sees_who_also_works_there(boss, bert, other_salesperson, salesperson, acme, lin):
    second = boss.create(Customer, name="宝安投资")
    boss.create(Employment, contact=lin.pk, customer=second.pk, position="董事")
    boss.run("parties.customer.assign", second.pk, to=other_salesperson.user)
    assert other_salesperson().get(Contact, lin.pk).name == "林小鹏"


@pytest.mark.covers("P24")
def test_a_change_of_job_keeps_the_old_one_with_its_last_day(anna, make, acme, lin):
    other = make("宝安投资")
    anna.run("parties.contact.change_job", lin, to=other.pk, position="采购总监", on="2026-03-01")
    kept = anna.get(Contact, lin.pk)
    assert (kept.customer_id, kept.position) == (other.pk, "采购总监")
    jobs = anna.find(Employment).order_by("pk").values_list("customer", "position", "starts_on", "ends_on", "main")
    assert list(jobs) == [
        (acme.pk, "采购经理", None, datetime.date(2026, 2, 28), False),
        (other.pk, "采购总监", datetime.date(2026, 3, 1), None, True)]
    with pytest.raises(Refused, match="has this job already"):
        anna.run("parties.contact.change_job", kept, to=other.pk, position="采购总监")
    assert Employment.objects.count() == 2


@pytest.mark.covers("P24")
def test_a_second_job_beside_the_first_changes_nothing_of_the_contact(anna, make, acme, lin):
    anna.run("parties.contact.change_job", lin, to=make("宝安投资").pk, position="监事", left=False)
    kept = anna.get(Contact, lin.pk)
    assert (kept.customer_id, kept.position) == (acme.pk, "采购经理")
    assert anna.find(Employment).filter(ends_on=None).count() == 2
    assert anna.find(Employment).filter(main=True).get().customer_id == acme.pk


def test_only_one_job_is_the_main_one(anna, make, lin):
    one, two = make("甲公司"), make("乙公司")
    anna.create(Employment, contact=lin.pk, customer=one.pk, main=True)
    anna.create(Employment, contact=lin.pk, customer=two.pk, position="厂长", main=True)
    assert anna.find(Employment).get(main=True).customer_id == two.pk
    assert (anna.get(Contact, lin.pk).customer_id, anna.get(Contact, lin.pk).position) == (two.pk, "厂长")


def test_a_job_does_not_end_before_it_begins(anna, make, lin):
    with pytest.raises(Refused, match="The last day is before the first"):
        anna.create(Employment, contact=lin.pk, customer=make("甲公司").pk, starts_on="2026-02-01", ends_on="2026-01-31")
    assert not Employment.objects.exists()


@pytest.mark.covers("CUS-06")
def test_ties_of_people_are_kept_with_kind_and_closeness(anna, acme, lin):
    anna.create(SocialRelation, customer=acme.pk, contact=lin.pk, kind="同学", other="市规划局张局长", closeness="close")
    tie = anna.find(SocialRelation).get()
    assert (tie.kind, tie.other, tie.closeness, tie.contact_id) == ("classmate", "市规划局张局长", "close", lin.pk)
