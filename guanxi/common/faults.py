"""What a fault of the machinery means for whoever asked: a full disk, a database that is away or busy."""

import errno
from collections.abc import Iterator
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.refusal import Refused

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
#: PostgreSQL's own code of a full disk.
_DISK_FULL = "53100"


class Unavailable(Refused):
    """It cannot be done now, whoever asks; ``wait`` seconds later it is worth another try."""

    status = 503
    code = "unavailable"

    def __init__(self, reason: Any, *, wait: int = 10) -> None:
        super().__init__(reason)
        self.wait = wait


def full() -> Unavailable:
    """There is no room left."""
    return Unavailable(_("The disk of the server is full: nothing can be saved until an administrator makes room. "
                         "Nothing was changed; reading goes on."), wait=60)


def meaning(error: BaseException | None) -> Unavailable | None:
    """What to tell about an error that is neither the asker's mistake nor ours; None for all others."""
    causes = list(_causes(error))
    if any(_is_full(one) for one in causes):
        return full()
    if any(isinstance(one, OperationalError | InterfaceError) for one in causes):
        return Unavailable(_("The database does not answer at the moment. Nothing was changed; try again in a moment."))
    return None


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _FULL
    return getattr(error, "sqlstate", None) == _DISK_FULL or (
        isinstance(error, OperationalError) and "database or disk is full" in str(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
