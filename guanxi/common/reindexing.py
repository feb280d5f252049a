"""What is kept for finding, written anew: for a new version of the analyser or of the rules, or a restored backup."""

from collections.abc import Iterable, Iterator
from itertools import islice

from guanxi.kernel import match_keys, search_index
from guanxi.kernel.match_keys import MatchKey
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.search_index import SearchDoc

_BATCH = 500


def words(models: Iterable[type[Record]]) -> int:
    """Index every live record of these objects; returns how many."""
    count = 0
    for model in models:
        name = object_name(model)
        search_index.remove(name, SearchDoc.objects.filter(object_type=name).values_list("object_id", flat=True))
        for rows in _live(model) if model.about.search else ():
            search_index.update(rows)
            count += len(rows)
    return count


def keys(models: Iterable[type[Record]]) -> int:
    """Write the match keys of every live record of these objects; returns how many records."""
    count = 0
    for model in models:
        if model.match_keys is not Record.match_keys:
            MatchKey.objects.filter(object_type=object_name(model)).delete()
            for rows in _live(model):
                match_keys.update(rows)
                count += len(rows)
    return count


def _live(model: type[Record]) -> Iterator[list[Record]]:
    rows = model._default_manager.filter(deleted_at=None).order_by("pk").iterator(chunk_size=_BATCH)
    while batch := list(islice(rows, _BATCH)):
        yield batch
