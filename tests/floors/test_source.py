"""Floors, doors and lengths of the Python sources."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.floors import source

Checker = Callable[[str, str], Iterator[str]]


def run(checker: Checker, files: list[Path]) -> list[str]:
    found: list[str] = []
    for path in files:
        found += checker(str(path.relative_to(source.ROOT)), path.read_text(encoding="utf-8"))
    return found


def of_floors(*floors: str) -> list[Path]:
    return [path for path in source.product_files() if source.floor_of(path) in floors]


def test_there_is_something_to_check():
    assert len(source.product_files()) > 20
    assert len(source.test_files()) > 3


@pytest.mark.parametrize("checker", [source.writes, source.contexts])
def test_only_the_kernel_touches_rows(checker):
    assert run(checker, of_floors("surfaces", "apps", "site")) == []


def test_every_exception_is_needed(monkeypatch):
    monkeypatch.setattr(source, "NO_ROWS", {})
    found = " ".join(run(source.writes, of_floors("surfaces", "apps", "site")))

    assert set(re.findall(r"`([\w.]+)\.\w+\(\)`", found)) == {"image", "template", "writing", "router"}


@pytest.mark.parametrize("checker", [source.inner_imports, source.lengths, source.docstrings, source.silenced])
def test_every_product_file_keeps_the_rule(checker):
    assert run(checker, source.product_files()) == []


def test_apps_use_the_facades():
    assert run(source.facade, of_floors("apps")) == []


def test_the_kernel_is_read_in_an_evening():
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in of_floors("kernel"))

    assert lines <= source.KERNEL_LINES


def test_tests_name_requirements_by_their_ids():
    assert run(source.covers, source.test_files()) == []


APP = "guanxi/apps/sales/actions/quote.py"
LONG_FUNCTION = "def long():\n" + "    print()\n" * 40
PLANTED = [
    ("manager", source.writes, "rows = Quote.objects.all()", "outside the kernel"),
    ("default manager", source.writes, "rows = Quote._default_manager.all()", "outside the kernel"),
    ("save", source.writes, "quote.save()", "write through ctx"),
    ("save of a call", source.writes, "make().save()", "write through ctx"),
    ("super save", source.writes, "super().save(force_insert=True)", "write through ctx"),
    ("save with fields", source.writes, "record.save(update_fields=['name'])", "write through ctx"),
    ("save of a form", source.writes, "form.save(commit)", "write through ctx"),
    ("save of a form's row", source.writes, "self.form.save(commit=False)", "write through ctx"),
    ("save of a serializer", source.writes, "serializer.save(x)", "write through ctx"),
    ("save of a list's row", source.writes, "rows[0].save(quote)", "write through ctx"),
    ("delete by name", source.writes, "quote.delete(keep_parents)", "write through ctx"),
    ("another ctx", source.contexts, "def f(ctx: Form) -> None: ...", "is no Ctx"),
    ("another system", source.contexts, "class A:\n    system: Quote", "is no Ctx"),
    ("delete", source.writes, "ctx.find(Quote).delete()", "write through ctx"),
    ("bulk", source.writes, "x.bulk_create(rows)", "write through ctx"),
    ("inner import", source.inner_imports, "def f():\n    import os", "inside a function"),
    (
        "nested import",
        source.inner_imports,
        "class A:\n  def f(self):\n    if 1:\n      from a import b",
        "inside a function",
    ),
    ("file", source.lengths, "x = 1\n" * 401, "401 lines in one file"),
    ("function", source.lengths, LONG_FUNCTION, "long has 41 lines"),
    ("method", source.lengths, "class A:\n    async def long(self):\n" + "        pass\n" * 40, "long has 41 lines"),
    ("docstring", source.docstrings, "import os", "no module docstring"),
    ("noqa floor", source.silenced, "import x  # noqa: PLC0415", "switched off"),
    ("noqa all", source.silenced, "import x  # noqa", "switched off"),
    ("type ignore all", source.silenced, "x = 1  # type: ignore", "switched off"),
    ("kernel inside", source.facade, "from guanxi.kernel.writing import save_row", "guanxi.kernel.api"),
    ("other app inside", source.facade, "from guanxi.apps.org.models.user import User", "models and actions only"),
    ("requirement id", source.covers, "@pytest.mark.covers('SAL7')\ndef test_x(): pass", "no requirement id"),
]


@pytest.mark.parametrize(("_case", "checker", "text", "part"), PLANTED, ids=[case[0] for case in PLANTED])
def test_a_planted_violation_is_found(_case, checker, text, part):
    found = list(checker(APP, text))

    assert len(found) == 1
    assert found[0].startswith(APP + ":")
    assert part in found[0]


CLEAN = [
    (
        source.writes,
        "ctx.save(quote)\nctx.delete(quote)\nself.ctx.save(x)\nplay.system.save(x)\nimage.save(out)\nvalues.update(a=1)\nregistry.objects()",
    ),
    (source.contexts, "def f(ctx: Ctx, system: 'Ctx | None') -> None: ..."),
    (source.inner_imports, "import os\nif TYPE_CHECKING:\n    import sys"),
    (source.lengths, "x = 1\n" * 400 + ""),
    (source.lengths, "def fits():\n" + "    print()\n" * 39),
    (source.docstrings, '"""Purpose."""\nimport os'),
    (source.docstrings, ""),
    (source.silenced, "x = 1  # noqa: S104\ny = 2  # type: ignore[assignment]"),
    (
        source.facade,
        "from guanxi.kernel.api import Record, f\nfrom guanxi.apps.org.models import User\nfrom guanxi.apps.sales.rules import x",
    ),
    (source.covers, "@pytest.mark.covers('SAL-07', 'P05', 'T17', 'F2')\ndef test_x(): pass"),
]


@pytest.mark.parametrize(("checker", "text"), CLEAN)
def test_good_code_is_left_alone(checker, text):
    assert list(checker(APP, text)) == []
