"""What is read of an object is spelled out once, and comes to the very same statement and rows as Django's own."""

from typing import Any

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Length
from django.db.models.sql.compiler import SQLCompiler

from guanxi.apps.conftest import Firm, firm, founded, standing  # noqa: F401  fixtures
from guanxi.apps.org.models import Department, User
from guanxi.apps.parties.models import Customer

pytestmark = pytest.mark.django_db
ASKED: dict[str, Any] = {
    "all": Customer.objects.all(),
    "some, in an order": Customer.objects.filter(Q(name__contains="a") | Q(pk__lt=5)).order_by("-created_at", "pk")[:3],
    "ordered by an expression": Customer.objects.order_by(F("province").asc(nulls_last=True), F("name").desc()),
    "ordered by a column that is read": Customer.objects.order_by(F("pk")),
    "ordered by a record above": Customer.objects.order_by("owner__name", "pk"),
    "reversed": Customer.objects.order_by("name").reverse(),
    "with a link": User.objects.select_related("superior").order_by("pk"),
    "some columns": Customer.objects.only("name"),
    "all but one": Customer.objects.defer("name"),
    "values": Customer.objects.values("name", "pk"),
    "a value worked out": Customer.objects.annotate(letters=Length("name")).order_by("-letters", "pk"),
    "inside another": Customer.objects.filter(pk__in=Customer.objects.order_by("name")[:4]),
    "each once": Customer.objects.distinct().order_by("name", "pk"),
    "together": Department.objects.filter(pk=1).union(Department.objects.filter(pk=2)),
    "nothing": Customer.objects.none(),
    "locked": Customer.objects.select_for_update(of=("self",)).filter(pk=1),
}


def spelled(asked: QuerySet[Any], compiler: type[Any]) -> Any:
    query = asked.query.clone()
    made = compiler(query, connection, "default")
    try:
        sql, params = made.as_sql()
    except EmptyResultSet:
        return None
    fields = [column[0] for column in made.select[:made.col_count]]
    turned = {place: ([one.__qualname__ for one in how], column.target) for place, (how, column) in made.get_converters(fields).items()
              if hasattr(column, "target")}
    return sql, params, made.klass_info and {**made.klass_info, "related_klass_infos": None}, made.annotation_col_map, turned


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_the_statement_is_djangos_own(asked: QuerySet[Any], founded: Firm) -> None:  # noqa: F811
    ours = connection.ops.compiler("SQLCompiler")
    django: Any = ours.__mro__[2]
    assert issubclass(django, SQLCompiler)
    for _again in range(2):  # once to remember, once from memory
        assert spelled(asked, ours) == spelled(asked, django)


def test_rows_are_whole_after_another_query_was_remembered(firm: Firm) -> None:  # noqa: F811
    for _again in range(2):
        everyone = list(User.objects.order_by("pk"))
        assert everyone and [one.pk for one in everyone] == list(User.objects.order_by("pk").values_list("pk", flat=True))
        assert {type(one.created_at) for one in everyone} == {type(firm.system.now)}
        assert [one.superior_id for one in User.objects.select_related("superior").order_by("pk")] == [
            one.superior_id for one in everyone]
