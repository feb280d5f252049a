"""While the database does not fit, the disk is full or the database is away: people read on, nothing is written, and
everybody is told why and when to come again."""

import errno
import io
import os
import sqlite3
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client

from guanxi.apps.conftest import PASSWORD, administrator, firm, manager, salesperson  # noqa: F401  fixtures
from guanxi.apps.org.tests.standing import alone  # noqa: F401  fixture
from guanxi.apps.parties.models import Customer
from guanxi.common.talk import Attachment
from guanxi.kernel import jobs, schedules, worker
from guanxi.kernel.job_rows import Job
from guanxi.site import fit, pages, storage
from guanxi.site.missing import Missing
from guanxi.site.upgrade import gate, working
from guanxi.surfaces.rest import tokens
from guanxi.surfaces.web import health

pytestmark = pytest.mark.django_db
NEWER = fit.Fit(version="0.0.8", missing=("sales.0002_more",))
OLDER = fit.Fit(version="9.0", unknown=("sales.0099_future",))
RUN = "run “guanxi upgrade”"
STILL = "Until then nothing can be changed."
usage = namedtuple("usage", "total used free")


@pytest.fixture(autouse=True)
def _fresh():
    fit.forget()
    health.forget_banner()
    yield
    fit.forget()
    health.forget_banner()


@pytest.fixture
def acme(salesperson):  # noqa: F811
    return salesperson().create(Customer, name="Acme")


@pytest.fixture
def unfit(monkeypatch):
    monkeypatch.setattr(fit, "look", lambda: NEWER)
    fit.forget()


