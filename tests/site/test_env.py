"""Settings from the environment: right values are typed, wrong ones stop with a sentence that names the fix."""

import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from guanxi.site import env


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_flag_reads_the_usual_words(monkeypatch, value, expected):
    monkeypatch.setenv("GUANXI_X", value)

    assert env.flag("GUANXI_X") is expected


@pytest.mark.parametrize(
    ("read", "value", "part"),
    [
        (env.flag, "maybe", "use 1 or 0"),
        (lambda name: env.number(name, 3), "-1", "from 0 upwards"),
        (lambda name: env.number(name, 3), "many", "whole number"),
        (lambda name: env.choice(name, "en", ["en", "zh-hans"]), "fr", "one of en, zh-hans"),
        (lambda name: env.time_zone(name, "UTC"), "Mars/Base", "Asia/Shanghai"),
        (env.address, "crm.example.com", "must look like"),
        (env.address, "https://crm.example.com/path", "without a path"),
        (lambda name: env.database(name, Path("x")), "mysql://a:b@c/d", "must look like postgres"),
        (lambda name: env.database(name, Path("x")), "postgres://host-only", "must look like postgres"),
    ],
)
def test_a_wrong_value_names_the_variable_and_the_fix(monkeypatch, read, value, part):
    monkeypatch.delenv("GUANXI_TEST_POSTGRES", raising=False)
    monkeypatch.setenv("GUANXI_X", value)

    with pytest.raises(ImproperlyConfigured) as caught:
        read("GUANXI_X")

    assert "GUANXI_X" in str(caught.value)
    assert part in str(caught.value)


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "password").write_text("s3cret\n")
    monkeypatch.setenv("GUANXI_X_FILE", str(tmp_path / "password"))

    assert env.text("GUANXI_X") == "s3cret"


def test_a_missing_secret_file_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("GUANXI_X_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(ImproperlyConfigured, match="nowhere"):
        env.text("GUANXI_X")


def test_the_secret_key_is_made_once_and_only_the_owner_reads_it(tmp_path):
    file = tmp_path / "secret_key"

    first, second = env.secret("GUANXI_NO_SUCH_KEY", file), env.secret("GUANXI_NO_SUCH_KEY", file)

    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_emptied_secret_key_is_refused(tmp_path):
    (tmp_path / "secret_key").touch()

    with pytest.raises(ImproperlyConfigured, match="is empty"):
        env.secret("GUANXI_NO_SUCH_KEY", tmp_path / "secret_key")


def test_a_folder_below_a_file_is_refused(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GUANXI_X", str(tmp_path / "file" / "below"))

    with pytest.raises(ImproperlyConfigured, match="cannot create"):
        env.folder("GUANXI_X", Path("unused"))


def test_a_postgres_address_is_taken_apart(monkeypatch):
    monkeypatch.delenv("GUANXI_TEST_POSTGRES", raising=False)
    monkeypatch.setenv("GUANXI_X", "postgres://ann:p%40ss@db.example:6432/crm?sslmode=require")

    assert env.database("GUANXI_X", Path("unused")) == {
        "ENGINE": "guanxi.site.database.postgresql",
        "NAME": "crm",
        "OPTIONS": {"connect_timeout": "10", "tcp_user_timeout": "20000", "sslmode": "require"},
        "HOST": "db.example",
        "PORT": "6432",
        "USER": "ann",
        "PASSWORD": "p@ss",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def test_without_an_address_there_is_an_sqlite_file_that_survives_concurrency(monkeypatch, tmp_path):
    for name in ("GUANXI_TEST_POSTGRES", "GUANXI_X"):
        monkeypatch.delenv(name, raising=False)

    found = env.database("GUANXI_X", tmp_path / "guanxi.sqlite3")

    assert found["ENGINE"] == "guanxi.site.database.sqlite3"
    assert found["NAME"] == tmp_path / "guanxi.sqlite3"
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in found["OPTIONS"]["init_command"]
