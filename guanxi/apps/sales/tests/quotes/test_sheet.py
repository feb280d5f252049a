"""A quotation on paper: in three languages, with embedded letters, the same again, nothing fetched; and Word templates."""

import io
import socket
import zipfile
from types import SimpleNamespace
from typing import Any

import docx
import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.org.models import Company
from guanxi.apps.sales.models import Quote
from guanxi.kernel.api import Entry, Refused
from guanxi.surfaces.print import printing, sheets
from guanxi.surfaces.print.actions import upload_word_template
from guanxi.surfaces.print.models import PrintedSheet, WordTemplate

pytestmark = [pytest.mark.django_db, pytest.mark.once("sqlite"), pytest.mark.covers("P19")]


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def text_of(packed: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(packed)).pages)


def fonts_of(packed: bytes) -> set[tuple[str, bool]]:
    """Every font of a PDF with whether it is embedded."""
    found = set()
    for page in pypdf.PdfReader(io.BytesIO(packed)).pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            about = inner["/FontDescriptor"].get_object()
            found.add((str(inner["/BaseFont"]), "/FontFile3" in about or "/FontFile2" in about))
    return found


def word_file(*paragraphs: str) -> SimpleUploadedFile:
    made, out = docx.Document(), io.BytesIO()
    for words in paragraphs:
        made.add_paragraph(words)
    made.save(out)
    return SimpleUploadedFile("报价模板.docx", out.getvalue())


@pytest.mark.covers("MON-01", "QUO-01")
def test_a_quotation_is_printed_in_simplified_chinese(firm: Firm, salesperson: Person, quote: Any) -> None:
    with firm.system.door("test"):
        company = firm.system.find(Company).get()
        company.name, company.address, company.tax_number = "华信贸易有限公司", "深圳市南山区", "91440300MA5EXAMPLE"
        firm.system.save(company)
    one = quote(payment_terms="预付三成", valid_until="2099-12-31")
    answer = salesperson.client.get(f"/quotes/{one.pk}/print/quotation.pdf?language=zh-hans")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    words = text_of(answer.content).replace(" ", "")
    for wanted in ("华信贸易有限公司", "深圳市南山区", "91440300MA5EXAMPLE", "小鹏", one.number, "离心泵", "咨询", "1,060.00", "1,173.00",
                   "壹仟壹佰柒拾叁元整", "预付三成", "2099-12-31"):
        assert wanted in words, wanted
    assert "200.00" not in words  # our cost
    fonts = fonts_of(answer.content)
    assert fonts and all(embedded for _name, embedded in fonts)
    assert {name.split("+")[1] for name, _embedded in fonts} == {"Noto-Sans-CJK-SC", "Noto-Sans-CJK-SC-Bold"}


@pytest.mark.parametrize(("language", "words", "capitals"), [
    ("zh-hant", "報價單", "壹仟壹佰柒拾參元整"), ("en", "Quotation", "")])
def test_other_languages_have_their_own_words_and_letters(
        salesperson: Person, quote: Any, language: str, words: str, capitals: str) -> None:
    one = quote()
    made = printing.pdf(salesperson(), one, sheets.sheet_of(Quote, "quotation"), language)
    found = text_of(made).replace(" ", "")
    assert words in found
    assert capitals in found
    assert ("元整" in found) == bool(capitals)
    wanted = "Noto-Sans-CJK-TC" if language == "zh-hant" else "Noto-Sans"
    assert any(name.split("+")[1].startswith(wanted) and embedded for name, embedded in fonts_of(made))


def test_a_reprint_is_the_same_file_until_the_quote_changes(firm: Firm, salesperson: Person, quote: Any) -> None:
    one = quote()
    url = f"/quotes/{one.pk}/print/quotation.pdf?language=en"
    first = salesperson.client.get(url).content
    with firm.system.door("test"):
        company = firm.system.find(Company).get()
        company.name = "Another name"
        firm.system.save(company)
    assert salesperson.client.get(url).content == first
    assert Entry.objects.filter(verb="sales.quote.print").count() == 1
    salesperson().update(one, subject="New")
    assert "Another name" in text_of(salesperson.client.get(url).content)
    assert PrintedSheet.objects.count() == 2


