"""Files: names, headers and rights of downloads; pictures; uploads that are not what they say; removing."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from guanxi.common import talk
from guanxi.common.talk import Attachment


def picture(name="photo.png"):
    out = io.BytesIO()
    Image.new("RGB", (900, 600), "teal").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue())


@pytest.fixture
def acme(anna, customer):
    return anna().create(customer, name="小鹏科技")


@pytest.fixture
def contract(anna, acme):
    return talk.attach(anna(), acme, SimpleUploadedFile('合同 "最终".pdf', b"%PDF-1.7 x"))


def test_a_file_comes_as_download_under_its_own_name(anna, contract):
    answer = anna.client.get(f"/files/{contract.pk}/{contract.name}")

    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 x"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E5%90%88%E5%90%8C%20_%E6%9C%80%E7%BB%88_.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.covers("IDOR-01", "IDOR-02")
def test_another_persons_file_is_not_there(bert, contract, acme):
    for path in (f"/files/{contract.pk}/{contract.name}", f"/files/{contract.pk}/thumb", f"/{contract.file.name}",
                 f"/media/{contract.file.name}", f"/files/{contract.pk}/other.pdf"):
        assert bert.client.get(path).status_code == 404
    assert bert.client.post(f"/files/{contract.pk}/delete").status_code == 404

    kept = Attachment.objects.get()
    assert (kept.deleted_at, kept.file.read()) == (None, b"%PDF-1.7 x")


def test_somebody_not_signed_in_gets_no_file(client, contract):
    assert client.get(f"/files/{contract.pk}/{contract.name}")["Location"].startswith("/accounts/login/")


def test_a_picture_has_a_small_copy(anna, acme):
    photo = talk.attach(anna(), acme, picture())

    answer = anna.client.get(f"/files/{photo.pk}/thumb")
    small = Image.open(io.BytesIO(answer.content))

    assert (answer["Content-Type"], small.format, small.size) == ("image/webp", "WEBP", (480, 320))
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert f"/files/{photo.pk}/thumb" in anna.client.get(f"/customers/{acme.pk}").content.decode()


def test_what_is_no_picture_has_none(anna, contract):
    assert anna.client.get(f"/files/{contract.pk}/thumb").status_code == 404


def test_a_pasted_picture_answers_with_its_address(anna, acme):
    answer = anna.client.post(f"/customers/{acme.pk}/files", {"file": picture("截图.png")}, headers={"Accept": "application/json"})

    made = Attachment.objects.get()
    assert answer.json() == {"id": made.pk, "name": "截图.png", "url": f"/files/{made.pk}/%E6%88%AA%E5%9B%BE.png"}


@pytest.mark.covers("FILE-01")
@pytest.mark.parametrize(("name", "content"), [
    ("page.png", b"<html><script>1</script></html>"), ("a.svg", b"<svg/>"), ("a.php", b"<?php"), ("a.phar", b"x"),
    ("a.exe.png", b"MZ"), ("A.HTML", b"<p>"), ("empty.txt", b""), ("noextension", b"x"), ("x" * 300 + ".exe", b"MZ")])
def test_harmful_uploads_leave_nothing(anna, acme, name, content):
    answer = anna.client.post(f"/customers/{acme.pk}/files", {"file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 400
    assert Attachment.objects.count() == 0


def test_one_false_file_of_several_leaves_none(anna, acme):
    given = [SimpleUploadedFile("a.txt", b"fine"), SimpleUploadedFile("b.php", b"<?php")]

    assert anna.client.post(f"/customers/{acme.pk}/files", {"file": given}).status_code == 400
    assert Attachment.objects.count() == 0


def test_one_removes_ones_own_file(anna, contract):
    assert anna.client.post(f"/files/{contract.pk}/delete").status_code == 302
    assert anna.client.get(f"/files/{contract.pk}/{contract.name}").status_code == 404


def test_a_file_whose_bytes_are_gone_says_so(anna, contract):
    contract.file.storage.delete(contract.file.name)

    assert anna.client.get(f"/files/{contract.pk}/{contract.name}").status_code == 404
