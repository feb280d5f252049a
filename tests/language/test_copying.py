"""Rows as PostgreSQL's COPY takes them."""

import datetime
from decimal import Decimal

from guanxi.language import copying


def test_every_value_is_written_as_copy_reads_it() -> None:
    rows = copying.rows_of([["a", "b\tc"], ["\\N", "\n\r"], [None, 5], [True, False], [Decimal("1.50"), Decimal(2)]])
    assert rows == "a\t\\\\N\t\\N\tTrue\t1.50\nb\\tc\t\\n\\r\t5\tFalse\t2\n"


def test_what_is_the_same_in_every_row_is_written_in_every_row() -> None:
    day = datetime.date(2026, 11, 20)
    assert copying.rows_of([["100 %s", "100 %s"], [1, 2], [day, day]]) == "100 %s\t1\t2026-11-20\n100 %s\t2\t2026-11-20\n"
    assert copying.rows_of([["%", "%"], [None, None]]) == "%\t\\N\n%\t\\N\n"
