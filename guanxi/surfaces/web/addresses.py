"""Addresses: where the pages of an object and of a record are found."""

from typing import Any

from django.http import QueryDict

from guanxi.kernel import registry
from guanxi.kernel.records import Record

Model = type[Record]


def list_url(model: Model, **query: Any) -> str:
    """The list of an object, with a query where one is given."""
    return with_query(f"/{registry.slug(model)}/", **query)


def new_url(model: Model, **query: Any) -> str:
    """The form of a new record."""
    return with_query(f"/{registry.slug(model)}/new", **query)


def record_url(model: Model, pk: Any) -> str:
    """The page of a record."""
    return f"/{registry.slug(model)}/{pk}"


def edit_url(model: Model, pk: Any) -> str:
    """The form of a record."""
    return f"/{registry.slug(model)}/{pk}/edit"


def cell_url(model: Model, pk: Any, key: str) -> str:
    """The form of one value, filled in where it stands."""
    return f"/{registry.slug(model)}/{pk}/cell/{key}"


def reveal_url(model: Model, pk: Any, key: str) -> str:
    """The dialog that shows one masked value."""
    return f"/{registry.slug(model)}/{pk}/reveal/{key}"


def log_url(model: Model, pk: Any) -> str:
    """The form of a follow-up with a record."""
    return f"/{registry.slug(model)}/{pk}/log"


def action_url(model: Model, pk: Any, verb: str) -> str:
    """The dialog of an action on one record."""
    return f"/{registry.slug(model)}/{pk}/do/{verb}"


def bulk_url(model: Model, verb: str) -> str:
    """The dialog of an action on chosen records of a list, or of one that takes no record."""
    return f"/{registry.slug(model)}/do/{verb}"


def undo_url(operation_id: int | None) -> str:
    """Where an operation is taken back; empty where there is none."""
    return f"/undo/{operation_id}" if operation_id else ""


def with_query(path: str, **query: Any) -> str:
    """An address with parameters; empty ones are left out, lists are repeated."""
    asked = QueryDict(mutable=True)
    for key, value in query.items():
        if isinstance(value, list | tuple):
            asked.setlist(key, [str(one) for one in value])
        elif value not in (None, ""):
            asked[key] = str(value)
    return f"{path}?{asked.urlencode()}" if asked else path
