"""What is written opens safely in a spreadsheet and comes back the same."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.language.parsing import ParseError
from guanxi.surfaces.impex import writing as w
from guanxi.surfaces.impex.reading import rows, sniff

DANGEROUS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"]


def _csv(*table: list[object]) -> bytes:
    return b"".join(w.csv_chunks(["名称", "值"], table))


def _xlsx(*table: list[object]) -> bytes:
    target = io.BytesIO()
    w.write_xlsx(target, ["名称", "值"], table)
    return target.getvalue()


def test_csv_is_utf8_with_bom() -> None:
    assert _csv(["华为", 1]) == b"\xef\xbb\xbf" + "名称,值\r\n华为,1\r\n".encode()


@pytest.mark.parametrize("text", DANGEROUS)
def test_formulas_are_neutralised(text: str) -> None:
    assert w.csv_cell(text) == "'" + text
    cell = openpyxl.load_workbook(io.BytesIO(_xlsx([text, 1]))).active["A2"]
    assert cell.data_type == "s"
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(_xlsx([text, 1]))).read("xl/worksheets/sheet1.xml")


def test_negative_numbers_stay_numbers() -> None:
    assert [w.csv_cell(v) for v in (-5, "-5", "-5.25", Decimal("-1.50"), "-5x")] == [
        "-5",
        "-5",
        "-5.25",
        "-1.50",
        "'-5x",
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(_xlsx(["a", -5], ["b", Decimal("-1.5")]))).active
    assert (sheet["B2"].value, sheet["B3"].value) == (-5, -1.5)


@pytest.mark.covers("IMP-03")
def test_no_digit_is_lost() -> None:
    values = ["123456789012345678", "00123", 123456789012345678, Decimal("0.12345678901234567890"), 12345]
    sheet = openpyxl.load_workbook(io.BytesIO(_xlsx(*(["x", v] for v in values)))).active
    assert [sheet.cell(n, 2).value for n in range(2, 7)] == [
        "123456789012345678",
        "00123",
        "123456789012345678",
        "0.12345678901234567890",
        12345,
    ]


def test_days_and_times() -> None:
    day, moment = date(2026, 1, 2), datetime(2026, 1, 2, 15, 30)
    data = _xlsx(["a", day], ["b", moment], ["c", date(1850, 1, 1)])
    assert [r.cells["值"] for r in rows(data, sniff(data))] == [day, moment, "1850-01-01"]
    assert (w.csv_cell(day), w.csv_cell(moment)) == ("2026-01-02", "2026-01-02 15:30:00")


SAFE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=20)


@given(
    st.lists(
        st.one_of(SAFE, st.sampled_from([d.strip() for d in DANGEROUS] + ["'=1", "''-x", "a\nb", 'q"q'])), min_size=1
    )
)
def test_text_comes_back_the_same(texts: list[str]) -> None:
    for data in (_csv(*([t, "v"] for t in texts)), _xlsx(*([t, "v"] for t in texts))):
        preview = sniff(data, header_row=1)
        assert [r.cells["名称"] for r in rows(data, preview)] == texts


def test_odd_text_does_not_break_a_file() -> None:
    for data in (_csv(["\ud800a\0b", 1]), _xlsx(["\ud800a\0b", 1], ["x" * 40_000, 2])):
        assert data


def test_rows_are_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 0

    def many() -> Iterator[list[object]]:
        nonlocal taken
        for taken in range(1, 100_001):
            yield ["x" * 50, taken]

    chunks = w.csv_chunks(["名称", "值"], many())
    next(chunks)
    next(chunks)
    assert 0 < taken < 5_000
    monkeypatch.setattr(w, "MAX_ROWS", 3)
    with pytest.raises(ParseError) as refused:
        _xlsx(["a", 1], ["b", 2], ["c", 3])
    assert refused.value.code == "rows"


def test_template_has_lists_and_an_example() -> None:
    target = io.BytesIO()
    levels = tuple(f"等级 {n}" for n in range(300))
    columns = [
        w.TemplateColumn("名称", "小鹏航天", required=True, note="必填"),
        w.TemplateColumn("等级", "等级 1", levels),
    ]
    w.write_template(target, columns)
    data = target.getvalue()
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert [c.value for c in book.worksheets[0][1]] == ["名称", "等级"]
    assert [c.value for c in book.worksheets[0][2]] == ["小鹏航天", "等级 1"]
    rule = book.worksheets[0].data_validations.dataValidation[0]
    assert (rule.type, rule.formula1) == ("list", "_lists!$B$1:$B$300")
    assert book["_lists"].sheet_state == "hidden"
    assert book["_lists"]["B300"].value == "等级 299"
    preview = sniff(data, "template.xlsx")
    assert (preview.columns, preview.warnings) == (("名称", "等级"), ())


@pytest.mark.covers("IMP-02")
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_rejects_carry_the_users_columns(kind: str) -> None:
    target = io.BytesIO()
    w.write_rejects(target, ["名称", "电话"], [w.Reject(7, {"名称": "甲", "电话": "12"}, "No phone number")], kind)
    data = target.getvalue()
    row = next(iter(rows(data, sniff(data, header_row=1))))
    assert list(row.cells) == ["名称", "电话", "row no.", "reason"]
    assert [str(v) for v in row.cells.values()] == ["甲", "12", "7", "No phone number"]
