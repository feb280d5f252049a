"""Questions that come with every request: put into SQL once, asked with another value each time."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import QuerySet

from guanxi.kernel.api import Ctx, policy


class Prepared:
    """One row by one value. ``question`` makes the query for a value; ``example`` is a value that nothing else equals.

    Making SQL of a query takes longer than asking it. The question must depend on nothing but its value: neither on
    who asks nor on the time. Rows come as the query's model, what it annotates as attributes.
    """

    def __init__(self, question: Callable[[Any], QuerySet[Any]], example: Any) -> None:
        self.question, self.example = question, example
        self._sql: dict[str, tuple[Any, str, tuple[Any, ...]]] = {}

    def row(self, value: Any) -> Any:
        """The row of a value, or None."""
        if (kept := self._sql.get(connection.vendor)) is None:
            made = self.question(self.example)
            kept = self._sql[connection.vendor] = (made.model._base_manager, *made.query.sql_with_params())
        rows, sql, values = kept
        return next(iter(rows.raw(sql, [value if one == self.example else one for one in values])), None)


#: The person of an id, unless deleted, with the mark by which their rights are known.
PERSON = Prepared(lambda pk: policy.marked(
    Ctx(system=True, reason="who asks").find(get_user_model()).filter(pk=pk)), -2)
