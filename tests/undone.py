"""What an undo must leave behind, whatever was done in whatever order: the frame of worlds in which that is tried."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

from django.db.models import F

from guanxi.common import undoing
from guanxi.common.talk import Follow
from guanxi.kernel import registry
from guanxi.kernel.api import Ctx, Refused
from guanxi.kernel.entries import Operation
from guanxi.kernel.external import ExternalId, Redirect
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.search_index import SearchDoc

#: What a change leaves behind besides what was changed, or what follows from something else and is compared with that.
MOVING = {"version", "updated_at", "updated_by_id", "upper_owner_id", "sort_key"}
Key = tuple[str, int]
Picture = dict[Key, dict[str, Any]]


def differs(before: Picture, after: Picture) -> dict[Key, set[str]]:
    """The columns in which rows differ; of a row that only one of them has, all."""
    found = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key, {}), after.get(key, {})
        if old is not new and (names := {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}):
            found[key] = names
    return found


def leads() -> Any:
    """Who follows what, and where the keys of other systems and old addresses lead."""
    return [sorted(model.objects.values_list(*names)) for model, names in (
        (ExternalId, ("source", "key", "object_type", "object_id")), (Follow, ("user_id", "object_type", "object_id")),
        (Redirect, ("object_type", "old_id", "new_id")))]


def alive(of: Picture) -> Picture:
    return {key: row for key, row in of.items() if not row.get("deleted_at")}


@cache
def _ways(name: str) -> tuple[tuple[str, str], ...]:
    """The columns of an object that lead to records, each with the object it leads to."""
    return tuple((source.attname, object_name(source.related_model)) for source in registry.links_of(registry.model_of(name)))


def links(key: Key, row: dict[str, Any]) -> set[Key]:
    """Where a row leads to."""
    return {(target, row[column]) for column, target in _ways(key[0]) if row.get(column) is not None}


@cache
def _above(name: str) -> tuple[str, str] | None:
    """The document of a line: its column, and its object."""
    if (document := registry.document(registry.model_of(name))) is None:
        return None
    return f"{registry.model_of(name).about.parent_name}_id", object_name(document)


def home(key: Key, of: Picture) -> Key | None:
    """The document to which a line belongs."""
    above = _above(key[0])
    return (above[1], of[key][above[0]]) if above else None


@cache
def _worked_out(name: str) -> set[str]:
    """The columns of an object that follow from others, such as the place of a line and its part of a discount."""
    return {source.attname for source in registry.model_of(name)._meta.concrete_fields if getattr(source, "computed", False)}


@dataclass
class Done:
    """An operation with the pictures before and after it."""

    operation: int
    before: Picture
    after: Picture
    undoes: "Done | None" = None


@dataclass
class World:
    """People, what they did, and what may be undone of it."""

    boss: Ctx
    other: Ctx
    done: list[Done] = field(default_factory=list)
    conflicts: int = 0
    alone: int = 0
    now: Picture = field(init=False)
    #: The objects that are looked at, and the columns that are not.
    records: ClassVar[tuple[type[Record], ...]] = ()
    moving: ClassVar[set[str]] = MOVING
    #: What may happen: each step is drawn with three numbers and does with them what it likes.
    steps: ClassVar[dict[str, Callable[[Any, int, int, int], None]]] = {}

    def picture(self) -> Picture:
        """Every row with every column; of a line the owner says nothing: it is seen with its document."""
        found: Picture = {}
        for model in self.records:
            without = self.moving | {"owner_id"} if registry.document(model) else self.moving
            for row in model._default_manager.values():
                found[(object_name(model), row["id"])] = {name: row[name] for name in row if name not in without}
        return found

    def rows(self, model: type[Any], which: int, many: int = 1) -> list[Any]:
        rows = list(self.boss.find(model).order_by("pk"))
        return [rows[(which + n) % len(rows)] for n in range(min(many, len(rows)))]

    def __post_init__(self) -> None:
        self.now = self.picture()

    def open(self) -> None:
        """Something to begin with."""
        raise NotImplementedError

    def play(self, kind: str, a: int, b: int, c: int) -> None:
        """One thing that somebody does. A refusal is one of the things that happen, and changes nothing."""
        before, known, refused = self.now, set(Operation.objects.values_list("pk", flat=True)), False
        try:
            self.steps[kind](self, a, b, c)
        except Refused:
            refused = True
        made = sorted(set(Operation.objects.values_list("pk", flat=True)) - known)
        if kind != "undo":
            assert len(made) <= 1
            self.now = self.picture()
            assert not refused or self.now == before
            self.done += [Done(pk, before, self.now) for pk in made]
            self.alone += not made and self.now != before
        self.holds()

    def undo(self, one: Done) -> None:
        """Take an operation back and compare what is there now with what has to be."""
        current = self.now
        result = undoing.undo(self.boss, one.operation)
        now = self.now = self.picture()
        listed = {(name, pk): reason for name, pk, _title, reason in result.conflicts}
        self.conflicts += len(listed)
        self.judge(one, current, now, listed)
        self.done.append(Done(result.operation_id, current, now, one))

    def undo_any(self, which: int = 0) -> None:
        """Take something back that is done, counted from the newest."""
        states = dict(Operation.objects.values_list("pk", "state"))
        able = [one for one in self.done if states[one.operation] == Operation.State.DONE]
        if able:
            self.undo(able[-1 - which % len(able)])

    def pending(self) -> list[Done]:
        """What is to be undone for everything to be as before, the oldest first."""
        def takes_back(one: Done) -> bool:
            return one.undoes is not None and not takes_back(one.undoes)

        states = dict(Operation.objects.values_list("pk", "state"))
        return [one for one in self.done if states[one.operation] == Operation.State.DONE and not takes_back(one)]

    def take_all_back(self, order: Iterable[int]) -> None:
        """Some out of turn, then whatever is left, the newest first."""
        for which in order:
            if pending := self.pending():
                self.undo(pending[which % len(pending)])
                self.holds()
        while pending := self.pending():
            self.undo(pending[-1])
            self.holds()

    def judge(self, one: Done, current: Picture, now: Picture, listed: dict[Key, str]) -> None:
        """Every row is as before the operation, or listed because of a change made since and left as it was."""
        changed = differs(one.before, one.after)
        conflicts = {key for key in changed if key in listed or home(key, one.after) in listed}
        for key, names in changed.items():
            was, left, is_now = one.before.get(key), current[key], now[key]
            if key in conflicts:
                assert is_now in (left, {**left, **{name: was[name] for name in names}} if was else left), (key, listed)
            elif was is None:
                assert is_now["deleted_at"], (key, listed)
            else:
                wanted = {**left, **{name: was[name] for name in names}}
                assert is_now == wanted, (key, {name: (is_now[name], wanted[name]) for name in wanted if is_now[name] != wanted[name]})
        strangers = {key: names for key, names in differs(current, now).items() if key not in changed
                     and not (home(key, now) in changed and names <= _worked_out(key[0]))}
        assert not strangers, strangers
        for key, reason in listed.items():
            self.justified(key, reason, one, current, now)

    def justified(self, key: Key, reason: str, one: Done, current: Picture, now: Picture) -> None:
        """Is it true what is said of a record that was left as it is?"""
        ours = {key, *(line for line in one.after if home(line, one.after) == key)}
        changed = {row: names for row, names in differs(one.before, one.after).items() if row in ours}
        since = {row: names for row, names in differs(one.after, current).items() if row in ours}
        if "changed since" in reason:
            created = key not in one.before
            assert any(created or names & changed.get(row, set()) for row, names in since.items()), (key, reason)
        elif "recycle bin" in reason:
            needed = links(key, now[key]) | links(key, one.before.get(key, {}))
            assert now[key].get("deleted_at") or any(
                now.get(link, {}).get("deleted_at") for link in needed), (key, reason)
        elif "still used" in reason:
            assert any(key in links(other, row) for other, row in alive(now).items()), (key, reason)
        else:
            assert self.otherwise(key, reason, one, now), (key, reason)

    def otherwise(self, key: Key, reason: str, one: Done, now: Picture) -> Any:
        """Is a reason true that only this world has?"""
        return False

    def holds(self) -> None:
        """What is true after whatever happened: nothing leads into the bin; owners above and search follow."""
        rows = alive(self.now)
        for key, row in rows.items():
            for link in links(key, row):
                assert link in rows or link[0] not in self.names(), f"{key} leads to {link}, which is in the recycle bin"
        for model in self.records:
            if above := model.about.parent_name:
                stale = model._default_manager.filter(deleted_at=None, **{f"{above}__isnull": False}).exclude(
                    upper_owner=F(f"{above}__owner")).exclude(upper_owner=None, **{f"{above}__owner": None})
                assert list(stale) == []
        searched = [model for model in self.records if model.about.search]
        wanted = {(object_name(row), row.pk, row.full_title[:300], row.owner_id, row.upper_owner_id)
                  for model in searched for row in model._default_manager.filter(deleted_at=None)}
        kept = SearchDoc.objects.filter(object_type__in=[object_name(model) for model in searched])
        assert set(kept.values_list("object_type", "object_id", "title", "owner_id", "upper_owner_id")) == wanted

    def names(self) -> set[str]:
        return {object_name(model) for model in self.records}
