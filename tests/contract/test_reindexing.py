"""Damaged words and keys are written anew as a write of the record would have left them."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F

from benchmarks.power.checks import keys_kept, words_kept
from guanxi.apps.conftest import Person
from guanxi.apps.parties.models import Contact, Customer
from guanxi.common import reindexing
from guanxi.kernel import match_keys, registry, search_index
from guanxi.kernel.api import Refused
from guanxi.kernel.match_keys import MatchKey
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.search_index import SearchDoc
from tests.contract.factory import make

pytestmark = pytest.mark.django_db
#: Records of each object.
MANY = 3


def run(*names: str) -> str:
    told = StringIO()
    call_command("reindex", *names, stdout=told)
    return told.getvalue()


def of_customers(found: set[Any]) -> set[Any]:
    return {one for one in found if one[0] == "parties.customer"}


def write_words(words: str, where: str = "") -> None:
    """Other words behind the kernel's back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"UPDATE kernel_searchdoc SET body = %s::tsvector {where}", [words])
        else:
            ids = f"WHERE rowid IN (SELECT id FROM kernel_searchdoc {where})"
            cursor.execute(f"UPDATE kernel_search_fts SET body = %s {ids}", [words])


@pytest.fixture
def stock(administrator: Person) -> list[type[Record]]:
    """Records of every object that is found somehow, one of each in the recycle bin where it goes there."""
    kinds = [model for model in registry.objects() if reindexing.kept(model)]
    for model in kinds:
        rows = [make(administrator(), model) for _n in range(MANY)] if "create" in model.about.verbs else []
        try:
            administrator().delete(rows[0]) if rows else None
        except Refused:
            continue  # a person, or what others need, stays
    return kinds


@pytest.fixture
def firms(administrator: Person) -> list[Customer]:
    return [administrator().create(Customer, name=f"Firm {n}") for n in range(7)]


@pytest.mark.covers("T11", "P05")
def test_every_kind_of_damage_is_made_good(stock: list[type[Record]]) -> None:
    words, keys = words_kept(), keys_kept()
    assert {name for name, *_rest in words} >= {object_name(model) for model in (Customer, Contact)}
    gone = SearchDoc.objects.filter(pk__in=list(SearchDoc.objects.order_by("pk").values_list("pk", flat=True)[::5]))
    gone.delete()  # on SQLite their words stay behind
    SearchDoc.objects.filter(pk__in=list(SearchDoc.objects.order_by("pk").values_list("pk", flat=True)[::4])).update(
        title="?", owner_id=None, upper_owner_id=F("object_id"))
    write_words("zzz", "WHERE id %% 3 = 0")
    binned = Customer.objects.exclude(deleted_at=None)[0]
    search_index.update([binned])
    match_keys.update([binned])
    SearchDoc.objects.create(object_type="parties.customer", object_id=10**9, title="never there")
    SearchDoc.objects.create(object_type="parties.gone", object_id=1, title="an object that is not there any more")
    MatchKey.objects.filter(pk__in=list(MatchKey.objects.order_by("pk").values_list("pk", flat=True)[::2])).delete()
    for contact in (Contact.objects.exclude(deleted_at=None)[0], Contact.objects.filter(deleted_at=None, version=1)[0]):
        MatchKey.objects.create(key="n:other", object_type="parties.contact", object_id=contact.pk)
    MatchKey.objects.create(key="n:other", object_type="parties.contact", object_id=10**9)
    assert (words_kept(), keys_kept()) != (words, keys)
    told = run()
    assert words_kept() == words
    assert keys_kept() == keys
    live = sum(model._default_manager.filter(deleted_at=None).count() for model in stock)
    assert told.splitlines()[-1] == f"Search words and keys for duplicates are written anew: {live:,} records."
    assert f"parties.customer: {Customer.objects.filter(deleted_at=None).count()}" in told.splitlines()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kernel_search_fts")
            assert cursor.fetchone() == (SearchDoc.objects.count(),)


def test_only_what_is_named_is_written(firms: list[Customer]) -> None:
    words = words_kept()
    write_words("zzz")
    assert run("customers", "parties.customer") == (
        "parties.customer: 7\nSearch words and keys for duplicates are written anew: 7 records.\n")
    now = words_kept()
    assert of_customers(now) == of_customers(words)
    assert {body for *_rest, body in now - of_customers(now)} <= {"zzz", "'zzz'"}


def test_an_unknown_object_is_told_and_nothing_is_written(firms: list[Customer]) -> None:
    write_words("zzz")
    damaged = words_kept()
    with pytest.raises(Refused, match=r"There is no object “custmers”\. What can be found: .*parties\.customer, "):
        run("contacts", "custmers")
    assert words_kept() == damaged


def test_one_batch_is_held_at_a_time(firms: list[Customer], monkeypatch: pytest.MonkeyPatch) -> None:
    words = words_kept()
    write_words("zzz")
    monkeypatch.setattr(reindexing, "_BATCH", 3)
    held: list[int] = []
    update = search_index.update
    monkeypatch.setattr(search_index, "update", lambda rows: (held.append(len(rows)), update(rows)))
    told: list[int] = []
    assert reindexing.anew(Customer, told.append) == 7
    assert (held, told) == ([3, 3, 1], [3, 6, 7])
    assert of_customers(words_kept()) == of_customers(words)
