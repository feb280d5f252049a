"""About: the one typed value that says what a record's fields cannot."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import cached_property

FieldRef = Any  # a field object of the class body, or the name or relation path of one


@dataclass(frozen=True)
class Section:
    """A titled part of a form or record page; ``rows`` are tuples of fields shown side by side."""

    title: Any
    rows: tuple[tuple[FieldRef, ...], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class About:
    """What an object is called, how it is listed, found, shown and owned.

    ``title`` names the field people know a record by. ``parent`` is the link whose owner also sees this record.
    ``scope`` is ``"owner"`` (rows follow the owner's place in the organisation) or ``"everyone"`` (shared lists).
    ``board`` is the state or link by which a board is drawn, ``amount`` the money a board column adds up,
    ``calendar`` the day or moment of the calendar. ``match`` are the keys by which an import may find a record.
    ``area`` is the part of the menu where its list stands; empty for what people reach from the record above.
    ``verbs`` are the derived verbs people may have at all. ``title_from`` are the fields a computed title is made of:
    a role that may not see one of them does not see the title either.
    """

    one: Any
    many: Any
    title: FieldRef
    title_from: tuple[FieldRef, ...] = ()
    icon: str = "file-text"
    area: str = "settings"
    slug: str = ""
    subtitle: FieldRef = None
    columns: tuple[FieldRef, ...] = ()
    search: tuple[FieldRef, ...] = ()
    filters: tuple[FieldRef, ...] = ()
    form: tuple[Any, ...] = ()
    side: tuple[str, ...] = ("activities", "files", "history")
    scope: str = "owner"
    parent: FieldRef = None
    board: FieldRef = None
    amount: FieldRef = None
    calendar: FieldRef = None
    order: str = "-id"
    match: tuple[FieldRef, ...] = ()
    verbs: tuple[str, ...] = ("view", "create", "update", "delete", "export", "import")

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        """Django calls this when the class is made: remember the record described."""
        object.__setattr__(self, "record", cls)
        setattr(cls, name, self)

    record: Any = None

    @cached_property
    def title_name(self) -> str:
        return ref_name(self.title)

    @cached_property
    def title_from_names(self) -> tuple[str, ...]:
        return tuple(map(ref_name, self.title_from))

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        return tuple(map(ref_name, self.columns)) or (self.title_name,)

    @cached_property
    def search_names(self) -> tuple[str, ...]:
        return tuple(map(ref_name, self.search)) or (self.title_name,)

    @cached_property
    def filter_names(self) -> tuple[str, ...]:
        return tuple(map(ref_name, self.filters))

    @cached_property
    def match_names(self) -> tuple[str, ...]:
        return tuple(map(ref_name, self.match))

    @cached_property
    def parent_name(self) -> str:
        return ref_name(self.parent) if self.parent else ""

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The form as titled sections; rows written without a section form the first, untitled one."""
        loose = tuple(row for row in self.form if not isinstance(row, Section))
        titled = tuple(part for part in self.form if isinstance(part, Section))
        named = [Section("", loose), *titled] if loose else list(titled)
        return tuple(Section(part.title, tuple(tuple(map(ref_name, row)) for row in part.rows)) for part in named)

    @cached_property
    def form_names(self) -> tuple[str, ...]:
        return tuple(name for part in self.sections for row in part.rows for name in row)

    def references(self) -> Iterator[tuple[str, str]]:
        """Every field named here, with the option that names it: what the start-up checks verify."""
        for option in ("title", "subtitle", "parent", "board", "amount", "calendar"):
            if value := getattr(self, option):
                yield option, ref_name(value)
        for option in ("columns", "search", "filters", "match", "title_from"):
            for value in getattr(self, option):
                yield option, ref_name(value)
        for name in self.form_names:
            yield "form", name
        yield "order", self.order.lstrip("-")


def ref_name(ref: FieldRef) -> str:
    """The name of a field given as object or string."""
    return ref if isinstance(ref, str) else str(ref.name)
