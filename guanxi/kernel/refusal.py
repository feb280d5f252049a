"""Refused: a clear no — what was refused, at which field and record, why, and what to do."""

from typing import Any


class Refused(Exception):
    """The request cannot be done. ``field`` names the input at fault, ``errors`` several of them at once: then the
    reason is the first of theirs if none is given."""

    status = 400
    code = "refused"
    #: The record on which something was tried that has to stay in the account although it was refused.
    attempt: Any = None

    def __init__(self, reason: Any = "", *, field: str = "", errors: dict[str, list[str]] | None = None,
                 record: Any = None) -> None:
        super().__init__(str(reason or next(iter((errors or {}).values()), [""])[0]))
        self.field, self.record = field, record
        self.errors = errors if errors is not None else ({field: [str(reason)]} if field else {})

    @property
    def reason(self) -> str:
        return str(self.args[0])


class Denied(Refused):
    """The actor lacks the right."""

    status = 403
    code = "denied"


class Missing(Refused):
    """There is no such record for this actor. Rows of others answer the same as rows that do not exist."""

    status = 404
    code = "missing"


class Conflict(Refused):
    """Somebody else changed the same field meanwhile. ``values`` holds mine, theirs and the original by field."""

    status = 409
    code = "conflict"

    def __init__(self, reason: Any, *, values: dict[str, dict[str, Any]] | None = None, record: Any = None,
                 by: Any = None, at: Any = None, field: str = "") -> None:
        super().__init__(reason, field=field, record=record)
        self.values, self.by, self.at = values or {}, by, at
