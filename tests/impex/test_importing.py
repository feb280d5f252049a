"""Rows of a table become records: all of them are accounted for, and everything can be taken back."""

import pytest

from guanxi.apps.parties.models import Customer, Industry
from guanxi.kernel import operations
from guanxi.kernel.api import Entry, Refused
from guanxi.kernel.external import ids_of
from guanxi.surfaces.impex import importing, plan, runs, tables
from guanxi.surfaces.impex.models import ImportRun

TABLE = "客户名称,电话,城市,备注\n深圳市小鹏科技有限公司,0755-28780808,深圳,a\n上海联合仪器,021-58881234,上海,\n"


def names(ctx) -> list[str]:
    return sorted(ctx.find(Customer).values_list("name", flat=True))


@pytest.mark.covers("P01", "T52")
def test_chinese_columns_match_themselves_and_rows_become_records(administrator, bring, figures):
    run = bring(administrator.ctx, TABLE)

    assert run.mapping["columns"] == {"客户名称": ["name"], "电话": ["phone"], "城市": ["city"], "备注": ["note"]}
    assert figures(run) == {"created": 2}
    assert run.state == ImportRun.State.DONE
    customer = administrator.ctx.find(Customer).get(name="上海联合仪器")
    assert (customer.phone, customer.city, customer.note, customer.owner_id) == (
        "+862158881234", "上海", "", administrator.id)
    entry = Entry.objects.get(object_type="parties.customer", object_id=customer.pk)
    assert (entry.via, entry.actor_id, entry.operation_id) == ("import", administrator.id, run.operation)


@pytest.mark.covers("P02", "T52")
def test_faulty_rows_come_back_with_their_reasons(administrator, bring, figures):
    run = bring(administrator.ctx, "name,email,founded\nA GmbH,a@b.cn,2024-01-02\nB GmbH,nonsense,2024-02-31\n,c@d.cn,\n",
                columns={"founded": ["founded_on"]})

    assert figures(run) == {"created": 1, "failed": 2}
    assert names(administrator.ctx) == ["A GmbH"]
    rejects = tables.reject_file(administrator.ctx, run, "csv").decode("utf-8-sig").splitlines()
    assert rejects[0] == "name,email,founded,row no.,reason"
    assert rejects[1].startswith("B GmbH,nonsense,2024-02-31,3,") and "E-mail: “nonsense”" in rejects[1]
    assert "Founded on:" in rejects[1]
    assert rejects[2].startswith(",c@d.cn,,4,") and "This field is needed." in rejects[2]


@pytest.mark.covers("P02")
def test_all_or_nothing_writes_nothing_when_one_row_is_wrong(administrator, bring, figures):
    before = Entry.objects.filter(object_type="parties.customer").count()
    run = bring(administrator.ctx, "name,email\nA GmbH,a@b.cn\nB GmbH,nonsense\n", whole=True)

    assert (run.state, figures(run)) == (ImportRun.State.FAILED, {"failed": 1, "skipped": 1})
    assert names(administrator.ctx) == []
    assert Entry.objects.filter(object_type="parties.customer").count() == before


@pytest.mark.covers("P02")
def test_a_trial_tells_the_same_and_leaves_nothing(administrator, bring):
    ctx = administrator.ctx
    run = bring(ctx, "name,industry\nA GmbH,Steel\nB GmbH,Wood\n", launch=False,
                values={"industry": {"steel": plan.CREATE, "wood": plan.REFUSE}})
    runs.trial(ctx, run)

    assert run.tried["figures"] == {"read": 2, "created": 1, "updated": 0, "skipped": 0, "failed": 1, "notes": 0}
    assert run.tried["made"] == 1
    assert run.tried["errors"] == [[3, "failed", "Industry: “Wood” was not to be imported."]]
    assert names(ctx) == [] and not ctx.find(Industry).exists()
    runs.launch(ctx, run)
    assert runs.find(ctx, run.pk).figures == run.tried["figures"]
    assert ctx.find(Customer).get(name="A GmbH").industry.name == "Steel"


@pytest.mark.covers("P03", "T52")
def test_known_records_are_updated_and_empty_cells_never_erase(administrator, bring, figures):
    ctx = administrator.ctx
    bring(ctx, TABLE)
    ids = set(ctx.find(Customer).values_list("pk", flat=True))
    run = bring(ctx, "客户名称,城市,备注\n上海联合仪器,苏州,\n深圳市小鹏科技有限公司,,new\n北京新客户,北京,\n")

    assert figures(run) == {"created": 1, "updated": 2}
    first = ctx.find(Customer).get(name="深圳市小鹏科技有限公司")
    assert (first.city, first.note, first.phone) == ("深圳", "new", "+8675528780808")
    assert ids < set(ctx.find(Customer).values_list("pk", flat=True))
    again = bring(ctx, "客户名称,城市,备注\n上海联合仪器,苏州,\n", clear=True)
    assert figures(again) == {"skipped": 1}


