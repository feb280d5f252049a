"""The parts of the interface's description: what is sent, what is answered, and what an error looks like."""

from typing import Any

from guanxi.kernel.facts import FieldView
from guanxi.kernel.fields import Lines
from guanxi.kernel.records import Record, object_name
from guanxi.surfaces.rest.operations.bulk import MOST

Json = dict[str, Any]
_TEXT: Json = {"type": ["string", "null"]}
_ID: Json = {"type": ["integer", "null"]}
_READ: dict[str, Json] = {
    "integer": {"type": ["integer", "string", "null"]}, "flag": {"type": ["boolean", "string", "null"]},
    "link": {"type": ["integer", "string", "null"]}, "user": {"type": ["integer", "string", "null"]},
    "tags": {"type": ["array", "string", "null"], "items": {"type": "string"}}, "json": {},
    "moment": {"type": ["string", "null"]}, "day": {"type": ["string", "null"]},
}
_WRITE: dict[str, Json] = {
    "integer": {"type": ["integer", "string", "null"]}, "flag": {"type": ["boolean", "null"]},
    "decimal": {"type": ["string", "number", "null"]}, "money": {"type": ["string", "number", "null"]},
    "percent": {"type": ["string", "number", "null"]}, "link": {"type": ["integer", "string", "null"]},
    "user": {"type": ["integer", "string", "null"]}, "links": {"type": "array", "items": {"type": "integer"}},
    "tags": {"type": "array", "items": {"type": "string"}}, "json": {},
    "day": {"type": ["string", "null"], "examples": ["2026-05-01"]},
    "moment": {"type": ["string", "null"], "examples": ["2026-05-01T08:00:00Z"]},
    "file": {"type": "string", "contentMediaType": "application/octet-stream"},
}
_ERROR_PARTS: Json = {
    "code": {"type": "string"}, "message": {"type": "string"}, "field": _TEXT,
    "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    "record": {"anyOf": [{"$ref": "#/components/schemas/Named"}, {"type": "null"}]}, "request_id": {"type": "string"},
}
_STALE_PARTS: Json = {
    "values": {"type": "object", "additionalProperties": {
        "type": "object", "properties": {"mine": {}, "theirs": {}, "original": {}}}},
    "version": _ID, "at": _TEXT, "by": {"anyOf": [{"$ref": "#/components/schemas/Named"}, {"type": "null"}]},
}


def _object(properties: Json, required: tuple[str, ...] | None = None) -> Json:
    return {"type": "object", "properties": properties,
            "required": sorted(properties if required is None else required)}


def _rows(row: Json, **more: Json) -> Json:
    return _object({"rows": {"type": "array", "items": row}, **more})


_FILE = _object({"id": {"type": "integer"}, "name": {"type": "string"}, "size": {"type": ["integer", "null"]},
                 "media_type": {"type": "string"}, "created_by": _ID, "created_at": _TEXT})
_RESULT = _object({
    "id": _ID, "status": {"type": "integer"}, "version": _ID, "index": {"type": "integer"},
    "error": {"anyOf": [{"type": "null"}, _object({"code": {"type": "string"}, "message": {"type": "string"},
                                                   "errors": _ERROR_PARTS["errors"]})]}}, ("id", "status"))

