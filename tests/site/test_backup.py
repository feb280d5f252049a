"""A backup is of one moment, restores to the same rows and files, and is refused before anything is touched."""

import datetime
import json
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from guanxi.apps.parties.models import Customer
from guanxi.kernel import entries
from guanxi.kernel.api import Ctx, Entry
from guanxi.site import actions, pages
from guanxi.site.backup import archive, work
from guanxi.site.prepare import Missing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _places(settings: Any, tmp_path: Path) -> None:
    settings.GUANXI_BACKUP_DIR = tmp_path / "backups"
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.GUANXI_BACKUPS = 7


@pytest.fixture
def system() -> Ctx:
    return Ctx(system=True, via="command", reason="test")


def contents() -> list[tuple[Any, ...]]:
    return [*Customer.objects.order_by("pk").values_list("pk", "name", "version", "updated_at"),
            *Entry.objects.order_by("pk").values_list("pk", "hash")]


@pytest.fixture
def taken(system: Ctx, settings: Any) -> Path:
    """A backup of two customers and a file."""
    system.create(Customer, name="小鹏")
    system.create(Customer, name="华信")
    place = Path(settings.MEDIA_ROOT) / "files" / "ab"
    place.mkdir(parents=True)
    (place / "abc").write_bytes(b"contract")
    return work.take()


@pytest.mark.covers("BKP-01")
def test_a_backup_under_write_load_restores_to_its_very_moment(system: Ctx, taken: Path) -> None:
    stop, made = threading.Event(), []

    def write() -> None:
        try:
            while not stop.is_set():
                made.append(Ctx(system=True, reason="load").create(Customer, name=f"新客户 {len(made)}").pk)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    while len(made) < 3:
        stop.wait(0.05)
    second = work.take(taken.with_name("second.tar"))
    stop.set()
    writer.join()
    manifest = work.verify(second)
    assert manifest.tables["parties_customer"][0] >= 5
    work.restore(second, replace=True)
    assert Customer.objects.count() == manifest.tables["parties_customer"][0]
    assert entries.broken_at() is None
    head = Entry.objects.order_by("pk").last()
    assert head is not None
    assert head.hash == manifest.entries["hash"]


@pytest.mark.covers("BKP-01")
def test_what_happened_since_is_gone_and_files_open(system: Ctx, taken: Path, settings: Any, tmp_path: Path) -> None:
    before = contents()
    system.create(Customer, name="later")
    settings.MEDIA_ROOT = tmp_path / "other machine"
    work.restore(taken, replace=True)
    assert contents() == before
    assert (tmp_path / "other machine" / "files" / "ab" / "abc").read_bytes() == b"contract"
    system.create(Customer, name="goes on")
    assert entries.broken_at() is None


def altered(path: Path, how: str) -> Path:
    """A copy of a backup that is not what it was."""
    other = path.with_name(f"{how}.tar")
    if how == "truncated":
        other.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        return other
    if how == "flipped":
        raw = bytearray(path.read_bytes())
        raw[2000] ^= 0xFF
        other.write_bytes(raw)
        return other
    with tarfile.open(path) as tar, tarfile.open(other, "w") as out:
        for member in tar.getmembers():
            body = tar.extractfile(member)
            data = body.read() if body else b""
            if member.name == "manifest.json":
                facts = json.loads(data)
                facts["migrations"] += ["kernel.9999_future"] if how == "newer" else []
                facts["key"] = "another" if how == "key" else facts["key"]
                facts["engine"] = "oracle" if how == "engine" else facts["engine"]
                facts["tables"]["parties_customer"][0] += how == "count"
                facts["format"] = 99 if how == "format" else 1
                data = json.dumps(facts).encode()
            member.size = len(data)
            out.addfile(member, ContentFile(data))
        if how == "extra":
            extra = tarfile.TarInfo("../../etc/evil")
            out.addfile(extra)
    return other


@pytest.mark.covers("BKP-02")
@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize(("how", "reason"), [
    ("truncated", "no whole backup|altered"), ("flipped", "altered|no whole"), ("newer", "newer version"),
    ("key", "another secret key"), ("engine", "is of oracle"), ("format", "format 99"), ("extra", "altered"),
    ("absent", "There is no backup"),
])
def test_a_backup_that_does_not_fit_is_refused_and_nothing_is_touched(
        system: Ctx, tmp_path: Path, how: str, reason: str) -> None:
    system.create(Customer, name="小鹏")
    before, dump = contents(), tmp_path / "dump"
    dump.write_bytes(bytes(range(256)) * 40)
    whole = tmp_path / "whole.tar"
    archive.write(whole, archive.Manifest(
        version="1", engine=connection.vendor, taken_at="2026-01-01", migrations=[], tables={"parties_customer": [1, 1]},
        entries={}, key=work.fingerprint()), dump, tmp_path / "none")
    wrong = altered(whole, how) if how != "absent" else whole.with_name("absent.tar")
    with pytest.raises(Missing, match=reason):
        work.restore(wrong, replace=True)
    assert contents() == before


@pytest.mark.covers("BKP-02")
def test_data_is_not_replaced_unasked_nor_by_other_rows(taken: Path) -> None:
    before = contents()
    with pytest.raises(Missing, match="--replace"):
        work.restore(taken)
    with pytest.raises(Missing, match="does not restore"):
        work.restore(altered(taken, "count"), replace=True)
    assert contents() == before
    with pytest.raises(Missing, match="there already"):
        work.take(taken)


@pytest.mark.covers("BKP-03")
def test_the_drill_is_shown_and_a_failed_one_alarms(system: Ctx, taken: Path, settings: Any) -> None:
    assert pages.backups().ok  # a young installation
    actions.back_up(system)
    told = pages.backups()
    assert told.ok
    assert "restored for proof" in told.text
    with pytest.raises(Missing):
        work.verify(altered(taken, "count"))
    told = pages.backups()
    assert not told.ok
    assert "count.tar could not be restored" in told.text
    old = (timezone.now() - datetime.timedelta(days=4)).isoformat()
    (work.folder() / work.NOTES).write_text(json.dumps({"proved": {"at": old, "file": "old.tar"}}))
    assert not pages.backups().ok
    settings.GUANXI_BACKUPS = 0
    assert pages.backups().ok


def test_old_backups_go_but_the_proved_one_stays(taken: Path) -> None:
    for day in range(1, 6):
        (taken.parent / f"guanxi-2020010{day}-000000.tar").write_bytes(b"x")
    (work.folder() / work.NOTES).write_text(json.dumps({"proved": {"at": "x", "file": "guanxi-20200101-000000.tar"}}))
    work.thin_out(2)
    left = [one.name for one in sorted(taken.parent.glob("guanxi-*.tar"))]
    assert left == ["guanxi-20200101-000000.tar", "guanxi-20200105-000000.tar", taken.name]
