"""Conversion: nothing is lost, nothing happens twice, and everything can be taken back."""

import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Contact, Customer, Industry
from guanxi.apps.sales.actions import plan
from guanxi.apps.sales.models import Lead, Opportunity, OpportunityContact
from guanxi.apps.work.actions import activities_of
from guanxi.apps.work.models import Activity, ActivityType
from guanxi.apps.work.seed import seed as seed_types
from guanxi.common import talk, undoing
from guanxi.kernel import facts
from guanxi.kernel.api import Denied, Entry, Refused, policy
from guanxi.kernel.custom import CustomField

pytestmark = pytest.mark.django_db

OPTIONS = [{"value": "a", "label": "Alpha"}, {"value": "b", "label": "Beta"}]
#: What a custom field of each kind holds in these tests.
SAMPLES = {"name": "X1", "text": "two\nlines", "integer": 7, "decimal": "1.25", "percent": "12.5", "money": "99.90",
           "day": "2026-05-06", "moment": "2026-05-06 10:00", "choice": "b", "tags": "a,b", "flag": True,
           "phone": "13912345678", "email": "a@example.com", "url": "https://example.com"}


def dump() -> Any:
    models: tuple[Any, ...] = (Lead, Customer, Contact, Opportunity, OpportunityContact, Activity, talk.Comment, Entry)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.fixture
def lead(sales: SimpleNamespace, salesperson: Person, firm: Firm) -> Lead:
    firm.system.create(Industry, name="Medical devices")
    return salesperson.ctx.create(
        Lead, company="上海某医疗器械有限公司", person="赵敏", job_title="CIO", phone="021-55556666", mobile="13800138000",
        email="zhao@example.com", wechat="zhaomin", website="example.com", industry="Medical devices", employees=40,
        address="浦东新区", source="Trade fair", requirement="A CRM for 40 people", amount="120000.50",
        expected_close="2026-12-24", next_contact_at="2026-11-30 09:00", note="Met twice")


@pytest.mark.covers("P15", "LED-08")
def test_every_declared_field_finds_its_place(lead: Lead, salesperson: Person) -> None:
    salesperson().run("sales.lead.convert", lead)
    lead.refresh_from_db()
    customer, contact, deal = lead.customer, lead.contact, lead.opportunity
    assert (lead.status, lead.converted_at is None, lead.company) == ("converted", False, "上海某医疗器械有限公司")
    assert (customer.name, customer.kind, customer.phone, customer.website, str(customer.industry), customer.staff,
            customer.address, customer.source, customer.note) == (
        lead.company, "company", lead.phone, "https://example.com", "Medical devices", 40, "浦东新区", lead.source, "Met twice")
    assert (contact.name, contact.position, contact.mobile, contact.email, contact.wechat, contact.customer) == (
        "赵敏", "CIO", lead.mobile, "zhao@example.com", "zhaomin", customer)
    assert (deal.name, deal.customer, deal.description, str(deal.amount), str(deal.expected_close), deal.source,
            deal.next_contact_at, deal.lead) == (
        lead.company, customer, "A CRM for 40 people", "120000.50", "2026-12-24", lead.source, lead.next_contact_at, lead)
    assert {one.owner_id for one in (customer, contact, deal)} == {salesperson.id}
    assert (deal.stage.key, OpportunityContact.objects.get().contact) == ("first_contact", contact)
    assert talk.comments(salesperson(), deal) == []


