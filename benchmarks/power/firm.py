"""A small firm, and the pieces of work in the middle of which the power goes; each can be asked for again."""

from collections.abc import Callable

from django.core.management import call_command

from guanxi.apps.catalog.models import Product, Unit
from guanxi.apps.inventory.models import StockDocument, Warehouse
from guanxi.apps.org.models import Company, Department, Membership, User
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales.models import Lead, Opportunity
from guanxi.common import undoing
from guanxi.kernel import worker
from guanxi.kernel.api import Ctx, policy
from guanxi.kernel.entries import Operation
from guanxi.site.seed import seed_all
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalRule
from guanxi.surfaces.impex import runs
from guanxi.surfaces.impex.models import ImportRun

Facts = dict[str, int | list[int]]
#: Rows of an import in one transaction, and from how many on a worker does it; small, so that there are many seams.
CHUNK, AT_ONCE = 50, 150
LARGE, SMALL = 210, 110
#: What the page of an import sends.
CHOSEN = {"mode": "both", "match": ["name"], "source": "", "clear": False, "whole": False, "likeness": "skip"}


def tables() -> None:
    """The tables as the models describe them; which migrations led there is of no interest here."""
    call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def system() -> Ctx:
    return Ctx(system=True, via="command", reason="power")


def acting(facts: Facts, who: str = "admin") -> Ctx:
    """A fresh request of somebody."""
    return Ctx(user=User.objects.get(pk=facts[who]), via="page")


def found(brought: bool = True) -> Facts:
    """Everything the pieces of work need, on request with imports that were made; returns the ids."""
    ctx = system()
    with ctx.door("power"):
        ctx.save(Company(name="深圳市电源有限公司", short_name="电源", language="en"))
        office = ctx.save(Department(name="Head office"))
    seed_all(ctx)
    facts: Facts = {}
    for name, role, superior in (("admin", "administrator", None), ("boss", "sales_manager", None),
                                 ("anna", "salesperson", "boss")):
        ctx = system()
        with ctx.door("power"):
            user = ctx.save(User(name=name, email=f"{name}@example.com",
                                 superior_id=facts[superior] if superior else None))
            ctx.save(Membership(user=user, department=office, main=True))
            ctx.save(policy.Holding(user=user, role=ctx.find(policy.Role).get(key=role)))
        facts[name] = user.pk
    for part in (_customers, _leads, _goods):
        part(facts)
    _tables(facts, brought)
    worker.drain()
    return facts


def _customers(facts: Facts) -> None:
    """Forty customers, some with people and deals; two that are the same; thirty that were handed over."""
    ctx = acting(facts)
    made = [ctx.create(Customer, name=f"Customer {number:03}", phone=f"0755 2600 {number:04}") for number in range(40)]
    for customer in made[:6]:
        for number in range(6):
            ctx.create(Contact, name=f"王小明 {number}", customer=customer.pk, mobile=f"1380013{customer.pk:02}{number:02}")
            ctx.create(Opportunity, name=f"Deal {customer.pk}-{number}", customer=customer.pk, amount=1000 + number)
    facts["same"], facts["given"] = [one.pk for one in made[:4]], made[4].pk
    handed = acting(facts).run_many("parties.customer.assign", [one.pk for one in made[8:38]], to=facts["anna"])
    assert handed.operation_id is not None
    assert not handed.refused, handed.refused
    facts["handed"] = handed.operation_id


def _leads(facts: Facts) -> None:
    """One to be converted; one whose contact has to be approved."""
    lead = acting(facts).create(Lead, company="上海光明有限公司", person="李明", mobile="13900139000", amount=500,
                                requirement="Pumps")
    facts["lead"] = lead.pk
    system().create(ApprovalRule, name="Power", object_type="sales.lead", action="contact", steps=[{"kind": "superior"}],
                    condition='["amount", "gt", 1000]')
    worth = acting(facts, "anna").create(Lead, company="北京远方有限公司", person="陈明", amount=5000)
    asked = acting(facts, "anna").run("sales.lead.contact", worth)
    facts["request"] = asked.asked[0].pk


