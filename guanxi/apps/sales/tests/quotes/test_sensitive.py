"""What a company earns is masked for a role made by hand until the role opens it; the ready roles see what they saw."""

from typing import Any

import pytest

from guanxi.apps.catalog.models import Product
from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Customer
from guanxi.apps.sales.models import Quote
from guanxi.common import showing
from guanxi.kernel.api import Refused, facts
from guanxi.kernel.policy import Holding, Role

pytestmark = [pytest.mark.django_db, pytest.mark.covers("PERM-19")]
SENSITIVE = [("catalog.product", "cost"), ("parties.customer", "credit_limit"), ("sales.quote", "margin"),
             ("sales.quote", "margin_percent"), ("sales.quoteline", "cost")]


@pytest.fixture
def newcomer(firm: Firm, person: Any) -> Person:
    """Somebody with a role made by hand that may do everything with what is sold."""
    made: Person = person("nina")
    with firm.system.door("test"):
        role = firm.system.save(Role(name="By hand", grants=[
            {"object": one, "verb": "*", "scope": "everyone"} for one in ("sales.*", "catalog.*", "parties.*", "org.*")]))
        firm.system.save(Holding(role=role, user=made.user))
    return made


def levels(person: Person) -> dict[tuple[str, str], str]:
    return {(thing, key): person().rights.mask(thing, key) for thing, key in SENSITIVE}


def test_a_role_made_by_hand_sees_neither_cost_nor_margin_nor_limit(newcomer: Person, quote: Any) -> None:
    one = quote()
    assert set(SENSITIVE) <= set(showing.sensitive_fields())
    assert set(levels(newcomer).values()) == {"masked"}
    margin = facts.field_of(Quote, newcomer(), "margin")
    assert (margin.masked, margin.text(one.margin)) == (True, "****")
    answer = newcomer.client.get(f"/api/v1/quotes/{one.pk}").json()
    assert (answer["margin"], answer["margin_percent"]) == ("****", "****")
    with pytest.raises(Refused) as refused:
        newcomer().create(Product, code="P-200", name="Valve", list_price="10", cost="4")
    assert "cost" in refused.value.errors
    assert not Product.objects.filter(code="P-200").exists()


def test_the_page_of_a_role_shows_what_is_sensitive_and_opens_it(
        administrator: Person, newcomer: Person, quote: Any) -> None:
    quote()
    role = Role.objects.get(name="By hand")
    path = f"/rights/{role.pk}/quotes"
    page = administrator.client.get(path).content.decode()
    assert page.count("Sensitive: masked unless a role opens it.") == 2
    assert page.count('<option value="masked" selected>') == 2
    administrator.client.post(path, {"version": role.version, "margin": "", "margin_percent": "masked"})
    role.refresh_from_db()
    assert role.masks == [{"object": "sales.quote", "field": "margin", "level": ""}]
    assert [key for (_thing, key), level in levels(newcomer).items() if not level] == ["margin"]


@pytest.mark.parametrize(("key", "hidden"), [
    ("management", ()), ("sales_manager", ()), ("finance", ()), ("auditor", ()), ("administrator", ()),
    ("salesperson", ("cost", "margin", "margin_percent")), ("agent", ("cost", "margin", "margin_percent"))])
def test_ready_roles_see_what_they_saw(firm: Firm, person: Any, key: str, hidden: tuple[str, ...]) -> None:
    found = levels(person("olga", key))
    assert found == {one: "hidden" if one[1] in hidden else "" for one in SENSITIVE}


def test_a_limit_that_is_masked_is_not_lost_when_the_customer_is_changed(
        firm: Firm, manager: Person, newcomer: Person) -> None:
    one = manager().create(Customer, name="小鹏", credit_limit="5000")
    newcomer().update(one, name="小鹏汽车")
    assert str(Customer.objects.get(pk=one.pk).credit_limit) == "5000.00"
