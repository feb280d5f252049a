"""What there is for this caller: who they are, which objects, fields and actions they have."""

from typing import Any

from django.http import HttpResponse

from guanxi.kernel import actions, facts, registry
from guanxi.kernel.actions import Action
from guanxi.kernel.api import Ctx
from guanxi.kernel.facts import FieldView
from guanxi.kernel.fields import Moment
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.rest import values
from guanxi.surfaces.rest.operations.router import router


@router.get("/me", operation_id="me", summary="Who am I?")
def me(request: Any) -> HttpResponse:
    """The person, and the token that speaks for them."""
    ctx: Ctx = request.auth
    token = getattr(request, "api_token", None)
    return values.answer({
        "id": ctx.user_id, "name": str(ctx.user), "language": getattr(ctx.user, "language", ""),
        "time_zone": getattr(ctx.user, "time_zone", ""), "administrator": ctx.rights.administrator,
        "roles": [role.name for role in ctx.rights.roles],
        "token": None if token is None else {
            "id": token.pk, "name": token.name, "scopes": token.scopes, "expires_at": Moment().plain(token.expires_at)}})


@router.get("/objects", operation_id="objects", summary="Which objects are there?")
def objects(request: Any) -> HttpResponse:
    """The objects the caller may look at."""
    ctx: Ctx = request.auth
    return values.answer({"rows": [_short(ctx, model) for model in values.exposed() if ctx.may("view", model)]})


@router.get("/objects/{slug}", operation_id="object", summary="What is this object?")
def object_(request: Any, slug: str) -> HttpResponse:
    """Fields, actions and rights of one object, for the caller."""
    ctx: Ctx = request.auth
    model = values.model_of(ctx, slug)
    return values.answer({**_short(ctx, model), "fields": [_field(view) for view in facts.fields(model, ctx)],
                          "actions": [_action(ctx, action) for action in actions.actions_of(model)],
                          "columns": list(model.about.column_names), "filters": list(model.about.filter_names),
                          "match": list(model.about.match_names)})


def _short(ctx: Ctx, model: type[Record]) -> dict[str, Any]:
    verbs = [verb for verb in model.about.verbs if ctx.may(verb, model)]
    return {"name": object_name(model), "slug": registry.slug(model), "one": str(model.about.one),
            "many": str(model.about.many), "description": " ".join((model.__doc__ or "").split()), "rights": verbs,
            "title": model.about.title_name, "scope": model.about.scope}


def _field(view: FieldView) -> dict[str, Any]:
    return {"key": view.key, "label": str(view.label), "kind": view.kind, "required": view.required,
            "readonly": view.readonly, "masked": view.masked, "custom": view.custom, "target": view.target or None,
            "max_length": view.max_length, "sortable": view.sortable,
            "operators": list(view.ops) if view.filterable else [], "help": str(view.help),
            "choices": [{"value": code, "label": str(label)} for code, label, _color in view.choices]}


def _action(ctx: Ctx, action: Action) -> dict[str, Any]:
    return {"verb": action.verb, "name": action.name, "label": str(action.label), "help": action.help,
            "takes": action.takes, "allowed": bool(ctx.may(action.right, action.model)), "danger": action.danger,
            "when": list(action.when), "inputs": [_field(view) for view in action.inputs]}
