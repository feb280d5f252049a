"""Who belongs to whom: the directory that decides about rows, and the roles that come with the product."""

from typing import Any

import pytest

from guanxi.apps.org.models import Department, Membership, User
from guanxi.apps.org.seed import READY, seed
from guanxi.apps.org.tests.firm import Firm, Person
from guanxi.apps.org.tree import Organisation
from guanxi.kernel.api import Ctx, Refused, policy

pytestmark = pytest.mark.django_db


@pytest.mark.covers("ORG-01")
def test_the_directory_knows_departments_and_superiors(firm: Firm, manager: Person, salesperson: Person, colleague: Person,
                                                      other_salesperson: Person, administrator: Person) -> None:
    tree = Organisation()
    east = {manager.id, salesperson.id, colleague.id}
    assert tree.subordinates(manager.id) == {salesperson.id, colleague.id}
    assert tree.subordinates(salesperson.id) == set()
    assert tree.colleagues(salesperson.id, below=False) == east
    assert tree.colleagues(administrator.id, below=False) == {administrator.id}
    assert tree.colleagues(administrator.id, below=True) == {*east, other_salesperson.id, administrator.id}
    assert tree.members([firm.south.pk]) == {other_salesperson.id}
    assert tree.members([firm.sales.pk]) == {*east, other_salesperson.id}
    assert tree.members([]) == set()


def test_the_directory_needs_few_queries(firm: Firm, manager: Person, salesperson: Person,
                                         django_assert_num_queries: Any) -> None:
    tree = Organisation()
    with django_assert_num_queries(1):
        tree.subordinates(manager.id)
    with django_assert_num_queries(3):
        tree.colleagues(manager.id, below=True)


@pytest.mark.covers("ORG-01")
def test_a_person_works_in_several_departments_with_one_main(firm: Firm, salesperson: Person, administrator: Person) -> None:
    administrator.ctx.create(Membership, user=salesperson.id, department=firm.south.pk)
    assert Organisation().members([firm.south.pk]) == {salesperson.id}
    with pytest.raises(Refused, match="main department already"):
        administrator.ctx.create(Membership, user=salesperson.id, department=firm.head_office.pk, main=True)
    with pytest.raises(Refused, match="works in this department already"):
        administrator.ctx.create(Membership, user=salesperson.id, department=firm.south.pk)
    assert administrator().find(Membership).filter(user=salesperson.id).count() == 2


@pytest.mark.covers("ORG-01")
def test_departments_form_no_ring(firm: Firm, administrator: Person) -> None:
    with pytest.raises(Refused, match="below itself"):
        administrator.ctx.update(administrator.ctx.get(Department, firm.head_office.pk), parent=firm.east.pk)
    with pytest.raises(Refused, match="below itself"):
        administrator.ctx.update(administrator.ctx.get(Department, firm.sales.pk), parent=firm.sales.pk)
    parents = dict(administrator().find(Department).values_list("pk", "parent_id"))
    assert parents == {firm.head_office.pk: None, firm.sales.pk: firm.head_office.pk, firm.east.pk: firm.sales.pk,
                       firm.south.pk: firm.sales.pk}


def test_superiors_form_no_ring(administrator: Person, manager: Person, salesperson: Person) -> None:
    with pytest.raises(Refused, match="their own superior"):
        administrator.ctx.update(administrator.ctx.get(User, manager.id), superior=salesperson.id)
    assert administrator().get(User, manager.id).superior_id is None


@pytest.mark.covers("ORG-02")
def test_seeding_twice_changes_nothing_and_keeps_what_people_changed(firm: Firm, administrator: Person) -> None:
    role = administrator.ctx.get(policy.Role, firm.roles["marketer"].pk)
    administrator.ctx.update(role, name="Promoter")
    administrator.ctx.delete(administrator.ctx.get(policy.Role, firm.roles["agent"].pk))
    seed(Ctx(system=True))
    names = set(administrator().find(policy.Role).values_list("name", flat=True))
    assert names == {name for _key, name, *_rest in READY} - {"Marketer", "Call-centre agent"} | {"Promoter"}


@pytest.mark.covers("USR-01", "ORG-02")
def test_every_user_group_has_a_ready_role(firm: Firm) -> None:
    assert set(firm.roles) == {"administrator", "management", "sales_manager", "salesperson", "service_representative",
                               "service_manager", "marketer", "agent", "finance", "auditor"}
    assert [key for key, role in firm.roles.items() if role.administrator] == ["administrator"]


@pytest.mark.covers("ORG-02", "ORG-07")
def test_salespeople_see_colleagues_but_change_nothing_shared(firm: Firm, salesperson: Person, manager: Person) -> None:
    assert salesperson.ctx.find(User).count() == 2
    for verb in ("create", "update", "delete", "export", "import"):
        assert not salesperson.ctx.may(verb, User)
        assert not salesperson.ctx.may(verb, Department)
    with pytest.raises(Refused):
        salesperson().update(salesperson().get(User, manager.id), name="x")
    assert salesperson().get(User, manager.id).name == "maria"


@pytest.mark.covers("ORG-02")
def test_several_roles_add_up(firm: Firm, salesperson: Person, administrator: Person) -> None:
    assert not salesperson().may("view", policy.Role)
    administrator.ctx.create(policy.Holding, role=firm.roles["auditor"].pk, user=salesperson.id)
    assert salesperson().may("view", policy.Role)
    assert not salesperson().may("update", policy.Role)
