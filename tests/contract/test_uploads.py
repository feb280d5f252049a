"""Uploads that break off or come many at once leave no row without a file and no file for ever."""

import datetime

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from guanxi.apps.parties.models import Customer
from guanxi.common import talk
from guanxi.common.talk import Attachment
from guanxi.kernel import schedules

pytestmark = [pytest.mark.django_db, pytest.mark.covers("FILE-04")]


@pytest.fixture
def acme(salesperson):
    return salesperson().create(Customer, name="Acme")


def stored() -> set[str]:
    if not default_storage.exists("files"):
        return set()
    return {f"files/{folder}/{name}" for folder in default_storage.listdir("files")[0]
            for name in default_storage.listdir(f"files/{folder}")[1]}


def test_the_same_file_many_times_is_as_many_files(salesperson, acme):
    for _ in range(10):
        answer = salesperson.client.post(f"/customers/{acme.pk}/files", {"file": SimpleUploadedFile("a.txt", b"hello")})
        assert answer.status_code == 302
    rows = list(Attachment.objects.order_by("pk"))
    assert len({row.file.name for row in rows}) == 10
    assert [(row.name, row.size, row.file.read()) for row in rows] == [("a.txt", 5, b"hello")] * 10


def test_an_upload_that_is_cut_leaves_nothing_visible(salesperson, acme):
    before = stored()
    whole = (b'--cut\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
             b"%PDF-1.7 ") + b"x" * 5000
    answer = salesperson.client.generic("POST", f"/customers/{acme.pk}/files", whole[: len(whole) // 40],
                                        content_type="multipart/form-data; boundary=cut")
    assert answer.status_code in (400, 302)
    assert Attachment.objects.count() == 0
    assert stored() == before


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