@pytest.mark.covers("PERM-18")
def test_a_sheet_is_for_those_who_see_the_quote(salesperson: Person, other_salesperson: Person, quote: Any) -> None:
    one = quote()
    assert other_salesperson.client.get(f"/quotes/{one.pk}/print/quotation.pdf").status_code == 404
    assert salesperson.client.get(f"/quotes/{one.pk}/print/nothing.pdf").status_code == 404
    assert salesperson.client.get(f"/quotes/{one.pk}/print/quotation.pdf?language=xx").status_code == 400
    assert not PrintedSheet.objects.exists()


@pytest.mark.covers("SSRF-02")
def test_nothing_is_fetched_while_a_sheet_is_drawn(salesperson: Person, goods: SimpleNamespace, quote: Any) -> None:
    evil = '<img src="http://127.0.0.1:9/x"><script>alert(1)</script><link rel=stylesheet href="file:/etc/passwd">'
    one = quote(note=evil, lines=[{"text": evil[:400], "price": "1", "tax_rate": "0"}])
    words = text_of(printing.pdf(salesperson(), one, sheets.sheet_of(Quote, "quotation"), "en"))
    assert "<script>alert(1)</script>" in words


@pytest.mark.covers("SSRF-02", "SSRF-01")
def test_no_address_in_a_sheet_is_asked(tmp_path: Any) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("treasure")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        here = f"http://127.0.0.1:{server.getsockname()[1]}"
        raw = "<p>made</p>" + "".join(
            f"<img src='{one}/x'><iframe src='{one}'></iframe><object data='{one}'></object><embed src='{one}'>"
            f"<link rel=stylesheet href='{one}'><link rel=attachment href='{one}'><style>@import url({one});"
            f"p {{background: url({one})}} @font-face {{font-family: x; src: url({one})}}</style>"
            f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{one}'/></svg>"
            for one in (here, here.replace("127.0.0.1", "2130706433"), here.replace("127.0.0.1", "[::ffff:127.0.0.1]"),
                        secret.as_uri())) + f"<script>fetch('{here}')</script>"
        drawn = printing._draw("draw_pdf", {"html": raw})
        with pytest.raises(BlockingIOError):
            server.accept()
    assert "made" in text_of(drawn)
    assert b"treasure" not in drawn and "treasure" not in text_of(drawn)
    assert not list(pypdf.PdfReader(io.BytesIO(drawn)).attachments)


def test_a_word_template_is_filled(administrator: Person, salesperson: Person, quote: Any) -> None:
    one = quote()
    upload = word_file("{{ number }} {{ customer }}", "{% for line in lines %}{{ line.text }}={{ line.gross }};{% endfor %}")
    made = administrator().run(upload_word_template, name="模板", object_type="sales.quote", language="zh-hans", file=upload).record
    assert WordTemplate.objects.get().pk == made.pk
    answer = salesperson.client.get(f"/quotes/{one.pk}/print/quotation/{made.pk}.docx")
    words = "\n".join(part.text for part in docx.Document(io.BytesIO(answer.content)).paragraphs)
    assert words == f"{one.number} 小鹏\n离心泵=113.00;咨询=1,060.00;"
    assert made.name in salesperson.client.get(f"/quotes/{one.pk}/panels").content.decode()


@pytest.mark.covers("INJ-04")
@pytest.mark.parametrize(("words", "reason"), [
    ("{{ nothing_like_it }}", "does not have"),
    ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "cannot be filled"),
    ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "does not come to an end"),
    ("{% for a in %}", "cannot be filled"),
])
def test_a_template_that_cannot_be_filled_is_refused(
        administrator: Person, quote: Any, words: str, reason: str) -> None:
    quote()
    with pytest.raises(Refused, match=reason):
        administrator().run(upload_word_template, name="x", object_type="sales.quote", language="en", file=word_file(words))
    assert not WordTemplate.objects.exists()


@pytest.mark.covers("FILE-02")
def test_a_word_file_that_unpacks_without_end_is_refused(administrator: Person, quote: Any) -> None:
    quote()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * (60 * 2**20))
    bomb = SimpleUploadedFile("bomb.docx", out.getvalue())
    with pytest.raises(Refused, match="50 MB"):
        administrator().run(upload_word_template, name="x", object_type="sales.quote", language="en", file=bomb)
