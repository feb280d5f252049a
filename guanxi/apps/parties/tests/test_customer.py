"""A customer: what is kept of it, and what is refused."""

import datetime
from decimal import Decimal

import pytest

from guanxi.apps.parties.models import (
    BankAccount,
    BusinessYear,
    Customer,
    CustomerEvent,
    Industry,
    RelationType,
    Shareholder,
)
from guanxi.apps.parties.seed import INDUSTRIES, seed
from guanxi.apps.parties.tests.conftest import GOOD_CODE, OTHER_CODE
from guanxi.kernel.api import Refused
from guanxi.kernel.entries import Entry, StateChange


@pytest.mark.covers("CUS-01", "CUS-02", "CUS-07", "CUS-08", "CUS-20", "CUS-23", "CUS-24", "CUS-25", "CUS-26")
def test_the_whole_profile_is_kept_as_typed(firm, boss):
    seed(firm.system)
    level = firm.system.find(Customer._meta.get_field("level").related_model).order_by("rank").first()
    made = boss.create(
        Customer, name="华为技术有限公司", short_name="华为", kind="公司", party="distributor", life_stage="loyal",
        fit="target", target_type="channel", level=level.name, industry="Manufacturing", phone="0755-28780808",
        email="Info@Example.com", province="广东省", city="深圳市", district="龙岗区", address="坂田", founded_on="1987年9月15日",
        staff="207,000", business_scope="程控交换机\n传输设备", credit_code="9135 0100 m000100y43", legal_person="赵明路",
        registered_capital="4104113.182万元", registration="active", listed="no", exchange="", credit_rating="AAA",
        credit_limit="1000000", payment_days="60", buying_habits="年底集中采购", likings="龙井", inner_relations="采购听财务的",
        next_contact_at="2030-01-02 09:30", tags="重点, 华南", website="www.example.com")
    kept = boss.get(Customer, made.pk)
    assert (kept.kind, kept.party, kept.life_stage, kept.fit, kept.target_type) == (
        "company", "distributor", "loyal", "target", "channel")
    assert (kept.level_id, str(kept.industry), kept.credit_code) == (level.pk, "Manufacturing", GOOD_CODE)
    assert (kept.founded_on, kept.staff, kept.registered_capital) == (
        datetime.date(1987, 9, 15), 207000, Decimal("41041131820.00"))
    assert (kept.phone, kept.email, kept.website) == ("+8675528780808", "info@example.com", "https://www.example.com")
    assert (kept.listed, kept.credit_rating, kept.credit_limit, kept.payment_days) == (False, "aaa", Decimal(1000000), 60)
    assert kept.business_scope == "程控交换机\n传输设备"
    assert (kept.buying_habits, kept.likings, kept.inner_relations, kept.tags) == (
        "年底集中采购", "龙井", "采购听财务的", ["重点", "华南"])


@pytest.mark.covers("CUS-23")
def test_every_change_of_the_life_stage_is_kept(anna, acme):
    anna.update(acme, life_stage="actual")
    anna.update(anna.get(Customer, acme.pk), life_stage="loyal")
    moves = StateChange.objects.filter(object_id=acme.pk, field="life_stage").order_by("id").values_list("old", "new")
    assert list(moves) == [("", "potential"), ("potential", "actual"), ("actual", "loyal")]


@pytest.mark.parametrize("code", ["91350100M000100Y44", "123", "91350100M000100Y4", "O1350100M000100Y43"])
def test_a_wrong_credit_code_is_refused_at_its_field_and_nothing_changes(anna, acme, code):
    before = Entry.objects.count()
    with pytest.raises(Refused, match="is no unified social credit code") as refused:
        anna.update(acme, credit_code=code)
    assert list(refused.value.errors) == ["credit_code"]
    assert anna.get(Customer, acme.pk).credit_code == GOOD_CODE
    assert Entry.objects.count() == before


@pytest.mark.covers("P05")
def test_a_taken_credit_code_names_the_other_record_only_to_those_who_see_it(anna, bert, acme):
    for ctx, reason in (
        (anna, "This unified social credit code belongs to another customer. It is “深圳市小鹏航天科技有限公司”."),
        (bert, "This unified social credit code belongs to another customer."),
    ):
        with pytest.raises(Refused) as refused:
            ctx.create(Customer, name="另一家", credit_code=GOOD_CODE)
        assert refused.value.errors == {"credit_code": [reason]}
    assert Customer.objects.count() == 1