@pytest.mark.covers("P03")
@pytest.mark.parametrize(("mode", "came", "note", "count"), [
    ("both", {"created": 1, "updated": 1}, "x", 3), ("create", {"created": 1, "skipped": 1}, "a", 3),
    ("update", {"skipped": 1, "updated": 1}, "x", 2), ("fill", {"skipped": 2}, "a", 2)])
def test_modes(administrator, bring, figures, mode, came, note, count):
    ctx = administrator.ctx
    bring(ctx, TABLE)
    run = bring(ctx, "客户名称,备注\n深圳市小鹏科技有限公司,x\n北京新客户,y\n", mode=mode)

    assert figures(run) == came
    assert ctx.find(Customer).get(name="深圳市小鹏科技有限公司").note == note
    assert ctx.find(Customer).count() == count


@pytest.mark.covers("P03")
def test_fill_and_clear(administrator, bring, figures):
    ctx = administrator.ctx
    bring(ctx, TABLE)
    assert figures(bring(ctx, "客户名称,备注,城市\n上海联合仪器,filled,杭州\n", mode="fill")) == {"updated": 1}
    customer = ctx.find(Customer).get(name="上海联合仪器")
    assert (customer.note, customer.city) == ("filled", "上海")
    bring(ctx, "客户名称,备注\n上海联合仪器,\n", clear=True)
    assert ctx.find(Customer).get(name="上海联合仪器").note == ""


@pytest.mark.covers("P03")
def test_the_same_table_twice_changes_nothing(administrator, bring, figures):
    ctx = administrator.ctx
    bring(ctx, TABLE)
    entries = Entry.objects.filter(object_type="parties.customer").count()

    assert figures(bring(ctx, TABLE)) == {"skipped": 2}
    assert Entry.objects.filter(object_type="parties.customer").count() == entries


@pytest.mark.covers("P03")
def test_external_ids_find_records_again(administrator, bring, figures):
    ctx = administrator.ctx
    run = bring(ctx, "id,name\n0017,A GmbH\n0018,B GmbH\n", source="erp")
    assert (run.options["match"], figures(run)) == (["#external"], {"created": 2})
    again = bring(ctx, "id,name\n0017,A AG\n0019,C GmbH\n", source="erp")

    assert figures(again) == {"created": 1, "updated": 1}
    assert names(ctx) == ["A AG", "B GmbH", "C GmbH"]
    assert ids_of("erp", Customer, ["0017"]) == {"0017": ctx.find(Customer).get(name="A AG").pk}


@pytest.mark.covers("P03")
def test_one_record_twice_in_a_table_is_created_once(administrator, bring, figures):
    run = bring(administrator.ctx, "name,note\nA GmbH,1\nA GmbH,2\nA GmbH,3\n")

    assert figures(run) == {"created": 1, "updated": 2}
    assert administrator.ctx.find(Customer).get().note == "3"


@pytest.mark.covers("T52")
def test_rows_may_link_to_rows_further_down(administrator, bring, figures):
    ctx = administrator.ctx
    run = bring(ctx, "account,subsidiary_of\nChild,Mother\nMother,\nOrphan,Nobody\n")

    assert run.mapping["columns"]["subsidiary_of"] == ["parent_company"]
    assert figures(run) == {"created": 2, "failed": 1}
    assert ctx.find(Customer).get(name="Child").parent_company.name == "Mother"
    assert tables.rejects_of(ctx, run) == {4: ("failed", "Parent company: Unknown customer “Nobody”.")}


@pytest.mark.covers("P04")
def test_unknown_people_are_mapped_or_created_without_access(administrator, bring, firm, figures):
    ctx = administrator.ctx
    run = bring(ctx, "name,owner\nA,张伟\nB,Maria X\nC,Nobody\n", values={
        "owner": {"张伟": plan.CREATE, "maria x": plan.ME, "nobody": plan.REFUSE}})

    assert figures(run) == {"created": 2, "failed": 1}
    owner = ctx.find(Customer).get(name="A").owner
    assert (owner.name, owner.username, owner.is_active) == ("张伟", "zhangwei", False)
    assert ctx.find(Customer).get(name="B").owner_id == administrator.id


@pytest.mark.covers("P04")
def test_who_may_migrate_keeps_authors_and_times(administrator, salesperson, bring, figures):
    ctx = administrator.ctx
    run = bring(ctx, "name,创建人,创建时间\nA,anna,2019-03-04 08:00\n")

    assert figures(run) == {"created": 1}
    customer = ctx.find(Customer).get()
    assert (customer.created_by_id, customer.created_at.year, customer.owner_id) == (
        salesperson.id, 2019, administrator.id)
    assert Entry.objects.get(object_type="parties.customer").actor_id == administrator.id


