"""Which column goes where: names are compared in every language, values with what is there."""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from guanxi.kernel import facts
from guanxi.kernel.api import Ctx
from guanxi.kernel.facts import FieldView
from guanxi.kernel.records import Record
from guanxi.language.text import fold
from guanxi.language.words import in_every_language
from guanxi.surfaces.impex import line_fields
from guanxi.surfaces.impex.synonyms import EXTERNAL, SYNONYMS

#: The target of the column that holds a row's key in the system it comes from.
EXTERNAL_KEY = "#external"
_UNFIT = frozenset({"json", "file", "number"})
_CLOSE = 0.86


def bare(name: Any) -> str:
    """A name without what people write differently: case, width, script, spaces and signs."""
    return re.sub(r"[\W_]+", "", fold(str(name)))


def targets(ctx: Ctx, model: type[Record]) -> list[FieldView]:
    """The fields an import by this person may fill, in the order of the form."""
    order = {key: place for place, key in enumerate(model.about.form_names)}
    found = [view for view in facts.fields(model, ctx) if allowed(ctx, view)]
    found.sort(key=lambda view: order.get(view.key, len(order) + view.custom))
    return [*found, *(view for view in line_fields.views(ctx, model) if allowed(ctx, view))]


def allowed(ctx: Ctx, view: FieldView) -> bool:
    """May the person fill this field by an import? The number of a document is read, to tell its rows, not filled."""
    if view.kind == "number":
        return not view.masked and view.key == line_fields.number_key(view.model)
    if view.kind in _UNFIT or view.secret or view.masked:
        return False
    return not view.readonly or ctx.system or (view.importable and ctx.migrating)


def names_of(view: FieldView) -> set[str]:
    """Everything a column of this field may be called."""
    return _labels(view) | {bare(name) for name in SYNONYMS.get(view.key.rpartition(".")[2], ())} - {""}


def _labels(view: FieldView) -> set[str]:
    """What a field is called by the product itself; a field of lines is known with and without its list."""
    also = view.names() if isinstance(view, line_fields.LineField) else ()
    return {bare(name) for name in (*in_every_language(view.source.verbose_name), view.label, view.key, *also)} - {""}


def match_columns(ctx: Ctx, model: type[Record], columns: Sequence[str]) -> dict[str, list[str]]:
    """The likely target of each column: own labels win over usual names, exact ones over similar ones."""
    views = targets(ctx, model)
    wanted = {column: bare(column) for column in columns}
    taken: dict[str, str] = {}
    for known in ([_labels(view) for view in views], [names_of(view) for view in views]):
        for column, name in wanted.items():
            for view, names in zip(views, known, strict=True):
                if column not in taken and view.key not in taken.values() and name in names:
                    taken[column] = view.key
    ids = {bare(name) for name in EXTERNAL}
    for column, name in wanted.items():
        if column not in taken and name in ids and EXTERNAL_KEY not in taken.values():
            taken[column] = EXTERNAL_KEY
    _similar(views, wanted, taken)
    return {column: [taken[column]] if column in taken else [] for column in columns}


def _similar(views: list[FieldView], wanted: dict[str, str], taken: dict[str, str]) -> None:
    """Spelling mistakes in what is left. What lines work out is called much like what they are given."""
    views = [view for view in views if not isinstance(view, line_fields.LineField)]
    for column, name in wanted.items():
        free = {known: view.key for view in views if view.key not in taken.values() for known in names_of(view)}
        if column not in taken and len(name) > 3 and (close := nearest(name, free)):
            taken[column] = free[close]


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like this one, or nothing where none is like it."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=_CLOSE)), "")
