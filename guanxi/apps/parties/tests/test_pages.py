"""The hand-made pages over HTTP: duplicate check, merging, the cards of a customer."""

import pytest

from guanxi.apps.parties.models import Contact, Customer, Employment, Promise, Relation, RelationType
from guanxi.apps.parties.tests.conftest import GOOD_CODE
from guanxi.common.talk import Notification
from guanxi.kernel.entries import Operation


@pytest.mark.covers("P05", "T6")
@pytest.mark.parametrize("typed", ["小鹏航天科技", "0755 2671 2345", GOOD_CODE])
def test_the_check_shows_my_own_with_a_way_in_and_others_masked(salesperson, other_salesperson, acme, typed):
    mine = salesperson.client.get("/duplicate-check", {"q": typed}).content.decode()
    assert f'href="/customers/{acme.pk}"' in mine
    page = other_salesperson.client.get("/duplicate-check", {"q": typed})
    theirs = page.content.decode()
    assert page.status_code == 200
    assert "深圳市小鹏航天科技有限公司" in theirs
    assert "East" in theirs
    assert f'href="/customers/{acme.pk}"' not in theirs
    assert "/duplicate-check/ask?" in theirs
    body = theirs.partition("<tbody>")[2]
    assert "26712345" not in body
    assert "anna" not in body


@pytest.mark.covers("P05")
def test_nothing_found_says_so_and_a_stranger_signs_in(salesperson, anonymous):
    assert "Not here yet" in salesperson.client.get("/duplicate-check", {"q": "没有这家"}).content.decode()
    assert anonymous.get("/duplicate-check").status_code == 302


@pytest.mark.covers("P05")
def test_programs_get_the_same_answer_without_ids_of_what_is_out_of_reach(salesperson, other_salesperson, acme):
    asked = {"object": "parties.customer", "name": "小鹏航天科技有限公司", "phone": "075526712345"}
    mine = salesperson.client.get("/duplicates", asked).json()["duplicates"]
    assert [(one["id"], one["visible"], one["owner"]) for one in mine] == [(acme.pk, True, "anna")]
    theirs = other_salesperson.client.get("/duplicates", asked).json()["duplicates"]
    assert theirs == [{
        "object": "parties.customer", "id": None, "title": "深圳市小鹏航天科技有限公司", "score": mine[0]["score"],
        "reasons": mine[0]["reasons"], "visible": False, "status": "owned", "owner": "", "department": "East",
        "last_active": acme.updated_at.strftime("%Y-%m")}]


@pytest.mark.covers("P05")
def test_asking_over_the_page_tells_the_owner(salesperson, other_salesperson, acme):
    url = f"/duplicate-check/ask?object=parties.customer&record={acme.pk}"
    assert other_salesperson.client.get(url).status_code == 200
    assert not Notification.objects.exists()
    assert other_salesperson.client.post(url, {"message": "一起做"}).status_code == 302
    assert "一起做" in Notification.objects.get(user=salesperson.user).note


@pytest.mark.covers("T6")
def test_claiming_over_the_page_makes_one_the_owner(other_salesperson, boss):
    free = boss.create(Customer, name="无主公司")
    boss.update(free, owner=None)
    url = f"/duplicate-check/claim?object=parties.customer&record={free.pk}"
    assert other_salesperson.client.post(url)["Location"] == f"/customers/{free.pk}"
    assert Customer.objects.get(pk=free.pk).owner_id == other_salesperson.id
    assert other_salesperson.client.post(f"/duplicate-check/claim?object=org.user&record={free.pk}").status_code == 404


