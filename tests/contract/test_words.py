"""The whole product in Chinese and in English: every page answers, and no text of it stays in the other language."""

import html
import re
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import translation
from django.utils.translation import gettext

from guanxi.surfaces.rest import limits
from tests.contract.test_leaks import body
from tests.contract.walk import all_paths, dump, world_of

pytestmark = [pytest.mark.django_db, pytest.mark.covers("I18N-01")]
PRODUCT = Path(__file__).resolve().parents[2] / "guanxi"
_ENTRY = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n)+)', re.MULTILINE)
_HIDDEN = re.compile(r"<(script|style|template)\b.*?</\1>", re.DOTALL)
_CHINESE = re.compile("[\u4e00-\u9fff]")
#: Names in their own language.
NATIVE = {"简体中文", "繁體中文", "English"}


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()
    limits.forget()


def words() -> dict[str, str]:
    """Every text of the product that is a sentence or several words, with its Chinese."""
    found = {}
    for path in PRODUCT.rglob("zh_Hans/LC_MESSAGES/django.po"):
        for entry in _ENTRY.finditer(path.read_text()):
            text, chinese = ("".join(re.findall(r'"(.*)"', part)) for part in entry.groups())
            if " " in text and "%" not in text and "{" not in text and _CHINESE.search(chinese):
                found[text.replace('\\"', '"')] = chinese
    return found


def texts(page: str) -> set[str]:
    """What a person reads between the tags."""
    return {html.unescape(text).strip() for text in re.split(r"<[^>]*>", _HIDDEN.sub("", page))} - {""}


def _strings(value) -> list[str]:
    """Every text within a stored value."""
    if isinstance(value, dict | list):
        return [text for part in (value.values() if isinstance(value, dict) else value) for text in _strings(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize(("language", "code"), [("zh-hans", "zh-hans"), ("en", "en")])
def test_every_page_speaks_one_language(language, code, firm, administrator):
    world, catalogue, found = world_of(administrator), words(), {}
    assert len(catalogue) > 300
    with firm.system.door("test"):
        administrator.user.language = language
        firm.system.save(administrator.user)
    with translation.override(language):
        known = {text: gettext(text) for text in catalogue}
    strange = {text for text, chinese in known.items() if chinese != text} if language != "en" else set(catalogue.values())
    strange -= {value for rows in dump().values() for row in rows for part in row for value in _strings(part)}  # data
    for _route, path in all_paths(world, most=1):
        if path.startswith("/api/") or path == "/accounts/logout/":
            continue
        answer = administrator.client.get(path)
        if not answer.get("Content-Type", "").startswith("text/html"):
            continue
        page = body(answer)
        faults = sorted((texts(page) & strange) - NATIVE)[:5]
        if answer.status_code in (200, 404) and answer.get("Content-Language") != code:
            faults.append(f"language {answer.get('Content-Language')}")
        if answer.status_code >= 500 or faults:
            found[path] = (answer.status_code, faults)
    assert found == {}
