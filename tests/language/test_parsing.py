"""What people type is read exactly or refused with a reason."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.language import parsing as p

TODAY = date(2026, 3, 15)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)


@pytest.mark.covers("MON-03")
@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("１００", "100"),
        ("１，２３４．５０", "1234.50"),
        ("¥3.5万", "35000"),
        ("￥1,234,567.89", "1234567.89"),
        ("1.2亿元", "120000000"),
        ("2萬", "20000"),
        ("$ 12", "12"),
        ("100元", "100"),
        ("15%", "0.15"),
        ("(200)", "-200"),
        ("（200.5）", "-200.5"),
        ("-5", "-5"),
        ("−5", "-5"),
        ("¥-5", "-5"),
        ("-0", "0"),
        (".5", "0.5"),
        ("1 234", "1234"),
        (12, "12"),
        (0.1, "0.1"),
        (Decimal("1.10"), "1.10"),
        ("123456789012345678", "123456789012345678"),
        ("0." + "1" * 20, "0." + "1" * 20),
        ("1." + "0" * 30, "1"),
    ],
)
def test_numbers(typed: object, number: str) -> None:
    assert p.parse_decimal(typed) == Decimal(number)


@pytest.mark.covers("MON-03")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("NaN", "number"), ("inf", "number"), (float("nan"), "number"), (float("-inf"), "number"),
        (Decimal("NaN"), "number"), (Decimal("Infinity"), "number"), ("1e400", "lost"), ("1.23E+17", "lost"),
        (1.23e17, "lost"), ("0." + "1" * 21, "places"), ("9" * 39, "digits"), (Decimal("1e400"), "digits"),
        ("1,23", "number"), ("1,2345", "number"), ("1.2.3", "number"), ("10²", "number"), ("٣", "number"),
        ("abc", "number"), ("", "empty"), ("   ", "empty"), (True, "number"), ("--5", "number"), ("9" * 300, "long"),
        ("½", "number"), ("(-", "number"), ("12abc", "number"), ("1_000", "number"), ("\ud800", "number"),
    ],
)  # fmt: skip
def test_refused_numbers(typed: object, code: str) -> None:
    with pytest.raises(p.ParseError) as refused:
        p.parse_decimal(typed)
    assert refused.value.code == code
    assert len(str(refused.value)) > 10


def test_integers() -> None:
    assert p.parse_integer("1,200") == 1200
    assert p.parse_integer(3.0) == 3
    assert p.parse_integer("123456789012345678") == 123456789012345678
    for typed, code in (("3.5", "whole"), ("1" * 19, "digits"), (True, "number")):
        with pytest.raises(p.ParseError) as refused:
            p.parse_integer(typed)
        assert refused.value.code == code


@pytest.mark.covers("IMP-03")
@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-01-02", date(2026, 1, 2)),
        ("2026/1/2", date(2026, 1, 2)),
        ("2026.1.2", date(2026, 1, 2)),
        ("20260102", date(2026, 1, 2)),
        (20260102, date(2026, 1, 2)),
        ("2026年1月2日", date(2026, 1, 2)),
        ("２０２６年１月２日 星期五", date(2026, 1, 2)),
        ("1月2日", date(2026, 1, 2)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2026-01-02 00:00:00", date(2026, 1, 2)),
        ("今天", TODAY),
        ("昨天", date(2026, 3, 14)),
        ("明天", date(2026, 3, 16)),
        ("后天", date(2026, 3, 17)),
        ("Tomorrow", date(2026, 3, 16)),
        ("today", TODAY),
        (46024, date(2026, 1, 2)),
        (46024.0, date(2026, 1, 2)),
        ("46024", date(2026, 1, 2)),
        (1, date(1900, 1, 1)),
        (59, date(1900, 2, 28)),
        (61, date(1900, 3, 1)),
        (datetime(2026, 1, 2), date(2026, 1, 2)),
        (date(2026, 1, 2), date(2026, 1, 2)),
    ],
)
def test_days(typed: object, day: date) -> None:
    assert p.parse_day(typed, TODAY) == day


@pytest.mark.covers("IMP-03")
def test_days_counted_from_1904() -> None:
    assert p.parse_day(44562, TODAY, date_1904=True) == date(2026, 1, 2)
    assert p.parse_day(0, TODAY, date_1904=True) == date(1904, 1, 1)


@pytest.mark.covers("IMP-03")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2026-02-31", "calendar"), ("2026年2月31日", "calendar"), ("20260231", "calendar"), (20260231, "calendar"),
        ("2月29日", "calendar"), ("01/02/2026", "day"), ("26-1-2", "day"), ("2026-1/2", "day"), (60, "day"),
        (-1, "day"),
        (0, "day"), (2958466, "day"), ("soon", "day"), ("", "empty"), (46024.5, "time"), (float("nan"), "time"),
        (datetime(2026, 1, 2, 3), "time"), (True, "day"), ("0000-01-01", "calendar"), ("2026年1月", "day"),
    ],
)  # fmt: skip
def test_refused_days(typed: object, code: str) -> None:
    with pytest.raises(p.ParseError) as refused:
        p.parse_day(typed, TODAY)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-01-02 15:30", datetime(2026, 1, 2, 7, 30, tzinfo=UTC)),
        ("2026-01-02T15:30:05", datetime(2026, 1, 2, 7, 30, 5, tzinfo=UTC)),
        ("2026-01-02T15:30:05Z", datetime(2026, 1, 2, 15, 30, 5, tzinfo=UTC)),
        ("2026-01-02T15:30+02:00", datetime(2026, 1, 2, 13, 30, tzinfo=UTC)),
        ("2026年1月2日 下午3点半", datetime(2026, 1, 2, 7, 30, tzinfo=UTC)),
        ("明天 9:00", datetime(2026, 3, 16, 1, 0, tzinfo=UTC)),
        ("明天下午3点", datetime(2026, 3, 16, 7, 0, tzinfo=UTC)),
        ("18:00", datetime(2026, 3, 15, 10, 0, tzinfo=UTC)),
        ("2026-01-02 3:30 PM", datetime(2026, 1, 2, 7, 30, tzinfo=UTC)),
        ("2026-01-02 12:05 am", datetime(2026, 1, 1, 16, 5, tzinfo=UTC)),
        ("2026-01-02", datetime(2026, 1, 1, 16, 0, tzinfo=UTC)),
        (46024.5, datetime(2026, 1, 2, 4, 0, tzinfo=UTC)),
        (datetime(2026, 1, 2, 8), datetime(2026, 1, 2, 0, 0, tzinfo=UTC)),
    ],
)
def test_moments(typed: object, moment: datetime) -> None:
    assert p.parse_moment(typed, SHANGHAI, NOW) == moment


@pytest.mark.parametrize(
    ("typed", "zone", "code"),
    [
        ("2026-01-02 25:00", "Asia/Shanghai", "clock"),
        ("2026-02-31 10:00", "Asia/Shanghai", "calendar"),
        ("2026-03-29 02:30", "Europe/Berlin", "gap"),
        ("later", "Asia/Shanghai", "day"),
        ("0001-01-01 00:00", "Asia/Shanghai", "calendar"),
        (float("inf"), "Asia/Shanghai", "day"),
    ],
)
def test_refused_moments(typed: object, zone: str, code: str) -> None:
    with pytest.raises(p.ParseError) as refused:
        p.parse_moment(typed, ZoneInfo(zone), NOW)
    assert refused.value.code == code


def test_flags() -> None:
    for typed in ("是", "Y", "yes", "TRUE", "1", 1, 1.0, True, "√", "ｙ"):
        assert p.parse_flag(typed) is True
    for typed in ("否", "n", "No", "false", "0", 0, 0.0, False, "×"):
        assert p.parse_flag(typed) is False
    for typed in ("x", "", "maybe", 2, "是否"):
        with pytest.raises(p.ParseError):
            p.parse_flag(typed)


@pytest.mark.parametrize(
    ("typed", "number", "extension"),
    [
        ("13800138000", "+8613800138000", ""),
        (13800138000, "+8613800138000", ""),
        (13800138000.0, "+8613800138000", ""),
        ("１３８ ００１３ ８０００", "+8613800138000", ""),
        ("+86 138-0013-8000", "+8613800138000", ""),
        ("008613800138000", "+8613800138000", ""),
        ("19912345678", "+8619912345678", ""),
        ("0755-28780808 转 801", "+8675528780808", "801"),
        ("0755-28780808轉801", "+8675528780808", "801"),
        ("0755-28780808分机801", "+8675528780808", "801"),
        ("(0755)28780808 ext. 801", "+8675528780808", "801"),
        ("0755-28780808-801", "+8675528780808", "801"),
        ("0755-28780808", "+8675528780808", ""),
        ("021 6123 4567", "+862161234567", ""),
        ("400-800-1234", "+864008001234", ""),
        ("400-800-1234-5", "+864008001234", "5"),
        ("800-820-1234", "+868008201234", ""),
        ("10086", "10086", ""),
        ("95588", "95588", ""),
        ("28780808", "28780808", ""),
        ("+1 650 253 0000", "+16502530000", ""),
        ("+852 2123 4567 x12", "+85221234567", "12"),
        ("电话：13800138000", "+8613800138000", ""),
    ],
)
def test_phones(typed: object, number: str, extension: str) -> None:
    assert p.parse_phone(typed) == p.Phone(number, extension)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12345678901", "phone"), ("1380013800", "phone"), ("138001380001", "phone"), ("abc", "phone"), ("", "empty"),
        ("13800138000/13900139000", "several"), ("13800138000、13900139000", "several"), ("+", "phone"),
        (1.38e17, "phone"), (float("inf"), "phone"), (float("nan"), "phone"), ("1" * 300, "long"), ("转801", "phone"),
    ],
)  # fmt: skip
def test_refused_phones(typed: object, code: str) -> None:
    with pytest.raises(p.ParseError) as refused:
        p.parse_phone(typed)
    assert refused.value.code == code


def test_phones_of_another_region() -> None:
    assert p.parse_phone("(650) 253-0000", "US").number == "+16502530000"
    assert p.parse_phone("2123 4567", "HK").number == "+85221234567"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Zhang.Wei＠Example.COM ", "zhang.wei@example.com"),
        ("张伟 <zw@example.cn>", "zw@example.cn"),
        ("mailto:a+b@example.cn", "a+b@example.cn"),
    ],
)
def test_mail(typed: str, address: str) -> None:
    assert p.parse_email(typed) == address


@pytest.mark.parametrize(
    "typed", ["", "a@", "@b.cn", "a b@c.cn", "a@b", "a@b.cn\nBcc: x@y.cn", "a@b.cn,c@d.cn", "\ud800@b.cn", "a\0@b.cn"]
)
def test_refused_mail(typed: str) -> None:
    with pytest.raises(p.ParseError) as refused:
        p.parse_email(typed)
    assert refused.value.code == "email"


def test_clean_text() -> None:
    assert p.clean_text("  a\0b\u202ec\n d\ufeff ") == "abc d"
    assert p.clean_text("a\r\nb\rc\x07", multiline=True) == "a\nb\nc"
    assert p.clean_text("א\u200fב") == "א\u200fב"
    with pytest.raises(p.ParseError) as refused:
        p.clean_text("a\ud800")
    assert refused.value.code == "broken"


@pytest.mark.parametrize(
    "parse",
    [
        p.parse_decimal,
        p.parse_integer,
        lambda s: p.parse_day(s, TODAY),
        lambda s: p.parse_moment(s, SHANGHAI, NOW),
        p.parse_flag,
        p.parse_phone,
        p.parse_email,
        p.clean_text,
    ],
)
@given(raw=st.one_of(st.text(st.characters(exclude_categories=())), st.text("0123456789-/.:年月日点万亿%¥()+eE转 ")))
def test_any_text_is_read_or_refused(parse: Callable[[str], object], raw: str) -> None:
    try:
        parse(raw)
    except p.ParseError as refused:
        assert str(refused)