@pytest.mark.covers("P06", "T7")
def test_records_are_compared_side_by_side_and_merged_with_the_values_picked(administrator, boss):
    one = boss.create(Customer, name="宏达电子有限公司", phone="0755-26712345", city="深圳")
    two = boss.create(Customer, name="宏达电子", city="广州")
    boss.create(Contact, name="张三", customer=two.pk)
    url = f"/merge/customers?ids={one.pk}&ids={two.pk}"
    page = administrator.client.get(url).content.decode()
    for part in ("宏达电子有限公司", "广州", 'name="pick_city"', "Contacts", "can be undone for 30 days"):
        assert part in page
    assert 'name="pick_kind"' not in page
    answer = administrator.client.post(url, {"survivor": one.pk, "pick_name": two.pk, "pick_city": two.pk, "pick_phone": one.pk})
    assert answer["Location"] == f"/customers/{one.pk}"
    kept = boss.find(Customer).get()
    assert (kept.pk, kept.name, kept.city, kept.phone) == (one.pk, "宏达电子", "广州", "+8675526712345")
    assert boss.find(Contact).get().customer_id == one.pk
    assert Operation.objects.get(kind="merge").state == "done"


@pytest.mark.covers("P06")
@pytest.mark.parametrize("ids", ["", "ids=1", "ids=abc&ids=", "ids=999999&ids=888888"])
def test_merging_needs_two_records_within_sight(administrator, acme, ids):
    answer = administrator.client.get(f"/merge/customers?{ids}")
    assert answer.status_code == 400
    assert "Choose at least two customers" in answer.content.decode()


@pytest.mark.covers("P06")
def test_others_records_cannot_be_merged_by_address(other_salesperson, salesperson, make):
    one, two = make("甲公司"), make("乙公司")
    url = f"/merge/customers?ids={one.pk}&ids={two.pk}"
    assert other_salesperson.client.post(url, {"survivor": one.pk}).status_code == 400
    assert salesperson.client.post(url, {"survivor": one.pk}).status_code == 403
    assert Customer.objects.filter(deleted_at=None).count() == 2


@pytest.mark.covers("CUS-10", "CUS-13", "P24")
def test_the_page_of_a_customer_shows_group_relations_people_figures_and_doubles(administrator, boss):
    holding = boss.create(Customer, name="宏达控股集团")
    firm = boss.create(Customer, name="宏达电子有限公司", parent_company=holding.pk)
    other, double = boss.create(Customer, name="客户乙"), boss.create(Customer, name="宏达电子")
    kind = boss.create(RelationType, name="supplies-word", reverse="supplied-by-word")
    boss.create(Relation, customer=other.pk, kind=kind.pk, other=firm.pk)
    person = boss.create(Contact, name="李董", customer=other.pk)
    boss.create(Employment, contact=person.pk, customer=firm.pk, position="独立董事")
    boss.create(Promise, customer=firm.pk, what="送样")
    below = boss.create(Customer, name="宏达子公司", parent_company=firm.pk)
    boss.create(Promise, customer=below.pk, what="报价")
    answer = administrator.client.get(f"/customers/{firm.pk}")
    page = answer.content.decode() + administrator.client.get(f"/customers/{firm.pk}/panels").content.decode()
    assert answer.status_code == 200
    for part in ('role="tree"', f'href="/customers/{holding.pk}"', "<svg viewBox", "supplied-by-word", "独立董事",
                 "/explain/parties.open_promises", '<span class="num">1 / 2</span>', f"/merge/customers?ids={firm.pk}&amp;ids={double.pk}"):
        assert part in page
    assert "supplies-word" in administrator.client.get(f"/customers/{other.pk}").content.decode()


@pytest.mark.covers("P05", "F6")
def test_the_form_warns_while_typing_and_blocks_the_very_same(salesperson, other_salesperson, acme, lin):
    warned = other_salesperson.client.post("/customers/duplicates", {"name": "小鹏航天科技有限公司"}).content.decode()
    assert "深圳市小鹏航天科技有限公司" in warned
    assert "/duplicate-check/ask?" in warned
    assert "26712345" not in warned
    assert other_salesperson.client.post("/customers/duplicates", {"name": "别家"}).content == b""
    refused = salesperson.client.post("/contacts/new", {"name": "林大鹏", "mobile": "13800138000"})
    assert refused.status_code == 422
    assert "林小鹏" in refused.content.decode()
    assert Contact.objects.count() == 1
