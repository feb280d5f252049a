"""One record: create, read, change, delete, act on it, and reach it by what another system calls it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Path, Query, Schema
from pydantic import Field

from guanxi.common import as_of
from guanxi.kernel import actions, door, external, facts
from guanxi.kernel.actions import Action, Outcome
from guanxi.kernel.api import Ctx
from guanxi.kernel.fields import File
from guanxi.kernel.records import Record, object_name
from guanxi.kernel.refusal import Conflict, Missing, Refused
from guanxi.surfaces.rest import bodies, values
from guanxi.surfaces.rest.errors import Stale, WrongType, named
from guanxi.surfaces.rest.operations.router import router

#: Verbs that have a method of their own.
PLAIN = ("create", "update", "delete")


AS_OF = ("As it stood at this moment; a day means its end. Today's rights decide what may be seen; links are titled as "
         "today. Such an answer has no ETag: the past is not changed.")


class Told(Schema):
    """What of a record is told."""

    fields: str = Field("", max_length=4000, description="Only these fields, separated by commas.")
    titles: bool = Field(False, description="Also tell what linked records are called.")
    as_of: str = Field("", max_length=40, description=AS_OF)


def derived(model: type[Record], verb: str) -> Action:
    """Create, update or delete of an object that has it."""
    own = actions.verb_of(model, verb)
    if verb not in model.about.verbs:
        raise Missing(_("%(objects)s have no “%(verb)s”.") % {"objects": model.about.many, "verb": own.label})
    return own


@router.post("/{slug}", operation_id="create", summary="Create")
def create(request: Any, slug: str) -> HttpResponse:
    """A new record from the given fields."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    action = derived(model, "create")
    given = bodies.read(request)
    bodies.check(ctx, model, given)
    outcome = door.run(ctx, action, None, given, key=values.key_given(request))
    return written(ctx, model, outcome, 201)


@router.get("/{slug}/{int:pk}", operation_id="read", summary="Read")
def read(request: Any, slug: str, pk: int, told: Query[Told]) -> HttpResponse:
    """One record, with the version that a change must name."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    views = values.views_of(ctx, model, told.fields)
    if told.as_of:
        return stood(ctx, model, pk, views, told)
    return shown(request, ctx, ctx.get(model, pk), views, told)


def stood(ctx: Ctx, model: type[Record], pk: int, views: Any, told: Told) -> HttpResponse:
    """A record as it was; what was never written down is left out."""
    record = as_of.snapshot(ctx, model, pk, as_of.moment_of(told.as_of, ctx.now)).record
    found = values.rows_json(ctx, [record], [view for view in views if not view.secret], told.titles)[0]
    return values.answer({**found, **values.lines_json(ctx, record, told.fields)})


def shown(request: Any, ctx: Ctx, record: Record, views: Any, told: Told) -> HttpResponse:
    """A record in hand, or nothing new for a caller who knows this version."""
    if request.headers.get("If-None-Match") == values.etag(record):
        response = HttpResponse(status=304)
        response["ETag"] = values.etag(record)
        return response
    found = values.rows_json(ctx, [record], views, told.titles)[0]
    return values.answer({**found, **values.lines_json(ctx, record, told.fields)}, record=record)


@router.patch("/{slug}/{int:pk}", operation_id="update", summary="Change")
def update(request: Any, slug: str, pk: int) -> HttpResponse:
    """Change the given fields. What others changed meanwhile in other fields stays; the same field is refused."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    action = derived(model, "update")
    version = values.version_wanted(request)
    given = bodies.read(request)
    bodies.check(ctx, model, given)
    with stale(ctx, model, pk, version):
        outcome = door.run(ctx, action, pk, given, key=values.key_given(request), version=version)
    return written(ctx, model, outcome)