@pytest.mark.covers("MRG-02", "P15")
def test_thirty_custom_fields_files_comments_and_activities_arrive(
        firm: Firm, lead: Lead, salesperson: Person, colleague: Person) -> None:
    kinds = [*SAMPLES, *SAMPLES, "name", "integer"]
    where = ("parties.customer", "parties.contact", "sales.opportunity", "")
    homes: dict[str, str] = {}
    for number, kind in enumerate(kinds):
        key = f"c{number}"
        homes[key] = where[number % 4]
        for name in filter(None, ("sales.lead", homes[key])):
            firm.system.create(CustomField, object_type=name, key=key, label=f"Custom {number}", field_kind=kind,
                               options=OPTIONS if kind in ("choice", "tags") else [])
    ctx = salesperson()
    ctx.update(lead, **{f"c{number}": SAMPLES[kind] for number, kind in enumerate(kinds)})
    lead.refresh_from_db()
    talk.comment(ctx, lead, "They like blue.", [SimpleUploadedFile("plan.txt", b"blue")])
    talk.attach(ctx, lead, SimpleUploadedFile("offer.txt", b"12"))
    talk.follow(ctx, lead)
    with firm.system.door("test"):
        kind_of = firm.system.save(ActivityType(name="Call", remind="0"))
        tasks = [firm.system.save(Activity(name=name, type=kind_of, subject_type="sales.lead", subject_id=lead.pk,
                                           owner_id=salesperson.id)) for name in ("Call them", "Send a sample")]
        firm.system.save(policy.Share(object_type="sales.lead", object_id=lead.pk, user_id=colleague.id, level="write"))
    before = {view.key: view.raw(lead) for view in facts.fields(Lead, salesperson()) if view.custom}
    said = talk.comments(ctx, lead)[0]

    outcome = salesperson().run("sales.lead.convert", lead)

    lead.refresh_from_db()
    outcomes = {"parties.customer": lead.customer, "parties.contact": lead.contact, "sales.opportunity": lead.opportunity}
    note = next(one.text for one in talk.comments(ctx, lead.opportunity) if one.pk != said.pk)
    assert len(before) == 30
    for view in facts.fields(Lead, salesperson()):
        if not view.custom:
            continue
        assert view.raw(lead) == before[view.key] not in (None, "", [])
        if (home := homes[view.key]) in outcomes:
            target = next(one for one in facts.fields(type(outcomes[home]), salesperson()) if one.key == view.key)
            assert (view.key, target.raw(outcomes[home])) == (view.key, before[view.key])
        else:
            assert f"{view.label}: {view.text(before[view.key])}" in note
    assert {(one.pk, one.text, one.created_by_id, one.created_at) for one in talk.comments(ctx, lead.opportunity)} >= {
        (said.pk, "They like blue.", salesperson.id, said.created_at)}
    assert sorted(one.name for one in talk.attachments(ctx, lead.opportunity)) == ["offer.txt", "plan.txt"]
    assert talk.follows(ctx, lead.opportunity)
    for task in tasks:
        task.refresh_from_db()
        assert (task.customer, task.contact, task.status) == (lead.customer, lead.contact, "planned")
    for record in (lead, *outcomes.values()):
        assert set(activities_of(salesperson(), record)) == set(tasks)
    for record in outcomes.values():
        assert colleague().get(type(record), record.pk, "update") == record

    assert undoing.undo(salesperson(), outcome.operation_id).conflicts == []
    lead.refresh_from_db()
    assert (lead.status, lead.customer, lead.contact, lead.opportunity) == ("new", None, None, None)
    assert {view.key: view.raw(lead) for view in facts.fields(Lead, salesperson()) if view.custom} == before
    assert [(one.pk, one.text) for one in talk.comments(ctx, lead)] == [(said.pk, "They like blue.")]
    assert sorted(one.name for one in talk.attachments(ctx, lead)) == ["offer.txt", "plan.txt"]
    assert set(activities_of(salesperson(), lead)) == set(tasks)
    assert [(one.customer, one.contact) for one in Activity.objects.all()] == [(None, None)] * 2
    assert [salesperson().find(model).count() for model in (Customer, Contact, Opportunity)] == [0, 0, 0]


@pytest.mark.covers("P15")
def test_the_preview_says_where_each_value_goes_and_writes_nothing(firm: Firm, lead: Lead, salesperson: Person) -> None:
    firm.system.create(CustomField, object_type="sales.lead", key="hall", label="Hall", field_kind="name")
    ctx = salesperson()
    ctx.update(lead, hall="7B")
    before = dump()
    rows = salesperson().run("sales.lead.preview", lead).value
    told = {row["key"]: (row["value"], row["goes_to"]) for row in rows}
    assert told["company"] == ("上海某医疗器械有限公司", ["customer"])
    assert told["phone"][1] == ["customer", "contact"]
    assert told["source"] == ("Trade fair", ["customer", "opportunity"])
    assert told["hall"] == ("7B", [])
    without = {row["key"]: row["goes_to"] for row in salesperson().run(
        "sales.lead.preview", lead, with_opportunity=False).value}
    assert [key for key, goes_to in without.items() if not goes_to] == [
        "requirement", "amount", "expected_close", "next_contact_at", "hall"]
    assert dump() == before


