"""Follow-ups: logged in one request from any record, kept with their files, locked after a day."""

import datetime
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.work import subjects
from guanxi.apps.work.actions import activities_of, keep, kinds, move, subject
from guanxi.apps.work.figures import QUIET
from guanxi.apps.work.models import Activity, ActivityType
from guanxi.common import measures, merging, talk, undoing
from guanxi.kernel.api import Denied, Entry, Missing, Refused, finding, registry

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, "PNG")
    return file.getvalue()


def dump() -> Any:
    tables = (Activity, Customer, Contact, Entry, talk.Attachment)
    return [list(model._default_manager.order_by("pk").values()) for model in tables]


@pytest.mark.covers("P14", "T26")
def test_three_inputs_keep_the_follow_up_and_the_next_contact(customer: Customer, salesperson: Person,
                                                              types: dict[str, ActivityType]) -> None:
    done = salesperson().run("parties.customer.log_follow_up", customer, type=types["wechat"].pk, text="要报价\n明天发",
                             next_contact="3").record
    assert (done.status, done.name, done.description, done.type_id, done.owner_id, done.customer_id) == (
        "done", "要报价", "要报价\n明天发", types["wechat"].pk, salesperson.id, customer.pk)
    after = salesperson().get(Customer, customer.pk)
    assert after.last_follow_up_at == done.actual_end == done.actual_start
    local = timezone.localtime(after.next_contact_at)
    assert (local.date(), local.time()) == (timezone.localdate(done.actual_end) + 3 * DAY, datetime.time(9))
    assert salesperson().find(Activity).count() == 1


@pytest.mark.covers("P14")
def test_words_alone_are_enough(customer: Customer, salesperson: Person) -> None:
    done = salesperson().run("parties.customer.log_follow_up", customer, text="Nobody there").record
    assert done.type.key == "call_outbound"
    assert salesperson().get(Customer, customer.pk).next_contact_at is None


@pytest.mark.covers("P14", "FILE-01")
def test_pictures_go_with_it_and_a_bad_file_leaves_nothing(customer: Customer, salesperson: Person) -> None:
    files = [SimpleUploadedFile(f"{n}.png", png(), "image/png") for n in range(2)]
    done = salesperson().run("parties.customer.log_follow_up", customer, text="Their new hall", files=files).record
    assert sorted(one.name for one in talk.attachments(salesperson(), done)) == ["0.png", "1.png"]
    before = dump()
    with pytest.raises(Refused):
        salesperson().run("parties.customer.log_follow_up", customer, text="x", next_contact="1",
                          files=[SimpleUploadedFile("x.exe", b"MZ\x90\x00", "application/octet-stream")])
    assert dump() == before


@pytest.mark.covers("P16")
def test_a_second_click_logs_once(customer: Customer, salesperson: Person) -> None:
    first, second = (salesperson().run("parties.customer.log_follow_up", customer, key="k1", text="Called") for _n in range(2))
    assert (second.repeated, second.record.pk) == (True, first.record.pk)
    assert salesperson().find(Activity).count() == 1


@pytest.mark.covers("T26")
def test_a_next_contact_that_has_come_is_done_with_one_ahead_stays(customer: Customer, salesperson: Person) -> None:
    now = timezone.now().replace(microsecond=0)
    for given, expected in ((now - DAY, None), (now, None), (now + 2 * DAY, now + 2 * DAY)):
        salesperson().update(salesperson().get(Customer, customer.pk), next_contact_at=given.isoformat())
        salesperson().run("parties.customer.log_follow_up", customer, text="Called")
        assert salesperson().get(Customer, customer.pk).next_contact_at == expected


@pytest.mark.parametrize(("_case", "given", "message"), [
    ("no words", {"text": "  "}, "needed"), ("past", {"text": "x", "next_at": "2020-01-01 10:00"}, "lies in the past"),
    ("unknown", {"text": "x", "next_contact": "5"}, "is not one of"),
    ("too many files", {"text": "x", "files": [SimpleUploadedFile("a.png", png())] * 10}, "At most 9 files")])
