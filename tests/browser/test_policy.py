"""Pages in Chromium under the strict Content-Security-Policy."""

import pytest


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/accounts/login/"])
def test_a_page_loads_without_breaking_the_policy(live_server, page, path):
    complaints: list[str] = []

    def listen(message):
        if message.type == "error" and not message.location["url"].endswith("/favicon.ico"):
            complaints.append(f"{message.text} ({message.location['url']})")

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    answer = page.goto(live_server.url + path)
    page.wait_for_load_state("networkidle")

    assert answer.status == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert page.locator("form[method=post]").count() >= 1
    assert complaints == []