def page(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.covers("UPG-03")
@pytest.mark.usefixtures("unfit")
def test_pages_are_read_and_nothing_is_written(salesperson, acme):  # noqa: F811
    shown = salesperson.client.get(f"/customers/{acme.pk}")
    assert shown.status_code == 200
    assert "Acme" in page(shown) and RUN in page(shown)
    assert f"/customers/{acme.pk}/edit" not in page(shown)

    refused = salesperson.client.post("/customers/new", {"name": "Beta"})
    assert (refused.status_code, refused["Retry-After"], RUN in page(refused)) == (503, "30", True)
    note = salesperson.client.post("/customers/new", {"name": "Beta"}, headers={"HX-Request": "true"})
    assert (note.status_code, page(note).startswith('<div class="note-box is-wrong"')) == (503, True)
    script = salesperson.client.post("/customers/new", {"name": "Beta"}, headers={"Accept": "application/json"})
    assert (script.status_code, script.json()["code"]) == (503, "unavailable")
    entered = Client().post("/accounts/login/", {"login": "anna@example.com", "password": "x"})
    assert (entered.status_code, RUN in page(entered)) == (503, True)
    assert list(Customer.objects.values_list("name", flat=True)) == ["Acme"]


@pytest.mark.covers("UPG-03")
def test_programs_are_told_and_may_read(salesperson, acme, monkeypatch):  # noqa: F811
    api = Client(headers={"Authorization": f"Bearer {tokens.create(salesperson(), 'test', ['write'], 30)[1]}"})
    monkeypatch.setattr(fit, "look", lambda: OLDER)
    fit.forget()
    assert api.get(f"/api/v1/customers/{acme.pk}").status_code == 200
    refused = api.post("/api/v1/customers", {"name": "Beta"}, content_type="application/json")
    assert (refused.status_code, refused["Retry-After"]) == (503, "30")
    told = refused.json()["error"]
    assert told["code"] == "unavailable"
    assert told["message"].startswith("The database was changed by a newer version (sales.0099_future), this program")
    assert Customer.objects.count() == 1


@pytest.mark.covers("UPG-03")
def test_a_page_that_needs_what_is_missing_says_what_to_run(salesperson, acme, unfit, monkeypatch):  # noqa: F811
    def lacks(*_args: Any, **_more: Any) -> Any:
        raise OperationalError("no such column: parties_customer.more")

    monkeypatch.setattr("guanxi.surfaces.web.menu.counts_of", lacks)
    salesperson.client.raise_request_exception = False
    answer = salesperson.client.get("/customers/")
    assert (answer.status_code, RUN in page(answer)) == (503, True)


@pytest.mark.covers("P39")
@pytest.mark.parametrize(("found", "ok", "text"), [
    (fit.Fit(version="0.1.0"), True, "Version 0.1.0, and the database fits it."),
    (fit.Fit(version="0.0.8"), True, "Version 0.1.0; the database was last used by version 0.0.8 and fits it."),
    (NEWER, False, f"This program is version 0.1.0 and the database lacks sales.0002_more: {RUN}. {STILL}"),
    (fit.Fit(version="0.1.0", unfinished=True), False, f"An upgrade of the database came to no end: {RUN}. {STILL}"),
])
def test_the_health_page_compares_program_and_database(administrator, monkeypatch, found, ok, text):  # noqa: F811
    monkeypatch.setattr(pages, "__version__", "0.1.0")
    monkeypatch.setattr(fit, "__version__", "0.1.0")
    monkeypatch.setattr(fit, "look", lambda: found)
    told = pages.schema()
    assert (told.ok, told.text) == (ok, text)
    assert text in page(administrator.client.get("/health"))


@pytest.mark.covers("UPG-03")
def test_a_worker_waits_and_says_why(monkeypatch, capsys):
    answers = [NEWER, NEWER, fit.Fit()]
    monkeypatch.setattr(fit, "look", lambda: answers.pop(0))
    monkeypatch.setattr(fit, "FRESH", 0.0)
    monkeypatch.setattr(working.connections, "close_all", lambda: None)
    working.wait()
    assert answers == []
    assert capsys.readouterr().err == f"guanxi: the worker waits. {NEWER.text}\n"
    monkeypatch.setattr(fit, "look", lambda: NEWER)
    fit.forget()
    with pytest.raises(Missing, match="guanxi upgrade"):
        working.main(["--batch"])


@pytest.mark.covers("UPG-03")
def test_a_worker_at_work_is_stopped_when_an_upgrade_begins(monkeypatch, unfit):
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(fit, "FRESH", 0.0)
    monkeypatch.setattr(os, "kill", lambda process, number: sent.append((process, number)))
    watch = working.Watch()
    watch.run()
    assert (watch.stopped, sent) == (True, [(os.getpid(), 15)])


@pytest.mark.covers("FLT-02")
def test_without_a_worker_people_work_on_and_nothing_is_lost(salesperson, acme, administrator):  # noqa: F811
    assert "No worker has ever run: mails, reminders and imports wait." in page(administrator.client.get("/"))
    asked = jobs.enqueue(administrator().as_system("test"), schedules.prune_jobs)
    browser = Client()
    entered = browser.post("/accounts/login/", {"login": salesperson.user.email, "password": PASSWORD})
    assert (entered.status_code, entered["Location"]) == (302, "/")
    assert "Acme" in page(browser.get("/customers/"))
    form = browser.post(f"/customers/{acme.pk}/edit", {"name": "Acme 2", "version": acme.version})
    assert form.status_code in (204, 302)
    acme.refresh_from_db()
    assert acme.name == "Acme 2"
    assert Job.objects.get(pk=asked.pk).state == Job.State.QUEUED
    worker.drain()
    assert Job.objects.get(pk=asked.pk).state == Job.State.DONE


@pytest.mark.covers("FLT-03")
def test_a_full_disk_makes_readers_of_all(salesperson, acme, monkeypatch):  # noqa: F811
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _place: usage(2**40, 2**40 - 2**20, 2**20))
    shown = page(salesperson.client.get("/customers/"))
    assert "Acme" in shown and "The disk of the server is full: nothing can be saved" in shown
    refused = salesperson.client.post("/customers/new", {"name": "Beta"})
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert "The disk of the server is full" in page(refused)
    assert Customer.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's disk is its own")
