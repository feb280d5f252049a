"""What waits for a job that will not be done: found with the reason, so that nothing waits for ever."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel import jobs
from guanxi.kernel.api import Ctx
from guanxi.kernel.job_rows import Job


def lost(system: Ctx, function: Callable[..., Any], waiting: Iterable[int]) -> dict[int, str]:
    """Of the records waiting for ``function(ctx, pk)`` those that nobody will work on any more, each with the reason.

    What it says of a record was true a moment ago: look at the record again, under a lock, before acting on it.
    """
    wanted = set(waiting)
    rows = jobs.seen(system).filter(name=f"{function.__module__}.{function.__qualname__}")
    alive = set(_asked(rows.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING)))) if wanted else set()
    found = dict.fromkeys(wanted - alive, _("The process that worked on it stopped."))
    if found:
        for pk, error in _asked(rows.filter(state__in=(Job.State.DEAD, Job.State.ENDED)).reverse()).items():
            if pk in found and error:
                found[pk] = error
    return found


def _asked(rows: Any) -> dict[int, str]:
    """What the jobs were asked to work on, each with how its last try ended."""
    return {given["args"][0]: error for given, error in rows.values_list("given", "error") if given["args"]}
