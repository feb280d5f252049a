"""Amounts written out as on Chinese bills."""

from decimal import Decimal

import pytest

from guanxi.language.capitals import capitals

pytestmark = pytest.mark.covers("P19")


@pytest.mark.parametrize(("amount", "words"), [
    ("100", "壹佰元整"), ("0", "零元整"), ("0.05", "伍分"), ("0.50", "伍角整"), ("1.05", "壹元零伍分"), ("1.50", "壹元伍角整"),
    ("10.00", "壹拾元整"), ("101.01", "壹佰零壹元零壹分"), ("1001", "壹仟零壹元整"), ("1010.10", "壹仟零壹拾元壹角整"),
    ("10001", "壹万零壹元整"), ("100000", "壹拾万元整"), ("1234567.89", "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
    ("100000001", "壹亿零壹元整"), ("20003000", "贰仟万叁仟元整"), ("20000300", "贰仟万零叁佰元整"),
    ("1000000000000", "壹万亿元整"), ("-3.2", "负叁元贰角整"),
])
def test_amounts_are_written_out(amount: str, words: str) -> None:
    assert capitals(Decimal(amount)) == words


def test_traditional_characters() -> None:
    assert capitals(Decimal("12306.70"), "zh-hant") == "壹萬貳仟參佰零陸元柒角整"


@pytest.mark.parametrize("amount", ["0.005", "10000000000000000"])
def test_what_cannot_be_written_out_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="not written out"):
        capitals(Decimal(amount))