def _goods(facts: Facts) -> None:
    """Two warehouses, three products in the first, and a transfer that is not yet confirmed."""
    ctx = system()
    unit = ctx.create(Unit, name="piece of power")
    here, there = ctx.create(Warehouse, code="H", name="Here"), ctx.create(Warehouse, code="T", name="There")
    goods = [ctx.create(Product, code=f"P{number}", name=f"Pump {number}", unit=unit.pk) for number in range(8)]
    ctx = acting(facts)
    receipt = ctx.create(StockDocument, kind="receipt", warehouse=here.pk, lines=[
        {"product": one.pk, "quantity": "10", "unit_cost": "2.5"} for one in goods])
    acting(facts).run("inventory.stockdocument.confirm", receipt)
    lines = [{"product": one.pk, "quantity": "3"} for one in goods]
    facts["documents"] = [acting(facts).create(StockDocument, kind="transfer", warehouse=here.pk, to_warehouse=there.pk,
                                               lines=lines).pk for _number in range(3)]


def _tables(facts: Facts, brought: bool) -> None:
    """Tables that are uploaded and mapped, but not begun; and two that were brought in."""
    for name, rows, done in (("large", LARGE, False), ("small", SMALL, False), ("large_done", LARGE, True),
                             ("small_done", SMALL, True))[:None if brought else 2]:
        ctx = acting(facts)
        run = runs.start(ctx, Customer, _table(name, rows), f"{name}.csv")
        runs.change(ctx, run, run.mapping, dict(CHOSEN))
        facts[name] = run.pk
        if done:
            runs.launch(acting(facts), run)
            worker.drain()
            ended = ImportRun.objects.get(pk=run.pk)
            assert ended.state == ImportRun.State.DONE, (ended.state, ended.message)
            assert all(ended.figure(one) for one in ("created", "updated", "failed")), ended.figures


def _table(name: str, rows: int) -> bytes:
    """New names, names that are there, names that come twice, and rows that cannot be read."""
    lines = ["name,phone,email"]
    for number in range(rows):
        title = f"{name} {number - (number % 50 == 1):04}" if number % 20 else f"Customer {number // 20:03}"
        lines.append(f"{title},0755 86{number:06},{'not-a-mail' if number % 31 == 3 else f'n{number}@{name}.example.com'}")
    return "\n".join(lines).replace("large_done", "ldone").replace("small_done", "sdone").encode()


# the pieces of work ------------------------------------------------------------------------------

def _import(which: str) -> Callable[[Facts], None]:
    def work(facts: Facts) -> None:
        ctx = acting(facts)
        run = runs.find(ctx, facts[which])
        if run.state == ImportRun.State.DRAFT:
            runs.launch(ctx, run)
        drain()
    return work


def _take_back(which: str) -> Callable[[Facts], None]:
    def work(facts: Facts) -> None:
        ctx = acting(facts)
        run = runs.find(ctx, facts[which])
        if run.state == ImportRun.State.DONE:
            runs.undo(ctx, run)
        drain()
    return work


def _merge(facts: Facts) -> None:
    same = facts["same"]
    assert isinstance(same, list)
    outcome = acting(facts).run_many("parties.customer.merge", same, key="power-merge", survivor=same[0])
    assert not outcome.refused, outcome


def _convert(facts: Facts) -> None:
    acting(facts).run("sales.lead.convert", facts["lead"], key="power-convert", subject="Pumps")


def _transfer(facts: Facts) -> None:
    acting(facts).run("parties.customer.assign", facts["given"], key="power-assign", to=facts["anna"], keep="read")


def _undo(facts: Facts) -> None:
    handed = facts["handed"]
    assert isinstance(handed, int)
    if Operation.objects.get(pk=handed).state == Operation.State.DONE:
        undoing.undo(acting(facts), handed)


def _approve(facts: Facts) -> None:
    acting(facts, "boss").run("automation.approvalrequest.approve", facts["request"], key="power-approve")
    assert ApprovalRequest.objects.get(pk=facts["request"]).state == "granted"


def _move(facts: Facts) -> None:
    outcome = acting(facts).run_many("inventory.stockdocument.confirm", facts["documents"], key="power-move")
    assert not outcome.refused, outcome


def drain() -> None:
    """What a worker does that is started now: it looks after what others left, then runs what is due."""
    worker.work("*", 0.01, batch=True)


#: So many come first and are all that the short form of the suite tries.
NAMED = 7
WORK: dict[str, Callable[[Facts], None]] = {
    "import, by the worker": _import("large"), "merge": _merge, "conversion": _convert, "transfer": _transfer,
    "undo": _undo, "approval": _approve, "stock transfer": _move, "import, at once": _import("small"),
    "import taken back, by the worker": _take_back("large_done"), "import taken back, at once": _take_back("small_done")}
