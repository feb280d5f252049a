"""Every object and every action of the product, for programs.

Send a token: `Authorization: Bearer gx_…`. A change names the version it changes: `If-Match` with the `ETag` that was
given. A request with an `Idempotency-Key` is done once; a repeat gets the same answer with `Idempotent-Replay: true`.
Amounts are texts, so that no digit is lost. Every error has one shape, and its number is in our log.
"""

import json
from typing import Any

from django.utils import translation
from ninja import NinjaAPI

from guanxi.kernel import actions, facts, registry
from guanxi.kernel.actions import Action
from guanxi.kernel.api import Ctx
from guanxi.kernel.fields import File
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.rest import shapes, values
from guanxi.surfaces.rest.operations.records import PLAIN

Json = dict[str, Any]
#: Refusals by operation, beside those every operation knows.
_EVERY = ("400", "401", "403", "404", "405", "429", "500")
_BODY = ("413", "415")
_REFUSALS: dict[str, tuple[str, ...]] = {
    "create": (*_BODY, "409"), "update": (*_BODY, "409", "412", "428"), "delete": ("409", "412", "428"),
    "act": (*_BODY, "409", "412", "428"), "do": (*_BODY, "409"), "bulk": (*_BODY, "409"), "bulk_act": (*_BODY, "409"),
    "write_external": (*_BODY, "409", "412", "428"), "comment": _BODY, "attach": _BODY,
}
#: Operations told once for every object, with its own schema.
_TYPED = ("list", "create", "read", "update", "delete", "bulk", "read_external", "write_external")
_KEYED = ("create", "update", "delete", "act", "do", "bulk", "bulk_act", "write_external")
_VERSIONED = ("update", "delete", "act")


def snapshot(api: NinjaAPI) -> str:
    """What the declarations alone say, always in the same order: kept beside the code and checked fresh."""
    with translation.override("en"):
        ctx = Ctx(system=True, reason="description of the interface")
        ctx.views = {object_name(model): facts.declared(model, ctx) for model in values.exposed()}
        found = document(api, ctx)
    return _lines(found, 3) + "\n"


def _lines(value: Any, depth: int) -> str:
    """JSON with a line for each operation and schema, so that a change of one is a change of one line."""
    if depth and isinstance(value, dict) and value:
        parts = [f"{json.dumps(key)}: {_lines(value[key], depth - 1)}" for key in sorted(value)]
        return "{\n" + ",\n".join(parts) + "\n}"
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def document(api: NinjaAPI, ctx: Ctx) -> Json:
    """The description as one caller has it: objects they may look at, fields they may know of."""
    generic = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    models = [model for model in values.exposed() if ctx.system or ctx.may("view", model)]
    paths: Json = {}
    schemas: Json = dict(shapes.SHARED)
    slugs = [registry.slug(model) for model in models]
    for address, methods in generic.items():
        for method, operation in methods.items():
            _told(paths, schemas, address, method, operation, slugs)
    for model in models:
        _object(paths, schemas, generic, model, ctx)
    return {"openapi": "3.1.0", "info": {"title": api.title, "version": api.version, "description": api.description},
            "paths": paths, "security": [{"token": []}, {"session": []}],
            "components": {"schemas": schemas, "responses": shapes.responses(), "securitySchemes": shapes.SECURITY,
                           "parameters": shapes.PARAMETERS, "headers": shapes.HEADERS}}


def _told(paths: Json, schemas: Json, address: str, method: str, operation: Json, slugs: list[str]) -> None:
    """An operation that is the same for every object; the object is a parameter."""
    name = operation["operationId"]
    if name in _TYPED or name in ("act", "do"):
        return
    found = _operation(operation, name, name, {"tags": ["every object" if "{slug}" in address else "start"]})
    for parameter in found["parameters"]:
        if parameter.get("name") == "slug":
            parameter["schema"] = {"type": "string", "enum": slugs}
    paths.setdefault(address, {})[method] = found


