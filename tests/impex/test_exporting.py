"""An export asks for a chunk of rows what it needs, and nothing for a single row."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.apps.parties.models import Customer
from guanxi.kernel.custom import CustomField
from guanxi.surfaces.impex import exporting

TABLE = "name,phone,note,industry,size_m2\n"


@pytest.mark.covers("T52")
def test_queries_do_not_grow_with_rows(administrator, bring):
    ctx = administrator.ctx
    with ctx.door("test"):
        ctx.save(CustomField(object_type="parties.customer", key="size_m2", label="Size", field_kind="integer"))
    ctx.views.clear()
    rows = [f"Firm {place},0755-2878{place:04},n{place},Steel,{place}\n" for place in range(30)]
    bring(ctx, TABLE + "".join(rows), columns={"size_m2": ["size_m2"]}, values={"industry": {"steel": "create"}})
    asked = {}
    for sort in ("name", "-size_m2", "-created_at", "owner"):
        for few in (True, False, True, False):  # what is remembered between requests is there the second time
            fresh = type(ctx)(user=administrator.user, via="page")
            views = exporting.columns_of(fresh, Customer)
            found = fresh.find(Customer).values_list("pk", flat=True)
            with CaptureQueriesContext(connection) as queries:
                lines = list(exporting.cells(fresh, Customer, views, {
                    "ids": list(found[:3]) if few else list(found), "query": f"sort={sort}"}))
            asked[sort, few] = len(queries) - 1  # without the ids
            assert len(lines) == (3 if few else 30)
        assert asked[sort, True] == asked[sort, False]
    places = [view.key for view in views]
    assert {line[places.index("name")]: (line[places.index("industry")], line[places.index("size_m2")],
                                         line[places.index("phone")]) for line in lines}["Firm 7"] == (
        "Steel", 7, "075528780007")
