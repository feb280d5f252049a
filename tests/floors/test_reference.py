"""The committed reference pages say what the declarations say, in both languages."""

import pytest
from django.conf import settings
from django.utils import translation

from guanxi.kernel import registry
from guanxi.kernel.records import object_name
from guanxi.surfaces.reference import objects
from tests.floors.source import ROOT

FOLDER = ROOT / "docs" / "reference" / "objects"


@pytest.fixture(scope="module")
def fresh() -> dict[str, str]:
    return objects.pages()


def test_the_pages_are_fresh(fresh):
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    stale = sorted(name for name in fresh | committed if fresh.get(name) != committed.get(name))

    assert stale == [], "run: guanxi manage reference"


def test_every_object_has_a_page_in_each_language(fresh):
    wanted = {f"{object_name(model)}{suffix}.md" for model in registry.objects() if model.about.verbs
              for suffix in objects.LANGUAGES.values()}

    assert wanted == {name for name in fresh if not name.startswith("README")}
    assert set(objects.LANGUAGES) <= {code for code, _name in settings.LANGUAGES}


def test_a_page_names_fields_actions_rights_and_listeners(fresh):
    page = fresh["parties.customer.md"]

    assert "# Customer · `parties.customer`" in page
    assert "| `name` | Name | name | needed; at most 200 characters |" in page
    assert "- Right: `parties.customer.assign`" in page
    assert "`GET /api/v1/customers`" in page


def test_the_chinese_page_is_chinese(fresh):
    with translation.override("zh-hans"):
        one = str(registry.model_of("parties.customer").about.one)

    assert fresh["parties.customer.zh-CN.md"].startswith(f"# {one} · `parties.customer`")
    assert "## 字段" in fresh["parties.customer.zh-CN.md"]
