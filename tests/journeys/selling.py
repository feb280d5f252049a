"""A firm that sells, in which anything happens in any order."""

from typing import Any

from django.apps import apps

from guanxi.apps.parties.models import Contact, Customer, Employment
from guanxi.apps.sales.models import (
    CloseReason,
    Lead,
    Opportunity,
    OpportunityContact,
    OpportunityMember,
    Pool,
    Prospect,
    Quote,
    Stage,
)
from guanxi.apps.work.models import Activity, ActivityType
from guanxi.common import talk
from guanxi.common.talk import Attachment, Comment
from guanxi.kernel import external
from guanxi.kernel.api import Record, registry
from guanxi.kernel.policy import Share
from guanxi.kernel.records import object_name
from guanxi.surfaces.impex import runs
from tests import undone

CODE = "91350100M000100Y43"
MOMENT = "2026-0{}-01 09:00"
#: What is edited: one of these values at a time, with a number of the step in it.
VALUES: dict[type[Record], tuple[str, ...]] = {
    Customer: ("name", "phone", "email", "next_contact_at", "credit_limit", "life_stage", "tags", "credit_code", "parent_company"),
    Contact: ("name", "mobile", "left", "customer", "superior", "next_contact_at"),
    Lead: ("company", "phone", "amount", "next_contact_at", "requirement"),
    Opportunity: ("name", "amount", "probability", "stage", "customer", "next_contact_at"),
    Activity: ("name", "priority", "planned_start", "customer", "contact", "remind"),
    Prospect: ("company", "phone"), Quote: ("subject", "discount", "valid_until", "tax_included"),
}
EDITED = tuple(VALUES)
OWNED = (Customer, Contact, Lead, Opportunity, Activity, Quote)
#: State changes, each with what it asks for.
VERBS: tuple[tuple[type[Record], str], ...] = (
    (Lead, "contact"), (Lead, "qualify"), (Lead, "disqualify"), (Lead, "reopen"), (Opportunity, "win"), (Opportunity, "lose"),
    (Opportunity, "move"), (Opportunity, "reopen"), (Activity, "start"), (Activity, "complete"), (Activity, "cancel"),
    (Activity, "reopen"), (Customer, "lock"), (Customer, "unlock"), (Quote, "send"), (Contact, "change_job"), (Quote, "lose"))


class World(undone.World):
    """Customers, leads, deals and what is done with them, by an administrator and a salesperson."""

    records = (*(model for name in ("parties", "work", "sales") for model in apps.get_app_config(name).get_models()
                 if issubclass(model, Record)), Comment, Attachment, Share)
    #: The owner of what an activity belongs to follows that owner; ``holds`` looks whether it does.
    moving = undone.MOVING | {"subject_owner_id"}

    def open(self) -> None:
        """Something to begin with."""
        boss, other = self.boss, self.other
        call = ActivityType.objects.get(key="visit").pk
        for n in range(3):
            ctx = other if n else boss
            firm = ctx.create(Customer, name=f"Firm {n}", phone=f"0755 2600 000{n}", credit_limit=n)
            person = ctx.create(Contact, name=f"Wang {n}", customer=firm.pk, mobile=f"1380013800{n}")
            deal = ctx.create(Opportunity, name=f"Deal {n}", customer=firm.pk, amount=100 * n)
            ctx.create(OpportunityContact, opportunity=deal.pk, contact=person.pk)
            ctx.create(Activity, type=call, name=f"Call {n}", customer=firm.pk, contact=person.pk, planned_start=MOMENT.format(9))
            lead = ctx.create(Lead, company=f"Lead {n}", person=f"Li {n}", mobile=f"1390013900{n}", requirement="Pumps")
            talk.comment(ctx, lead, "hello")
        self.boss.create(Lead, company="Waits", pool=Pool.objects.get().pk)
        boss.create(Employment, contact=person.pk, customer=firm.pk, position="Head", main=True)
        boss.create(Prospect, company="Raw", person="Zhou", phone="0755 2700 0001")
        other.create(Quote, customer=firm.pk, subject="Pumps", lines=[{"text": "Pump", "price": 10}, {"text": "Pipe", "price": "0.05"}])
        talk.comment(boss, firm, "hello")
        talk.follow(other, firm)
        external.remember("erp", [("K", firm)])

    def holds(self) -> None:
        """Besides, whoever owns what an activity belongs to sees it."""
        super().holds()
        for row in Activity.objects.exclude(subject_type="").filter(deleted_at=None):
            above = registry.model_of(row.subject_type)._default_manager.get(pk=row.subject_id)
            assert row.subject_owner_id == above.owner_id, row


