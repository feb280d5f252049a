"""The figures about customers: counted within the reader's rights, by their definitions."""

import datetime

import pytest
from django.utils import timezone

from guanxi.apps.parties import figures
from guanxi.apps.parties.models import Customer, Promise
from guanxi.common import measures


@pytest.mark.covers("F9")
def test_each_person_gets_the_figures_of_what_they_see(anna, bert, boss, make):
    make("甲公司")
    make("乙公司")
    bert.create(Customer, name="丙公司")
    assert [measures.value(ctx, figures.CUSTOMERS) for ctx in (anna, bert, boss)] == [2, 1, 3]
    assert [measures.value(ctx, figures.NEW_CUSTOMERS) for ctx in (anna, bert, boss)] == [2, 1, 3]


@pytest.mark.covers("F9")
@pytest.mark.parametrize(("_case", "created", "followed", "counts"), [
    ("new and never followed", 0, None, 0),
    ("old and never followed", 40, None, 1),
    ("followed yesterday", 40, 1, 0),
    ("followed 30 days ago", 40, 30, 0),
    ("followed 31 days ago", 40, 31, 1),
])
def test_silence_begins_after_thirty_days(firm, anna, acme, _case, created, followed, counts):
    now = timezone.now()
    with firm.system.door("test"):
        row = firm.system.get(Customer, acme.pk)
        row.last_follow_up_at = now - datetime.timedelta(days=followed) if followed is not None else None
        firm.system.save(row)
    Customer.objects.filter(pk=acme.pk).update(created_at=now - datetime.timedelta(days=created))
    assert measures.value(anna, figures.SILENT_CUSTOMERS) == counts


@pytest.mark.covers("F1", "F9")
def test_overdue_promises_are_open_ones_whose_day_has_passed(anna, acme):
    for shift in (-2, -1, 0, 1, None):
        due = (anna.today + datetime.timedelta(days=shift)).isoformat() if shift is not None else ""
        anna.create(Promise, customer=acme.pk, what=f"诺 {shift}", due_on=due)
    anna.run("parties.promise.keep", anna.find(Promise).get(what="诺 -2"))
    assert measures.value(anna, figures.OPEN_PROMISES) == 4
    assert [row.what for row in measures.rows(anna, figures.OVERDUE_PROMISES)] == ["诺 -1"]
