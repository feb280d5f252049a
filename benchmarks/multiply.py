"""A loaded block of a firm written again and again by the database itself, each time for other owners."""

from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction

from guanxi.apps.org.models import User
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.sales.models import Opportunity
from guanxi.apps.work.models import Activity
from guanxi.kernel.entries import Entry, StateChange
from guanxi.kernel.match_keys import MatchKey
from guanxi.kernel.search_index import SearchDoc

RECORDS: tuple[type[Any], ...] = (Customer, Contact, Opportunity, Activity)
#: What the kernel keeps beside records.
BESIDE: tuple[type[Any], ...] = (SearchDoc, MatchKey, StateChange, Entry)
PEOPLE_COLUMNS = {"owner_id", "upper_owner_id", "actor_id"}


class Block:
    """What was written between two moments."""

    def __init__(self, people: list[User]) -> None:
        self.first, self.count = people[0].pk, len(people)
        self.below = {model: self._last(model) for model in (*RECORDS, *BESIDE)}
        self.upto: dict[Any, int] = {}

    @staticmethod
    def _last(model: Any) -> int:
        return model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0

    def close(self) -> None:
        """The block ends here."""
        self.upto = {model: self._last(model) for model in self.below}

    def again(self, times: int) -> int:
        """Write the block so many times more; returns how many records."""
        for place in range(1, times + 1):
            with transaction.atomic(), connection.cursor() as cursor:
                for model in RECORDS:
                    self._copy(cursor, model, place)
                for model in BESIDE:
                    for record in RECORDS:
                        self._copy(cursor, model, place, record)
                if connection.vendor == "sqlite":
                    shift = self._shift(SearchDoc, place)
                    cursor.execute(f"INSERT INTO kernel_search_fts(rowid, body) SELECT rowid + {shift}, body FROM "
                                   f"kernel_search_fts WHERE rowid > {self.below[SearchDoc]} "
                                   f"AND rowid <= {self.upto[SearchDoc]}")
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(no_style(), [*RECORDS, *BESIDE]):
                cursor.execute(sql)
        return times * sum(self.upto[model] - self.below[model] for model in RECORDS)

    def _shift(self, model: Any, place: int) -> int:
        return place * (self.upto[model] - self.below[model])

    def _copy(self, cursor: Any, model: Any, place: int, record: Any = None) -> None:
        """One table; of the kernel's tables the rows that belong to one object."""
        columns = [source.column for source in model._meta.concrete_fields]
        if model is SearchDoc and connection.vendor == "postgresql":
            columns.append("body")
        wanted = [self._wanted(model, column, place, record) for column in columns]
        names = ", ".join(f'"{column}"' for column in columns)
        kind = f" AND object_type = '{record._meta.label_lower}'" if record else ""
        cursor.execute(f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {", ".join(wanted)} '
                       f'FROM "{model._meta.db_table}" WHERE id > {self.below[model]} AND id <= {self.upto[model]}{kind}')

    def _wanted(self, model: Any, column: str, place: int, record: Any) -> str:
        source = next((one for one in model._meta.concrete_fields if one.column == column), None)
        target = source.related_model if source is not None and source.is_relation else None
        if column == "id":
            return f"id + {self._shift(model, place)}"
        if column == "object_id":
            return f"object_id + {self._shift(record, place)}"
        if target in RECORDS:
            return f'"{column}" + {self._shift(target, place)}'
        if target is User or column in PEOPLE_COLUMNS:
            return f'("{column}" - {self.first} + {place}) % {self.count} + {self.first}'
        return f'"{column}"'