def value(world: World, model: type[Record], name: str, a: int, c: int) -> Any:
    """What somebody types into a field."""
    def pk_of(target: type[Record]) -> Any:
        rows = world.rows(target, c)
        return rows[0].pk if rows and c < 6 else None

    usual: dict[str, Any] = {
        "phone": f"0755 2600 100{c}", "mobile": f"1380013810{c}", "email": f"box{c}@example.com" if c else "",
        "next_contact_at": MOMENT.format(c) if c else None, "planned_start": MOMENT.format(c) if c else None,
        "credit_limit": c * 100, "amount": c * 100, "probability": c * 10, "discount": c * 5, "tags": [f"t{c}"],
        "life_stage": ("potential", "customer", "lost")[c % 3], "priority": ("high", "normal", "low")[c % 3],
        "credit_code": CODE if c % 2 else "", "left": bool(c % 2), "tax_included": bool(c % 2), "remind": "",
        "valid_until": f"2099-01-0{c + 1}"}
    targets: dict[str, type[Record]] = {"parent_company": Customer, "customer": Customer, "superior": Contact, "contact": Contact,
                                        "stage": Stage}
    return pk_of(targets[name]) if name in targets else usual.get(name, f"{name} {c}")


def _edit(world: World, a: int, b: int, c: int) -> None:
    model = EDITED[b % len(EDITED)]
    name = VALUES[model][(a + c) % len(VALUES[model])]
    world.boss.run_many(f"{object_name(model)}.update", world.rows(model, a, 1 + c % 3), **{name: value(world, model, name, a, c)})


def _type(world: World, a: int, b: int, c: int) -> None:
    """One record with several fields, and the lines of a quote."""
    with world.boss.door("test"), world.boss.operation("test", "Typed"):
        if b == 0:
            for quote in world.rows(Quote, a):
                lines: list[dict[str, Any]] = [{"id": line.pk} for line in quote.lines][c % 2:]
                world.boss.update(quote, lines=[*lines, {"text": f"Part {c}", "price": c}], discount=c)
            return
        model = EDITED[b % len(EDITED)]
        names = VALUES[model][c % 3:c % 3 + 3]
        for row in world.rows(model, a):
            world.boss.update(row, **{name: value(world, model, name, a, c) for name in names})


def _create(world: World, a: int, b: int, c: int) -> None:
    with world.boss.door("test"), world.boss.operation("test", "New"):
        firm = world.boss.create(Customer, name=f"New {c}", phone=f"0755 2600 200{b}")
        above = firm if b % 2 else world.rows(Customer, a)[0]
        person = world.boss.create(Contact, name="Zhao", customer=above.pk)
        deal = world.boss.create(Opportunity, name="New deal", customer=above.pk)
        world.boss.create(OpportunityContact, opportunity=deal.pk, contact=person.pk, roles=["coach"] if c % 2 else [])
        world.boss.create(OpportunityMember, opportunity=deal.pk, user=world.other.user_id)
        talk.comment(world.boss, above, "new")


def _assign(world: World, a: int, b: int, c: int) -> None:
    model = OWNED[b % len(OWNED)]
    world.boss.run_many(f"{object_name(model)}.assign", world.rows(model, a, 1 + c % 2), below=c < 4,
                        to=(world.boss, world.other)[c % 2].user_id, keep=("nothing", "read", "write")[a % 3])


def _merge(world: World, a: int, b: int, c: int) -> None:
    model = (Customer, Customer, Contact)[b % 3]
    if rows := world.rows(model, a, 2 + c % 2):
        world.boss.run_many(f"{object_name(model)}.merge", rows, survivor=rows[b % len(rows)].pk)


def _delete(world: World, a: int, b: int, c: int) -> None:
    model = EDITED[b % len(EDITED)]
    world.boss.run_many(f"{object_name(model)}.delete", world.rows(model, a, 1 + c % 2))


