"""The sample company: the same every time, busy everywhere, open to one person of each role, and gone in one step."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from guanxi.apps.conftest import Firm, Person, administrator, firm  # noqa: F401  fixtures
from guanxi.apps.inventory.actions.balance import differing, unbalanced
from guanxi.apps.inventory.models import Reservation, StockBalance, StockDocument, StockMovement
from guanxi.apps.inventory.seed import ROLES
from guanxi.apps.org.models import Company, Department, User
from guanxi.apps.org.seed import READY
from guanxi.apps.org.tests.standing import alone  # noqa: F401  fixture
from guanxi.apps.parties.models import Promise
from guanxi.apps.parties.rules.identity import credit_code_valid
from guanxi.apps.sales.models import Lead, Opportunity, Prospect, Quote, Stage
from guanxi.common.as_of_rows import Past
from guanxi.kernel.api import Refused, registry
from guanxi.kernel.entries import StateChange
from guanxi.site.demo import company, load, remove
from guanxi.site.seed import seed_all
from guanxi.surfaces.automation.models import ApprovalRequest
from tests.journeys.sample import PASSWORD, TODAY, live, portrait, system, together, told

pytestmark = [pytest.mark.django_db, pytest.mark.once("sqlite"), pytest.mark.covers("T63")]


def test_a_failure_leaves_nothing(monkeypatch, firm: Firm, administrator: Person):  # noqa: F811
    seed_all(firm.system)
    before = live()
    monkeypatch.setattr("guanxi.site.demo.days.enter", lambda *_args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load.load(PASSWORD, today=TODAY)

    assert live() == before
    assert remove.loaded() is None


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any, portraits: list[Any]) -> Iterator[dict[str, Any]]:
    """Loaded once for the tests from here on; the test above needs a database of its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        load.load(PASSWORD, today=TODAY)
        portraits.append(portrait())
        yield portraits[-1]
        transaction.set_rollback(True)


@together
@pytest.mark.covers("F20", "SAL-02")
def test_a_firm_at_work(loaded, settings):
    assert settings.DEBUG is False
    counts = loaded["counts"]
    assert (counts["org.user"], counts["org.department"]) == (27, 8)
    assert counts["parties.customer"] == customers_made()
    assert 100 <= counts["parties.contact"] <= 140
    assert 300 <= sum(1 for row in loaded["days"] if row[2] == "done") <= 430
    stages = {row[3] for row in loaded["deals"]}
    assert stages == set(system().find(Stage).values_list("key", flat=True))
    assert {row[4] for row in loaded["deals"]} == {"open", "won", "lost"}
    assert all(row[7] and row[6] <= TODAY for row in loaded["deals"] if row[4] != "open")
    assert {row[1] for row in loaded["days"]} >= {
        "to_do", "call_outbound", "call_inbound", "meeting", "correspondence", "fax_outbound", "presentation",
        "demonstration", "appointment", "milestone", "event", "research"}
    assert {row[2] for row in loaded["leads"]} == {"new", "contacted", "qualified", "converted", "disqualified"}
    assert sum(1 for row in loaded["leads"] if row[3] is None) == 17
    assert {state for (state,) in told(Promise, "state")} == {"open", "kept", "late", "broken"}
    assert {state for (state,) in told(Prospect, "status")} == {"raw", "qualified", "discarded"}
    assert all(credit_code_valid(row[1]) for row in loaded["customers"] if row[1])
    assert sum(1 for row in loaded["customers"] if row[6]) == 3


def customers_made() -> int:
    """The customers of the script, and those made of leads."""
    return 60 + system().find(Lead).filter(status="converted").count()