@pytest.mark.covers("CONC-04", "P16")
def test_a_double_click_converts_once_and_a_second_conversion_is_refused(lead: Lead, salesperson: Person) -> None:
    first = salesperson().run("sales.lead.convert", lead, key="k1")
    second = salesperson().run("sales.lead.convert", lead.pk, key="k1")
    assert (first.repeated, second.repeated, second.record.pk, second.operation_id) == (
        False, True, first.record.pk, first.operation_id)
    before = dump()
    with pytest.raises(Refused, match="Only possible while"):
        salesperson().run("sales.lead.convert", lead, key="k2")
    assert dump() == before
    assert [model.objects.count() for model in (Customer, Contact, Opportunity)] == [1, 1, 1]


def test_a_converted_lead_stays_as_it_was(lead: Lead, salesperson: Person, manager: Person) -> None:
    salesperson().run("sales.lead.convert", lead)
    lead.refresh_from_db()
    with pytest.raises(Refused, match="A converted lead stays as it was") as refusal:
        salesperson().update(lead, note="later")
    assert refusal.value.errors.keys() == {"note"}
    lead.refresh_from_db()
    assert lead.note == "Met twice"
    manager().run("sales.lead.assign", lead, to=manager.id)
    lead.refresh_from_db()
    assert lead.owner_id == manager.id


@pytest.mark.covers("P15")
def test_conversion_into_what_is_there_fills_gaps_and_overwrites_nothing(lead: Lead, salesperson: Person) -> None:
    ctx = salesperson()
    customer = ctx.create(Customer, name="上海某医疗", phone="021-11112222")
    contact = ctx.create(Contact, name="赵敏", customer=customer.pk)
    deal = ctx.create(Opportunity, name="Renewal", amount=5, customer=customer.pk)
    outcome = ctx.run("sales.lead.convert", lead, customer=customer.pk, contact=contact.pk, opportunity=deal.pk)
    for one in (customer, contact, deal, lead):
        one.refresh_from_db()
    assert (lead.customer, lead.contact, lead.opportunity) == (customer, contact, deal)
    assert (customer.name, customer.phone, customer.staff, contact.position) == (
        "上海某医疗", ctx.get(Customer, customer.pk).phone, 40, "CIO")
    assert (str(deal.amount), deal.description, deal.name) == ("5.00", "A CRM for 40 people", "Renewal")
    note = talk.comments(ctx, deal)[0].text
    assert "Company: 上海某医疗器械有限公司" in note
    assert "Expected amount: 120,000.50" in note
    assert "Mobile" not in note
    assert undoing.undo(salesperson(), outcome.operation_id).conflicts == []
    for one in (customer, contact, deal, lead):
        one.refresh_from_db()
    assert (customer.staff, contact.position, deal.description, lead.status) == (None, "", "", "new")


def test_a_person_becomes_a_personal_customer(sales: SimpleNamespace, salesperson: Person) -> None:
    lead = salesperson.ctx.create(Lead, person="李雷", mobile="13800138000", email="li@example.com")
    salesperson().run("sales.lead.convert", lead, with_opportunity=False)
    lead.refresh_from_db()
    assert (lead.customer.kind, lead.customer.name, lead.customer.email, lead.contact, lead.opportunity) == (
        "person", "李雷", "li@example.com", None, None)


@pytest.mark.parametrize(("_case", "choose", "field"), [
    ("contact of another customer", lambda one: {"customer": one.other.pk, "contact": one.contact.pk}, "contact"),
    ("deal of another customer", lambda one: {"customer": one.other.pk, "opportunity": one.deal.pk}, "opportunity"),
    ("closed deal", lambda one: {"opportunity": one.won.pk}, "opportunity")])
