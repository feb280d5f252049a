"""Templates under a strict policy, and nothing in git that belongs to one machine."""

import pytest

from tests.floors import files
from tests.floors.source import ROOT


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="ignore")


@pytest.mark.parametrize("checker", [files.inline, files.header])
def test_every_template_keeps_the_rule(checker):
    found: list[str] = []
    for path in files.templates():
        found += checker(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))

    assert found == []


def test_lock_files_name_no_place():
    locks = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "requirements").glob("*.txt"))
    found: list[str] = []
    for name in [*locks, "frontend/package-lock.json"]:
        found += files.lock(name, text_of(name))

    assert locks == [f"requirements/{name}.txt" for name in ("base", "build", "dev", "setup")]
    assert found == []


def test_no_file_knows_a_machine_or_a_registry():
    found: list[str] = []
    for name in files.tracked():
        found += files.machine(name, text_of(name))

    assert found == []


def test_git_tracks_sources_only():
    assert list(files.foreign(files.tracked())) == []


PLANTED = [
    ("script", files.inline, "<p>\n<script>alert(1)</script>", "2: inline script"),
    ("module script", files.inline, '<script type="module">x()</script>', "1: inline script"),
    ("handler", files.inline, '<button class="a"\n  onclick="go()">', "2: inline handler"),
    ("htmx handler", files.inline, '<button hx-on:click="go()">', "1: inline handler"),
    ("style", files.inline, '<td style="width: {{ width }}px">', "1: inline handler or style"),
    ("href", files.inline, '<a href="javascript:go()">', "1: evaluated script"),
    ("values", files.inline, "<a hx-vals='js:{a: 1}'>", "1: evaluated script"),
    ("header", files.header, "<p>Hello</p>", "1: no comment"),
    ("index", files.lock, "--index-url x", "1: an address"),
    ("address", files.lock, "a @ https:" + "//h/a.whl", "1: an address"),
    ("machine path", files.machine, "see /wo" + "rk/shared/x", "1: '/wo" + "rk/shared'"),
    ("registry", files.machine, "x\nhttps:" + "//pypi" + ".org/simple", "2: 'pypi" + ".org'"),
]


@pytest.mark.parametrize(("_case", "checker", "text", "part"), PLANTED, ids=[case[0] for case in PLANTED])
def test_a_planted_violation_is_found(_case, checker, text, part):
    found = list(checker("planted", text))

    assert len(found) == 1
    assert found[0].startswith("planted:" + part)


def test_a_planted_address_in_the_npm_lock_is_found():
    (found,) = files.lock("package-lock.json", '{\n"resolved": "x"}')

    assert found.startswith("package-lock.json:2:")


@pytest.mark.parametrize(
    "name", ["a/locale/zh/django.mo", "var/guanxi.sqlite3", "x/htmx.min.js", "frontend/node_modules/a.js"]
)
def test_a_planted_build_result_is_found(name):
    assert len(list(files.foreign([name]))) == 1


CLEAN = [
    (files.inline, '<script type="module" src="{% static "a.js" %}"></script>'),
    (files.inline, '<script id="data" type="application/json">{"a": 1}</script>'),
    (files.inline, '<a class="x" data-on="1" href="{% url "x" %}" hx-get="/y">style = 1</a>'),
    (files.header, "{# given: page #}\n{% extends 'web/page.html' %}"),
    (files.header, "{% comment %}given: page{% endcomment %}<p>"),
    (files.lock, "django==5.2.19 \\\n    --hash=sha256:abc"),
    (files.machine, "postgres:" + "//user:pw@host:5432/db and guanxi/apps/work/models and web/home/board.html"),
]


@pytest.mark.parametrize(("checker", "text"), CLEAN)
def test_good_files_are_left_alone(checker, text):
    assert list(checker("good", text)) == []