def _operation(generic: Json, name: str, unique: str, more: Json, model: type[Record] | None = None) -> Json:
    """One operation with its parameters, body and every answer it can give."""
    parameters = [dict(one) for one in generic["parameters"] if model is None or one["name"] not in ("slug", "verb")]
    if name in _VERSIONED:
        parameters.append({"$ref": "#/components/parameters/IfMatch"})
    if name == "write_external":
        parameters.append({"$ref": "#/components/parameters/IfMatchOptional"})
    if name in _KEYED:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if name in ("list", "compare"):
        parameters.append({"$ref": "#/components/parameters/Conditions"})
    found = {"operationId": unique, "summary": generic["summary"], "description": generic.get("description", ""),
             "parameters": parameters, "responses": shapes.success(name, model), **more}
    body = shapes.body(name, model)
    if body and "requestBody" not in found:
        found["requestBody"] = body
    for status in (*_EVERY, *_REFUSALS.get(name, ())):
        found["responses"].setdefault(status, {"$ref": f"#/components/responses/{status}"})
    return found


def _object(paths: Json, schemas: Json, generic: Json, model: type[Record], ctx: Ctx) -> None:
    """The typed operations of one object, its schemas and its actions."""
    slug, name, views = registry.slug(model), object_name(model), facts.fields(model, ctx)
    readable = {"id": {"type": "integer"}, "version": {"type": "integer"},
                **{view.key: shapes.told(view) for view in views},
                "titles": {"type": "object", "additionalProperties": {"type": ["string", "null"]}}}
    schemas[name] = {"type": "object", "description": " ".join((model.__doc__ or "").split()), "properties": readable,
                     "required": ["id"]}
    writable = [view for view in views if not view.readonly and view.kind not in ("json", "file")]
    fields = {view.key: shapes.given(view) for view in writable}
    schemas[f"{name}.change"] = {"type": "object", "properties": fields, "additionalProperties": False}
    schemas[f"{name}.new"] = {"type": "object", "properties": fields, "additionalProperties": False,
                              "required": sorted(view.key for view in writable if view.required)}
    for lines in model.line_lists:
        told, sent = shapes.lines(lines, [view for view in facts.fields(lines.model, ctx)
                                          if view.key != lines.model.about.parent_name])
        readable[lines.name] = told
        fields[lines.name] = sent
    for address, methods in generic.items():
        for method, operation in methods.items():
            kind = operation["operationId"]
            if kind in _TYPED and (kind not in PLAIN or kind in model.about.verbs):
                paths.setdefault(address.replace("{slug}", slug), {})[method] = _operation(
                    operation, kind, f"{name}.{kind}", {"tags": [name]}, model)
    for action in actions.actions_of(model):
        if action.verb not in PLAIN:
            _action(paths, generic, slug, action)


def _action(paths: Json, generic: Json, slug: str, action: Action) -> None:
    """One action with its inputs."""
    kind = "do" if action.takes == "none" else "act"
    address, operation = next((address, methods["post"]) for address, methods in generic.items()
                              if methods.get("post", {}).get("operationId") == kind)
    required = sorted(view.key for view in action.inputs if view.required)
    inputs: Json = {"type": "object", "additionalProperties": False,
                    "properties": {view.key: shapes.given(view) for view in action.inputs}}
    if required:
        inputs["required"] = required
    files = {view.key for view in action.inputs if isinstance(view.source, File)}
    plain = {**inputs, "properties": {key: part for key, part in inputs["properties"].items() if key not in files}}
    content: Json = {} if files & set(required) else {"application/json": {"schema": plain}}
    if files:
        content["multipart/form-data"] = {"schema": inputs}
    found = _operation({**operation, "summary": str(action.label), "description": action.help}, kind, action.name, {
        "tags": [action.object_name],
        "requestBody": {"required": bool(required), "content": content}}, action.model)
    paths.setdefault(address.replace("{slug}", slug).replace("{verb}", action.verb), {})["post"] = found


