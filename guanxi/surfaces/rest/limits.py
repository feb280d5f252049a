"""Limits of requests: a bucket per token and per person, with a lane of its own for work on many rows."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.surfaces.rest.errors import TooMany

#: Buckets remembered at a time; the ones not used for longest are full again anyway.
_KEPT = 20_000
#: A person with several tokens gets this many times what one token gets.
_PER_PERSON = 2


@dataclass(frozen=True)
class Lane:
    """How many requests of a kind fit into any minute."""

    name: str
    per_minute: int

    @property
    def burst(self) -> float:
        """What may come at once; the rest of the minute's share flows in evenly, so that no minute exceeds it."""
        return max(1.0, self.per_minute / 4)

    @property
    def per_second(self) -> float:
        return max(0.01, (self.per_minute - self.burst) / 60)


@dataclass
class _Bucket:
    left: float
    at: float


@dataclass(frozen=True)
class Left:
    """What remains in the fuller of the buckets a request drew from."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {"RateLimit-Limit": str(self.limit), "RateLimit-Remaining": str(self.remaining),
                "RateLimit-Reset": str(self.reset)}


_buckets: OrderedDict[str, _Bucket] = OrderedDict()
_lock = threading.Lock()


def lane(name: str) -> Lane:
    """``calls`` for requests as such, ``bulk`` for those that work on many rows."""
    if name == "bulk":
        return Lane(name, int(settings.GUANXI_API_BULK_PER_MINUTE))
    return Lane(name, int(settings.GUANXI_API_PER_MINUTE))


def spend(request: Any, name: str, token: int | None, user: int) -> None:
    """Take one request from the buckets of token and person; refused where one is empty."""
    used = lane(name)
    buckets = {f"{name}:user:{user}": Lane(name, used.per_minute * _PER_PERSON)}
    if token is not None:
        buckets[f"{name}:token:{token}"] = used
    now = time.monotonic()
    with _lock:
        filled = [(_filled(key, one, now), one) for key, one in buckets.items()]
        wait = max((1 - bucket.left) / one.per_second for bucket, one in filled)
        if wait <= 0:
            for bucket, _one in filled:
                bucket.left -= 1
        bucket, tight = min(filled, key=lambda pair: pair[0].left / pair[1].burst)
        left = Left(tight.per_minute, max(0, int(bucket.left)), int((tight.burst - bucket.left) / tight.per_second) + 1)
    request.api_headers = left.headers()
    if wait > 0:
        raise TooMany(_("More than %(count)s requests in a minute: wait and try again.") % {"count": tight.per_minute},
                      wait)


def _filled(key: str, one: Lane, now: float) -> _Bucket:
    """The bucket with what has flowed in since it was last looked at."""
    bucket = _buckets.pop(key, None) or _Bucket(one.burst, now)
    bucket.left = min(one.burst, bucket.left + (now - bucket.at) * one.per_second)
    bucket.at = now
    _buckets[key] = bucket
    while len(_buckets) > _KEPT:
        _buckets.popitem(last=False)
    return bucket


def forget() -> None:
    """Empty the memory of all buckets."""
    with _lock:
        _buckets.clear()
