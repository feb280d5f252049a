"""Pages that need a hand on them: a new record from a picker, a masked value revealed, a bar of a chart opened."""

from collections.abc import Iterator
from typing import Any

import pytest

from guanxi.apps.conftest import administrator, firm, manager, salesperson  # noqa: F401  fixtures of the firm
from guanxi.apps.org.tests.firm import PASSWORD, Person
from guanxi.apps.org.tests.standing import alone  # noqa: F401  fixture
from guanxi.apps.parties.models import Customer
from guanxi.kernel.entries import Entry
from guanxi.kernel.policy import Holding, Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(live_server: Any, page: Any, salesperson: Person) -> Iterator[Any]:  # noqa: F811
    """The signed-in browser of a salesperson; whatever it complains about fails the test."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("input[name=login]", "anna@example.com")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{live_server.url}/")
    yield page
    assert complaints == []


@pytest.mark.covers("P18")
def test_a_customer_made_in_the_picker_comes_back_and_nothing_typed_is_lost(
        live_server: Any, desk: Any, salesperson: Person) -> None:  # noqa: F811
    desk.goto(f"{live_server.url}/opportunities/new")
    desk.fill("#form input[name=name]", "三坐标测量仪采购")
    field = desk.locator("[data-field=customer]")
    field.locator("[data-create-above]").click()
    above = desk.locator("#dialog-new")
    above.locator("input[name=name]").fill("宁波沐泽生物医药有限公司")
    above.locator("button.is-primary").click()
    above.wait_for(state="hidden")

    made = salesperson().find(Customer).get(name="宁波沐泽生物医药有限公司")
    assert field.locator(".item").inner_text().startswith(made.name)
    assert desk.locator("select[name=customer]").input_value() == str(made.pk)
    assert desk.locator("#form input[name=name]").input_value() == "三坐标测量仪采购"


@pytest.mark.covers("PERM-19")
def test_a_masked_number_is_shown_once_for_a_reason(live_server: Any, desk: Any, salesperson: Person,  # noqa: F811
                                                    administrator: Person) -> None:  # noqa: F811
    acme = salesperson().create(Customer, name="Acme", phone="0755-26001234")
    role = Role.objects.get(pk=Holding.objects.get(user=salesperson.user).role_id)
    role.masks = [{"object": "parties.customer", "field": "phone", "level": "masked"}]
    role.grants = [*role.grants, {"object": "parties.customer", "verb": "reveal", "scope": "own"}]
    keeper = administrator().as_system("test")
    with keeper.door("test"):
        keeper.save(role)
    desk.goto(f"{live_server.url}/customers/{acme.pk}")
    assert "26001234" not in desk.content()
    desk.locator("a.reveal").click()
    desk.locator("#dialog input[name=reason]").fill("They want to be called back")
    desk.locator("#dialog button.is-primary").click()
    assert desk.locator("#revealed").inner_text() == "075526001234"
    desk.locator("#dialog a.is-primary").click()
    desk.locator("#revealed").wait_for(state="detached")
    assert "26001234" not in desk.content()
    assert Entry.objects.get(verb="parties.customer.reveal").reason == "They want to be called back"


def test_a_bar_of_a_chart_opens_its_rows(live_server: Any, desk: Any, salesperson: Person) -> None:  # noqa: F811
    for place in range(3):
        salesperson().create(Customer, name=f"Customer {place}", life_stage="potential" if place else "actual")
    desk.goto(f"{live_server.url}/customers/?face=chart&by=life_stage")
    canvas = desk.locator(".chart-box canvas")
    canvas.wait_for()
    assert desk.locator(".chart-table tbody tr").count() == 2
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] / 3, "y": 8 + (box["height"] - 16) / 4})
    desk.wait_for_url("**/customers/?*face=table*")
    assert desk.locator("#results tbody tr").count() == 2