@together
@pytest.mark.covers("F20", "QUO-01", "INV-01")
def test_quotes_in_every_state_and_stock_that_moved(loaded):
    quotes = list(system().find(Quote).order_by("pk"))
    assert {one.status for one in quotes} == set(Quote.Status.values)
    assert len(quotes) > 40 and {one.currency for one in quotes} == {"CNY", "USD"}
    assert all(one.lines and one.gross == sum(line.gross for line in one.lines) for one in quotes)
    assert {one.revision for one in quotes} == {1, 2}
    assert all(one.lost_reason_id for one in quotes if one.status == "lost")
    asked = list(system().find(ApprovalRequest))
    assert {one.state for one in asked} == {"pending", "granted", "refused"}
    agreed = [(system().find(Quote).get(pk=one.object_id), one) for one in asked if one.state == "granted"]
    assert all(quote.status in ("sent", "expired") and quote.discount_percent > 10 for quote, _one in agreed)
    assert all([(task.who, task.state) for task in one.tasks] == [(one.requester.superior, "granted")]
               and one.tasks[0].comment for _quote, one in agreed)
    waiting = [system().find(Quote).get(pk=one.object_id) for one in asked if one.state == "pending"]
    assert all(one.status == "draft" and one.discount_percent > 10 for one in waiting)
    assert all(one.opportunity.amount == one.gross for one in quotes if one.status == "accepted")
    assert max(one.created_at for one in quotes) < datetime.datetime(2026, 11, 18, tzinfo=datetime.UTC)
    assert {one.kind for one in system().find(StockMovement)} == set(StockMovement.Kind.values)
    assert {one.status for one in system().find(StockDocument)} == set(StockDocument.Status.values)
    assert {one.status for one in system().find(Reservation)} >= {"active", "consumed"}
    assert any(one.short for one in system().find(StockBalance))
    assert (list(differing(system())), unbalanced(system())) == ([], 0)


@together
def test_its_past_lies_in_the_past(loaded):
    edge = datetime.datetime(2026, 11, 18, tzinfo=datetime.UTC)
    moved = [row[2] for row in loaded["states"] if row[1] == "stage"]

    assert max(moved) < edge
    assert min(moved) < edge - datetime.timedelta(days=150)
    assert moved == sorted(moved)
    assert all(row[4] < edge for row in loaded["days"] if row[2] == "done")
    overdue = [row for row in loaded["days"] if row[2] == "planned" and row[3] < edge - datetime.timedelta(hours=8)]
    today = [row for row in loaded["days"] if row[2] == "planned" and row[3].date() == TODAY]
    assert len({row[5] for row in overdue}) >= 11
    assert len({row[5] for row in today}) >= 11


@together
@pytest.mark.covers("F3", "SAL-25")
def test_the_deals_of_every_week_are_those_of_the_log_of_stages(loaded):
    moves = StateChange.objects.filter(object_type="sales.opportunity", field="stage").order_by("at", "pk")
    moment, seen = datetime.datetime(2026, 1, 4, 16, tzinfo=datetime.UTC), set()
    while moment.date() < TODAY:
        logged = dict(moves.filter(at__lte=moment).values_list("object_id", "new"))
        then = Past.of(system(), moment).find(Opportunity).values_list("pk", "stage_id")
        assert {pk: str(stage) for pk, stage in then} == logged
        seen.add(len(logged))
        moment += datetime.timedelta(days=7)
    assert len(seen) > 15


@together
def test_somebody_of_each_role_signs_in(loaded):
    people = load.sign_ins()

    assert len(people) == len(READY) + len(ROLES)
    for one in people:
        client = Client()
        client.post("/accounts/login/", {"login": one.email, "password": PASSWORD})
        assert client.session.get("_auth_user_id"), one
        assert client.get("/").status_code == 200, one


@together
def test_the_command_says_how_to_sign_in(loaded, capsys, monkeypatch):
    call_command("demo", "load")
    again = capsys.readouterr().out
    monkeypatch.setattr(remove, "loaded", lambda: None)
    monkeypatch.setattr(load, "load", lambda password, **_given: None)
    call_command("demo", "load", password=PASSWORD, today=TODAY)
    said = capsys.readouterr().out

    assert [one.email for one in load.sign_ins() if one.email not in said or one.email not in again] == []
    assert PASSWORD in said
    assert "was shown when it was loaded" in again


@together
def test_nothing_is_left_but_somebody_to_begin_anew(loaded):
    before = live()
    done = remove.remove(system())

    seed_all(system())
    assert live() == {name: count for name, count in before.items() if name in SEEDED} | {
        "org.company": 1, "org.department": 1, "org.user": 1, "kernel.holding": 1}
    assert [(user.email, user.is_active) for user in system().find(User)] == [(company.email("陆子航"), True)]
    assert {kind for kind, _title, _why in done.stayed} == {str(model.about.one) for model in (Company, Department, User)} | {
        str(registry.model_of("kernel.holding").about.one)}
    assert system().find(Company).get().begun is False
    with pytest.raises(Refused, match="no sample company"):
        remove.remove(system())


#: What ``seed_all`` brings stays.
SEEDED = {"kernel.role", "parties.industry", "parties.source", "parties.customerlevel", "parties.relationtype",
          "work.activitytype", "sales.closereason", "sales.library", "sales.pipeline", "sales.stage", "sales.pool",
          "catalog.unit", "automation.approvalrule", "automation.approvalstep"}
