"""Words and keys are written anew while people go on working: nobody's change is lost, and nobody waits for two."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from guanxi.apps.conftest import Person, administrator, firm
from guanxi.apps.org.tests.standing import alone  # noqa: F401  fixture
from guanxi.apps.parties.models import Customer
from guanxi.common import reindexing
from guanxi.kernel import search_index
from guanxi.kernel.search_index import SearchDoc

__all__ = ["administrator", "firm"]
pytestmark = pytest.mark.django_db(transaction=True)


def beside(work: Callable[[], Any]) -> threading.Thread:
    """A thread that works with a connection of its own."""
    def go() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=go)
    thread.start()
    return thread


@pytest.mark.covers("CONC-01")
def test_what_somebody_saves_meanwhile_is_not_written_over(
        administrator: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command has read a record; before it writes the words, somebody gives the record another name."""
    customer = administrator().create(Customer, name="Before")
    update, read, saved = search_index.update, threading.Event(), threading.Event()

    def slow(rows: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            read.set()
            saved.wait(1)
        update(rows)

    def save() -> None:
        read.wait(20)
        administrator().update(customer, name="After")
        saved.set()

    monkeypatch.setattr(search_index, "update", slow)
    thread = beside(save)
    reindexing.anew(Customer)
    thread.join(30)
    assert saved.is_set()
    assert SearchDoc.objects.get(object_type="parties.customer", object_id=customer.pk).title == "After"


@pytest.mark.covers("CONC-01")
def test_who_holds_a_record_is_waited_for(administrator: Person) -> None:
    """Somebody has changed a record and not yet committed: all others are written, and this one when it is free."""
    firms = [administrator().create(Customer, name=f"Firm {n}") for n in range(3)]
    SearchDoc.objects.all().delete()
    written = threading.Event()
    counts: list[int] = []
    ctx = administrator()
    with ctx.door("test"):
        ctx.update(firms[1], name="Held")
        thread = beside(lambda: (counts.append(reindexing.anew(Customer)), written.set()))
        assert not written.wait(0.5)
    thread.join(30)
    assert counts == [3]
    titles = SearchDoc.objects.filter(object_type="parties.customer").order_by("object_id").values_list("title", flat=True)
    assert list(titles) == ["Firm 0", "Held", "Firm 2"]
