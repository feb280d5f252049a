"""Uploads that break off or come many at once leave no row without a file and no file for ever."""

import datetime
import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from guanxi.apps.conftest import administrator, at_once, firm, manager, salesperson
from guanxi.apps.org.tests.standing import alone  # noqa: F401  fixture
from guanxi.apps.parties.models import Customer
from guanxi.common import talk
from guanxi.common.talk import Attachment
from guanxi.kernel import schedules
from tests.contract.test_api import program

__all__ = ["administrator", "firm", "manager", "salesperson"]  # of each test: the writes of one stay
pytestmark = [pytest.mark.django_db, pytest.mark.covers("FILE-04")]


@pytest.fixture
def acme(salesperson):
    return salesperson().create(Customer, name="Acme")


@pytest.fixture
def on_disk(settings, tmp_path):
    """Files are kept as in a real installation."""
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}


def stored() -> set[str]:
    if not default_storage.exists("files"):
        return set()
    return {f"files/{folder}/{name}" for folder in default_storage.listdir("files")[0]
            for name in default_storage.listdir(f"files/{folder}")[1]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("on_disk")
def test_the_same_file_ten_times_at_once_is_ten_files(salesperson, acme):
    signed_in = salesperson.client.cookies

    def send() -> int:
        browser = Client()
        browser.cookies = signed_in
        return browser.post(f"/customers/{acme.pk}/files", {"file": SimpleUploadedFile("a.txt", b"hello")}).status_code

    assert at_once([send] * 10) == [302] * 10
    rows = list(Attachment.objects.order_by("pk"))
    assert [(row.name, row.size, row.file.read()) for row in rows] == [("a.txt", 5, b"hello")] * 10
    assert {row.file.name for row in rows} == stored()
    assert len(stored()) == 10


@pytest.mark.usefixtures("on_disk")
@pytest.mark.parametrize("lines", [100, 400_000], ids=["in memory", "on disk"])
@pytest.mark.parametrize("surface", ["page", "interface"])
def test_an_upload_that_is_cut_in_the_middle_leaves_nothing_visible(surface, lines, salesperson, acme):
    client, path = (salesperson.client, f"/customers/{acme.pk}/files") if surface == "page" else (
        program(salesperson), f"/api/v1/customers/{acme.pk}/files")
    whole = (b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'
             + b"line of text\n" * lines + b"\r\n--cut--\r\n")

    def send(body: bytes):
        return client.generic("POST", path, b"", **{
            "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(whole)), "CONTENT_TYPE": "multipart/form-data; boundary=cut"})

    assert send(whole[: len(whole) // 2]).status_code == 400
    assert Attachment.objects.count() == 0
    assert stored() == set()
    assert send(whole).status_code == (302 if surface == "page" else 201)
    assert [(row.name, row.size) for row in Attachment.objects.all()] == [("a.txt", 13 * lines)]


def test_leftovers_are_cleared_away_and_nothing_else(salesperson, acme, administrator, monkeypatch):
    kept = talk.attach(salesperson(), acme, SimpleUploadedFile("kept.txt", b"kept"))
    binned = talk.attach(salesperson(), acme, SimpleUploadedFile("bin.txt", b"bin"))
    talk.remove_attachment(salesperson(), binned.pk)
    left = default_storage.save("files/zz/left", ContentFile(b"half"))
    system = administrator().as_system("test")
    schedules.prune_files(system)
    assert {kept.file.name, binned.file.name, left} <= stored()
    tomorrow = timezone.now() + datetime.timedelta(days=2)
    monkeypatch.setattr(schedules.timezone, "now", lambda: tomorrow)
    schedules.prune_files(system)
    assert left not in stored()
    assert {kept.file.name, binned.file.name} <= stored()