def _restore(world: World, a: int, b: int, c: int) -> None:
    model = EDITED[b % len(EDITED)]
    rows = list(world.boss.binned(model).order_by("pk"))
    world.boss.run_many(f"{object_name(model)}.restore", [row.pk for row in rows[a % 3:][:1 + c % 2]])


def _remove(world: World, a: int, b: int, c: int) -> None:
    """Somebody is taken off a deal."""
    model = (OpportunityContact, OpportunityMember)[b % 2]
    world.boss.run_many(f"{object_name(model)}.remove", world.rows(model, a))


def _pool(world: World, a: int, b: int, c: int) -> None:
    pool = Pool.objects.get().pk
    waits, held = (list(world.boss.find(Lead).filter(owner=None) if one else world.boss.find(Lead).exclude(owner=None))
                   for one in (True, False))
    if b % 3 == 0:
        world.other.run_many("sales.lead.claim", waits[:1 + c % 2])
    elif b % 3 == 1:
        world.boss.run_many("sales.lead.hand_out", waits[:1 + c % 2], to=world.other.user_id)
    else:
        world.boss.run_many("sales.lead.return", held[a % 4:][:1 + c % 2], pool=pool, reason="No time")


def _convert(world: World, a: int, b: int, c: int) -> None:
    """A lead becomes a customer, or joins one; raw data become a lead."""
    if b % 3 == 2:
        for row in world.rows(Prospect, a):
            world.boss.run("sales.prospect.qualify", row, pool=Pool.objects.get().pk if c % 2 else None)
        return
    for lead in world.rows(Lead, a):
        firms = world.rows(Customer, c) if b % 3 else []
        world.boss.run("sales.lead.convert", lead, customer=firms[0].pk if firms else None, with_opportunity=c % 3 > 0)


def _stage(world: World, a: int, b: int, c: int) -> None:
    model, verb = VERBS[(a + b * 7 + c) % len(VERBS)]
    kinds = {"disqualify": "lead", "win": "win", "lose": "loss"}
    firms = world.rows(Customer, c)
    more = {"move": {"stage": world.rows(Stage, c)[0].pk}, "change_job": {"to": firms[0].pk if firms else 0, "position": "Buyer"}}.get(verb, {})
    if verb in kinds:
        more = {"reason": CloseReason.objects.filter(kind=kinds[verb])[0].pk}
    world.boss.run_many(f"{object_name(model)}.{verb}", world.rows(model, a, 1 + c % 2), **more)


def _import(world: World, a: int, b: int, c: int) -> None:
    model, key = ((Customer, "name"), (Lead, "company"))[b % 2]
    known = [getattr(row, key) for row in world.rows(model, a, 2)]
    table = "\n".join([f"{key},phone,note", *(f"{name},0755 2600 300{n},imported {c}" for n, name in enumerate(
        [*known, f"Imported {a}", f"Imported {c}"]))])
    run = runs.start(world.boss, model, table.encode(), "table.csv")
    runs.change(world.boss, run, run.mapping, {"mode": "both", "match": [key], "source": "", "clear": False, "whole": False,
                                               "likeness": "skip"})
    runs.launch(world.boss, run)


def _alone(world: World, a: int, b: int, c: int) -> None:
    """Somebody else edits or adds one record, which is no operation."""
    model = EDITED[b % len(EDITED)]
    rows = list(world.other.find(model).order_by("pk"))
    if b == 6 and (firms := list(world.other.find(Customer))):
        world.other.create(Contact, name="Mine", customer=firms[a % len(firms)].pk)
    elif rows and c == 6:
        talk.comment(world.other, rows[a % len(rows)], "mine")
    elif rows:
        name = VALUES[model][c % len(VALUES[model])]
        world.other.update(rows[a % len(rows)], **{name: value(world, model, name, a, c)})


World.steps = {
    "edit": _edit, "type": _type, "create": _create, "assign": _assign, "merge": _merge, "delete": _delete,
    "restore": _restore, "remove": _remove, "pool": _pool, "convert": _convert, "stage": _stage, "import": _import,
    "alone": _alone, "undo": lambda world, a, _b, _c: world.undo_any(a)}
