"""PostgreSQL takes rows in while the next are being made."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import Any, Self

from django.db import connection

from guanxi.site.demo.crowd import tables

#: How many pieces may wait for the database; a piece is a few hundred rows of one table.
AHEAD = 12


class Pen:
    """Writes in the order it is told, within ``with``, which ends when all is written, or with the first complaint.

    SQLite works in this very process, so there each piece is written at once.
    """

    def __init__(self) -> None:
        self._hand: ThreadPoolExecutor | None = None
        self._under_way: deque[Future[None]] = deque()
        self._alone = Lock()
        self._failed: Exception | None = None

    def __enter__(self) -> Self:
        if tables.postgres():
            connection.ensure_connection()
            self._hand = ThreadPoolExecutor(1, thread_name_prefix="pen")
        return self

    def __exit__(self, failed: object, *_rest: object) -> None:
        if self._hand:
            try:
                while self._under_way and not failed:
                    self._under_way.popleft().result()
            finally:
                self._hand.shutdown(cancel_futures=True)
                self._hand = None

    def write(self, table: str, columns: Sequence[str], constants: dict[str, Any], rows: Iterable[tuple[Any, ...]],
              moments: Collection[str] = ()) -> None:
        """As ``tables.write``; a complaint of the database may come with a later piece."""
        if not self._hand:
            tables.write(table, columns, constants, rows, moments)
            return
        piece = tables.piece(table, columns, constants, rows)
        self._under_way.append(self._hand.submit(self._copy, connection.connection, piece))
        if len(self._under_way) > AHEAD:
            self._under_way.popleft().result()

    def _copy(self, raw: Any, piece: tuple[str, str]) -> None:
        with self._alone:
            try:
                tables.copy(raw, piece)
            except Exception as error:
                self._failed = self._failed or error
                raise

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within, nothing is being written: the connection is the caller's."""
        with self._alone:
            if self._failed:  # the caller would only hear what follows from it
                raise self._failed
            yield