@pytest.mark.covers("DEL-02")
def test_a_code_freed_by_deleting_may_be_taken_and_restoring_asks(boss, acme):
    boss.delete(acme)
    boss.create(Customer, name="新的", credit_code=GOOD_CODE)
    with pytest.raises(Refused, match="It is “新的”"):
        boss.run("parties.customer.restore", acme.pk)
    assert Customer.objects.get(pk=acme.pk).deleted_at is not None
    boss.update(boss.find(Customer).get(name="新的"), credit_code=OTHER_CODE)
    boss.run("parties.customer.restore", acme.pk)
    assert boss.get(Customer, acme.pk).credit_code == GOOD_CODE


@pytest.mark.covers("CUS-03", "CUS-04", "CUS-05", "CUS-17", "P11", "DEL-01")
def test_what_hangs_below_is_seen_by_the_customers_owner_and_goes_with_it(anna, bert, boss, acme):
    below = [
        boss.create(BusinessYear, customer=acme.pk, year=2024, revenue="1200万", profit="-3.5万"),
        boss.create(Shareholder, customer=acme.pk, name="王五", share="33.5%"),
        boss.create(BankAccount, customer=acme.pk, bank="工商银行", number="6222 0210-0111 1122"),
        boss.create(CustomerEvent, customer=acme.pk, kind="move", title="搬到前海", happens_on="2026-03-01"),
    ]
    assert below[0].revenue == Decimal(12000000)
    assert below[1].share == Decimal("33.5")
    assert below[2].number == "6222021001111122"
    for row in below:
        assert anna.find(type(row)).get().pk == row.pk
        assert not bert.find(type(row)).exists()
    boss.delete(acme)
    assert [type(row).objects.filter(deleted_at=None).count() for row in below] == [0, 0, 0, 0]
    boss.run("parties.customer.restore", acme.pk)
    assert [type(row).objects.filter(deleted_at=None).count() for row in below] == [1, 1, 1, 1]


@pytest.mark.covers("CUS-03", "CUS-04")
@pytest.mark.parametrize(("model", "values", "reason"), [
    (BusinessYear, {"year": 2024}, "The figures of this year are there already. It is “2024”."),
    (BusinessYear, {"year": 99}, "The year must lie between 1800 and 2200."),
    (Shareholder, {"name": "X", "share": "101"}, "A share lies above 0 and at most at 100 percent."),
    (Shareholder, {"name": "X", "share": "0"}, "A share lies above 0 and at most at 100 percent."),
])
def test_impossible_figures_are_refused(anna, acme, model, values, reason):
    anna.create(BusinessYear, customer=acme.pk, year=2024)
    before = model.objects.count()
    with pytest.raises(Refused) as refused:
        anna.create(model, customer=acme.pk, **values)
    assert refused.value.reason == reason
    assert model.objects.count() == before


def test_locking_is_for_those_who_may_transfer(anna, manager, acme):
    with pytest.raises(Refused):
        anna.run("parties.customer.lock", acme)
    leader = manager()
    leader.run("parties.customer.lock", acme)
    assert leader.get(Customer, acme.pk).locked is True
    with pytest.raises(Refused):
        leader.run("parties.customer.lock", acme)
    leader.run("parties.customer.unlock", acme)
    assert leader.get(Customer, acme.pk).locked is False


def test_the_starter_lists_are_filled_once_and_stay_as_people_left_them(firm):
    seed(firm.system)
    assert firm.system.find(Industry).count() == len(INDUSTRIES)
    first = firm.system.find(Industry).first()
    firm.system.delete(first)
    seed(firm.system)
    assert firm.system.find(Industry).count() == len(INDUSTRIES) - 1
    assert firm.system.find(RelationType).get(name="supplies").reverse == "is supplied by"


def test_the_starter_lists_speak_the_companys_language(firm):
    firm.system.update(firm.company, language="zh-hans")
    seed(firm.system)
    assert firm.system.find(RelationType).filter(name="供货给", reverse="由其供货").exists()
