"""Rows as PostgreSQL takes them in bulk, made a column at a time."""

import re
from collections.abc import Sequence
from typing import Any

_SPECIAL = re.compile(r"[\\\t\n\r]")


def rows_of(columns: Sequence[Sequence[Any]]) -> str:
    """The text of all rows. What is the same in every row is written down once."""
    marks, parts = [], []
    for column in columns:
        if column.count(column[0]) == len(column):
            marks.append(_text(column[0]).replace("%", "%%"))
        else:
            marks.append("%s")
            parts.append(_texts(column))
    line = "\t".join(marks) + "\n"
    return "".join(map(line.__mod__, zip(*parts, strict=True))) if parts else line % () * len(columns[0])


def _texts(column: Sequence[Any]) -> Sequence[Any]:
    kinds = set(map(type, column))
    if kinds == {int} or (kinds == {str} and not _SPECIAL.search("".join(column))):
        return column
    return list(map(_text, column))


def _text(value: Any) -> str:
    if value is None:
        return r"\N"
    text = str(value)
    if _SPECIAL.search(text):
        text = text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
    return text
