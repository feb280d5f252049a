"""The line editor in a browser: keyboard first, rows from a spreadsheet, sums while typing, and on a phone."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from guanxi.kernel import registry
from guanxi.kernel.api import Ctx
from guanxi.kernel.policy import Holding, Role

pytestmark = pytest.mark.django_db(transaction=True)

PICTURES = Path(os.environ.get("GUANXI_PICTURES", Path(__file__).resolve().parents[2] / "var" / "pictures"))


@pytest.fixture
def clerk() -> Any:
    """Somebody who may do everything, with a warehouse and three products."""
    system = Ctx(system=True, via="command", reason="test")
    user = get_user_model()(name="王敏", username="wangmin", email="wangmin@example.com", language="zh-hans")
    with system.door("test"):
        system.save(user)
        role = system.save(Role(name="管理员", administrator=True))
        system.save(Holding(role=role, user=user))
    unit = system.create(registry.model_of("catalog.unit"), name="件", decimals=0)
    for code, name in (("A1", "打印纸 A4"), ("B2", "签字笔 0.5"), ("C3", "文件夹")):
        system.create(registry.model_of("catalog.product"), code=code, name=name, unit=unit.pk, list_price="10")
    system.create(registry.model_of("inventory.warehouse"), code="W1", name="深圳仓")
    return user


@pytest.fixture
def desk(page: Any, live_server: Any, clerk: Any) -> Any:
    """The form of a new stock document."""
    client = Client()
    client.force_login(clerk)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page.goto(f"{live_server.url}/stock-documents/new")
    return page


def choose(page: Any, selector: str, words: str) -> None:
    """Pick from a picker by typing."""
    page.locator(f"{selector} .ts-control input").click()
    page.keyboard.type(words, delay=20)
    page.locator(f"{selector} .ts-dropdown .option:not(.create)", has_text=words).first.wait_for()
    page.keyboard.press("Enter")
    page.locator(f"{selector} .ts-control .item", has_text=words).wait_for()


def paste(page: Any, selector: str, text: str) -> None:
    page.locator(selector).focus()
    page.evaluate("""text => { const data = new DataTransfer(); data.setData("text/plain", text);
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }""",
                  text)


@pytest.mark.covers("P18")
def test_lines_are_typed_pasted_and_saved(desk: Any) -> None:
    complaints: list[str] = []
    desk.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    desk.on("pageerror", lambda error: complaints.append(str(error)))
    choose(desk, "[data-field=warehouse]", "深圳仓")
    choose(desk, "[data-line='lines.1'] [data-key=product]", "打印纸")
    desk.locator("[name='lines.1.quantity']").fill("3")
    desk.locator("[name='lines.1.unit_cost']").fill("1.5")
    desk.locator("[data-total=value]", has_text="4.50").wait_for()

    desk.locator("[name='lines.1.quantity']").press("Enter")
    assert desk.evaluate("document.activeElement.id") == "id_lines.2.product-ts-control"
    paste(desk, "[name='lines.2.quantity']", "2\t10\n4\t2.5\n")
    choose(desk, "[data-line='lines.2'] [data-key=product]", "签字笔")
    choose(desk, "[data-line='lines.3'] [data-key=product]", "文件夹")
    desk.locator("[data-total=value]", has_text="34.50").wait_for()
    PICTURES.mkdir(parents=True, exist_ok=True)
    desk.screenshot(path=PICTURES / "lines-zh-hans-1440.png", full_page=True)

    desk.locator("[name='lines.3.quantity']").press("Alt+ArrowUp")
    assert desk.locator("[name='lines.2.quantity']").input_value() == "4"
    desk.locator("[data-line='lines.3'] [data-line-remove]").click()
    desk.locator("[data-total=value]", has_text="14.50").wait_for()
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(re.compile(r"/stock-documents/\d+"))
    desk.locator(".lines-card").wait_for()
    assert [row.split("\t")[1].strip() for row in desk.locator(".lines-card tbody tr").all_inner_texts()] == ["打印纸 A4", "文件夹"]
    desk.screenshot(path=PICTURES / "lines-record-zh-hans-1440.png", full_page=True)
    assert complaints == []


def test_a_wrong_value_is_told_at_its_place_while_typing(desk: Any) -> None:
    desk.locator("[name='lines.1.quantity']").fill("三十个")
    desk.locator("[id='id_lines.1.quantity_error']:not([hidden])").wait_for()
    assert desk.locator("[name='lines.1.quantity']").get_attribute("aria-invalid") == "true"


def test_lines_fit_a_phone(desk: Any) -> None:
    desk.set_viewport_size({"width": 360, "height": 780})
    choose(desk, "[data-line='lines.1'] [data-key=product]", "打印纸")
    desk.locator("[name='lines.1.quantity']").fill("3")
    desk.locator("[data-line-add]").click()
    assert desk.evaluate("document.documentElement.scrollWidth") <= 360
    desk.screenshot(path=PICTURES / "lines-zh-hans-360.png", full_page=True)


@pytest.mark.covers("P18")
def test_enter_takes_what_was_found_and_a_new_record_is_offered_below_it(desk: Any) -> None:
    cell = desk.locator("[data-line='lines.1'] [data-key=product]")
    cell.locator(".ts-control input").click()
    desk.keyboard.type("签字笔", delay=20)
    cell.locator(".ts-dropdown .create").wait_for()
    assert [row.split("\n")[0] for row in cell.locator(".ts-dropdown [data-selectable]").all_inner_texts()] == [
        "签字笔 0.5", "+ New product “签字笔”".replace("New product", cell.locator("select").get_attribute("data-create-label"))]
    assert cell.locator(".ts-dropdown .active").inner_text().startswith("签字笔 0.5")
    cell.locator(".ts-dropdown .create").hover()  # a mouse that happens to lie there
    desk.keyboard.press("Enter")
    assert cell.locator(".item").inner_text().startswith("签字笔 0.5")

    cell.locator(".ts-control input").click()
    desk.keyboard.type("文件夹", delay=20)  # what is chosen already is no answer to other words
    cell.locator(".ts-dropdown .create").wait_for()
    assert cell.locator(".ts-dropdown .option:not(.create)").count() == 1
    desk.keyboard.press("Enter")
    assert cell.locator(".item").inner_text().startswith("文件夹")
    assert not desk.locator("#dialog-new").is_visible()


@pytest.mark.covers("P18")
def test_who_types_ahead_of_the_server_gets_what_was_meant_and_keeps_the_cursor(desk: Any) -> None:
    cell = desk.locator("[data-line='lines.1'] [data-key=product]")
    cell.locator(".ts-control input").click()
    cell.locator(".ts-dropdown .option").first.wait_for()
    held: list[Any] = []
    desk.route("**/products/lookup*", lambda request: held.append(request))
    with desk.expect_request("**/products/lookup*"):
        desk.keyboard.type("签字笔")
        desk.keyboard.press("Enter")
    desk.locator("[name='lines.1.quantity']").click()
    desk.keyboard.type("7")
    desk.evaluate("new Promise(done => setTimeout(done, 350))")  # longer than a picker waits for the next key
    assert held
    for request in held:
        request.continue_()
    cell.locator(".item", has_text="签字笔 0.5").wait_for()
    desk.keyboard.type("5")
    assert desk.locator("[name='lines.1.quantity']").input_value() == "75"
    assert not desk.locator("#dialog-new").is_visible()


@pytest.mark.covers("P18")
def test_a_product_made_in_a_line_keeps_the_document(desk: Any) -> None:
    choose(desk, "[data-field=warehouse]", "深圳仓")
    desk.locator("[name='lines.1.quantity']").fill("7")
    cell = desk.locator("[data-line='lines.1'] [data-key=product]")
    cell.locator(".ts-control input").click()
    offered = cell.locator(".ts-dropdown .option").first
    offered.wait_for()
    box = offered.bounding_box()
    assert desk.evaluate("([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.ts-dropdown'))",
                         [box["x"] + 5, box["y"] + 5])  # seen, not cut off with the table
    desk.keyboard.type("回形针", delay=20)
    cell.locator(".ts-dropdown .create").click()
    above = desk.locator("#dialog-new")
    assert above.locator("input[name=name]").input_value() == "回形针"
    above.locator("input[name=code]").fill("D4")
    choose(desk, "#dialog-new [data-field=unit]", "件")
    above.locator("button.is-primary").click()
    above.wait_for(state="hidden")
    assert cell.locator(".item").inner_text().startswith("回形针")
    assert desk.locator("[name='lines.1.quantity']").input_value() == "7"
    assert desk.locator("[data-field=warehouse] .item").inner_text().startswith("深圳仓")
