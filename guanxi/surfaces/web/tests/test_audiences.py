"""Views shown to a role or a department: the tab appears there, and shows everybody only their own rows."""

import pytest

from guanxi.kernel import registry
from guanxi.kernel.policy import Holding, Role
from guanxi.surfaces.web.models import SavedView

HTMX = {"HX-Request": "true"}


def tabs(who):
    return [tab["label"] for tab in who.client.get("/customers/").context["views"]]


def rows(who, pk):
    return {row.record.name for row in who.client.get(f"/customers/?view={pk}").context["rows"]}


@pytest.fixture
def both(anna, bert, customer):
    anna().create(customer, name="Of Anna", city="深圳")
    bert().create(customer, name="Of Bert", city="深圳")
    bert().create(customer, name="Elsewhere", city="上海")


@pytest.fixture
def shown(boss, system, both):
    """A view of the administrator, shown to whom the test says."""
    def show(audience):
        answer = boss.client.post('/customers/views?f=["city","is","深圳"]', {"name": "South", "audience": audience})
        assert answer.status_code == 302, answer.content.decode()[:2000]
        return system.find(SavedView).get(name="South").pk
    return show


@pytest.mark.covers("T1")
def test_a_view_is_shown_to_a_role_and_gives_no_rows(anna, bert, boss, shown):
    role = Role.objects.get(name="role of bert")
    dialog = boss.client.get("/customers/views", headers=HTMX).content.decode()
    assert f'<option value="role:{role.pk}">Role: role of bert</option>' in dialog
    pk = shown(f"role:{role.pk}")

    assert ("South" in tabs(bert), "South" in tabs(anna)) == (True, False)
    assert rows(bert, pk) == {"Of Bert"}
    assert anna.client.get(f"/customers/?view={pk}").status_code == 404
    assert bert.client.get(f"/customers/views/{pk}").status_code == 403
    assert anna.client.get(f"/customers/views/{pk}").status_code == 404


@pytest.mark.covers("T1")
def test_a_view_is_shown_to_a_department_and_those_below(anna, bert, system, shown):
    department, membership = registry.model_of("org.department"), registry.model_of("org.membership")
    sales = system.create(department, name="Sales")
    south = system.create(department, name="South", parent=sales.pk)
    system.create(membership, user=bert.user.pk, department=south.pk)
    pk = shown(f"department:{sales.pk}")

    assert ("South" in tabs(bert), "South" in tabs(anna)) == (True, False)
    assert rows(bert, pk) == {"Of Bert"}
    system.create(membership, user=anna.user.pk, department=sales.pk)
    assert rows(anna, pk) == {"Of Anna"}


@pytest.mark.covers("T1", "PERM-05")
def test_who_sees_only_their_own_rows_shares_nothing(anna, bert, person, system, both):
    role = Role.objects.get(name="role of bert")
    assert 'name="audience"' not in anna.client.get("/customers/views", headers=HTMX).content.decode()
    for audience in ("everyone", f"role:{role.pk}", "role:999999", "nonsense"):
        assert anna.client.post("/customers/views", {"name": "Mine", "audience": audience}).status_code == 422
    lead = person("lea", {"parties.customer": {"view": "everyone"}})
    own = Holding.objects.get(user=lead.user).role_id
    assert lead.client.post("/customers/views", {"name": "Theirs", "audience": f"role:{role.pk}"}).status_code == 422
    assert system.find(SavedView).count() == 0
    assert lead.client.post("/customers/views", {"name": "Ours", "audience": f"role:{own}"}).status_code == 302
    assert system.find(SavedView).get().audience == f"role:{own}"