def test_choices_that_do_not_fit_are_refused(
        lead: Lead, sales: SimpleNamespace, salesperson: Person, _case: str, choose: Any, field: str) -> None:
    ctx = salesperson()
    customer = ctx.create(Customer, name="上海某医疗")
    one = SimpleNamespace(
        other=ctx.create(Customer, name="Other"), contact=ctx.create(Contact, name="赵敏", customer=customer.pk),
        deal=ctx.create(Opportunity, name="Renewal", customer=customer.pk),
        won=ctx.create(Opportunity, name="Old", customer=customer.pk))
    ctx.run("sales.opportunity.win", one.won, reason=sales.reasons["win_fit"].pk)
    before = dump()
    with pytest.raises(Refused) as refusal:
        salesperson().run("sales.lead.convert", lead, **choose(one))
    assert refusal.value.errors.keys() == {field}
    assert dump() == before


@pytest.mark.covers("PERM-11")
def test_conversion_needs_the_right_to_create_what_comes_out(
        firm: Firm, lead: Lead, sales: SimpleNamespace) -> None:
    with firm.system.door("test"):
        role = firm.system.save(policy.Role(name="leads only", grants=[
            {"object": "sales.lead", "verb": "*", "scope": "everyone"}]))
        clerk = firm.add("clerk")
        firm.system.save(policy.Holding(role=role, user=clerk.user))
    before = dump()
    with pytest.raises(Denied, match="You may not create customers"):
        clerk().run("sales.lead.convert", lead)
    assert dump() == before


@pytest.mark.covers("P16")
def test_many_are_converted_each_with_its_answer(lead: Lead, salesperson: Person) -> None:
    ctx = salesperson()
    good = ctx.create(Lead, company="Second")
    done = ctx.create(Lead, company="Third")
    ctx.run("sales.lead.convert", done)
    outcome = salesperson().run_many("sales.lead.convert", [lead, good, done])
    assert [one.pk for one in outcome.done] == [lead.pk, good.pk]
    assert [(pk, title) for pk, title, _refusal in outcome.refused] == [(done.pk, "Third")]
    assert undoing.undo(salesperson(), outcome.operation_id).conflicts == []
    assert list(Lead.objects.order_by("pk").values_list("status", flat=True)) == ["new", "new", "converted"]
    assert salesperson().find(Customer).count() == 1


def test_hidden_values_move_and_are_never_told(firm: Firm, lead: Lead, sales: SimpleNamespace) -> None:
    with firm.system.door("test"):
        role = firm.system.save(policy.Role(
            name="half", grants=[{"object": "*", "verb": "*", "scope": "everyone"}],
            masks=[{"object": "sales.lead", "field": "amount", "level": "hidden"},
                   {"object": "sales.lead", "field": "requirement", "level": "hidden"}]))
        half = firm.add("half")
        firm.system.save(policy.Holding(role=role, user=half.user))
    assert "amount" not in {row["key"] for row in half().run("sales.lead.preview", lead).value}
    assert "amount" in {row.key for row in plan(half(), lead).rows}
    half().run("sales.lead.convert", lead)
    lead.refresh_from_db()
    assert str(lead.opportunity.amount) == "120000.50"
    half_deal = half()
    assert talk.comments(half_deal, lead.opportunity) == []


@pytest.mark.covers("P14", "P17", "LED-05")
def test_follow_ups_set_the_next_contact_before_and_after_conversion(
        firm: Firm, lead: Lead, salesperson: Person) -> None:
    seed_types(firm.system)
    salesperson().run("sales.lead.log_follow_up", lead, text="They asked for an offer", next_contact="3")
    lead.refresh_from_db()
    assert lead.last_follow_up_at is not None
    assert timezone.localdate(lead.next_contact_at) == salesperson().today + datetime.timedelta(days=3)
    salesperson().run("sales.lead.convert", lead)
    lead.refresh_from_db()
    salesperson().run("sales.opportunity.log_follow_up", lead.opportunity, text="Sent it", next_contact="7")
    salesperson().run("sales.lead.log_follow_up", lead, text="A late remark")
    deal = Opportunity.objects.get()
    assert deal.next_contact_at > lead.next_contact_at
    assert sorted(activities_of(salesperson(), deal).values_list("description", flat=True)) == [
        "A late remark", "Sent it", "They asked for an offer"]
