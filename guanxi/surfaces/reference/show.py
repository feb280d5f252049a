"""Show: everything that is derived from one object, printed — the cure for “where does this come from?”."""

from collections.abc import Iterator

from django.db import DatabaseError

from guanxi.kernel import actions, facts, registry
from guanxi.kernel.context import Ctx
from guanxi.kernel.records import Record, object_name


def show(name: str) -> str:
    """A text that lists an object's fields, pages, API, actions with inputs and rights, listeners and links."""
    model = registry.model_of(name)
    return "\n".join(_lines(model, Ctx(system=True, reason="show")))


def _lines(model: type[Record], ctx: Ctx) -> Iterator[str]:
    about, slug = model.about, registry.slug(model)
    yield f"{object_name(model)} — {about.one} / {about.many}"
    yield f"  {' '.join((model.__doc__ or '').split())}"
    yield f"  table {model._meta.db_table} · declared in {model.__module__} · rows follow: {about.scope}"
    yield ""
    yield "Fields"
    for view in _fields(model, ctx):
        marks = [word for word, on in (("required", view.required), ("read-only", view.readonly),
                                       ("tracked", view.tracked), ("custom", view.custom),
                                       (f"→ {view.target}", bool(view.target))) if on]
        yield f"  {view.key:22} {view.kind:9} {view.label:28} {', '.join(marks)}"
    yield ""
    yield "Pages"
    yield from (f"  /{slug}/{path}" for path in ("", "new", "<id>", "<id>/edit", "<id>/cell/<field>", "<id>/do/<verb>",
                                                 "do/<verb>", "lookup", "import", "export"))
    yield f"  columns: {', '.join(about.column_names)}"
    yield f"  filters: {', '.join(about.filter_names)} · search: {', '.join(about.search_names)}"
    yield ""
    yield "API"
    yield f"  GET POST /api/v1/{slug} · GET PATCH DELETE /api/v1/{slug}/<id> · POST /api/v1/{slug}/<id>/<verb>"
    yield ""
    yield "Actions"
    for action in actions.actions_of(model):
        inputs = ", ".join(f"{view.key}: {view.kind}{'' if view.required else '?'}" for view in action.inputs)
        when = f" · when {', '.join(action.when)}" if action.when else ""
        yield f"  {action.name:36} ({inputs}){when} · right {action.object_name}.{action.right}"
        for listener in registry.listeners(action.name):
            yield f"      then {listener.__module__}.{listener.__name__}"
    yield ""
    yield "Links"
    for other, source in registry.links_to(model):
        below = " (below)" if other.about.parent_name == source.name else ""
        yield f"  ← {object_name(other)}.{source.name}{below}"


def _fields(model: type[Record], ctx: Ctx) -> list[facts.FieldView]:
    """With the custom fields where there is a database; a fresh checkout has none yet."""
    try:
        return facts.fields(model, ctx)
    except DatabaseError:
        return facts.declared(model, ctx)