@pytest.mark.covers("IMP-05", "P03")
def test_undo_takes_back_what_nobody_touched_since(administrator, bring, figures):
    ctx = administrator.ctx
    bring(ctx, TABLE)
    run = bring(ctx, "客户名称,城市\n上海联合仪器,苏州\n深圳市小鹏科技有限公司,广州\n北京新客户,北京\n天津新客户,天津\n")
    ctx.update(ctx.find(Customer).get(name="北京新客户"), note="worked on")
    ctx.update(ctx.find(Customer).get(name="上海联合仪器"), city="无锡")
    result = runs.undo(ctx, run)

    assert result.restored == 2
    assert sorted(conflict[2] for conflict in result.conflicts) == ["上海联合仪器", "北京新客户"]
    assert dict(ctx.find(Customer).values_list("name", "city")) == {
        "上海联合仪器": "无锡", "深圳市小鹏科技有限公司": "深圳", "北京新客户": "北京"}
    assert runs.find(ctx, run.pk).state == ImportRun.State.UNDONE
    with pytest.raises(Refused):
        runs.undo(ctx, run)


@pytest.mark.covers("T52")
def test_what_an_import_made_can_be_listed(administrator, bring):
    ctx = administrator.ctx
    bring(ctx, TABLE)
    run = bring(ctx, "客户名称,城市\n上海联合仪器,苏州\n北京新客户,北京\n")

    assert [row.name for row in operations.touched(ctx, run.operation, Customer, "create")] == ["北京新客户"]
    assert [row.name for row in operations.touched(ctx, run.operation, Customer, "update")] == ["上海联合仪器"]


@pytest.mark.covers("P02", "T52")
def test_a_table_of_the_same_shape_maps_itself(administrator, bring):
    ctx = administrator.ctx
    bring(ctx, "Kunde,Bemerkung\nA,1\n", columns={"Kunde": ["name"], "Bemerkung": ["note"]}, match=["name"])
    run = bring(ctx, "Bemerkung,Kunde\n2,B\n", launch=False)

    assert run.mapping["columns"] == {"Kunde": ["name"], "Bemerkung": ["note"]}
    assert run.options["match"] == ["name"]


@pytest.mark.covers("IMP-01", "P01")
def test_a_killed_worker_loses_no_row_and_doubles_none(administrator, bring, figures, monkeypatch):
    ctx = administrator.ctx
    table = "name,note\n" + "".join(f"Firma {n:05},{n}\n" for n in range(1200))
    run = bring(ctx, table, mode="create", match=[], launch=False)
    runs.launch(ctx, run)
    run = runs.find(ctx, run.pk)
    assert (run.state, bool(run.job)) == (ImportRun.State.WAITING, True)
    real, calls = importing.Engine.process, []

    def killed(self, rows):
        calls.append(len(rows))
        if len(calls) == 2:
            real(self, rows)
            raise KeyboardInterrupt
        return real(self, rows)

    monkeypatch.setattr(importing.Engine, "process", killed)
    with pytest.raises(KeyboardInterrupt):
        runs.work(administrator(), run.pk)
    assert ctx.find(Customer).count() == 500
    assert runs.find(ctx, run.pk).watermark == 501
    runs.work(administrator(), run.pk)

    done = runs.find(ctx, run.pk)
    assert (done.state, figures(done)) == (ImportRun.State.DONE, {"created": 1200})
    assert ctx.find(Customer).values("name").distinct().count() == ctx.find(Customer).count() == 1200


@pytest.mark.covers("P01")
def test_a_paused_import_goes_on_and_a_cancelled_one_does_not(administrator, bring, figures, monkeypatch):
    ctx = administrator.ctx
    table = "name\n" + "".join(f"Firma {n:05}\n" for n in range(1100))
    run = bring(ctx, table, mode="create", match=[])
    real = importing.Engine.process

    def pausing(self, rows):
        came = real(self, rows)
        monkeypatch.setattr(importing.Engine, "process", real)
        return came

    monkeypatch.setattr(importing.Engine, "process", pausing)
    runs.pause(ctx, run)
    runs.work(administrator(), run.pk)
    assert ctx.find(Customer).count() == 0
    runs.resume(ctx, run)
    runs.work(administrator(), run.pk)
    assert figures(runs.find(ctx, run.pk)) == {"created": 1100}
    with pytest.raises(Refused):
        runs.cancel(ctx, run)


def test_a_cancelled_import_keeps_what_it_wrote_and_can_be_undone(administrator, bring, figures, monkeypatch):
    ctx = administrator.ctx
    table = "name\n" + "".join(f"Firma {n:05}\n" for n in range(1100))
    run = bring(ctx, table, mode="create", match=[])
    real = runs.jobs.progress

    def cancelling(inner, **facts):
        real(inner, **facts)
        if runs.find(ctx, run.pk).figure("read") == 500:
            runs.cancel(administrator(), run)

    monkeypatch.setattr(runs.jobs, "progress", cancelling)
    runs.work(administrator(), run.pk)
    done = runs.find(ctx, run.pk)

    assert (done.state, figures(done)) == (ImportRun.State.CANCELLED, {"created": 500})
    assert runs.undo(ctx, done).restored == 500
    assert runs.find(ctx, done.pk).state == ImportRun.State.UNDONE
    assert ctx.find(Customer).count() == 0
