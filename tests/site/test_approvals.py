"""A company's first rule of approval: who gives much away asks first."""

from typing import Any

import pytest

from guanxi.apps.conftest import administrator, firm, manager, person, salesperson  # noqa: F401  fixtures
from guanxi.apps.org.tests.standing import alone  # noqa: F401  fixture
from guanxi.apps.parties.models import Customer
from guanxi.apps.sales.models import Quote
from guanxi.kernel.api import Refused
from guanxi.site.seed import seed_all
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalRule

pytestmark = [pytest.mark.django_db, pytest.mark.covers("WFL-02", "P21")]


@pytest.fixture
def quote(firm: Any, salesperson: Any, manager: Any, person: Any) -> Any:  # noqa: F811  fixtures
    """``quote(12)``: twelve percent off; the manager's superior is the director."""
    director = person("diana", "management", department=firm.head_office)
    firm.system.update(manager.user, superior=director.id)
    seed_all(firm.system)

    def make(percent: int) -> Any:
        customer = salesperson().create(Customer, name=f"Acme {percent}")
        return salesperson().create(Quote, customer=customer.pk, discount=percent, valid_until="2099-12-31", lines=[
            {"text": "Pump", "quantity": "2", "price": "100", "tax_rate": "13"}])
    make.director = director
    return make


def send(who: Any, one: Any) -> list[Any]:
    return who().run("sales.quote.send", one).asked


def yes(who: Any, request: Any) -> str:
    return str(who().run("automation.approvalrequest.approve", request).value.state)


def status(one: Any) -> str:
    return str(Quote.objects.get(pk=one.pk).status)


def test_up_to_ten_percent_nobody_is_asked(quote: Any, salesperson: Any) -> None:  # noqa: F811
    one = quote(10)
    assert (send(salesperson, one), status(one)) == ([], "sent")


def test_above_ten_percent_the_superior_is_asked(quote: Any, salesperson: Any, manager: Any) -> None:  # noqa: F811
    one = quote(11)
    (request,) = send(salesperson, one)
    assert [str(task.who) for task in request.tasks] == ["maria"]
    assert (yes(manager, request), status(one)) == ("granted", "sent")


@pytest.mark.covers("MON-08", "MON-09")
def test_above_twenty_percent_two_are_asked_and_changed_lines_begin_anew(
        quote: Any, salesperson: Any, manager: Any, firm: Any) -> None:  # noqa: F811
    one = quote(21)
    (request,) = send(salesperson, one)
    assert (yes(manager, request), status(one)) == ("pending", "draft")
    with pytest.raises(Refused, match="is locked"):
        salesperson().update(one, discount=1)
    line = Quote.objects.get(pk=one.pk).lines[0]
    firm.system.update(Quote.objects.get(pk=one.pk), lines=[{"id": line.pk, "price": "50"}])
    assert (yes(quote.director, request), status(one)) == ("void", "draft")
    old, new = ApprovalRequest.objects.order_by("pk")
    assert [key for key, _then, _now in old.differences] == ["lines"]
    assert (yes(manager, new), yes(quote.director, new), status(one)) == ("pending", "granted", "sent")


def test_who_has_nobody_above_decides_alone(quote: Any, firm: Any) -> None:  # noqa: F811
    one = quote(30)
    firm.system.update(Quote.objects.get(pk=one.pk), owner=quote.director.id)
    assert (send(quote.director, one), status(one)) == ([], "sent")


def test_what_a_company_has_changed_stays(quote: Any, firm: Any) -> None:  # noqa: F811
    rule = ApprovalRule.objects.get()
    firm.system.update(rule, active=False, name="Ours")
    seed_all(firm.system)
    firm.system.delete(rule)
    seed_all(firm.system)
    assert ApprovalRule.objects.get().name == "Ours"
