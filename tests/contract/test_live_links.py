"""PostgreSQL's look at the links of rows at the end of a transaction: on every table, put back when it is missing."""

import os

import pytest
from django.db import connection

from guanxi.apps.parties.models import Contact, Customer
from guanxi.common import live_links
from guanxi.kernel import registry
from guanxi.kernel.meanwhile import TRIGGER, Meanwhile, look, looking

pytestmark = [pytest.mark.django_db, pytest.mark.covers("CONC-11"), pytest.mark.skipif(
    not os.environ.get("GUANXI_TEST_POSTGRES"), reason="needs PostgreSQL: SQLite has one writer")]


def guarded():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, oid FROM pg_trigger WHERE tgname = %s", [TRIGGER])
        return dict(cursor.fetchall())


def test_every_table_with_links_is_guarded_and_left_alone_once_it_is(django_assert_num_queries):
    before = guarded()
    assert set(before) == {model._meta.db_table for model in registry.objects() if registry.links_of(model)}
    with django_assert_num_queries(3):
        live_links.ensure()
    assert guarded() == before


def test_migrations_find_no_guard_and_leave_all_of_them():
    before = set(guarded())
    live_links.remove(plan=[])
    assert set(guarded()) == before
    live_links.remove(plan=["a step"])
    assert guarded() == {}
    live_links.ensure()
    assert set(guarded()) == before


def test_a_guard_that_looks_at_other_columns_is_made_anew():
    before = guarded()
    with connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE FUNCTION live_links_parties_contact() RETURNS trigger LANGUAGE plpgsql AS "
                       "$$ BEGIN RETURN NULL; END $$")
        cursor.execute("CREATE FUNCTION live_links_of_old() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
    live_links.ensure()
    after = guarded()
    assert {name for name, oid in after.items() if before[name] != oid} == {"parties_contact"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_proc WHERE proname = 'live_links_of_old'")
        assert cursor.fetchone() == (0,)


@pytest.fixture
def binned(firm):
    """A customer that was deleted, and a person whom nobody has told."""
    row = firm.system.create(Customer, name="Gone")
    firm.system.delete(row)
    row.refresh_from_db()
    return row


def test_a_row_that_leads_into_the_bin_is_refused_new_changed_or_brought_back(firm, binned):
    system, told = firm.system, "“Gone” was moved to the recycle bin in the meantime"
    other = system.create(Customer, name="Other")
    moved = system.create(Contact, name="Moved", customer=other.pk)
    with pytest.raises(Meanwhile, match=told) as new, system.door("test"), looking(system):
        system.save(Contact(name="New", customer=binned))
    assert (new.value.field, new.value.record) == ("customer", None)
    moved.customer = binned
    with pytest.raises(Meanwhile, match=told) as changed, system.door("test"):
        system.save(moved)
    assert changed.value.record == moved
    moved.refresh_from_db()
    assert moved.customer == other
    Contact.objects.filter(pk=moved.pk).update(customer=binned, deleted_at=binned.deleted_at)
    with pytest.raises(Meanwhile, match=told), system.door("test"), looking(system):
        Contact.objects.filter(pk=moved.pk).update(deleted_at=None)
    assert list(Contact.objects.filter(deleted_at=None)) == []


def test_only_what_a_row_is_at_the_end_counts(firm):
    system = firm.system
    one, two = (system.create(Customer, name=name) for name in ("One", "Two"))
    with system.door("test"):
        row = system.save(Contact(name="New", customer=one))
        row.customer = two
        system.save(row)
        system.delete(one)
        below = system.save(Contact(name="Below", customer=two))
        system.delete(below)
    assert [contact.customer for contact in Contact.objects.filter(deleted_at=None)] == [two]


def test_a_row_that_led_into_the_bin_before_can_be_changed_otherwise(firm, binned):
    system = firm.system
    row = system.create(Contact, name="Left", customer=system.create(Customer, name="Other").pk)
    look()
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE parties_contact DISABLE TRIGGER "{TRIGGER}"')
        cursor.execute("UPDATE parties_contact SET customer_id = %s", [binned.pk])
        look()
        cursor.execute(f'ALTER TABLE parties_contact ENABLE TRIGGER "{TRIGGER}"')
    row.refresh_from_db()
    row.name = "Still here"
    with system.door("test"):
        system.save(row)
    look()
    row.refresh_from_db()
    assert (row.name, row.customer) == ("Still here", binned)
