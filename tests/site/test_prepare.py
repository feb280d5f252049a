"""What a start brings in order, and the sentence for what it cannot."""

import gettext
from pathlib import Path

import pytest
from django.db import OperationalError

from guanxi.site import prepare

PO = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "customer"
msgstr "客户"
"""


def catalogue(folder: Path) -> Path:
    path = folder / "apps" / "x" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO, encoding="utf-8")
    return path


def test_translations_are_compiled_once(tmp_path):
    path = catalogue(tmp_path)

    assert prepare.compile_messages(tmp_path) == 1
    assert prepare.compile_messages(tmp_path) == 0
    with path.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("customer") == "客户"


def test_a_missing_front_end_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(prepare, "BUILT", tmp_path / "app.js")

    with pytest.raises(prepare.Missing, match="run `make build`"):
        prepare.front_end()


def test_a_database_that_cannot_be_used_is_told(monkeypatch):
    def refuse():
        raise OperationalError("no route")

    monkeypatch.setattr(prepare.fit, "look", refuse)

    with pytest.raises(prepare.Missing, match=r"cannot be used \(no route\)"):
        prepare.database(upgrade=True)


def test_a_database_of_a_newer_version_is_left_alone(monkeypatch):
    monkeypatch.setattr(prepare.fit, "look", lambda: prepare.fit.Fit(unknown=("org.0099_future",)))

    with pytest.raises(prepare.Missing, match=r"newer version \(org\.0099_future\)"):
        prepare.database(upgrade=True)


def test_static_files_are_collected_when_they_changed(settings, tmp_path, capsys):
    settings.STATIC_ROOT = tmp_path

    prepare.static_files()
    first = capsys.readouterr().out
    prepare.static_files()

    assert "Preparing the static files" in first
    assert capsys.readouterr().out == ""
    assert list(tmp_path.rglob("*.js"))
    assert not list(tmp_path.rglob("*.map"))
