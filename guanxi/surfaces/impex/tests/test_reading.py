"""Tables in every encoding and shape are read exactly or explained."""

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.surfaces.impex import opening
from guanxi.surfaces.impex.opening import Unreadable
from guanxi.surfaces.impex.reading import Row, rows, sniff

TEXT = "名称,电话\r\n华为技术,0755-28780808\n小米科技,13800138000\r\n"
TABLE = [{"名称": "华为技术", "电话": "0755-28780808"}, {"名称": "小米科技", "电话": "13800138000"}]


def _all(data: bytes, **given: str) -> list[Row]:
    return list(rows(data, sniff(data, **given)))


def _xlsx(table: list[list[object]], merge: str = "", epoch_1904: bool = False) -> bytes:
    book = openpyxl.Workbook()
    if epoch_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for row in table:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.covers("IMP-02")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_are_found(encoding: str) -> None:
    assert [row.cells for row in _all(TEXT.encode(encoding))] == TABLE


@pytest.mark.covers("IMP-02")
def test_the_encoding_can_be_chosen() -> None:
    data = "名稱,電話\n華為,1\n".encode("big5")
    assert _all(data, encoding="big5")[0].cells == {"名稱": "華為", "電話": "1"}
    with pytest.raises(Unreadable) as refused:
        _all("名称\n华为".encode("gbk"), encoding="utf-8")
    assert refused.value.code == "encoding"
    with pytest.raises(Unreadable) as refused:
        sniff(b"a,b", encoding="rot13")
    assert refused.value.code == "encoding"


@pytest.mark.covers("IMP-02")
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, end: str) -> None:
    data = end.join(delimiter.join(r) for r in (["a", "b", "c"], ["1", '"x\ny,;"', "3"], ["4", "5", "6"])).encode()
    preview = sniff(data)
    assert preview.delimiter == delimiter
    assert [r.cells for r in rows(data, preview)] == [
        {"a": "1", "b": "x\ny,;", "c": "3"},
        {"a": "4", "b": "5", "c": "6"},
    ]


def test_a_separator_line_is_obeyed() -> None:
    assert _all(b"sep=;\na;b\n1,5;2\n")[0].cells == {"a": "1,5", "b": "2"}


@pytest.mark.covers("IMP-02")
def test_odd_headers_are_explained() -> None:
    preview = sniff("名称,名称,,\n甲,乙,丙,\n".encode())
    assert preview.columns == ("名称", "名称 (2)", "Column C")
    assert len(preview.warnings) == 2
    assert "名称 (2)" in str(preview.warnings[0])
    assert preview.rows[0].cells == {"名称": "甲", "名称 (2)": "乙", "Column C": "丙"}


def test_title_rows_and_merged_cells_are_explained() -> None:
    data = _xlsx([["2026 客户表"], [], ["名称", "城市"], ["甲", "深圳"], ["乙", None]], merge="B4:B5")
    preview = sniff(data, "a.xlsx")
    assert (preview.header_row, preview.columns) == (3, ("名称", "城市"))
    assert "3" in str(preview.warnings[0])
    assert "B4:B5" in str(preview.warnings[1])
    assert [(r.number, r.cells["名称"]) for r in rows(data, preview)] == [(4, "甲"), (5, "乙")]


def test_rows_keep_the_numbers_of_the_sheet() -> None:
    data = _xlsx([[], [], ["名称", "城市"], ["甲", "深圳"], [], ["乙", "北京"]])
    preview = sniff(data)
    assert preview.header_row == 3
    assert [r.number for r in rows(data, preview)] == [4, 6]


@pytest.mark.covers("IMP-03")
def test_cells_are_exact_or_refused() -> None:
    table = [
        ["代码", "大数", "手机", "金额", "日期", "时间", "前导"],
        ["123456789012345678", 123456789012345678, 13800138000, 0.1 + 0.2, date(2026, 1, 2),
         datetime(2026, 1, 2, 15, 30), "00123"],
    ]  # fmt: skip
    row = _all(_xlsx(table))[0]
    assert row.cells["代码"] == "123456789012345678"
    assert row.cells["手机"] == 13800138000
    assert type(row.cells["手机"]) is int
    assert row.cells["金额"] == Decimal("0.3")
    assert str(row.cells["日期"])[:10] == "2026-01-02"
    assert row.cells["时间"] == datetime(2026, 1, 2, 15, 30)
    assert row.cells["前导"] == "00123"
    assert list(row.problems) == ["大数"]
    assert "e+17" in str(row.problems["大数"])


@pytest.mark.covers("IMP-03")
def test_both_calendars_of_excel() -> None:
    table = [["名称", "日期"], ["甲", datetime(2026, 1, 2)]]
    for mac in (False, True):
        data = _xlsx(table, epoch_1904=mac)
        preview = sniff(data)
        assert preview.date_1904 is mac
        assert str(preview.rows[0].cells["日期"])[:10] == "2026-01-02"


def test_a_row_wider_than_the_header_is_a_problem() -> None:
    data = b"a,b\n" + b"1,2\n" * 40 + b"1,2,3\n"
    last = _all(data)[-1]
    assert list(last.problems) == [""]
    assert "3" in str(last.problems[""])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\n\n\n", "empty"),
        (b"%PDF-1.7 ...", "kind"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "damaged"),
        (b"\x00" * 200, "encoding"),
        (b"a,b\n\xff\xff\xff\n", "encoding"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        sniff(data)
    assert refused.value.code == code
    assert str(refused.value)


def test_an_unclosed_quote_is_explained() -> None:
    with pytest.raises(Unreadable) as refused:
        _all(b'a,b\n1,"' + b"x" * 200_000)
    assert refused.value.code == "quote"


def test_a_bomb_and_a_giant_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 30_000_000)
    with pytest.raises(Unreadable) as refused:
        sniff(bomb.getvalue())
    assert refused.value.code == "bomb"
    giant = tmp_path / "giant.csv"
    giant.write_bytes(b"a,b\n1,2\n")
    monkeypatch.setattr(opening, "MAX_BYTES", 4)
    with pytest.raises(Unreadable) as refused:
        sniff(giant)
    assert refused.value.code == "size"


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guanxi.surfaces.impex.reading.MAX_ROWS", 3)
    with pytest.raises(Unreadable) as refused:
        _all(b"a,b\n1,2\n1,2\n1,2\n")
    assert refused.value.code == "rows"


def test_guesses_can_be_overridden() -> None:
    data = b"a;b\n1,1;2\n"
    assert sniff(data, delimiter=",", header_row=1).columns == ("a;b", "Column B")
    preview = replace(sniff(data), header_row=0, columns=("x", "y"))
    assert next(rows(data, preview)).cells == {"x": "a", "y": "b"}


def test_a_wrong_file_name_is_explained() -> None:
    assert "XLSX" in str(sniff(_xlsx([["a", "b"], ["1", "2"]]), "list.csv").warnings[0])


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = _all(data)
    except Unreadable as refused:
        assert str(refused)
    else:
        assert all(row.number > 0 for row in found)
