"""Work on many records at once: each row is done or refused on its own, and all of it can be undone as one."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel import door
from guanxi.kernel.actions import Outcome
from guanxi.kernel.api import Ctx
from guanxi.kernel.records import Record
from guanxi.kernel.refusal import Refused
from guanxi.surfaces.rest import bodies, values
from guanxi.surfaces.rest.errors import Stale
from guanxi.surfaces.rest.operations.records import derived, stale, verb_of
from guanxi.surfaces.rest.operations.router import router

MOST = 500
_DONE = {"create": 201, "update": 200, "delete": 204}


@router.post("/{slug}/bulk", operation_id="bulk", summary="Create, change and delete many")
def bulk(request: Any, slug: str) -> HttpResponse:
    """Up to 500 steps in order. A refused step changes nothing and does not stop the others."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    given = bodies.read(request)
    bodies.known(given, "steps")
    steps = bodies.member(given, "steps", list)
    if not 0 < len(steps) <= MOST:
        raise Refused(_("Give 1 to %(count)s steps.") % {"count": MOST}, field="steps")
    key = values.key_given(request)
    name = f"{model._meta.label_lower}.bulk"

    def attempt() -> HttpResponse:
        with ctx.door(name):
            if key and (before := door.answered(ctx, name, key, given)) is not None:
                return values.answer(before, repeated=True)
            told = _steps(ctx, model, steps)
            if key:
                door.keep_answer(ctx, key, told)
        return values.answer(told)
    return door.twice(ctx, attempt)


def _steps(ctx: Ctx, model: type[Record], steps: list[Any]) -> dict[str, Any]:
    """What became of each step, in order, and of all of them."""
    with ctx.operation("bulk", f"{model.about.many} ({len(steps)})") as made:
        touched: dict[int, int] = {}
        results = [{"index": place, **_step(ctx, model, step, touched)} for place, step in enumerate(steps)]
        done = sum(1 for one in results if one["status"] < 400)
        made.figures = {"done": done, "refused": len(results) - done}
    return {"results": results, "done": done, "refused": len(results) - done, "operation": made.pk}


def _step(ctx: Ctx, model: type[Record], step: Any, touched: dict[int, int]) -> dict[str, Any]:
    """One step inside its own savepoint. ``touched`` holds the versions that earlier steps have left."""
    mark = ctx.unit.mark()
    try:
        with transaction.atomic():
            outcome, do = _run(ctx, model, step, touched)
    except Refused as refusal:
        ctx.unit.back_to(mark)
        pk = step.get("id") if isinstance(step, dict) else None
        return {"status": refusal.status, "id": pk if type(pk) is int else None, "version": None,
                "error": {"code": refusal.code, "message": refusal.reason,
                          "errors": {name: [str(text) for text in texts] for name, texts in refusal.errors.items()}}}
    record = outcome.record
    if outcome.asked:
        return {"status": 202, "id": step.get("id"), "error": None, "version": None}
    if record is not None:
        touched[record.pk] = record.version
    return {"status": _DONE[do], "id": record.pk if record else step.get("id"), "error": None,
            "version": record.version if record else None}


def _run(ctx: Ctx, model: type[Record], step: Any, touched: dict[int, int]) -> tuple[Outcome, str]:
    if not isinstance(step, dict):
        raise Refused(_("A step is a JSON object."), field="steps")
    do = bodies.member(step, "do", str)
    if do not in _DONE:
        raise Refused(_("A step creates, updates or deletes."), field="do")
    if do == "create":
        bodies.known(step, "do", "values")
        return door.run(ctx, derived(model, do), None, _values(ctx, model, step)), do
    bodies.known(step, "do", "id", "version", *(("values",) if do == "update" else ()))
    pk, version = bodies.member(step, "id", int), bodies.member(step, "version", int)
    given = _values(ctx, model, step) if do == "update" else {}
    if touched.get(pk, version) != version:
        raise Stale(_("An earlier step has changed this record: name the version it left."), found={})
    with stale(ctx, model, pk, version):
        return door.run(ctx, derived(model, do), pk, given, version=version), do


def _values(ctx: Ctx, model: type[Record], step: dict[str, Any]) -> dict[str, Any]:
    given = bodies.member(step, "values", dict)
    bodies.check(ctx, model, given)
    return dict(given)


@router.post("/{slug}/bulk/{verb}", operation_id="bulk_act", summary="Act on many")
def bulk_act(request: Any, slug: str, verb: str) -> HttpResponse:
    """Run one action on up to 500 records, as they are now."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    action = verb_of(model, verb, on_record=True)
    given = bodies.read(request)
    bodies.known(given, "ids", "inputs")
    ids = bodies.member(given, "ids", list)
    if not 0 < len(ids) <= MOST or not all(isinstance(pk, int) and not isinstance(pk, bool) for pk in ids):
        raise Refused(_("Give 1 to %(count)s ids.") % {"count": MOST}, field="ids")
    if any(not 0 < pk < 2**63 for pk in ids):
        raise Refused(_("An id is a positive whole number."), field="ids")
    inputs = bodies.member(given, "inputs", dict, {})
    bodies.check_types(action.inputs, inputs)
    outcome = door.run_many(ctx, action, ids, inputs, key=values.key_given(request))
    refused = [{"id": pk, "status": refusal.status, "version": None,
                "error": {"code": refusal.code, "message": refusal.reason, "errors": refusal.errors}}
               for pk, _title, refusal in outcome.refused]
    done = [{"id": row.pk, "status": 200, "version": row.version, "error": None} for row in outcome.done]
    over = {one["id"] for one in (*done, *refused)}
    waiting = [{"id": pk, "status": 202, "version": None, "error": None}
               for pk in (set(ids) - over if outcome.asked else ())]
    return values.answer({"results": sorted([*done, *waiting, *refused], key=lambda one: one["id"]), "done": len(done),
                          "refused": len(refused), "operation": outcome.operation_id}, repeated=outcome.repeated)