def test_what_is_wrong_is_said_and_nothing_is_kept(customer: Customer, salesperson: Person, _case: str, given: Any,
                                                   message: str) -> None:
    before = dump()
    with pytest.raises(Refused, match=message):
        salesperson().run("parties.customer.log_follow_up", customer, **given)
    assert dump() == before


def test_out_of_sight_or_without_the_right_nothing_is_logged(customer: Customer, other_salesperson: Person,
                                                             person: Any) -> None:
    auditor = person("audrey", "auditor")
    before = dump()
    with pytest.raises(Missing):
        other_salesperson().run("parties.customer.log_follow_up", customer, text="x")
    for verb, given in (("log_follow_up", {"text": "x"}), ("plan_activity", {"at": "2099-01-01 10:00"})):
        with pytest.raises(Denied, match="You may not log"):
            auditor().run(f"parties.customer.{verb}", customer, **given)
    assert dump() == before


@pytest.mark.covers("P14")
def test_with_a_contact_the_customer_is_followed_up_too(customer: Customer, salesperson: Person) -> None:
    contact = salesperson.ctx.create(Contact, name="王小明", customer=customer.pk)
    done = salesperson().run("parties.contact.log_follow_up", contact, text="Lunch", next_contact="7").record
    assert (done.customer_id, done.contact_id) == (customer.pk, contact.pk)
    followed, above = salesperson().get(Contact, contact.pk), salesperson().get(Customer, customer.pk)
    assert followed.last_follow_up_at == above.last_follow_up_at == done.actual_end
    assert followed.next_contact_at is not None and above.next_contact_at is None
    assert [one.pk for one in activities_of(salesperson(), contact)] == [done.pk]


@pytest.mark.covers("P14")
def test_after_a_day_what_was_written_stays(customer: Customer, salesperson: Person, manager: Person) -> None:
    done = salesperson().run("parties.customer.log_follow_up", customer, text="Called").record
    salesperson().update(salesperson().get(Activity, done.pk), description="Called twice")
    Activity.objects.filter(pk=done.pk).update(logged_at=timezone.now() - DAY - datetime.timedelta(minutes=1))
    before = dump()
    for given in ({"description": "Never called"}, {"actual_end": "2026-01-01 10:00"}, {"type": done.type_id + 1}):
        with pytest.raises(Refused, match="more than 24 hours ago"):
            salesperson().update(salesperson().get(Activity, done.pk), **given)
    with pytest.raises(Refused, match="more than 24 hours ago"):
        salesperson().run("work.activity.reopen", done)
    assert dump() == before
    manager().update(manager().get(Activity, done.pk), evaluation="Well done", cost="20")
    assert manager().get(Activity, done.pk).evaluation == "Well done"


@pytest.mark.covers("P14")
def test_so_many_days_without_follow_up(customer: Customer, salesperson: Person) -> None:
    quiet = salesperson.ctx.create(Customer, name="Quiet")
    salesperson().run("parties.customer.log_follow_up", customer, text="Called")
    Customer.objects.filter(pk=quiet.pk).update(created_at=timezone.now() - 9 * DAY)
    trees = {"7": ["last_follow_up_at", "within", "older_7_days"]}
    assert list(finding.select(salesperson(), Customer, tree=trees["7"])) == []
    Customer.objects.filter(pk=customer.pk).update(last_follow_up_at=timezone.now() - 9 * DAY)
    assert list(finding.select(salesperson(), Customer, tree=trees["7"])) == [customer]
    assert {one.key: measures.value(salesperson(), one) for one in QUIET} == {
        "work.quiet_7": 2, "work.quiet_15": 0, "work.quiet_30": 0}


