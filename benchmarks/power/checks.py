"""What must hold after every restart, each rule worked out anew from the rows; and a picture of the whole content."""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from guanxi.apps.inventory.actions.balance import agrees, sums_of, with_sums
from guanxi.apps.inventory.models import StockBalance, StockDocument, StockMovement
from guanxi.common import reindexing
from guanxi.kernel import entries, registry
from guanxi.kernel.door import Once
from guanxi.kernel.entries import ChainHead, Entry, Operation
from guanxi.kernel.job_rows import Attempt, Heartbeat, Job, Schedule
from guanxi.kernel.match_keys import MatchKey
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.search_index import SearchDoc
from guanxi.kernel.stamps import Stamp
from guanxi.surfaces.impex.models import ImportRun

#: What differs between two runs that did the same: how often a worker tried, and what is compared by a rule of its own.
_APART = (Job, Attempt, Heartbeat, Schedule, Once, Stamp, ChainHead, MatchKey, SearchDoc)
#: Columns that are never the same twice.
_OWN = {"trace", "hash", "previous", "job", "file", "stamp"}
#: The queue writes the last year there is for what is to run at once.
AT_ONCE = datetime.datetime(9000, 1, 1, tzinfo=datetime.UTC)

Newest = dict[str, int]


def kept_models() -> list[Any]:
    """The tables of the product itself."""
    return [model for model in apps.get_models() if model.__module__.startswith("guanxi.") and model not in _APART]


def records() -> list[type[Record]]:
    """Every kind of record whose changes the account tells; lines are told with their document."""
    lines = {one.model for model in apps.get_models() if issubclass(model, Record) for one in model.line_lists}
    return [model for model in apps.get_models() if issubclass(model, Record) and model not in lines]


# rules -------------------------------------------------------------------------------------------

def faults() -> list[str]:
    """Every broken rule, in words."""
    return [*unfinished(), *lasting()]


def lasting() -> list[str]:
    """Every broken rule of the content, whatever a worker is about to do."""
    return [*_engine(), *_account(), *_versions(), *_imports(), *_stock(), *_found()]


def unfinished() -> list[str]:
    """All work that is due and not done."""
    return list(_work())


def _engine() -> Iterator[str]:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for pragma in ("integrity_check", "foreign_key_check"):
                cursor.execute(f"PRAGMA {pragma}")
                yield from (f"{pragma}: {row}" for row in cursor.fetchall() if row != ("ok",))


def _account() -> Iterator[str]:
    if (broken := entries.broken_at()) is not None:
        yield f"the account is broken at entry {broken}"
    last = Entry.objects.order_by("-pk").first()
    head = ChainHead.objects.get(pk=1)
    if last is None or (head.hash, head.length) != (last.hash, Entry.objects.count()):
        yield "the account does not end where its head says"


def _versions() -> Iterator[str]:
    """Each version of a record has its entry, from the first on."""
    told: dict[tuple[str, int], set[int]] = defaultdict(set)
    for name, pk, version in Entry.objects.exclude(changes={}).values_list("object_type", "object_id", "version"):
        told[name, pk].add(version)
    for model in records():
        name = object_name(model)
        rows = dict(model._default_manager.values_list("pk", "version"))
        for pk, version in rows.items():
            if told[name, pk] != set(range(1, version + 1)):
                yield f"{name} {pk} has version {version}, but entries for {sorted(told[name, pk])}"
        for other, pk in told:
            if other == name and pk not in rows:
                yield f"{name} {pk} has entries, but is not there"


def _work() -> Iterator[str]:
    now = timezone.now()
    left = Job.objects.exclude(state__in=(Job.State.DONE, Job.State.ENDED)).exclude(
        state=Job.State.QUEUED, due_at__gt=now).values_list("name", "state", "error")
    yield from (f"job {name} is {state}: {error[:200]}" for name, state, error in left)
    for row in DBTaskResult.objects.exclude(status__in=("SUCCESSFUL", "FAILED")).exclude(
            run_after__gt=now, run_after__lt=AT_ONCE):
        yield f"the queue still holds {row.task_path}: {row.status}"
    yield from (f"operation “{one}” is still running" for one in Operation.objects.filter(
        state=Operation.State.RUNNING).exclude(pk__in=ImportRun.objects.filter(state="draft").values("operation")))
    yield from (f"key {one.key} was taken, but has no answer" for one in Once.objects.filter(answer={}))


