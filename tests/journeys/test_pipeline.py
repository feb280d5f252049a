"""A firm's real customers and deals go through the import pages; its boards then show what the files say."""

import csv
import os
import re
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client

from guanxi.apps.conftest import Firm, Person, administrator, firm  # noqa: F401  fixtures
from guanxi.apps.org.models import Department, Membership, User
from guanxi.apps.org.tests.standing import alone  # noqa: F401  fixture
from guanxi.apps.parties.models import Customer
from guanxi.apps.sales.models import CloseReason, Opportunity, Stage
from guanxi.apps.sales.seed import seed
from guanxi.kernel.api import Ctx, policy
from guanxi.kernel.worker import drain
from guanxi.surfaces.impex.models import ImportRun
from guanxi.surfaces.rest import tokens
from guanxi.surfaces.web import columns as board_columns
from guanxi.surfaces.web.question import Question

DATA = Path(os.environ.get("GUANXI_TEST_DATA_SETS") or Path(__file__).resolve().parents[3] / "shared" / "data") / "crm_pipeline"
pytestmark = [pytest.mark.skipif(not DATA.is_dir(), reason="the sales-pipeline data set lies beside the repository "
                                 "in shared/data, or where GUANXI_TEST_DATA_SETS says; it is not there"),
              pytest.mark.covers("P01", "P02", "P03", "T52")]
#: What each stage of the file is here: stage and status.
STAGES = {"Prospecting": ("First contact", "open"), "Engaging": ("Interest shown", "open"),
          "Won": ("Contract signed", "won"), "Lost": ("Lost", "lost")}


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bring(person: Person, slug: str, name: str, *, columns: dict[str, str], also: dict[str, str] | None = None,
          said: dict[tuple[str, str], str] | None = None, **options: Any) -> ImportRun:
    """What a person does in the wizard: upload, map columns, settle values, look at the trial, go."""
    client = person.client
    upload = SimpleUploadedFile(name, (DATA / name).read_bytes())
    answer = client.post(f"/{slug}/import", {"file": upload})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    url = answer["Location"].removesuffix("/columns")
    run = ImportRun.objects.get(pk=int(url.rsplit("/", 1)[-1]))
    heads = run.preview["columns"]
    form = {f"c{place}": columns.get(head, "") for place, head in enumerate(heads)}
    form |= {f"a{place}": (also or {}).get(head, "") for place, head in enumerate(heads)}
    answer = client.post(f"{url}/columns", form)
    assert answer.status_code == 302, re.sub(r"\s+", " ", answer.content.decode())[-4000:]
    if answer["Location"].endswith("/values"):
        answer = client.post(f"{url}/values", settled(client.get(f"{url}/values").context["questions"], said or {}))
        assert answer["Location"] == f"{url}/check"
    run = ImportRun.objects.get(pk=run.pk)
    answer = client.post(f"{url}/check", {**run.options, "go": "1", **options})
    assert answer.status_code == 302, re.sub(r"\s+", " ", answer.content.decode())[-4000:]
    drain()
    run = ImportRun.objects.get(pk=run.pk)
    assert run.state == ImportRun.State.DONE, run.message
    assert not run.figure("failed"), client.get(url).context["rejects"][:3]
    assert client.get(url).context["run"].figures == run.figures
    return run


def settled(questions: list[Any], said: dict[tuple[str, str], str]) -> dict[str, str]:
    """The answers by field and label, ``*`` for every value that is not known; suggestions stand."""
    form = {}
    for question in questions:
        codes = {label: code for code, label in question.options}
        for value in question.values:
            word = said.get((question.view.key, value.text))
            if word is None and not value.known:
                word = said.get((question.view.key, "*"))
            word = value.chosen if word is None else codes.get(word, word)
            form[value.name], _colon, form[f"{value.name}-as"] = word.partition(":") if word[:7] == "create:" else (word, "", "")
    return form


def figures(run: ImportRun) -> dict[str, int]:
    parts = {key: run.figure(key) for key in ("created", "updated", "skipped", "failed")}
    assert sum(parts.values()) == run.figure("read") == run.total
    return {key: value for key, value in parts.items() if value}


@pytest.fixture
def house(firm: Firm, administrator: Person) -> Person:  # noqa: F811
    """The administrator of a firm that sells by the usual stages."""
    seed(firm.system)
    return administrator


def bring_team(house: Person) -> None:
    """Offices become departments, agents and managers become people; managers stand above their agents."""
    teams = table("sales_teams.csv")
    run = bring(house, "memberships", "sales_teams.csv", columns={"sales_agent": "user", "regional_office": "department"},
                said={("user", "*"): "create", ("department", "*"): "create"})
    assert figures(run) == {"created": len(teams)}
    run = bring(house, "people", "sales_teams.csv", columns={"sales_agent": "name", "manager": "superior"},
                said={("superior", "*"): "create"}, mode="update", match=["name"])
    assert figures(run) == {"updated": len(teams)}


