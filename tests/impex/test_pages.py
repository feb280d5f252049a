"""The pages of imports and exports: rights first, every step, files that come out."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.apps.parties.models import Customer, Industry
from guanxi.common.talk import Notification
from guanxi.kernel import policy
from guanxi.kernel.api import Ctx, Entry
from guanxi.kernel.custom import CustomField
from guanxi.surfaces.impex import exporting
from guanxi.surfaces.impex.models import ExportRule, ExportRun, ImportRun

FULL = {"object": "*", "verb": "*", "scope": "everyone"}


def role(firm, person, *grants, masks=()) -> Ctx:
    """A person who holds exactly these rights."""
    with firm.system.door("test"):
        made = firm.system.save(policy.Role(name=f"role {person.id}", grants=list(grants), masks=list(masks)))
        firm.system.save(policy.Holding(role=made, user=person.user))
    return person()


@pytest.fixture
def nobody(firm):
    return firm.add("nina")


def uploaded(text: str, name: str = "t.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


@pytest.mark.covers("P02", "T52")
def test_the_wizard_from_file_to_undo(administrator, firm):
    client, ctx = administrator.client, administrator.ctx
    ctx.create(Industry, name="Technology")
    page = client.get("/customers/import")
    assert page.status_code == 200 and "/customers/import/template" in page.content.decode()
    step = client.post("/customers/import", {"file": uploaded("客户名称,行业,规模\nA,technolgy,9\nB,Technology,x\n")})["Location"]
    shown = client.get(step).content.decode()
    assert "technolgy" in shown and 'name="c0"' in shown
    answer = client.post(step, {"c0": "name", "c1": "industry", "c2": "new:integer"})
    assert answer["Location"].endswith("/values")
    questions = client.get(answer["Location"]).context["questions"]
    guess = questions[0].open[0]
    assert (guess.text, guess.guessed) == ("technolgy", True)
    check = client.post(answer["Location"], {guess.name: guess.chosen})["Location"]
    tried = client.get(check)
    assert tried.context["run"].tried["figures"]["created"] == 1
    assert "Row 3" in tried.content.decode()
    assert Customer.objects.count() == 0
    done = client.post(check, {"mode": "both", "match": ["name"], "go": "1"})["Location"]
    result = client.get(done).content.decode()
    assert "rejects" in result and "Undo this import" in result
    field = CustomField.objects.get()
    customer = Customer.objects.get()
    assert (customer.name, customer.industry.name, customer.extra) == ("A", "Technology", {field.key: 9})
    assert b"B,Technology,x,3," in b"".join(client.get(f"{done}/rejects?kind=csv").streaming_content)
    assert "A" in client.get(f"{done}/records/create").content.decode()
    client.post(f"{done}/undo")
    assert ctx.find(Customer).count() == 0
    assert client.get("/imports").status_code == 200


@pytest.mark.parametrize("path", ["/customers/import", "/customers/import/template"])
def test_without_the_right_there_is_no_import(salesperson, path):
    assert salesperson.client.get(path).status_code == 403
    if not path.endswith("template"):
        assert salesperson.client.post(path, {"pasted": "name\nA\n"}).status_code == 403
    assert ImportRun.objects.count() == Customer.objects.count() == 0


@pytest.mark.covers("IMP-04")
def test_columns_without_a_field_right_are_refused_by_name(firm, nobody, administrator):
    role(firm, nobody, FULL, masks=[{"object": "parties.customer", "field": "credit_limit", "level": "hidden"},
                                    {"object": "parties.customer", "field": "city", "level": "readonly"}])
    step = nobody.client.post("/customers/import", {"pasted": "name,credit limit,city\nA,5,X\n"})["Location"]
    page = nobody.client.get(step).content.decode()
    assert 'value="credit_limit"' not in page and 'value="city"' not in page
    for key in ("credit_limit", "city", "version", "deleted_at"):
        answer = nobody.client.post(step, {"c0": "name", "c1": key})
        assert answer.status_code == 422 and "credit limit:" in answer.content.decode()
    template = openpyxl.load_workbook(io.BytesIO(b"".join(
        nobody.client.get("/customers/import/template").streaming_content)))
    heads = [cell.value for cell in template.worksheets[0][1]]
    assert "Name" in heads and "Credit limit" not in heads and "City" not in heads
    assert Customer.objects.count() == 0


@pytest.mark.covers("IMP-04")
def test_owners_out_of_reach_are_refused(firm, nobody, other_salesperson, bring):
    grants = [{"object": "parties.*", "verb": verb, "scope": "own"}
              for verb in ("view", "create", "update", "import", "assign")]
    ctx = role(firm, nobody, *grants, {"object": "org.*", "verb": "view", "scope": "everyone"})
    run = bring(ctx, "name,owner\nA,bert\nB,nina\n")

    assert [run.figure(key) for key in ("created", "failed")] == [1, 1]
    assert Customer.objects.get().owner_id == nobody.id
    assert run.mapping["columns"]["owner"] == ["owner"]


def test_runs_of_others_do_not_exist(firm, nobody, administrator, bring):
    run = bring(administrator.ctx, "name\nA\n")
    role(firm, nobody, FULL)

    for path in ("", "/rejects", "/records/create"):
        assert nobody.client.get(f"/imports/{run.pk}{path}").status_code == 404
    assert nobody.client.post(f"/imports/{run.pk}/undo").status_code == 404
    assert Customer.objects.get().deleted_at is None


@pytest.mark.covers("IMP-02")
@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\xff\xfe\x00", b"name\n"], ids=["empty", "pdf", "odd", "bare"])
def test_what_is_no_table_is_refused_with_the_reason(administrator, content):
    answer = administrator.client.post("/customers/import", {"file": SimpleUploadedFile("t.csv", content)})

    assert answer.status_code == 422
    assert answer.context["error"]
    assert ImportRun.objects.count() == 0


@pytest.mark.covers("IMP-02")
def test_the_encoding_can_be_overridden(administrator):
    content = "名稱\n華為\n".encode("big5")
    step = administrator.client.post("/customers/import", {"file": SimpleUploadedFile("t.csv", content)})["Location"]
    administrator.client.post(step, {"read": "1", "encoding": "big5", "header_row": "1"})

    assert ImportRun.objects.get().preview["first"] == [["華為"]]


# exports -----------------------------------------------------------------------------------------

def content_of(client, path: str) -> bytes:
    return b"".join(client.get(path).streaming_content)


@pytest.mark.covers("T53", "INJ-05")
def test_an_export_is_safe_logged_and_as_on_the_screen(administrator):
    ctx = administrator.ctx
    ctx.create(Customer, name='=HYPERLINK("http://x")', credit_limit="-5.50", city="+1")
    answer = administrator.client.post("/customers/export", {"columns": ["name", "city", "credit_limit"], "kind": "csv"})
    lines = content_of(administrator.client, answer["Location"])

    assert lines.startswith(b"\xef\xbb\xbf")
    assert lines.decode("utf-8-sig").splitlines() == [
        "Name,City,Credit limit", "\"'=HYPERLINK(\"\"http://x\"\")\",'+1,-5.50"]
    entry = Entry.objects.get(verb="impex.exportrun.export")
    assert (entry.inputs["rows"], entry.inputs["object"], entry.actor_id) == (1, "parties.customer", administrator.id)
    answer = administrator.client.post("/customers/export", {"columns": ["name", "credit_limit"], "kind": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(content_of(administrator.client, answer["Location"])))
    assert [cell.value for cell in book.active[2]] == ['=HYPERLINK("http://x")', -5.5]
    assert book.active["A2"].data_type == "s"


@pytest.mark.covers("PERM-04", "T53")
def test_hidden_fields_are_absent_and_masked_ones_masked(firm, nobody, administrator):
    administrator.ctx.create(Customer, name="A", phone="13800138000", credit_limit=5)
    ctx = role(firm, nobody, FULL, masks=[{"object": "parties.customer", "field": "credit_limit", "level": "hidden"},
                                          {"object": "parties.customer", "field": "phone", "level": "masked"}])
    assert 'value="credit_limit"' not in nobody.client.get("/customers/export?all=1").content.decode()
    refused = nobody.client.post("/customers/export", {"columns": ["name", "credit_limit"], "kind": "csv"})
    assert refused.status_code == 422 and ExportRun.objects.count() == 0
    views = [view for view in exporting.columns_of(ctx, Customer) if view.key in ("name", "phone")]
    assert list(exporting.cells(ctx, Customer, views, {"ids": [], "query": ""})) == [["A", "138****8000"]]


@pytest.mark.covers("T53")
def test_only_chosen_rows_or_those_of_the_filter(administrator):
    ctx = administrator.ctx
    ids = {name: ctx.create(Customer, name=name, city=city).pk for name, city in (("A", "X"), ("B", "Y"), ("C", "X"))}
    views = [view for view in exporting.columns_of(ctx, Customer) if view.key == "name"]

    assert sorted(exporting.cells(ctx, Customer, views, {"ids": [ids["A"], ids["B"]]})) == [["A"], ["B"]]
    query = "f=%5B%22city%22%2C%22is%22%2C%22X%22%5D&view=all&sort=-name"
    assert list(exporting.cells(ctx, Customer, views, {"ids": [], "query": query})) == [["C"], ["A"]]


@pytest.mark.covers("API-02")
def test_limits_and_notices_of_exports(firm, administrator, nobody):
    ctx = administrator.ctx
    for name in "ABC":
        ctx.create(Customer, name=name)
    role(firm, nobody, FULL)
    with firm.system.door("test"):
        rule = firm.system.save(ExportRule(most_rows=2, tell_from=1))
    answer = nobody.client.post("/customers/export", {"columns": ["name"], "kind": "csv"})
    assert answer.status_code == 422 and "3" in answer.context["error"]
    assert ExportRun.objects.count() == Notification.objects.count() == 0
    ctx.update(rule, most_rows=10)
    nobody.client.post("/customers/export", {"columns": ["name"], "kind": "csv"})
    assert ExportRun.objects.get().rows == 3
    note = Notification.objects.get()
    assert (note.user_id, note.note) == (administrator.id, "nina exported 3 customers.")


def test_without_the_right_there_is_no_export(salesperson, administrator):
    administrator.ctx.create(Customer, name="A", owner=salesperson.id)
    assert salesperson.client.get("/customers/export?all=1").status_code == 403
    assert salesperson.client.post("/customers/export", {"columns": ["name"]}).status_code == 403
    assert ExportRun.objects.count() == 0


def test_a_long_export_is_written_in_the_background(administrator, monkeypatch):
    ctx = administrator.ctx
    for name in "ABC":
        ctx.create(Customer, name=name)
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    answer = administrator.client.post("/customers/export", {"columns": ["name"], "kind": "csv"})
    assert answer["Location"] == "/imports"
    run = ExportRun.objects.get()
    assert run.state == ExportRun.State.WAITING
    assert administrator.client.get(f"/exports/{run.pk}").status_code == 404
    exporting.write_export(administrator(), run.pk)
    assert content_of(administrator.client, f"/exports/{run.pk}").decode("utf-8-sig").splitlines()[0] == "Name"
    assert Notification.objects.filter(user=administrator.user).count() == 1
