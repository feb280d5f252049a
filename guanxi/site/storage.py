"""Where uploaded files lie: none is left half written, and none without the row that was to name it."""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage
from django.db import transaction

_open = threading.local()


class Files(FileSystemStorage):
    """Files of a transaction that does not commit are removed when its request is over."""

    def _save(self, name: str, content: Any) -> str:
        try:
            kept: str = super()._save(name, content)  # type: ignore[misc]
        except OSError:
            with suppress(OSError):
                Path(self.path(name)).unlink(missing_ok=True)
            raise
        if transaction.get_connection().in_atomic_block:
            place = Path(self.path(kept))
            waiting().add(place)
            transaction.on_commit(lambda: waiting().discard(place))
        return kept


def waiting() -> set[Path]:
    """The files this thread has written in transactions that have not committed."""
    if not hasattr(_open, "places"):
        _open.places = set()
    places: set[Path] = _open.places
    return places


def sweep() -> None:
    """After a request: what has not been committed by now never will be."""
    for place in list(waiting()):
        place.unlink(missing_ok=True)
        waiting().discard(place)
