"""Who asks is found by a question put into SQL once: it must say the same as one that is made anew each time."""

import pytest

from guanxi.apps.org.models import User
from guanxi.common.prepared import PERSON
from guanxi.kernel.api import policy
from guanxi.surfaces.rest import tokens

pytestmark = pytest.mark.django_db


def test_it_finds_what_a_new_question_finds(salesperson, colleague):
    for person in (salesperson, colleague):
        asked, known = policy.marked(User.objects.filter(pk=person.id)).get(), PERSON.row(person.id)
        assert {**vars(known), "_state": None} == {**vars(asked), "_state": None}
        assert known.mark


def test_it_costs_one_query_and_reads_it_each_time(salesperson, django_assert_num_queries):
    PERSON.row(salesperson.id)
    with django_assert_num_queries(1):
        assert PERSON.row(salesperson.id).language == ""
    User.objects.filter(pk=salesperson.id).update(language="en")
    assert PERSON.row(salesperson.id).language == "en"
    assert PERSON.row(-1) is None


def test_the_person_of_a_token_must_be_there_and_active(salesperson):
    ctx = salesperson()
    value = tokens.create(ctx, "report", ["read"], 30)[1]
    found = tokens.holder(value, ctx)
    assert found is not None and found.user == salesperson.user
    for change in ({"is_active": False}, {"is_active": True, "deleted_at": ctx.now}):
        User.objects.filter(pk=salesperson.id).update(**change)
        assert tokens.holder(value, ctx) is None
