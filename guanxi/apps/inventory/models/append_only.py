"""A table whose rows the database itself keeps from being changed or removed."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.ddl_references import Statement, Table

_SQLITE = ("CREATE TRIGGER {name}_{word} BEFORE {event} ON %(table)s BEGIN SELECT RAISE(ABORT, '{text}'); END")
_FUNCTION = ("CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
             "$$ BEGIN RAISE EXCEPTION '{text}' USING ERRCODE = 'restrict_violation'; END $$")
_POSTGRES = "CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON %(table)s FOR EACH ROW EXECUTE FUNCTION {name}()"
_TEXT = "Stock movements are append-only."


class AppendOnly(models.BaseConstraint):
    """Rows may be added, nothing else: a trigger refuses. Made with the table, so a rebuilt table has it again."""

    def __init__(self, *, name: str) -> None:
        super().__init__(name=name)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """The statements that make the trigger; all but the last are put off until the table stands."""
        facts = {"name": self.name, "text": _TEXT}
        if schema_editor.connection.vendor == "postgresql":
            wanted = [_FUNCTION.format(**facts), _POSTGRES.format(**facts)]
        else:
            wanted = [_SQLITE.format(word=event.lower(), event=event, **facts) for event in ("UPDATE", "DELETE")]
        table = Table(model._meta.db_table, schema_editor.quote_name)
        *first, last = [Statement(one, table=table) for one in wanted]
        schema_editor.deferred_sql.extend(first)
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
