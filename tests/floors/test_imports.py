"""Who may import whom: the contracts of pyproject.toml hold, and they notice a violation."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.floors.source import ROOT

BIN = Path(sys.executable).parent
APPS = ("org", "parties", "work", "sales")
SURFACES = ("web", "rest", "impex", "search", "reference")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "lint-imports"), "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def ruff(name: str, text: str) -> str:
    command = [str(BIN / "ruff"), "check", "--no-cache", "--output-format", "concise", "--stdin-filename", name, "-"]
    return subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True).stdout


def house(folder: Path, name: str = "", text: str = "") -> Path:
    """An empty house of the same shape, with one planted file."""
    packages = [
        "language",
        "kernel",
        "common",
        "site",
        "surfaces",
        "apps",
        *(f"surfaces/{one}" for one in SURFACES),
        *(f"apps/{one}" for one in APPS),
    ]
    for package in ["", *packages]:
        place = folder / "guanxi" / package
        place.mkdir(parents=True, exist_ok=True)
        (place / "__init__.py").touch()
    for app in APPS:
        for module in ("models", "actions", "pages", "rules"):
            (folder / "guanxi" / "apps" / app / f"{module}.py").touch()
    (folder / "guanxi" / "apps" / "sales" / "models.py").write_text("import django.db.models")
    if name:
        (folder / "guanxi" / name).write_text(text)
    return folder


def test_the_contracts_hold():
    done = lint(ROOT)

    assert done.returncode == 0, done.stdout
    assert "7 kept, 0 broken" in done.stdout


def test_no_contract_has_an_exception():
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_an_empty_house_is_fine(tmp_path):
    assert lint(house(tmp_path)).returncode == 0


@pytest.mark.parametrize(
    ("name", "text", "contract"),
    [
        ("kernel/a.py", "import guanxi.surfaces.web", "lower never imports upper"),
        ("kernel/a.py", "import guanxi.apps.org", "lower never imports upper"),
        ("surfaces/web/a.py", "from guanxi.apps.sales import models", "lower never imports upper"),
        ("apps/org/a.py", "import guanxi.site", "lower never imports upper"),
        ("apps/org/a.py", "import guanxi.apps.sales.models", "the apps stand on floors"),
        ("apps/parties/a.py", "import guanxi.apps.work.models", "the apps stand on floors"),
        ("surfaces/rest/a.py", "import guanxi.surfaces.search", "surfaces do not know each other"),
        ("surfaces/web/a.py", "import guanxi.surfaces.search", "surfaces do not know each other"),
        ("apps/sales/models.py", "import guanxi.apps.sales.actions", "models know neither"),
        ("apps/sales/actions.py", "import guanxi.surfaces.web", "actions know no surface"),
        ("apps/sales/rules.py", "import django.db", "rules are pure"),
        ("apps/sales/rules.py", "import guanxi.apps.sales.models", "rules are pure"),
    ],
)
def test_a_planted_import_breaks_its_contract(tmp_path, name, text, contract):
    done = lint(house(tmp_path, name, text))

    assert done.returncode == 1
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(contract in line for line in broken), done.stdout


def test_a_planted_cycle_breaks_its_contract(tmp_path):
    house(tmp_path, "kernel/a.py", "import guanxi.kernel.b")
    (tmp_path / "guanxi" / "kernel" / "b.py").write_text("import guanxi.kernel.a")

    assert "no import cycles BROKEN" in lint(tmp_path).stdout


@pytest.mark.parametrize("module", ["django.http", "django.shortcuts", "django.urls", "django.dispatch"])
def test_the_kernel_and_actions_know_no_http_and_no_signals(module):
    text = f'"""Planted."""\n\nimport {module}\n\nprint({module})\n'

    for name in ("guanxi/kernel/planted.py", "guanxi/apps/sales/actions/planted.py"):
        assert "TID251" in ruff(name, text)
    assert "TID251" not in ruff("guanxi/surfaces/web/planted.py", text)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("PLC0415", "def f() -> None:\n    import os\n\n    os.getpid()\n"),
        ("S110", "try:\n    x = 1\nexcept Exception:\n    pass\n"),
        ("ANN001", "def f(a) -> None:\n    return a\n"),
        ("FIX002", "x = 1  # TO" + "DO: later\n"),
        ("F821", "x = undefined\n"),
    ],
)
def test_ruff_notices(rule, text):
    assert rule in ruff("guanxi/kernel/planted.py", '"""Planted."""\n\n' + text)