@pytest.mark.django_db(transaction=True)
@pytest.mark.covers("FLT-03")
def test_a_database_without_room_refuses_cleanly_and_stays_whole(salesperson, acme):  # noqa: F811
    salesperson.client.raise_request_exception = False
    before = list(Customer.objects.values_list("name", "version"))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # what earlier tests left free would be room
        cursor.execute("PRAGMA page_count")
        pages_now = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages_now}")
        try:
            answers = [salesperson.client.post("/customers/new", {"name": f"New {number}", "description": "x" * 9000})
                       for number in range(12)]
            read = salesperson.client.get("/customers/")
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
        full = [one for one in answers if one.status_code == 503]
        assert {one.status_code for one in answers} <= {302, 503} and full
        assert "The disk of the server is full" in page(full[0])
        assert read.status_code == 200
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchone()[0] == "ok"
    kept = list(Customer.objects.values_list("name", "version"))
    assert kept[:1] == before and len(kept) == 1 + len(answers) - len(full)
    assert salesperson.client.post("/customers/new", {"name": "There is room again"}).status_code == 302


@pytest.fixture
def on_disk(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "guanxi.site.storage.Files"}}
    return tmp_path


def no_room(*_args: Any, **_more: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


class Broken:
    """A file on a disk that is full by now."""

    write = staticmethod(no_room)

    def __init__(self, file: Any) -> None:
        self.close = file.close


def files(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.covers("FILE-03")
def test_a_disk_that_fills_up_during_an_upload_leaves_no_row_and_no_file(salesperson, acme, on_disk, monkeypatch):  # noqa: F811
    salesperson.client.raise_request_exception = False
    opened, wrote = os.fdopen, []

    def half(file: int, mode: str) -> Any:
        made = opened(file, mode, buffering=0)
        made.write(b"hel")
        wrote.append(len(files(on_disk)))
        return Broken(made)

    with monkeypatch.context() as patched:
        patched.setattr("django.core.files.storage.filesystem.os.fdopen", half)
        answer = salesperson.client.post(f"/customers/{acme.pk}/files", {"file": SimpleUploadedFile("a.txt", b"hello")})
    assert wrote == [1]
    assert (answer.status_code, "The disk of the server is full" in page(answer)) == (503, True)
    assert (Attachment.objects.count(), files(on_disk)) == (0, [])
    assert salesperson.client.post(
        f"/customers/{acme.pk}/files", {"file": SimpleUploadedFile("a.txt", b"hello")}).status_code == 302
    assert (Attachment.objects.count(), len(files(on_disk))) == (1, 1)


@pytest.mark.covers("FILE-03")
def test_no_room_for_what_comes_in_is_told(salesperson, acme, on_disk, monkeypatch):  # noqa: F811
    salesperson.client.raise_request_exception = False
    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryUploadedFile", no_room)
    large = io.BytesIO(b"x" * (3 * 2**20))
    large.name = "large.txt"
    answer = salesperson.client.post(f"/customers/{acme.pk}/files", {"file": large})
    assert (answer.status_code, "The disk of the server is full" in page(answer)) == (503, True)
    assert (Attachment.objects.count(), files(on_disk)) == (0, [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.covers("FILE-03")
def test_a_file_whose_row_is_not_written_goes_too(salesperson, acme, on_disk, monkeypatch):  # noqa: F811
    salesperson.client.raise_request_exception = False

    def full(*_args: Any, **_more: Any) -> Any:
        assert len(files(on_disk)) == 1
        raise OperationalError("database or disk is full") from sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("guanxi.kernel.entries.append", full)
    monkeypatch.setattr("guanxi.kernel.writing.append", full, raising=False)
    answer = salesperson.client.post(f"/customers/{acme.pk}/files", {"file": SimpleUploadedFile("a.txt", b"hello")})
    assert (answer.status_code, "The disk of the server is full" in page(answer)) == (503, True)
    assert (Attachment.objects.count(), files(on_disk), storage.waiting()) == (0, [], set())


@pytest.mark.covers("FLT-01")
def test_a_database_that_is_away_is_told_and_the_process_stays(client, monkeypatch):
    def away() -> Any:
        raise OperationalError("connection refused")

    client.raise_request_exception = False
    monkeypatch.setattr(gate.fit, "look", away)
    answer = client.get("/accounts/login/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "The database does not answer at the moment. Nothing was changed" in page(answer)
    assert client.get("/healthz").status_code == 200
