"""What goes wrong around a backup leaves nothing half done, nothing open to others, and is told."""

import fcntl
import stat
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from guanxi.apps.parties.models import Customer
from guanxi.kernel.api import Ctx
from guanxi.site.backup import archive, engines, work
from guanxi.site.prepare import Missing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _places(settings: Any, tmp_path: Path) -> None:
    settings.GUANXI_BACKUP_DIR = tmp_path / "backups"
    settings.MEDIA_ROOT = tmp_path / "files"
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "one").write_bytes(b"one")
    (tmp_path / "files" / "two").write_bytes(b"two")


def manifest() -> archive.Manifest:
    return archive.Manifest(version="1", engine=connection.vendor, taken_at="2026-01-01", migrations=[], tables={},
                            entries={}, key=work.fingerprint())


def test_a_file_removed_while_the_backup_is_taken_is_left_out(tmp_path: Path, monkeypatch: Any) -> None:
    dump, listed = tmp_path / "dump", manifest()
    dump.write_bytes(b"rows")
    add = archive._add

    def meanwhile(tar: Any, path: Path, name: str) -> Any:
        if name.startswith("files/"):
            (tmp_path / "files" / "two").unlink(missing_ok=True)
        return add(tar, path, name)

    monkeypatch.setattr(archive, "_add", meanwhile)
    archive.write(tmp_path / "whole.tar", listed, dump, tmp_path / "files")
    assert sorted(listed.parts) == ["database", "files/one"]


def test_nobody_else_can_read_a_backup_while_it_is_written(tmp_path: Path, monkeypatch: Any) -> None:
    dump, modes, add = tmp_path / "dump", set(), archive._add
    dump.write_bytes(b"rows")

    def look(tar: Any, path: Path, name: str) -> Any:
        modes.add(stat.S_IMODE(Path(tar.name).stat().st_mode))
        return add(tar, path, name)

    monkeypatch.setattr(archive, "_add", look)
    archive.write(tmp_path / "whole.tar", manifest(), dump, tmp_path / "files")
    assert modes == {0o600}


def test_linked_files_are_stored_whole(tmp_path: Path) -> None:
    dump, target = tmp_path / "dump", tmp_path / "whole.tar"
    dump.write_bytes(b"rows")
    (tmp_path / "files" / "three").hardlink_to(tmp_path / "files" / "one")
    (tmp_path / "files" / "four").symlink_to(tmp_path / "files" / "two")
    archive.write(target, manifest(), dump, tmp_path / "files")
    (tmp_path / "out").mkdir()
    with archive.opened(target) as (tar, listed):
        archive.unpack(tar, listed, tmp_path / "out")
    assert [(tmp_path / "out" / "files" / name).read_bytes() for name in ("three", "four")] == [b"one", b"two"]


def test_a_dump_that_is_no_database_is_told_as_such(tmp_path: Path) -> None:
    dump, target = tmp_path / "dump", tmp_path / "whole.tar"
    dump.write_bytes(bytes(range(256)) * 40)
    archive.write(target, manifest(), dump, tmp_path / "files")
    with pytest.raises(Missing, match=r"does not restore|pg_restore failed"):
        work.verify(target)
    assert work.notes()["failed"]["file"] == "whole.tar"
    with pytest.raises(Missing, match=r"does not restore|pg_restore failed"):
        work.restore(target, replace=True)


def test_files_that_cannot_be_put_back_leave_the_data_as_it_was(monkeypatch: Any) -> None:
    system = Ctx(system=True, reason="test")
    system.create(Customer, name="before")
    taken = work.take()
    system.create(Customer, name="after")

    def full(_source: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(work, "_put_files", full)
    with pytest.raises(OSError, match="No space"):
        work.restore(taken, replace=True)
    assert sorted(Customer.objects.values_list("name", flat=True)) == ["after", "before"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite tries a backup in a file")
def test_the_database_of_a_trial_goes_after_its_process_was_killed() -> None:
    dead, alive = (f"guanxi_proof_{number:012x}" for number in (1, 2))
    for name in (dead, alive):
        place = work.folder() / f".guanxi-{name}"
        place.mkdir()
        (place / ".mine").touch()
        (place / ".tried-in").write_text(name)
        engines.program("createdb", name)
    try:
        with (work.folder() / f".guanxi-{alive}" / ".mine").open() as mine:
            fcntl.flock(mine, fcntl.LOCK_EX)
            work.take()
            assert trials() & {dead, alive} == {alive}
        work.take()
        assert not trials() & {dead, alive}
    finally:
        for name in (dead, alive):
            engines.program("dropdb", "--if-exists", name)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite tries a backup in a file")
def test_no_other_database_goes_and_what_cannot_go_keeps_no_backup_away(monkeypatch: Any) -> None:
    asked: list[tuple[str, ...]] = []
    program = engines.program

    def refuse(*command: str) -> None:
        if command[0] == "dropdb":
            asked.append(command)
            raise Missing("dropdb failed: permission denied")
        program(*command)

    monkeypatch.setattr(engines, "program", refuse)
    for name in ("guanxi_proof_000000000003", str(connection.settings_dict["NAME"])):
        place = work.folder() / f".guanxi-{name}"
        place.mkdir()
        (place / ".mine").touch()
        (place / ".tried-in").write_text(name)
    assert work.take().exists()
    assert [command[-1] for command in asked] == ["guanxi_proof_000000000003"]
    assert [path.name for path in work.folder().glob(".guanxi-*")] == [".guanxi-guanxi_proof_000000000003"]


def trials() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", ["guanxi_proof_%"])
        return {name for (name,) in cursor.fetchall()}
