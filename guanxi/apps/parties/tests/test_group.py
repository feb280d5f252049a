"""Company groups: any depth, no rings, nothing shown that is out of sight."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.apps.parties.actions import group
from guanxi.apps.parties.models import Customer, Relation, RelationType
from guanxi.apps.parties.rules import tree
from guanxi.kernel.api import Refused
from guanxi.language import trees


@pytest.fixture
def chain(boss):
    """Sixty companies, each below the one before."""
    rows, above = [], None
    for number in range(60):
        above = boss.create(Customer, name=f"第{number}层公司", parent_company=above.pk if above else None)
        rows.append(above)
    return rows


@pytest.mark.covers("P24")
def test_a_group_has_no_limit_of_depth_and_costs_four_queries(boss, chain):
    with CaptureQueriesContext(connection, ) as asked:
        lines = group.lines(boss, chain[30])
    assert [(line.title, line.depth) for line in lines] == [(f"第{n}层公司", n) for n in range(60)]
    assert [line.pk for line in lines if line.here] == [chain[30].pk]
    assert len(asked) <= 5


@pytest.mark.covers("P24")
@pytest.mark.parametrize("below", [0, 1, 59])
def test_a_ring_is_refused_and_nothing_changes(boss, chain, below):
    with pytest.raises(Refused) as refused:
        boss.update(chain[0], parent_company=chain[below].pk)
    assert "its own parent company" in refused.value.reason
    assert Customer.objects.get(pk=chain[0].pk).parent_company_id is None


@pytest.mark.covers("P24")
def test_companies_out_of_sight_keep_their_place_without_a_name(anna, boss, acme):
    holding = boss.create(Customer, name="控股")
    boss.create(Customer, name="姐妹", parent_company=holding.pk)
    boss.update(acme, parent_company=holding.pk)
    firm = anna.get(Customer, acme.pk)
    lines = group.lines(anna, firm)
    assert sorted((line.depth, line.title) for line in lines) == [(0, ""), (1, ""), (1, "深圳市小鹏航天科技有限公司")]
    assert list(group.members(anna, holding.pk)) == [firm]
    assert group.members(boss, holding.pk).count() == 3


@pytest.mark.parametrize(("_case", "parents", "start", "ring"), [
    ("alone", {1: None}, 1, False),
    ("chain", {1: 2, 2: 3, 3: None}, 1, False),
    ("itself", {1: 1}, 1, True),
    ("two", {1: 2, 2: 1}, 1, True),
    ("leads into a ring", {1: 2, 2: 3, 3: 2}, 1, False),
])
def test_rings_are_found(_case, parents, start, ring):
    assert trees.in_ring(start, parents) is ring
    assert len(tree.chain(start, parents)) <= len(parents)


def test_a_tree_with_a_ring_is_drawn_once():
    root = tree.grown(1, [(1, 3), (2, 1), (3, 2), (4, 1)])
    assert tree.flat(root) == [(1, 0), (2, 1), (3, 2), (4, 1)]


@pytest.mark.covers("CUS-13")
def test_relations_read_from_both_sides_and_not_to_oneself(boss):
    kind = boss.create(RelationType, name="供货给", reverse="由其供货")
    one, two = boss.create(Customer, name="甲"), boss.create(Customer, name="乙")
    boss.create(Relation, customer=one.pk, kind=kind.pk, other=two.pk)
    for values, reason in (({"customer": one.pk, "other": one.pk}, "no relation to itself"),
                           ({"customer": one.pk, "other": two.pk}, "is there already")):
        with pytest.raises(Refused, match=reason):
            boss.create(Relation, kind=kind.pk, **values)
    assert Relation.objects.count() == 1
