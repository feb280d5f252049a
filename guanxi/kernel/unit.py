"""The unit of work: what one transaction has to leave behind, and what it need not ask twice."""

from dataclasses import dataclass, field
from typing import Any

from guanxi.kernel.entries import Entry
from guanxi.kernel.records import Record


@dataclass
class Unit:
    """What one transaction has to leave behind: entries, state changes, the search index."""

    verb: str
    inputs: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    entries: list[Entry] = field(default_factory=list)
    states: list[tuple[Any, ...]] = field(default_factory=list)
    indexed: dict[tuple[str, int], Record] = field(default_factory=dict)
    removed: dict[str, set[int]] = field(default_factory=dict)
    renew: bool = False
    #: Somebody got another owner: what hangs below may stand in ``indexed`` with the former one above it.
    given: bool = False
    #: Links found good and owners of records above; forgotten when anything but a new record is written.
    links: set[tuple[bool, str, int]] = field(default_factory=set)
    owners: dict[tuple[str, int], int | None] = field(default_factory=dict)

    def mark(self) -> tuple[int, int]:
        return len(self.entries), len(self.states)

    def entry_of(self, record: Record) -> Entry:
        """The newest entry about a record."""
        name = record._meta.label_lower
        return next(one for one in reversed(self.entries) if (one.object_type, one.object_id) == (name, record.pk))

    def back_to(self, mark: tuple[int, int]) -> None:
        """Forget what was noted since a savepoint that has been rolled back."""
        gone = {(entry.object_type, entry.object_id or 0) for entry in self.entries[mark[0]:]}
        del self.entries[mark[0]:]
        del self.states[mark[1]:]
        self.forget()
        if gone:
            for name, pk in gone - {(entry.object_type, entry.object_id) for entry in self.entries}:
                self.indexed.pop((name, pk), None)
                self.removed.get(name, set()).discard(pk)

    def forget(self) -> None:
        """What may be seen, and who owns what, has perhaps changed."""
        self.links.clear()
        self.owners.clear()