def bring_accounts(house: Person) -> None:
    """Customers with their industries, one misspelt, and their parent companies, some further down the file."""
    accounts = table("accounts.csv")
    sectors = {row["sector"] for row in accounts}
    assert "technolgy" in sectors
    run = bring(house, "customers", "accounts.csv", columns={
        "account": "name", "sector": "industry", "office_location": "address", "employees": "staff",
        "revenue": "new:money", "year_established": "new:integer", "subsidiary_of": "parent_company"},
        said={("industry", "*"): "create", ("industry", "technolgy"): "create:Technology"})
    assert figures(run) == {"created": len(accounts)}


def bring_deals(house: Person) -> ImportRun:
    """Opportunities: stages and status from one column, a product spelt two ways, agents as owners."""
    return bring(house, "opportunities", "sales_pipeline.csv", columns={
        "opportunity_id": "#external", "sales_agent": "owner", "product": "product", "account": "customer",
        "deal_stage": "stage", "engage_date": "started_on", "close_date": "closed_on", "close_value": "amount"},
        also={"opportunity_id": "name", "deal_stage": "status"}, source="maven", said={
            ("product", "GTXPro"): "GTX Pro",
            **{("stage", name): stage for name, (stage, _status) in STAGES.items()},
            **{("status", name): f"text:{status}" for name, (_stage, status) in STAGES.items()}})


def expected(rows: list[dict[str, str]]) -> dict[str, tuple[int, Decimal]]:
    """Count and sum by our stage, computed from the file."""
    counts: Counter[str] = Counter(STAGES[row["deal_stage"]][0] for row in rows)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[STAGES[row["deal_stage"]][0]] += Decimal(row["close_value"] or 0)
    return {stage: (count, sums[stage]) for stage, count in counts.items()}


def board(ctx: Ctx) -> dict[str, tuple[int, Decimal]]:
    """Count and sum by stage as the person's board shows them."""
    asked = Question(ctx, Opportunity, QueryDict("face=board&view=all"))
    shape = board_columns.board_of(asked)
    counted = board_columns.figures(asked, shape, asked.found())
    return {column.label: (counted[column.value]["count"], counted[column.value]["sum"] or Decimal(0))
            for column in shape.columns if column.value in counted}


def check_boards(house: Person, deals: list[dict[str, str]]) -> None:
    teams = table("sales_teams.csv")
    assert board(house()) == expected(deals)
    below = house.ctx.create(policy.Role, name="Team", grants=[
        {"object": "*", "verb": "view", "scope": "below", "kind": "owned"},
        {"object": "*", "verb": "view", "scope": "everyone", "kind": "shared"}])
    for manager in sorted({row["manager"] for row in teams}):
        agents = {row["sales_agent"] for row in teams if row["manager"] == manager}
        user = User.objects.get(name=manager)
        house.ctx.create(policy.Holding, role=below.pk, user=user.pk)
        assert board(Ctx(user=user)) == expected([row for row in deals if row["sales_agent"] in agents]), manager


@pytest.mark.once("sqlite")
def test_the_data_set_goes_in_through_the_pages(house):
    bring_team(house)
    bring_accounts(house)
    teams, accounts, deals = table("sales_teams.csv"), table("accounts.csv"), table("sales_pipeline.csv")
    run = bring_deals(house)

    assert figures(run) == {"created": len(deals)}
    people = {row["sales_agent"]: row["manager"] for row in teams}
    assert dict(User.objects.filter(name__in=people).values_list("name", "superior__name")) == people
    assert not User.objects.filter(name__in=people, is_active=True).exists()
    offices = Membership.objects.filter(user__name__in=people).values_list("user__name", "department__name")
    assert dict(offices) == {row["sales_agent"]: row["regional_office"] for row in teams}
    assert Department.objects.filter(name__in=("Central", "East", "West")).count() == 3
    parents = Customer.objects.exclude(parent_company=None).values_list("name", "parent_company__name")
    assert dict(parents) == {row["account"]: row["subsidiary_of"] for row in accounts if row["subsidiary_of"]}
    assert dict(Customer.objects.values_list("name", "industry__name")) == {
        row["account"]: "Technology" if row["sector"] == "technolgy" else row["sector"] for row in accounts}
    assert Opportunity.objects.filter(customer=None).count() == sum(not row["account"] for row in deals) == 1425
    products = Counter(row["product"].replace("GTXPro", "GTX Pro") for row in deals)
    assert Counter(Opportunity.objects.values_list("product", flat=True)) == products
    assert set(products) == {row["product"] for row in table("products.csv")}
    check_boards(house, deals)

    again = bring_deals(house)
    assert figures(again) == {"skipped": len(deals)}
    assert Opportunity.objects.count() == len(deals)
    assert house.client.post(f"/imports/{run.pk}/undo").status_code == 302
    drain()
    assert ImportRun.objects.get(pk=run.pk).state == ImportRun.State.UNDONE
    assert house().find(Opportunity).count() == 0
    assert Stage.objects.filter(deleted_at=None).count() == 11


