"""How rows of an object are written in bulk: as lines of the database and as entries of the account."""

import json
from collections.abc import Iterable
from typing import Any

from guanxi.kernel import entries
from guanxi.kernel import fields as f
from guanxi.kernel.api import Record
from guanxi.site.demo.crowd.story import Row

#: What entries do not tell, and what follows from no word of the rows.
_EMPTY = (None, "")
_UNTOLD = entries.HOUSEKEEPING | {"extra"}


class Shape:
    """One object: which columns change from row to row, which are the same in all, taken from an unsaved record."""

    def __init__(self, sample: Record, varying: Iterable[str]) -> None:
        self.model, self.name = type(sample), sample._meta.label_lower
        self.varying = tuple(varying)
        fields = {source.name: source for source in self.model._meta.concrete_fields}
        columns: dict[str, Any] = {name: source.column for name, source in fields.items()}
        self.columns = [columns[name] for name in self.varying]
        self.constants = {columns[name]: getattr(sample, source.attname) for name, source in fields.items()
                          if name not in self.varying}
        self.moments = frozenset(columns[name] for name in self.varying if isinstance(fields[name], f.Moment))
        same = {name: pair for name, pair in entries.diff(sample, True).items() if name not in self.varying}
        self._same = {name: _fragment(name, pair[1]) for name, pair in same.items()}
        told = [name for name in self.varying if name not in _UNTOLD]
        self._flags = [name for name in told if isinstance(fields[name], f.Flag)]
        self._told = [name for name in told if name not in self._flags]
        self._texts = {name for name in self._told if not isinstance(fields[name], f.Link | f.Integer)}
        self._forms: dict[tuple[bool, ...], tuple[str, list[str]]] = {}

    def values(self, row: Row) -> tuple[Any, ...]:
        return tuple([row[name] for name in self.varying])

    def changes(self, row: Row) -> str:
        """What the account says came in, in the very form over which entries are sealed; no word needs escaping."""
        told = (*[row[name] not in _EMPTY for name in self._told], *[row[name] for name in self._flags])
        known = self._forms.get(told)
        if known is None:
            known = self._forms[told] = self._form([name for name in self._told if row[name] not in _EMPTY], row)
        form, names = known
        found = form % tuple([row[name] for name in names])
        custom, lines = row.get("custom", {}), row.get("lines")
        if not custom and not lines:
            return found
        parts = [*json.loads(found).items(), *((f"extra.{key}", [None, value]) for key, value in custom.items())]
        parts += [("lines", lines)] if lines else []
        return json.dumps(dict(parts), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def _form(self, names: list[str], row: Row) -> tuple[str, list[str]]:
        """A text with a place for each value that is there."""
        parts = {name: fragment.replace("%", "%%") for name, fragment in self._same.items()}
        parts |= {name: f'"{name}":[null,"%s"]' if name in self._texts else f'"{name}":[null,%s]' for name in names}
        parts |= {name: _fragment(name, row[name]) for name in self._flags}
        return "{" + ",".join(parts[name] for name in sorted(parts)) + "}", sorted(names)


def _fragment(name: str, value: Any) -> str:
    return f'"{name}":{json.dumps([None, value], ensure_ascii=False, separators=(",", ":"))}'
