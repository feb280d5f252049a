"""What holds for every test: the kernel's tests run with the fake shop only, and nobody leaves this machine."""

import gc
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from hypothesis import settings as examples

KERNEL_TESTS = Path(__file__).parent / "tests" / "kernel"
FAKE_SHOP = "tests.fake_shop.settings"
DATABASE = "postgresql" if os.environ.get("GUANXI_TEST_POSTGRES") else "sqlite"
LOCAL = {"127.0.0.1", "::1", "localhost", ""}

examples.register_profile("patient", examples(), deadline=None)  # a busy machine is no fault
examples.load_profile("patient")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Kernel tests belong to the fake shop's settings, all others to the real ones."""
    kernel = collection_path == KERNEL_TESTS or KERNEL_TESTS in collection_path.parents
    if settings.SETTINGS_MODULE == FAKE_SHOP:
        return True if collection_path.suffix == ".py" and not kernel else None
    return True if kernel else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL runs what touches the database; what does not proves the same on either engine."""
    kept = [item for item in items if belongs(item)]
    if len(kept) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if not belongs(item)])
        items[:] = kept


def pytest_collection_finish() -> None:
    """What is loaded now stays to the end: looking through it for garbage again and again takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def belongs(item: pytest.Item) -> bool:
    """Does the test run on this database? In a full run, which asks both, some run on one of them."""
    once = item.get_closest_marker("once")
    if os.environ.get("GUANXI_TEST_BOTH") and touches_the_database(item):
        if once is not None:
            return bool(once.args[0] == DATABASE)
        if item.get_closest_marker("in_turn") is not None:
            return ("sqlite", "postgresql")[crc32(item.nodeid.encode()) % 2] == DATABASE
    return DATABASE == "sqlite" or touches_the_database(item)


def touches_the_database(item: pytest.Item) -> bool:
    """Does the test, or a fixture it uses, ask for the database?"""
    return item.get_closest_marker("django_db") is not None or "django_db_setup" in getattr(item, "fixturenames", ())


@pytest.fixture(autouse=True)
def _closed_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for another machine fails and names the address."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOCAL:
            raise AssertionError(f"A test tried to reach {address[0]}.")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """The language a request spoke stays with its thread; the next test begins in that of the settings."""
    yield
    translation.deactivate()


#: What a migration writes about the models is the same after every test.
STAYS = {"auth_permission", "django_content_type"}


@pytest.fixture(autouse=True, scope="session")
def _emptied_quickly() -> None:
    """Deletes what there is: PostgreSQL takes a second to truncate a hundred tables, most of which are empty."""
    truncating = connection.ops.sql_flush

    def deleting(style: Any, tables: list[str], **options: Any) -> list[str]:
        tables = [connection.ops.quote_name(table) for table in tables if table not in STAYS]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"SELECT '{one}' WHERE EXISTS (SELECT FROM {one})" for one in tables))
            return ["SET LOCAL session_replication_role = replica",  # no order of links, no lock on the account
                    *(f"DELETE FROM {one}" for (one,) in cursor.fetchall())]

    def others(style: Any, tables: list[str], **options: Any) -> list[str]:
        return list(truncating(style, [table for table in tables if table not in STAYS], **options))

    connection.ops.sql_flush = deleting if DATABASE == "postgresql" else others  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _may_be_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test whose writes stay is followed by emptying all tables, which SQLite's lock on the account would refuse."""
    marker = request.node.get_closest_marker("django_db")
    stays = marker is not None and marker.kwargs.get("transaction")
    if stays:
        request.getfixturevalue("transactional_db")
    yield
    if stays and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'kernel_entry'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')  # made again after the emptying, as after a migration
