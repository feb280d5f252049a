"""Ctx: who acts, through what, now — and the few words by which everything is read and written."""

import datetime
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet, Value
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import actions, documents, door, facts, jobs, meanwhile, policy, recycling, search_index, stamps, writing
from guanxi.kernel.entries import Operation
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Denied, Missing, Refused
from guanxi.kernel.unit import Unit

R = TypeVar("R", bound=Record)


@dataclass
class Ctx:
    """The actor and the circumstances of one request, job or command.

    ``via`` names the surface (page, api, import, job, command). ``real_user`` is the administrator behind a
    view-as; such a context is ``read_only``. ``migrating`` contexts may set importable fields: an import by somebody
    with the right to migrate. ``reason`` explains an elevation to the system's own rights. ``clock`` tells the time of
    what is written: a rehearsal moves it. ``granted`` is the request for approval under which an action runs again.
    """

    user: Any = None
    via: str = "page"
    system: bool = False
    reason: str = ""
    real_user: Any = None
    read_only: bool = False
    migrating: bool = False
    client: str = ""
    scopes: frozenset[str] | None = None
    trace: str = field(default_factory=lambda: uuid.uuid4().hex)
    now: datetime.datetime = field(default_factory=timezone.now)
    clock: Callable[[], datetime.datetime] = timezone.now
    operation_now: Operation | None = None
    granted: Any = None
    views: dict[str, list[facts.FieldView]] = field(default_factory=dict, repr=False)
    open_unit: Unit | None = field(default=None, repr=False)

    @property
    def user_id(self) -> Any:
        """The actor's id; None for the system on nobody's behalf."""
        return self.user.pk if self.user is not None else None

    @property
    def real_user_id(self) -> int | None:
        return self.real_user.pk if self.real_user is not None else None

    @property
    def today(self) -> datetime.date:
        """The day it is for the actor, in the time zone now active."""
        return timezone.localdate(self.now)

    @cached_property
    def rights(self) -> policy.Rights:
        if self.user is None:
            return policy.Rights(user_id=None, mark=stamps.current(), administrator=self.system)
        return policy.Rights.of(self.user)

    @cached_property
    def mark(self) -> str:
        """The mark of the settings in force; see ``stamps``."""
        return stamps.current() if self.system else self.rights.mark

    # reading -----------------------------------------------------------------------------------

    def find(self, model: type[R], verb: str = "view") -> QuerySet[R]:
        """The rows the actor may use ``verb`` on. The only way to read records."""
        if self.system:
            return model._default_manager.filter(deleted_at=None)
        kept: QuerySet[R] = self.rights.kept(("find", model, verb, timezone.localdate()), lambda: self._find(model, verb))
        return kept.all()

    def _find(self, model: type[R], verb: str) -> QuerySet[R]:
        allowed = policy.rows(self, model, verb)
        found = model._default_manager.filter(deleted_at=None)
        if allowed.none:
            return found.none()
        if policy.title_withheld(self, model):
            found = found.annotate(title_withheld=Value(True))  # type: ignore[assignment]
        return found if allowed.q is None else found.filter(allowed.q)

    def binned(self, model: type[R]) -> QuerySet[R]:
        """The actor's rows in the recycle bin."""
        allowed = policy.rows(self, model, "delete")
        found = model._default_manager.exclude(deleted_at=None)
        return found if allowed.q is None else found.filter(allowed.q)

    def get(self, model: type[R], pk: Any, verb: str = "view") -> R:
        """One row. Missing where there is none for this actor, whatever the cause."""
        try:
            found = next(iter(self.find(model, verb).filter(pk=int(pk))), None)
        except (TypeError, ValueError, OverflowError):
            found = None
        if found is None:
            raise Missing(_("There is no such %(object)s.") % {"object": model.about.one})
        return found

    def matching(self, model: type[Record], typed: str) -> Q:
        """What a search box finds: any substring, pinyin, initials or phone tail; a condition on the rows' key."""
        return search_index.matching(model, typed)

    def may(self, verb: str, target: Any) -> policy.Answer:
        """May the actor use a verb on an object or on one record? The answer says why."""
        model = target if isinstance(target, type) else type(target)
        return policy.may(self, model, verb, None if isinstance(target, type) else target)

    def remembered(self, key: Any, make: Any) -> Any:
        """What follows from shared settings: worked out once in this process, until one of them changes."""
        return stamps.remembered(self.mark, key, make)

    # writing -----------------------------------------------------------------------------------

    def run(self, action: Any, target: Any = None, /, *, key: str = "", version: int | None = None,
            **inputs: Any) -> "actions.Outcome":
        """Run an action on one record (or none) through the door; raises Refused and changes nothing on a no."""
        return door.run(self, actions.resolve(action), target, inputs, key=key, version=version)

    def run_many(self, action: Any, targets: Any, /, *, key: str = "", **inputs: Any) -> "actions.Outcome":
        """Run an action on many records; the outcome tells for each whether it was done, or why not."""
        return door.run_many(self, actions.resolve(action), targets, inputs, key=key)

    def create(self, model: type[R], /, **values: Any) -> R:
        """Create a record through the door, with the actor's rights on the object and its fields."""
        return door.run(self, actions.verb_of(model, "create"), None, values).record

    def update(self, record: R, /, *, version: int | None = None, **values: Any) -> R:
        """Change a record through the door, with the actor's rights on the row and its fields."""
        return door.run(self, actions.verb_of(type(record), "update"), record, values,
                           version=version).record

    def delete(self, record: Record) -> None:
        """Move a record to the recycle bin; inside an action without asking for a further right."""
        if self.open_unit is not None:
            recycling.delete(self, record)
        else:
            door.run(self, actions.verb_of(type(record), "delete"), record, {})

    def save(self, record: R) -> R:
        """Write a record inside an action: prepare, clean, save, diff. Raises Refused."""
        return documents.save(self, record)  # type: ignore[return-value]

    def save_all(self, records: Sequence[R]) -> list[tuple[R, Any]]:
        """Write many records of one object inside an action; each comes back with None or its refusal."""
        return documents.save_all(self, records)  # type: ignore[return-value]

    def note(self, record: Record, verb: str, changes: dict[str, Any] | None = None, **facts_: Any) -> None:
        """Record something that happened to a record without changing it: a reveal, an export, a print."""
        with self.door(f"{record._meta.label_lower}.{verb}"):
            writing.note(self, record, verb, changes or {}, **facts_)

    def later(self, function: Any, /, *args: Any, **inputs: Any) -> jobs.Job:
        """Run a job after this transaction has committed; never if it rolls back. Its row tells the progress."""
        return jobs.enqueue(self, function, *args, **inputs)

    @property
    def unit(self) -> Unit:
        if self.open_unit is None:
            raise RuntimeError("Records are written inside an action: call ctx.run, ctx.create or ctx.update.")
        return self.open_unit

    @contextmanager
    def door(self, verb: str, inputs: dict[str, Any] | None = None) -> Iterator[Unit]:
        """One transaction with one account of what happened. An inner door joins the outer one."""
        if self.read_only:
            raise Denied(_("You are viewing as somebody else: nothing can be changed."))
        if self.open_unit is not None:
            yield self.open_unit
            return
        self.open_unit = Unit(verb=verb, inputs=inputs or {}, reason=self.reason)
        self.now = self.clock()
        try:
            with transaction.atomic(), stamps.hold():
                yield self.open_unit
                writing.flush(self)
        except Refused as refusal:
            self.open_unit = None
            self.keep_attempt(refusal)
            raise
        except DatabaseError as error:
            unit, self.open_unit = self.open_unit, None
            if unit is None or (found := meanwhile.explain(self, unit.entries, error)) is None:
                raise
            raise found from error
        finally:
            self.open_unit = None

    def keep_attempt(self, refusal: Refused) -> None:
        """Write down what was tried in vain where that has to stay in the account."""
        if refusal.attempt is not None:
            self.note(refusal.attempt, "attempt", reason=refusal.reason)
            refusal.attempt = None

    @contextmanager
    def operation(self, kind: str, title: str) -> Iterator[Operation]:
        """Everything written within belongs to one operation, which can be undone as one."""
        outer = self.operation_now
        made = Operation(kind=kind, title=str(title)[:300], actor=self.user, at=timezone.now())
        made.save()
        self.operation_now = made
        try:
            yield made
            made.state = Operation.State.DONE
        except BaseException:
            made.state = Operation.State.FAILED
            raise
        finally:
            self.operation_now = outer
            if not transaction.get_connection().needs_rollback:
                made.save()

    def as_system(self, reason: str) -> Self:
        """The same circumstances with the system's own rights; the reason stands in every entry."""
        return replace(self, system=True, reason=reason, views={})
