"""What happened stands in the account once, with who, when, from where and what; nobody can change it."""

import datetime

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import Client

from guanxi.apps.conftest import PASSWORD
from guanxi.apps.parties.models import Customer
from guanxi.common import merging, revealing
from guanxi.kernel import entries, policy
from guanxi.kernel.entries import Entry
from tests.contract.test_api import JSON, program

pytestmark = pytest.mark.django_db
HERE = "192.0.2.7"


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


class Account:
    """The entries that came since the last look."""

    def __init__(self):
        self.last = max(Entry.objects.values_list("pk", flat=True), default=0)

    def new(self, word):
        rows = list(Entry.objects.filter(pk__gt=self.last).order_by("pk"))
        self.last = rows[-1].pk if rows else self.last
        found = [row for row in rows if row.word == word]
        assert len(found) == 1, [row.verb for row in rows]
        row = found[0]
        assert row.at.utcoffset() == datetime.timedelta(0) and row.client and row.via
        assert PASSWORD not in str((row.changes, row.inputs, row.title, row.reason))
        return row


@pytest.mark.covers("AUD-01")
def test_each_thing_that_happens_is_one_entry(firm, administrator, salesperson, colleague):
    account, me = Account(), administrator
    first = me().create(Customer, name="First", phone="13800138000")
    row = account.new("create")
    assert (row.actor_id, row.client, row.via, row.object_id, row.changes["name"]) == (me.id, HERE, "page", first.pk, [None, "First"])
    me().update(first, name="Renamed")
    assert account.new("update").changes == {"name": ["First", "Renamed"]}
    me().delete(first)
    assert account.new("delete").object_id == first.pk
    me().run("parties.customer.restore", first.pk)
    assert account.new("restore").object_id == first.pk
    me().run("parties.customer.assign", first.pk, to=salesperson.id)
    assert account.new("assign").changes["owner"] == [me.id, salesperson.id]
    me.client.post("/customers/export", {"columns": ["name"], "kind": "csv", "all": "1"}, REMOTE_ADDR=HERE)
    row = account.new("export")
    assert (row.actor_id, row.inputs["rows"], row.client) == (me.id, 1, HERE)
    second = me().create(Customer, name="Second")
    account.new("create")
    merging.merge(me(), me().get(Customer, first.pk), [second])
    row = account.new("delete")
    assert (row.actor_id, row.object_id, row.operation.kind) == (me.id, second.pk, "merge")


@pytest.mark.covers("AUD-01")
def test_signing_in_rights_reveals_and_other_eyes_are_entries(firm, administrator, salesperson):
    account = Account()
    Client().post("/accounts/login/", {"login": salesperson.user.email, "password": PASSWORD}, REMOTE_ADDR=HERE)
    row = account.new("sign_in")
    assert (row.actor_id, row.client) == (salesperson.id, HERE)
    Client().post("/accounts/login/", {"login": salesperson.user.email, "password": "wrong-secret"}, REMOTE_ADDR=HERE)
    row = Entry.objects.order_by("-pk").first()
    assert (row.client, row.word.startswith("sign_in"), "wrong-secret" in str(row.inputs)) == (HERE, True, False)
    account = Account()
    administrator().create(policy.Holding, user=salesperson.id, role=firm.roles["sales_manager"].pk)
    assert account.new("create").object_type == "kernel.holding"
    mine = salesperson().create(Customer, name="A", phone="13800138000")
    with firm.system.door("test"):
        role = firm.roles["salesperson"]
        for one in (role, firm.roles["sales_manager"]):
            one.masks = [{"object": "parties.customer", "field": "phone", "level": "masked"}]
            one.grants = [*one.grants, {"object": "parties.customer", "verb": "reveal", "scope": "everyone"}]
            firm.system.save(one)
    account = Account()
    assert revealing.reveal(salesperson(), mine, "phone")
    assert account.new("reveal").inputs == {"field": "phone"}
    administrator.client.post(f"/view-as/{salesperson.id}", REMOTE_ADDR=HERE)
    row = Entry.objects.order_by("-pk").first()
    assert (row.pk > account.last, row.client, salesperson.id in (row.object_id, row.actor_id)) == (True, HERE, True)


@pytest.mark.covers("AUD-02")
def test_entries_are_changed_by_nobody(administrator):
    administrator().create(Customer, name="A")
    row = Entry.objects.order_by("pk").first()
    for change in (lambda: Entry.objects.filter(pk=row.pk).update(title="x"), lambda: Entry.objects.filter(pk=row.pk).delete(),
                   lambda: row.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    api = program(administrator)
    assert {api.delete(f"/api/v1/entries/{row.pk}").status_code, api.patch(f"/api/v1/entries/{row.pk}", {}, **JSON).status_code,
            administrator.client.post(f"/entries/{row.pk}/edit").status_code} == {404}
    assert entries.broken_at() is None


@pytest.mark.covers("AUD-02")
def test_tampering_below_the_program_is_found(administrator):
    for name in ("A", "B", "C"):
        administrator().create(Customer, name=name)
    row = list(Entry.objects.order_by("pk"))[-2]
    rows = list(Entry.objects.order_by("pk"))
    assert entries.broken_at(rows) is None
    rows[-2].changes = {"name": [None, "Forged"]}
    assert entries.broken_at(rows) == row.pk
    assert entries.broken_at([one for one in rows if one.pk != row.pk]) == rows[-1].pk
    assert connection.vendor in ("sqlite", "postgresql")