@pytest.mark.covers("ACT-04", "T26")
def test_an_activity_is_planned_from_a_record_for_somebody_else(customer: Customer, salesperson: Person, colleague: Person,
                                                                types: dict[str, ActivityType]) -> None:
    at = timezone.now().replace(microsecond=0) + DAY
    made = salesperson().run("parties.customer.plan_activity", customer, at=at.isoformat(), type=types["meeting"].pk,
                             text="Show the samples", person=colleague.id).record
    assert (made.owner_id, made.asked_by_id, made.customer_id, made.remind, made.name) == (
        colleague.id, salesperson.id, customer.pk, "30", "Show the samples")
    assert (made.planned_end - made.planned_start, made.remind_at) == (DAY / 24, at - DAY / 48)


@pytest.mark.covers("P14")
def test_what_a_page_sends_is_kept(customer: Customer, salesperson: Person, types: dict[str, ActivityType], person: Any) -> None:
    offered = kinds(salesperson())
    assert [label for _value, label, _icon in offered] == [
        "Call Outbound", "Call Inbound", "Meeting", "Correspondence", "WeChat", "Visit"]
    assert kinds(person("audrey", "auditor")()) == []
    today = timezone.localdate()
    made = keep(salesperson(), customer, kind=offered[2][0], text="Met", next_on=(today + DAY).isoformat(), key="k")
    assert made.type_id == types["meeting"].pk
    assert timezone.localtime(salesperson().get(Customer, customer.pk).next_contact_at).date() == today + DAY
    keep(salesperson(), customer, kind=offered[0][0], text="Again", next_on=today.isoformat(), key="k2")
    assert timezone.localdate(salesperson().get(Customer, customer.pk).next_contact_at) == today


class TestHigherFloors:
    """An object that is neither customer nor contact takes part by one line; activity types stand in for it here."""

    @pytest.fixture(autouse=True)
    def _restore(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("_actions", "_listeners"):
            monkeypatch.setattr(registry, name, {key: value.copy() for key, value in getattr(registry, name).items()})
        monkeypatch.setattr(subjects, "_subjects", dict(subjects._subjects))

    @pytest.mark.covers("P11", "P15")
    def test_its_owner_sees_them_and_they_move_with_a_conversion(
            self, firm: Firm, customer: Customer, salesperson: Person, other_salesperson: Person, administrator: Person,
            types: dict[str, ActivityType]) -> None:
        subject(ActivityType)
        with firm.system.door("test"):
            types["event"].owner_id = salesperson.id
            lead = firm.system.save(types["event"])
        done = other_salesperson().run("work.activitytype.log_follow_up", lead, text="Called", next_contact="1").record
        ahead = other_salesperson().find(Activity).get(previous=done)
        assert (ahead.status, ahead.subject_type, ahead.subject_id) == ("planned", "work.activitytype", lead.pk)
        assert set(activities_of(salesperson(), lead)) == {done, ahead}
        administrator().update(administrator().get(ActivityType, lead.pk), owner=administrator.id)
        assert not activities_of(salesperson(), lead).exists()
        with firm.system.door("test"):
            assert move(firm.system, lead, customer.pk, None) == 2
        assert set(activities_of(salesperson(), customer)) == {done, ahead}
        assert set(activities_of(other_salesperson(), lead)) == {done, ahead}

    @pytest.mark.covers("P06", "MRG-01")
    def test_they_go_along_when_records_are_merged_and_come_back(self, firm: Firm, administrator: Person, salesperson: Person,
                                                                 types: dict[str, ActivityType]) -> None:
        subject(ActivityType)
        kept, gone = types["event"], types["research"]
        with firm.system.door("test"):
            kept.owner_id = salesperson.id
            firm.system.save(kept)
        done = administrator().run("work.activitytype.log_follow_up", gone, text="Called").record
        operation = merging.merge(administrator(), kept, [gone])
        assert list(activities_of(salesperson(), kept)) == [done]
        undoing.undo(administrator(), operation)
        assert not activities_of(salesperson(), kept).exists()
        assert list(activities_of(administrator(), gone)) == [done]

    def test_an_object_that_takes_no_part_is_refused(self, firm: Firm, salesperson: Person) -> None:
        with pytest.raises(Refused, match="have no activities"):
            activities_of(salesperson(), firm.salesman)
