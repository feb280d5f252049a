"""A row that looks like somebody known is left out and listed, unless it is wanted all the same."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.apps.parties.actions import already_known
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales.models import Lead
from guanxi.kernel.api import Ctx
from guanxi.surfaces.impex import runs, tables
from guanxi.surfaces.impex.hooks import duplicate_checkers


def names(ctx: Ctx, model: type = Customer) -> list[str]:
    return sorted(ctx.find(model).values_list("name", flat=True))


@pytest.mark.covers("P05", "T52", "F6")
def test_a_company_somebody_else_owns_is_left_out_and_listed(salesperson, other_salesperson, administrator, bring, figures):
    salesperson.ctx.create(Customer, name="深圳市小鹏航天科技有限公司", phone="0755-26712345")
    table = "name,phone\n小鹏航天科技（深圳）有限公司,021-58881234\n上海联合仪器,021-58881299\n"
    run = bring(administrator.ctx, table, mode="create", match=[])

    assert figures(run) == {"created": 1, "skipped": 1}
    assert names(administrator.ctx) == ["上海联合仪器", "深圳市小鹏航天科技有限公司"]
    rejects = tables.reject_file(administrator.ctx, run, "csv").decode("utf-8-sig").splitlines()
    assert rejects[1:] == ["小鹏航天科技（深圳）有限公司,021-58881234,2,Left out: It looks like “深圳市小鹏航天科技有限公司”: Same name."]

    again = bring(administrator.ctx, table, mode="create", match=[], likeness="create")
    assert figures(again) == {"created": 2}


@pytest.mark.covers("P05", "T52")
@pytest.mark.parametrize("whole", [False, True])
def test_the_second_spelling_in_one_table_is_left_out_wherever_it_stands(administrator, bring, figures, monkeypatch, whole):
    monkeypatch.setattr(runs, "CHUNK", 2)
    table = "name\n北京宏达电子有限公司\n北京市宏达电子有限公司\n大同煤矿集团\n宏达电子（北京）有限公司\n"
    run = bring(administrator.ctx, table, mode="create", match=[], whole=whole, launch=False)
    runs.trial(administrator.ctx, run)
    assert {key: run.tried["figures"][key] for key in ("created", "skipped", "failed")} == {
        "created": 2, "skipped": 2, "failed": 0}
    assert names(administrator.ctx) == []

    runs.launch(administrator.ctx, run)
    assert figures(runs.find(administrator.ctx, run.pk)) == {"created": 2, "skipped": 2}
    assert names(administrator.ctx) == ["北京宏达电子有限公司", "大同煤矿集团"]


@pytest.mark.covers("P05")
def test_contacts_and_leads_are_compared_with_their_like(salesperson, administrator, bring, figures):
    ctx = administrator.ctx
    acme = ctx.create(Customer, name="大同电子", mobile="13800138001")
    salesperson.ctx.create(Contact, name="林小鹏", mobile="13800138000")
    ctx.create(Contact, name="王芳", customer=acme.pk)
    salesperson.ctx.create(Lead, company="联合仪器有限公司", phone="021-58881234")

    contacts = bring(ctx, "name,customer,mobile\n林先生,,+86 138 0013 8000\n王芳,大同电子,\n王芳,,\n李雷,大同电子,13800138001\n",
                     model=Contact, mode="create", match=[])
    assert figures(contacts) == {"created": 2, "skipped": 2}
    assert names(ctx, Contact) == ["李雷", "林小鹏", "王芳", "王芳"]
    leads = bring(ctx, "company,phone\n联合仪器,02158881234\n大同电子,\n", model=Lead, mode="create", match=[])
    assert figures(leads) == {"created": 1, "skipped": 1}
    assert names(ctx, Lead) == ["大同电子", "联合仪器有限公司"]
    assert set(duplicate_checkers) == {Customer, Contact, Lead}


@pytest.mark.covers("P05")
def test_a_whole_table_is_compared_in_as_many_queries_as_one_row(administrator):
    ctx = administrator.ctx
    with ctx.door("test"):
        ctx.save_all([Customer(name=f"宏达{n}号电子有限公司", phone=f"0755-2671{n:04}") for n in range(60)])

    def queries(count: int) -> tuple[int, int]:
        rows = [Customer(name=f"深圳宏达{n}号电子有限公司") for n in range(count)]
        with CaptureQueriesContext(connection) as asked:
            told = already_known(ctx, rows)
        return len(asked), sum(map(bool, told))

    few, many = queries(1), queries(60)
    assert (few[1], many[1]) == (1, 60)
    assert many[0] == few[0] == 2
    assert already_known(ctx, []) == []


@pytest.mark.covers("P08")
def test_an_id_is_no_way_to_what_one_may_not_see(manager, administrator, bring, figures):
    """Not even to the record that happens to have the id of the person who imports."""
    hidden = Customer(name="秘密公司", pk=manager.id)
    with administrator.ctx.door("test"):
        administrator.ctx.save(hidden)
    assert hidden.pk == manager.id
    run = bring(manager.ctx, f"name,customer\n王芳,id:{hidden.pk}\n", model=Contact, mode="create", match=[])

    assert figures(run) == {"failed": 1}
    assert names(manager.ctx, Contact) == []