SHARED: dict[str, Json] = {
    "Named": _object({"object": {"type": "string"}, "id": {"type": "integer"}, "title": {"type": "string"}}),
    "Error": _object({"error": _object({**_ERROR_PARTS, **_STALE_PARTS}, tuple(_ERROR_PARTS))}),
    "Results": _object({"results": {"type": "array", "items": _RESULT}, "done": {"type": "integer"},
                        "refused": {"type": "integer"}, "operation": _ID}),
    "File": _FILE,
    "Comment": _object({"id": {"type": "integer"}, "text": {"type": "string"}, "pinned": {"type": "boolean"},
                        "created_by": _ID, "created_at": _TEXT,
                        "files": {"type": "array", "items": {"$ref": "#/components/schemas/File"}}}),
    "Entry": _object({"id": {"type": "integer"}, "at": _TEXT, "actor": _ID, "real_actor": _ID, "via": {"type": "string"},
                      "verb": {"type": "string"}, "version": {"type": "integer"}, "operation": _ID,
                      "request_id": {"type": "string"}, "changes": {"type": "object", "additionalProperties": {
                          "type": "array", "minItems": 2, "maxItems": 2}}}),
    "Difference": _object({"id": {"type": "integer"}, "title": {"type": "string"},
                           "kind": {"type": "string", "enum": ["came", "left", "changed"]},
                           "there_before": {"type": "boolean"}, "there_after": {"type": "boolean"},
                           "changes": {"type": "object", "additionalProperties": {
                               "type": "array", "minItems": 2, "maxItems": 2}}}),
    "Gone": _object({"id": {"type": "integer"}, "version": {"type": "integer"}, "deleted_at": {"type": "string"}}),
}
SECURITY: Json = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "sessionid",
                "description": "Only for our own pages; changes also need the CSRF token."},
}
PARAMETERS: Json = {
    "IfMatch": {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"},
                "description": "The ETag of the record as it was read."},
    "IfMatchOptional": {"name": "If-Match", "in": "header", "schema": {"type": "string"},
                        "description": "The ETag of the record as it was read, where the caller keeps it."},
    "IdempotencyKey": {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 100},
                       "description": "Makes sure that the request is done once, however often it is sent."},
    "Conditions": {"name": "conditions", "in": "query", "style": "form", "explode": True,
                   "schema": {"type": "object", "additionalProperties": {"type": "string"}},
                   "description": "Any field as condition: field=value or field__operator=value."},
}
HEADERS: Json = {
    "ETag": {"schema": {"type": "string"}, "description": "The version of the record."},
    "Idempotent-Replay": {"schema": {"type": "string"}, "description": "true where the answer was given before."},
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."},
    "RateLimit-Limit": {"schema": {"type": "integer"}, "description": "Requests in any minute."},
    "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "Requests that may come at once."},
    "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "Seconds until the full burst is back."},
}
_REASONS = {
    "400": "The request is wrong; errors names the fields.", "401": "No valid token.",
    "403": "The right, or the token's scope, is missing.", "404": "There is nothing here for this caller.",
    "405": "Not by this method.", "409": "Somebody else changed something this depends on.",
    "412": "The record is no longer the version named; values holds mine, theirs and original.",
    "413": "The body is too large.", "415": "The body is of a kind that is not taken here.",
    "428": "The version to be changed is not named.", "429": "Too many requests.",
    "500": "Our mistake; the request id is in our log.",
}


def told(view: FieldView) -> Json:
    """A field as it is answered; masked values are texts."""
    return {**_label(view), **(_READ.get(view.kind) or ({} if view.kind == "json" else {"type": ["string", "null"]})
                               if not view.secret else {"type": "boolean"})}


def given(view: FieldView) -> Json:
    """A field or input as it is sent."""
    found = {**_label(view), **(_WRITE.get(view.kind) or {"type": ["string", "null"]} if view.kind != "json" else {})}
    if view.max_length and not view.choices:
        found["maxLength"] = view.max_length
    if view.choices and view.kind in ("choice", "state"):
        found["enum"] = [code for code, _label_, _color in view.choices] + ([] if view.required else ["", None])
    if view.choices and view.kind == "tags":
        found["items"] = {"type": "string", "enum": [code for code, _label_, _color in view.choices]}
    return found


def lines(kind: Lines, views: list[FieldView]) -> tuple[Json, Json]:
    """The lines of a document as they are answered, and as they are sent: the whole list, stored ones by id."""
    sent = {"id": {"type": "integer"}, **{view.key: given(view) for view in views
                                          if not view.readonly and view.kind not in ("json", "file")}}
    title = {"title": str(kind.verbose_name), "type": "array"}
    answered = {"id": {"type": "integer"}, **{view.key: told(view) for view in views}}
    return {**title, "items": _object(answered, ("id",))}, {
        **title, "items": {"type": "object", "properties": sent, "additionalProperties": False}}


def _label(view: FieldView) -> Json:
    return {"title": str(view.label), **({"description": str(view.help)} if view.help else {}),
            **({"x-links-to": view.target} if view.target else {})}


def _content(schema: Json, media: str = "application/json") -> Json:
    return {media: {"schema": schema}}