class Api:
    """A program with a token of the administrator."""

    def __init__(self, house: Person) -> None:
        value = tokens.create(house.ctx, "pipeline", ["read", "write"], 30)[1]
        self.client, self.head = Client(), {"Authorization": f"Bearer {value}"}

    def post(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        answer = self.client.post(f"/api/v1/{path}", body, content_type="application/json", headers=self.head)
        assert answer.status_code == 200, answer.content[:500]
        told = answer.json()
        assert told["refused"] == 0, [one for one in told["results"] if one["error"]][:2]
        return told["results"]

    def create(self, slug: str, rows: list[dict[str, Any]]) -> list[int]:
        """Records in steps of 500; their ids in the order of the rows."""
        return [one["id"] for start in range(0, len(rows), 500) for one in self.post(f"{slug}/bulk", {
            "steps": [{"do": "create", "values": row} for row in rows[start:start + 500]]})]

    def act(self, slug: str, verb: str, ids: list[int], **inputs: Any) -> None:
        for start in range(0, len(ids), 500):
            self.post(f"{slug}/bulk/{verb}", {"ids": ids[start:start + 500], "inputs": inputs})


def team_by_api(api: Api) -> dict[str, int]:
    """Departments, managers and agents with their superiors; ids by name."""
    teams = table("sales_teams.csv")
    managers = sorted({row["manager"] for row in teams})
    people = dict(zip(managers, api.create("people", [
        {"name": name, "username": name.replace(" ", ".")} for name in managers]), strict=True))
    offices = sorted({row["regional_office"] for row in teams})
    units = dict(zip(offices, api.create("departments", [{"name": name} for name in offices]), strict=True))
    agents = api.create("people", [{"name": row["sales_agent"], "username": row["sales_agent"].replace(" ", "."),
                                    "superior": people[row["manager"]]} for row in teams])
    api.create("memberships", [{"user": pk, "department": units[row["regional_office"]], "main": True}
                               for pk, row in zip(agents, teams, strict=True)])
    return people | {row["sales_agent"]: pk for row, pk in zip(teams, agents, strict=True)}


def accounts_by_api(api: Api) -> dict[str, int]:
    """Industries and customers, parents first; ids by name."""
    accounts, known = table("accounts.csv"), dict[str, int]()
    sectors = sorted({row["sector"] for row in accounts})
    branches = dict(zip(sectors, api.create("industries", [{"name": name} for name in sectors]), strict=True))
    for group in ([row for row in accounts if not row["subsidiary_of"]], [row for row in accounts if row["subsidiary_of"]]):
        ids = api.create("customers", [
            {"name": row["account"], "industry": branches[row["sector"]], "address": row["office_location"],
             "staff": int(row["employees"]), "parent_company": known.get(row["subsidiary_of"])} for row in group])
        known |= {row["account"]: pk for row, pk in zip(group, ids, strict=True)}
    return known


@pytest.mark.once("postgresql")
def test_the_data_set_goes_in_through_the_api(house, settings):
    """All people and companies, and every twelfth deal: of each agent, stage and product, with and without a customer."""
    settings.GUANXI_API_BULK_PER_MINUTE = settings.GUANXI_API_PER_MINUTE = 100_000
    api, whole = Api(house), table("sales_pipeline.csv")
    deals = whole[::12]
    for column in ("sales_agent", "deal_stage", "product", "account"):
        assert {row[column] for row in deals} == {row[column] for row in whole}
    people, customers = team_by_api(api), accounts_by_api(api)
    stages = dict(Stage.objects.values_list("name", "pk"))
    ids = api.create("opportunities", [
        {"name": row["opportunity_id"], "owner": people[row["sales_agent"]], "customer": customers.get(row["account"]),
         "product": row["product"].replace("GTXPro", "GTX Pro"), "started_on": row["engage_date"] or None,
         "amount": row["close_value"] or None,
         "stage": stages[STAGES[row["deal_stage"] if not row["close_date"] else "Engaging"][0]]} for row in deals])
    closed = defaultdict(list)
    for pk, row in zip(ids, deals, strict=True):
        if row["close_date"]:
            closed[row["deal_stage"], row["close_date"]].append(pk)
    reasons = {"Won": ("win", CloseReason.objects.filter(kind="win").first()),
               "Lost": ("lose", CloseReason.objects.filter(kind="loss").first())}
    for (stage, day), group in closed.items():
        verb, reason = reasons[stage]
        api.act("opportunities", verb, group, reason=reason.pk, closed_on=day)

    assert Opportunity.objects.count() == len(deals)
    assert Opportunity.objects.filter(customer=None).count() == sum(not row["account"] for row in deals)
    check_boards(house, deals)
