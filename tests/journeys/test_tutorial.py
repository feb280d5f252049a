"""The tutorial is run as it is printed: its files, its commands, its output."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide" / "add-an-object.md"
TEXT = GUIDE.read_text(encoding="utf-8")
FILES = dict(re.findall(r"```python\n# (visits/\w+\.py)\n(.*?)```", TEXT, re.S))
COMMANDS = [line.removeprefix("guanxi ") for line in re.findall(r"```sh\n(.*?)```", TEXT, re.S)[0].splitlines()
            if line.startswith("guanxi ")]
OUTPUT = re.findall(r"```text\n(.*?)```", TEXT, re.S)[0]


@pytest.fixture
def house(tmp_path):
    """The files of the guide in a folder of their own, and how to run something there."""
    for name, text in {"visits/__init__.py": "", **FILES}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GUANXI_", "DJANGO_"))}
    environ = {**kept, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "PYTHONIOENCODING": "utf-8",
               "DJANGO_SETTINGS_MODULE": "visits.settings", "GUANXI_DATA_DIR": str(tmp_path / "var"), "GUANXI_DEBUG": "1"}

    def run(*words):
        done = subprocess.run([sys.executable, *words], cwd=tmp_path, env=environ, capture_output=True, text=True,
                              encoding="utf-8", timeout=240)
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


@pytest.mark.covers("T52")
def test_the_tutorial_does_what_it_says(house):
    assert set(FILES) == {f"visits/{name}.py" for name in ("models", "actions", "apps", "settings", "look")}
    assert [words.split()[0] for words in COMMANDS] == ["manage", "prepare", "show"]
    printed = [house("-m", "guanxi.site.cli", *words.split()) for words in COMMANDS if words != "prepare"]
    house("-m", "guanxi.site.cli", "upgrade")  # what “prepare” does besides the static files
    assert "visits.visit.hold" in printed[-1]
    assert house("-m", "visits.look") == OUTPUT


def test_the_declaration_is_short():
    lines = [line for name in ("visits/models.py", "visits/actions.py") for line in FILES[name].splitlines()
             if line.strip() and not line.startswith(('"""', "from "))]
    assert len(lines) <= 30