def responses() -> Json:
    """Every refusal, once."""
    error = _content({"$ref": "#/components/schemas/Error"})
    found = {status: {"description": reason, "content": error} for status, reason in _REASONS.items()}
    found["429"] |= {"headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}}
    return found


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def success(name: str, model: type[Record] | None) -> Json:
    """What an operation answers when it is done."""
    own = _ref(object_name(model)) if model is not None else {"type": "object"}
    back = {"type": ["integer", "null"]}
    tag = {"ETag": {"$ref": "#/components/headers/ETag"}}
    again = {"Idempotent-Replay": {"$ref": "#/components/headers/Idempotent-Replay"}}

    def ok(schema: Json, *, headers: Json | None = None, text: str = "Done") -> Json:
        return {"description": text, "content": _content(schema), **({"headers": headers} if headers else {})}

    acted = _object({"object": _TEXT, "record": {"anyOf": [{"type": "object"}, {"type": "null"}]}, "value": {},
                     "operation": _ID})
    record, same = ok(own, headers={**tag, **again}), {"description": "The caller knows this version."}
    listed = {"rows": {"type": "array", "items": own}, "after": {"type": "string"}, "before": {"type": "string"},
              "sort": {"type": "string"}, "count": {"type": "integer"}, "count_capped": {"type": "boolean"}}
    found: dict[str, Json] = {
        "list": {"200": ok(_object(listed, ("rows", "after", "before", "sort")))},
        "create": {"201": record}, "update": {"200": record}, "write_external": {"200": record, "201": record},
        "read": {"200": ok(own, headers=tag), "304": same}, "read_external": {"200": ok(own, headers=tag), "304": same},
        "delete": {"204": {"description": "In the recycle bin"}}, "remove_file": {"204": {"description": "Removed"}},
        "act": {"200": ok(acted, headers={**tag, **again})}, "do": {"200": ok(acted, headers={**tag, **again})},
        "bulk": {"200": ok(_ref("Results"), headers=again)}, "bulk_act": {"200": ok(_ref("Results"), headers=again)},
        "deleted": {"200": ok(_rows(_ref("Gone"), after=back))}, "history": {"200": ok(_rows(_ref("Entry"), before=back))},
        "compare": {"200": ok(_rows(_ref("Difference"), count={"type": "integer"}, to=_TEXT, **{"from": _TEXT}))},
        "comments": {"200": ok(_rows(_ref("Comment"), before=back))}, "comment": {"201": ok(_ref("Comment"))},
        "files": {"200": ok(_rows(_ref("File"), before=back))}, "attach": {"201": ok(_ref("File"))},
        "download": {"200": {"description": "The file", "content": {"*/*": {"schema": {}}}}},
    }
    if name in ("update", "delete", "act", "write_external"):
        asked = _object({"object": _TEXT, "record": {"type": "object"}}, ("object", "record"))
        found[name]["202"] = ok(_object({"asked": asked}, ("asked",)), headers=again, text="Waits for approval")
    return dict(found.get(name, {"200": ok({"type": "object"})}))


def body(name: str, model: type[Record] | None) -> Json | None:
    """What an operation is sent."""
    own = object_name(model) if model is not None else ""
    ids = {"type": "array", "minItems": 1, "maxItems": MOST, "items": {"type": "integer", "minimum": 1}}
    found: dict[str, Json] = {
        "create": _content(_ref(f"{own}.new")), "update": _content(_ref(f"{own}.change")),
        "write_external": _content(_ref(f"{own}.change")), "bulk": _content(_steps(own)),
        "bulk_act": _content(_closed({"ids": ids, "inputs": {"type": "object"}}, ("ids",))),
        "comment": _content(_closed({"text": {"type": "string", "minLength": 1, "maxLength": 10_000}}, ("text",))),
        "attach": _content(_object({"file": {"type": "string", "contentMediaType": "application/octet-stream"}}),
                           "multipart/form-data"),
    }
    return {"required": True, "content": found[name]} if name in found else None


def _closed(properties: Json, required: tuple[str, ...]) -> Json:
    return {**_object(properties, required), "additionalProperties": False}


def _steps(own: str) -> Json:
    """Steps of work on many rows."""
    number: Json = {"type": "integer", "minimum": 1}

    def do(word: str) -> Json:
        return {"type": "string", "const": word}

    return _closed({"steps": {"type": "array", "minItems": 1, "maxItems": MOST, "items": {"anyOf": [
        _closed({"do": do("create"), "values": _ref(f"{own}.new")}, ("do", "values")),
        _closed({"do": do("update"), "id": number, "version": number, "values": _ref(f"{own}.change")},
                ("do", "id", "version", "values")),
        _closed({"do": do("delete"), "id": number, "version": number}, ("do", "id", "version"))]}}}, ("steps",))
