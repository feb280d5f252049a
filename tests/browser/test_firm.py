"""A firm at work in the real program: pages look right at every size, in every language, and can be worked by keyboard."""

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Rehearsal-2026!"
PICTURES = Path(os.environ.get("GUANXI_PICTURES", ROOT / "var" / "pictures"))
SIZES = {"desk": (1440, 900), "phone": (360, 780)}
PAGES = {"home": "/", "list": "/customers/", "board": "/opportunities/?face=board", "calendar": "/activities/?face=calendar",
         "record": "/opportunities/{deal}", "customer": "/customers/{customer}", "form": "/customers/new",
         "import": "/customers/import", "duplicates": "/duplicate-check"}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The program itself with the sample company, as ``make run DEMO=1`` starts it. It is loaded once for all test processes."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("GUANXI_", "DJANGO_", "PG"))}
    command = [sys.executable, "-m", "guanxi.site.cli"]
    folder = tmp_path_factory.mktemp("firm") / "data"
    whole = tmp_path_factory.getbasetemp().parent / "firm"
    with whole.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            env["GUANXI_DATA_DIR"] = str(folder)
            subprocess.run([*command, "prepare"], cwd=ROOT, env=env, check=True, capture_output=True, text=True)
            subprocess.run([*command, "demo", "load", "--password", PASSWORD], cwd=ROOT, env=env, check=True, capture_output=True)
            folder.rename(whole)
    shutil.copytree(whole, folder)
    env["GUANXI_DATA_DIR"] = str(folder)
    port = free_port()
    server = subprocess.Popen([*command, "serve", "--port", str(port)], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _try in range(120):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=2)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def sign_in(page: Any, address: str, who: str = "zhouhaitao@huaxin.example") -> list[str]:
    """Sign in, and listen for complaints of the browser from then on."""
    complaints: list[str] = []
    page.goto(f"{address}/accounts/login/")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/")
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def first(page: Any, address: str, slug: str) -> str:
    """The id of the first record of a list."""
    page.goto(f"{address}/{slug}/")
    found = page.locator(f"a[href^='/{slug}/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return next(match[1] for href in found if (match := re.match(rf"/{slug}/(\d+)", href)))


@pytest.mark.covers("I18N-01")
@pytest.mark.parametrize("size", [pytest.param(size, marks=pytest.mark.xdist_group(size)) for size in SIZES])
@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark"), ("zh-hant", "light")])
def test_pages_fit_and_are_quiet(firm: str, browser: Any, size: str, language: str, theme: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.add_cookies([{"name": "theme", "value": theme, "url": firm}])
    page = context.new_page()
    complaints = sign_in(page, firm)
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    page.request.post(f"{firm}/language", form={"language": language, "csrfmiddlewaretoken": token},
                      headers={"Referer": f"{firm}/"})
    ids = {"deal": first(page, firm, "opportunities"), "customer": first(page, firm, "customers")}
    PICTURES.mkdir(parents=True, exist_ok=True)
    wide = {}
    for name, path in PAGES.items():
        answer = page.goto(firm + path.format(**ids))
        page.wait_for_load_state("networkidle")
        assert answer.status == 200, name
        assert page.locator("html").get_attribute("lang").lower().startswith(language[:2]), name
        page.screenshot(path=PICTURES / f"{name}-{size}-{language}-{theme}.png")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wide[name] = over
    context.close()
    assert wide == {}
    assert complaints == []


@pytest.mark.xdist_group("phone")
@pytest.mark.covers("P14", "T10")
def test_a_follow_up_is_logged_from_a_row_by_keyboard_alone(firm: str, page: Any) -> None:
    complaints = sign_in(page, firm, "xuwenjing@huaxin.example")
    page.goto(f"{firm}/customers/?q=")
    page.keyboard.press("/")
    page.wait_for_timeout(300)
    page.keyboard.type("hx")
    page.wait_for_timeout(800)
    page.keyboard.press("Escape")
    sign_off = "Logged by keyboard, next week again"
    page.goto(f"{firm}/opportunities/")
    page.keyboard.press("j")
    page.keyboard.press("l")
    box = page.locator("dialog textarea").first
    box.wait_for()
    box.fill(sign_off)
    page.keyboard.press("Control+Enter")
    page.locator("dialog[open]").wait_for(state="detached")
    page.goto(f"{firm}/activities/?q=keyboard")
    assert sign_off in page.locator("#results").inner_text()
    assert complaints == []
