"""Subjects: the records that activities belong to. Objects of higher floors join by ``subject``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.work.models import Activity
from guanxi.common import merging
from guanxi.kernel.api import Ctx, Q, Record, Refused, after

Ids = Callable[[Any], int | None]


@dataclass(frozen=True)
class Subject:
    """How an object takes part: whose customer and contact its activities get, and whose activities it shows too."""

    model: type[Record]
    customer: Ids
    contact: Ids
    also: Callable[[Any], Iterable[Record]]


_subjects: dict[type[Record], Subject] = {}


def _nobody(_record: Any) -> int | None:
    return None


def _nothing(_record: Any) -> Iterable[Record]:
    return ()


def add(model: type[Record], customer: Ids = _nobody, contact: Ids = _nobody,
        also: Callable[[Any], Iterable[Record]] = _nothing) -> Subject:
    """Let activities belong to an object; who owns its record sees them, from the first day to the last."""
    made = _subjects[model] = Subject(model, customer, contact, also)
    if not linked(model):
        after(model, "owner")(_follow_owner)
    return made


def linked(model: type[Record]) -> bool:
    """Customers and contacts are linked by a field of their own."""
    return model in (Customer, Contact)


def known() -> tuple[type[Record], ...]:
    """Every object that activities may belong to."""
    return tuple(_subjects)


def of(model: type[Record]) -> Subject:
    """How an object takes part. Refused where activities do not belong to it."""
    if model not in _subjects:
        raise Refused(_("%(object)s have no activities.") % {"object": model.about.many})
    return _subjects[model]


def hang(activity: Activity, record: Record) -> Activity:
    """Let an activity belong to a record, its customer and its contact."""
    found = of(type(record))
    activity.customer_id = activity.customer_id or found.customer(record)
    activity.contact_id = activity.contact_id or found.contact(record)
    if not linked(type(record)):
        activity.subject_type, activity.subject_id = record._meta.label_lower, record.pk
        activity.subject_owner_id = record.owner_id
    return activity


def condition(record: Record) -> Q:
    """Which activities belong to a record, also by way of what it came from."""
    found = Q(pk__in=())
    for one in (record, *of(type(record)).also(record)):
        if isinstance(one, Customer):
            found |= Q(customer_id=one.pk)
        elif isinstance(one, Contact):
            found |= Q(contact_id=one.pk)
        else:
            found |= Q(subject_type=one._meta.label_lower, subject_id=one.pk)
    return found


def activities_of(ctx: Ctx, record: Record) -> QuerySet[Activity]:
    """The activities of a record that the actor may see."""
    return ctx.find(Activity).filter(condition(record))


def subject_of(ctx: Ctx, activity: Activity, lock: bool = False) -> list[Record]:
    """The records an activity belongs to, the nearest first; read to note on them that they were followed up."""
    system = ctx.as_system("records know when they were followed up")
    wanted: list[tuple[type[Record], int | None]] = [(model, activity.subject_id) for model in _subjects
                                                     if model._meta.label_lower == activity.subject_type]
    wanted += [(Customer, activity.customer_id), (Contact, activity.contact_id)]
    found: list[Record] = []
    for model, pk in wanted:
        if pk is not None:
            rows: QuerySet[Any] = system.find(model).filter(pk=pk)
            found += list(rows.select_for_update(of=("self",)) if lock else rows)
    return found


def _follow_owner(ctx: Ctx, record: Record, _change: Any) -> None:
    """The owner of a record sees its activities; the former owner does not any more."""
    rows = ctx.as_system("activities follow what they belong to").find(Activity)
    rows.filter(subject_type=record._meta.label_lower, subject_id=record.pk).update(subject_owner_id=record.owner_id)


def move(ctx: Ctx, record: Record, customer_id: int | None, contact_id: int | None) -> int:
    """What belongs to a record also belongs to this customer and contact from now on: a lead that was converted.

    Returns how many activities moved. Given None, they belong to the record alone again: a conversion undone.
    """
    rows = _belonging(ctx, record)
    for row in rows:
        row.customer_id, row.contact_id = customer_id, contact_id
    _save(ctx, rows)
    return len(rows)


def _belonging(ctx: Ctx, record: Record) -> list[Activity]:
    """Everybody's activities of a record, locked."""
    return list(ctx.as_system("activities go along").find(Activity).filter(
        subject_type=record._meta.label_lower, subject_id=record.pk).select_for_update(of=("self",)).order_by("pk"))


def _save(ctx: Ctx, rows: list[Activity]) -> None:
    for _row, refusal in ctx.save_all(rows):
        if refusal is not None:
            raise refusal


def _merge(ctx: Ctx, kept: Record, gone: Record) -> None:
    """What belonged to a merged record belongs to the one that is kept."""
    if type(kept) in _subjects and not linked(type(kept)):
        rows = _belonging(ctx, gone)
        for row in rows:
            row.subject_id, row.subject_owner_id = kept.pk, kept.owner_id
        _save(ctx, rows)


merging.also_move(_merge)