@router.delete("/{slug}/{int:pk}", operation_id="delete", summary="Delete")
def delete(request: Any, slug: str, pk: int) -> HttpResponse:
    """Move the record to the recycle bin, with what hangs below it."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    action = derived(model, "delete")
    version = values.version_wanted(request)
    with stale(ctx, model, pk, version):
        outcome = door.run(ctx, action, pk, {}, key=values.key_given(request), version=version)
    return waits(ctx, outcome) if outcome.asked else values.answer(None, 204, repeated=outcome.repeated)


def waits(ctx: Ctx, outcome: Outcome) -> HttpResponse:
    """Accepted but not done: the request that others have to grant first."""
    asked = outcome.asked[0]
    _seen, told = values.as_told(ctx, type(asked), asked.pk)
    return values.answer({"asked": {"object": object_name(asked), "record": told}}, 202, repeated=outcome.repeated)


def written(ctx: Ctx, model: type[Record], outcome: Outcome, status: int = 200) -> HttpResponse:
    """The record as it is now."""
    if outcome.asked:
        return waits(ctx, outcome)
    seen, told = values.as_told(ctx, model, outcome.record.pk)
    return values.answer(told, status, record=seen, repeated=outcome.repeated)


@contextmanager
def stale(ctx: Ctx, model: type[Record], pk: int, version: int | None) -> Iterator[None]:
    """Turn a refusal about a record that is no longer the one the caller knows into one that says what it is now."""
    try:
        yield
    except Refused as refusal:
        record = refusal.record
        ours = isinstance(record, model) and record.pk == pk and version is not None
        if not ours or not (isinstance(refusal, Conflict) or (refusal.status == 400 and record.version != version)):
            raise
        raise Stale(refusal.reason, found=_now(ctx, model, pk, refusal), record=record) from refusal


def _now(ctx: Ctx, model: type[Record], pk: int, refusal: Refused) -> dict[str, Any]:
    """What the caller wanted, what stands there, what stood there before; who changed it and when."""
    views = {view.key: view for view in facts.fields(model, ctx)}
    told = getattr(refusal, "values", {})
    seen = ctx.find(model).filter(pk=pk).first()
    by, at = getattr(refusal, "by", None), getattr(refusal, "at", None)
    return {
        "values": {key: {side: values.plain(views[key], value) for side, value in three.items()}
                   for key, three in told.items() if key in views},
        "version": seen.version if seen is not None else None,
        "by": named(by), "at": at.isoformat() if at else None}


# actions -----------------------------------------------------------------------------------------


def verb_of(model: type[Record], verb: str, *, on_record: bool) -> Action:
    """An action that has an address. Missing where there is none."""
    found = next((one for one in actions.actions_of(model) if one.verb == verb), None)
    if found is None or verb in PLAIN or on_record != (found.takes != "none"):
        raise Missing(_("%(object)s has no action “%(verb)s”.") % {"object": model.about.one, "verb": verb[:60]})
    return found


def inputs_of(request: Any, action: Action) -> dict[str, Any]:
    """Inputs as JSON; as a form where the action takes a file."""
    uploads = {view.key for view in action.inputs if isinstance(view.source, File)}
    if request.content_type == "multipart/form-data":
        if not uploads:
            raise WrongType(_("Send the body as application/json."))
        files = {key: request.FILES.getlist(key) for key in request.FILES}
        sent = {key: several if len(several) > 1 else several[0] for key, several in files.items()}
        return {**request.POST.dict(), **sent}
    given = bodies.read(request)
    if wrong := sorted(uploads & given.keys()):
        raise Refused(_("Send files as multipart/form-data."), field=wrong[0])
    bodies.check_types(action.inputs, given)
    return given


@router.post("/{slug}/{int:pk}/{verb}", operation_id="act", summary="Act")
def act(request: Any, slug: str, pk: int, verb: str) -> HttpResponse:
    """Run an action on the record."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    action = verb_of(model, verb, on_record=True)
    version = values.version_wanted(request)
    given = inputs_of(request, action)
    with stale(ctx, model, pk, version):
        outcome = door.run(ctx, action, pk, given, key=values.key_given(request), version=version)
    return acted(ctx, outcome)


@router.post("/{slug}/do/{verb}", operation_id="do", summary="Act without a record")
def do(request: Any, slug: str, verb: str) -> HttpResponse:
    """Run an action that belongs to the object as a whole."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    action = verb_of(model, verb, on_record=False)
    return acted(ctx, door.run(ctx, action, None, inputs_of(request, action), key=values.key_given(request)))


def acted(ctx: Ctx, outcome: Outcome) -> HttpResponse:
    """The record an action leaves, or what it gave back; and the operation by which it can be undone."""
    if outcome.asked:
        return waits(ctx, outcome)
    record, told = None, None
    if outcome.record is not None and "view" in outcome.record.about.verbs:
        record, told = values.as_told(ctx, type(outcome.record), outcome.record.pk)
    value = values.told(outcome.value) if not isinstance(outcome.value, Record) else None
    object_ = outcome.record._meta.label_lower if told is not None else None
    return values.answer({"object": object_, "record": told, "value": value, "operation": outcome.operation_id},
                         record=record, repeated=outcome.repeated)


# what other systems call it ----------------------------------------------------------------------

Source = Path(..., min_length=1, max_length=60)
Key = Path(..., min_length=1, max_length=200)


@router.get("/{slug}/by-external/{source}/{key}", operation_id="read_external", summary="Read by external id")
def read_external(request: Any, slug: str, told: Query[Told], source: str = Source, key: str = Key) -> HttpResponse:
    """The record that another system knows under a key."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    views = values.views_of(ctx, model, told.fields)
    pk = external.ids_of(_clean(source), model, [_clean(key)]).get(key)
    if pk is None:
        raise Missing(_("“%(source)s” has no record “%(key)s” here.") % {"source": source, "key": key})
    if told.as_of:
        return stood(ctx, model, pk, views, told)
    return shown(request, ctx, ctx.get(model, pk), views, told)


@router.put("/{slug}/by-external/{source}/{key}", operation_id="write_external", summary="Write by external id")
def write_external(request: Any, slug: str, source: str = Source, key: str = Key) -> HttpResponse:
    """Create the record under its key in another system, or change the given fields of the one that has it."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    version = values.version_wanted(request, needed=False)
    given = bodies.read(request)
    bodies.check(ctx, model, given)
    idempotent = values.key_given(request)
    with ctx.door("external"):
        _alone(model, _clean(source), _clean(key))
        pk = external.ids_of(source, model, [key]).get(key)
        if pk is not None and ctx.as_system("is it in the bin?").find(model).filter(pk=pk).exists():
            with stale(ctx, model, pk, version):
                return written(ctx, model, door.run(
                    ctx, derived(model, "update"), pk, given, key=idempotent, version=version))
        outcome = door.run(ctx, derived(model, "create"), None, given)
        external.remember(source, [(key, outcome.record)])
    return written(ctx, model, outcome, 201)


def _clean(text: str) -> str:
    if "\x00" in text:
        raise Refused(_("This text holds a sign that cannot be stored."), field="key")
    return text


def _alone(model: type[Record], source: str, key: str) -> None:
    """Two who bring the same new key wait for each other; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        number = hashlib.sha256(f"{model._meta.label}:{source}:{key}".encode()).digest()[:8]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(number, signed=True)])
