"""The condition of an approval rule, put together in a browser without a word of JSON."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from guanxi.surfaces.automation.models import ApprovalRule
from tests.browser.test_lines import choose, clerk  # noqa: F401  somebody who may do everything

pytestmark = pytest.mark.django_db(transaction=True)

PICTURES = Path(os.environ.get("GUANXI_PICTURES", Path(__file__).resolve().parents[2] / "var" / "pictures"))


def add(page: Any, field: str, operator: str, value: str) -> None:
    """One condition in the dialog above the form."""
    above = page.locator("#dialog-new")
    above.locator("#condition-fields a", has_text=field).first.click()
    above.locator("select[name=op]").select_option(operator)
    above.locator("input[name=value]").fill(value)
    page.keyboard.press("Enter")
    above.locator("[data-condition-done]").wait_for()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_a_rule_is_made_by_choosing(page: Any, live_server: Any, clerk: Any, width: int, theme: str) -> None:  # noqa: F811
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    client = Client()
    client.force_login(clerk)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/approvalrules/new")
    page.locator("#form input[name=name]").fill("大额或低价报价")
    head = page.locator(".form-section:not(.lines) [data-condition]")
    head.locator("[data-condition-edit]").click()
    assert not page.locator("#dialog-new").is_visible()  # of which object is not known yet
    page.locator("#form select[name=object_type]").select_option("sales.quote")
    page.locator("#form select[name=action]").select_option("send")
    head.locator("[data-condition-edit]").click()
    page.locator("#dialog-new #condition-fields").wait_for()
    add(page, "总折扣率", "gt", "20%")
    PICTURES.mkdir(parents=True, exist_ok=True)
    add(page, "本位币含税总额", "gte", "100000")
    page.screenshot(path=PICTURES / f"condition-dialog-zh-hans-{width}-{theme}.png")
    page.locator("#dialog-new [data-condition-done]").click()
    head.locator(".chip", has_text="100,000.00").wait_for()
    assert [chip.strip() for chip in head.locator(".chip").all_inner_texts()] == ["总折扣率 > 20 %", "本位币含税总额 ≥ 100,000.00"]
    page.screenshot(path=PICTURES / f"condition-form-zh-hans-{width}-{theme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    line = page.locator("[data-line='steps.1']")
    line.locator("[data-condition-edit]").click()
    page.locator("#dialog-new #condition-fields").wait_for()
    add(page, "本位币含税总额", "gte", "500000")
    page.locator("#dialog-new [data-condition-done]").click()
    line.locator(".chip", has_text="500,000.00").wait_for()
    line.locator("select[name='steps.1.kind']").select_option("superior")
    page.locator("#form button.is-primary").first.click()
    page.wait_for_url(re.compile(r"/approvalrules/\d+"))
    rule = ApprovalRule.objects.get()
    assert json.loads(rule.condition) == {"all": [["discount_percent", "gt", "20%"], ["gross_company", "gte", "100000"]]}
    assert json.loads(rule.steps[0].condition) == {"all": [["gross_company", "gte", "500000"]]}
    page.locator("text=总折扣率 > 20 %").first.wait_for()
    page.screenshot(path=PICTURES / f"condition-record-zh-hans-{width}-{theme}.png", full_page=True)
    assert complaints == []