def _imports() -> Iterator[str]:
    """What a run says it wrote is what the account tells of it."""
    for run in ImportRun.objects.exclude(state="draft"):
        if run.busy:
            yield f"import {run.pk} stays {run.state}"
            continue
        about = Entry.objects.filter(operation=run.operation, object_type=run.object_type)
        made = about.filter(version=1)
        if made.count() != run.figure("created") or len(set(made.values_list("object_id"))) != made.count():
            yield f"import {run.pk} says {run.figures}, but made {made.count()}"
        if (changed := about.exclude(version=1).values("object_id").distinct().count()) != run.figure("updated"):
            yield f"import {run.pk} says {run.figures}, but changed {changed}"
        if run.state in ("done", "undone") and run.figure("read") != run.total:
            yield f"import {run.pk} read {run.figure('read')} of {run.total} rows"


def _stock() -> Iterator[str]:
    for balance in with_sums(StockBalance.objects.all()):
        if not agrees(balance):
            yield f"balance {balance.pk} is {balance.on_hand}, its movements say {sums_of(balance)}"
    for document in StockDocument.objects.all():
        rows = list(StockMovement.objects.filter(document=document))
        if (document.status == StockDocument.Status.DRAFT) != (not rows):
            yield f"document {document.pk} is {document.status} with {len(rows)} movements"
        sides = sum(row.quantity for row in rows), sum(row.value for row in rows)
        if document.kind == StockDocument.Kind.TRANSFER and any(sides):
            yield f"transfer {document.pk} has one side only"


def _found() -> Iterator[str]:
    """What is kept for finding equals what a rebuild makes of it. Rebuilds: for a database that is thrown away."""
    looks = {"search index": words_kept, "match keys": keys_kept}
    before = {name: look() for name, look in looks.items()}
    for model in registry.objects():
        reindexing.anew(model)
    reindexing.forget_strangers()
    for name, look in looks.items():
        if (after := look()) != (was := before[name]):
            yield f"{name}: {sorted(was - after)[:3]} too much, {sorted(after - was)[:3]} too little"


def words_kept() -> set[Any]:
    """By what every record is found, and by whom."""
    words = "doc.body::text" if connection.vendor == "postgresql" else "fts.body"
    join = "" if connection.vendor == "postgresql" else "LEFT JOIN kernel_search_fts AS fts ON fts.rowid = doc.id"
    with connection.cursor() as cursor:
        cursor.execute("SELECT object_type, object_id, title, coalesce(owner_id, 0), coalesce(upper_owner_id, 0), "
                       f"coalesce({words}, '') FROM kernel_searchdoc AS doc {join}")
        return set(cursor.fetchall())


def keys_kept() -> set[Any]:
    """By what every record is compared with others."""
    return set(MatchKey.objects.values_list("object_type", "object_id", "key"))


# the picture -------------------------------------------------------------------------------------

def newest() -> Newest:
    """The highest key of every table: rows above it came later, and their numbers say nothing."""
    return {model._meta.label_lower: model._default_manager.aggregate(top=models.Max("pk"))["top"] or 0
            for model in kept_models() if isinstance(model._meta.pk, models.AutoField | models.BigAutoField)}


def picture(known: Newest) -> list[str]:
    """Every row of every table, without what is never the same twice: moments, traces, seals, numbers of new rows."""
    return sorted(_line(row, known) for model in kept_models() for row in model._default_manager.all())


def _line(row: Any, known: Newest) -> str:
    values = [f"{source.name}={_plain(row, source, known)}" for source in row._meta.concrete_fields
              if source.name not in _OWN]
    return f"{row._meta.label_lower}: {', '.join(values)}"


def _plain(row: Any, source: Any, known: Newest) -> Any:
    value = getattr(row, source.attname)
    if isinstance(source, models.DateTimeField):
        return "then" if value else ""
    if isinstance(source, models.JSONField):
        return value if source.name == "figures" else len(value or ())
    target = source.related_model._meta.label_lower if source.is_relation else ""
    target = row._meta.label_lower if source.primary_key else target
    target = str(getattr(row, "object_type", "")) if source.name == "object_id" else target
    if isinstance(row, ImportRun) and source.name == "operation":
        target = Operation._meta.label_lower
    return "new" if isinstance(value, int) and target and value > known.get(target, 0) else value
