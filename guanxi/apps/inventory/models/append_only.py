"""A table whose rows the database itself keeps from being changed or removed."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.ddl_references import Statement, Table

_SQLITE = "CREATE TRIGGER {name}_{word} BEFORE {event} ON %(table)s BEGIN SELECT RAISE(ABORT, '{text}'); END"
_POSTGRES = ("CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
             "$$ BEGIN RAISE EXCEPTION '{text}' USING ERRCODE = 'restrict_violation'; END $$; "
             "CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON %(table)s FOR EACH ROW EXECUTE FUNCTION {name}()")
_TEXT = "Stock movements are append-only."


class AppendOnly(models.BaseConstraint):
    """Rows may be added, nothing else: a trigger refuses. Made with the table, so a rebuilt table has it again."""

    def __init__(self, *, name: str) -> None:
        super().__init__(name=name)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """What makes the trigger. SQLite takes one statement at a time: its first is put off until the table stands."""
        table = Table(model._meta.db_table, schema_editor.quote_name)
        if schema_editor.connection.vendor == "postgresql":
            return Statement(_POSTGRES.format(name=self.name, text=_TEXT), table=table)
        first, last = (Statement(_SQLITE.format(name=self.name, text=_TEXT, word=event.lower(), event=event), table=table)
                       for event in ("UPDATE", "DELETE"))
        schema_editor.deferred_sql.append(first)
        return last

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """A trigger is no part of CREATE TABLE: it comes after it."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        """Rows may be changed again. SQLite never asks: there the table is made anew without the trigger."""
        table = Table(model._meta.db_table, schema_editor.quote_name)
        return Statement(f"DROP TRIGGER {self.name} ON %(table)s", table=table)

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Said in words before the database says it."""
        if not instance._state.adding:
            raise ValidationError(self.get_violation_error_message())

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Its words cause no migration."""
        return f"{type(self).__module__}.{type(self).__qualname__}", (), {"name": self.name}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AppendOnly) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)
